//! Error responses, in the vendor's families of error bodies.
//!
//! Which family an operation uses follows from the vendor's documentation.

use aws_lc_rs::error::Unspecified;
use axum::Json;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::operation::ResponseCase;

/// An error response.
#[derive(Debug)]
pub struct ApiError {
    status: StatusCode,
    body: Value,
    case: Option<ResponseCase>,
}

impl ApiError {
    /// The newer family (`otp/send`, `otp/authenticate`): a slug and a sentence.
    pub fn slug(status: StatusCode, error_code: &str, message: &str) -> Self {
        Self::new(
            status,
            json!({ "error_code": error_code, "message": message }),
        )
    }

    /// The newer family's 400 for malformed input.
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

    /// OAuth's family (RFC 6749 §5.2), used by the OIDC endpoints.
    pub fn oauth(status: StatusCode, error: &str, description: &str) -> Self {
        Self::new(
            status,
            json!({ "error": error, "error_description": description }),
        )
    }

    /// Adds the case that decides the latency.
    pub fn with_case(self, case: ResponseCase) -> Self {
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

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body)).into_response();
        if let Some(case) = self.case {
            response.extensions_mut().insert(case);
        }
        response
    }
}

/// Random bytes or a signature could not be made.
impl From<Unspecified> for ApiError {
    fn from(_: Unspecified) -> Self {
        Self::classic(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error")
    }
}

/// 404 for a path that the sandbox does not have.
pub async fn path_not_found(method: Method, uri: Uri) -> ApiError {
    ApiError::classic(
        StatusCode::NOT_FOUND,
        &format!("Cannot {method} {}", uri.path()),
    )
}

/// 405 for a method that the path does not have.
pub async fn method_not_allowed(method: Method, uri: Uri) -> ApiError {
    ApiError::classic(
        StatusCode::METHOD_NOT_ALLOWED,
        &format!("Cannot {method} {}", uri.path()),
    )
}
