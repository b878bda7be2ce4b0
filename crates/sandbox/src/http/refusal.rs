//! Refusals, in the families of error bodies that the vendor has. They differ per operation.

use aws_lc_rs::error::Unspecified;
use axum::Json;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::http::operation::Case;

/// An answer that says no.
#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    body: Value,
    case: Option<Case>,
}

impl Refusal {
    /// The newer family (`otp/send`, `otp/authenticate`): a slug and a sentence.
    pub fn slug(status: StatusCode, error_code: &str, message: &str) -> Self {
        Self::new(
            status,
            json!({ "error_code": error_code, "message": message }),
        )
    }

    /// The newer family's answer to malformed input.
    pub fn invalid_input(message: impl AsRef<str>) -> Self {
        Self::slug(
            StatusCode::BAD_REQUEST,
            "system_invalid_input",
            message.as_ref(),
        )
    }

    /// The classic family: the status as a number and a sentence.
    pub fn classic(status: StatusCode, message: &str) -> Self {
        Self::new(
            status,
            json!({ "error_code": status.as_u16(), "message": message }),
        )
    }

    /// The classic family's 400: a list of sentences.
    pub fn bad_request(message: impl AsRef<str>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            json!({ "error_code": 400, "message": [message.as_ref()] }),
        )
    }

    /// The classic family's 409, with a slug besides.
    pub fn conflict(message: &str, ts_error_code: &str) -> Self {
        let body = json!({ "error_code": 409, "message": message, "ts_error_code": ts_error_code });
        Self::new(StatusCode::CONFLICT, body)
    }

    /// OAuth's family (RFC 6749 §5.2), seen at the token endpoint.
    pub fn oauth(status: StatusCode, error: &str, description: &str) -> Self {
        Self::new(
            status,
            json!({ "error": error, "error_description": description }),
        )
    }

    /// The same refusal, with the case that decides its latency.
    pub fn in_case(self, case: Case) -> Self {
        Self {
            case: Some(case),
            ..self
        }
    }

    fn new(status: StatusCode, body: Value) -> Self {
        Self {
            status,
            body,
            case: None,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body)).into_response();
        if let Some(case) = self.case {
            response.extensions_mut().insert(case);
        }
        response
    }
}

/// No randomness, no signature: the one way this stand-in fails by itself.
impl From<Unspecified> for Refusal {
    fn from(_: Unspecified) -> Self {
        Self::classic(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error")
    }
}

/// The answer to a path that Transmit's API, as far as it is stood in for, does not have.
pub async fn no_such_path(method: Method, uri: Uri) -> Refusal {
    Refusal::classic(
        StatusCode::NOT_FOUND,
        &format!("Cannot {method} {}", uri.path()),
    )
}

/// The answer to a path that exists, with a method that does not.
pub async fn no_such_method(method: Method, uri: Uri) -> Refusal {
    Refusal::classic(
        StatusCode::METHOD_NOT_ALLOWED,
        &format!("Cannot {method} {}", uri.path()),
    )
}
