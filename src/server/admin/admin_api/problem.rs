//! Errors of the admin API, as problem documents (RFC 9457).

use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use serde_json::json;

/// An error. Its title quotes nothing of the request.
pub(super) struct AdminProblem {
    status: StatusCode,
    code: &'static str,
    title: String,
}

impl AdminProblem {
    pub fn new(status: StatusCode, code: &'static str, title: impl ToString) -> Self {
        Self {
            status,
            code,
            title: title.to_string(),
        }
    }
}

impl IntoResponse for AdminProblem {
    fn into_response(self) -> Response {
        let body = json!({
            "code": self.code,
            "title": self.title,
            "status": self.status.as_u16(),
        });
        let kind = HeaderValue::from_static("application/problem+json");
        (self.status, [(CONTENT_TYPE, kind)], body.to_string()).into_response()
    }
}
