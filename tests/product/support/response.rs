//! A response of the app, with assertions.

use std::time::Duration;

use axum::response::Response;
use http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER, SET_COOKIE};
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;

#[derive(Clone, Debug)]
pub struct TestResponse {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
    /// How long it elapsed on the app's clock.
    pub elapsed: Duration,
}

impl TestResponse {
    pub async fn read(response: Response, elapsed: impl FnOnce() -> Duration) -> Self {
        let elapsed = elapsed();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = String::from_utf8_lossy(&bytes).into_owned();
        Self {
            status: parts.status,
            headers: parts.headers,
            body,
            elapsed,
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub fn location(&self) -> &str {
        self.header(LOCATION.as_str()).unwrap_or_default()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {:?}", self.status, self.body))
    }

    /// The `Set-Cookie` lines.
    pub fn cookies(&self) -> Vec<&str> {
        self.headers
            .get_all(SET_COOKIE)
            .iter()
            .map(|value| value.to_str().unwrap())
            .collect()
    }

    /// The line that sets a cookie.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        let start = format!("{name}=");
        self.cookies()
            .into_iter()
            .find(|line| line.starts_with(&start))
    }

    /// Asserts a problem document as specified, and returns it.
    #[track_caller]
    pub fn assert_problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status.as_u16(), status, "{code}: {}", self.body);
        let problem = self.json();
        assert_eq!(problem["code"], code);
        assert_eq!(problem["status"], status);
        assert_eq!(
            self.header(CONTENT_TYPE.as_str()),
            Some("application/problem+json")
        );
        assert!(
            problem["title"]
                .as_str()
                .is_some_and(|title| title.len() > 10),
            "no sentence: {problem}"
        );
        let fields = problem.as_object().unwrap().keys();
        for field in fields {
            assert!(
                ["code", "title", "status", "retry_after", "tries_left"].contains(&field.as_str()),
                "{field}"
            );
        }
        let retry_after = self.header(RETRY_AFTER.as_str()).map(str::to_owned);
        assert_eq!(
            problem["retry_after"]
                .as_u64()
                .map(|seconds| seconds.to_string()),
            retry_after
        );
        problem
    }

    /// The code or its flow is refused, without a reason.
    #[track_caller]
    pub fn assert_code_refused(&self) -> Value {
        self.assert_problem(401, "code_refused")
    }

    #[track_caller]
    pub fn assert_not_signed_in(&self) -> Value {
        self.assert_problem(401, "not_signed_in")
    }

    #[track_caller]
    pub fn assert_forbidden(&self) -> Value {
        self.assert_problem(403, "forbidden")
    }

    #[track_caller]
    pub fn assert_no_flow(&self) -> Value {
        self.assert_problem(409, "no_flow")
    }

    /// A disclosed limit is reached.
    #[track_caller]
    pub fn assert_slow_down(&self) -> Value {
        self.assert_problem(429, "slow_down")
    }

    #[track_caller]
    pub fn assert_unavailable(&self) -> Value {
        self.assert_problem(503, "unavailable")
    }

    /// Asserts a JSON success response that names the next page.
    #[track_caller]
    pub fn assert_next(&self, path: &str) {
        assert_eq!(self.status, StatusCode::OK, "{}", self.body);
        assert_eq!(self.body, format!("{{\"next\":\"{path}\"}}"));
    }

    /// Asserts a redirect with 303.
    #[track_caller]
    pub fn assert_redirect(&self, path: &str) {
        assert_eq!(
            (self.status, self.location()),
            (StatusCode::SEE_OTHER, path),
            "{}",
            self.body
        );
        assert_eq!(self.body, "", "a redirect has no body");
    }
}
