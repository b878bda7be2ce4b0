//! One exchange with upstream: a request goes out, and what comes back is sorted into a result or a [`Failure`].

use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, header};
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;
use zeroize::Zeroizing;

use super::breaker::Breakers;
use super::deadline::Deadline;
use super::error_body::ErrorBody;
use super::failure::{Delivery, Failure, FailureKind};
use super::operation::Operation;
use super::reason::Reason;
use crate::server::clock::Clock;
use crate::server::http::bounded_body;

/// Longest answer that is read, in bytes. The largest real one holds two tokens of [`super::jws::MAX_TOKEN`].
const MAX_BODY: usize = 256 * 1024;

/// Longest `Retry-After` that is believed, in seconds.
const MAX_RETRY_AFTER: u64 = 3600;

/// The connection to upstream, with its breakers.
pub(super) struct Line {
    http: reqwest::Client,
    breakers: Breakers,
}

/// A request that can be made more than once.
pub(super) struct Call {
    pub operation: Operation,
    method: Method,
    url: Url,
    payload: Option<(HeaderValue, Bytes)>,
}

/// Reads the body of a success; `None` if it cannot be one.
pub(super) type Reader<T> = fn(&[u8]) -> Option<T>;

/// A JSON body.
pub(super) fn json<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    serde_json::from_slice(body).ok()
}

/// Any body, or none: for calls whose status says everything.
pub(super) fn nothing(_: &[u8]) -> Option<()> {
    Some(())
}

impl Call {
    pub fn get(operation: Operation, url: Url) -> Self {
        Self::bare(operation, Method::GET, url)
    }

    /// A request without a body.
    pub fn bare(operation: Operation, method: Method, url: Url) -> Self {
        Self { operation, method, url, payload: None }
    }

    /// A request with a JSON body. A body that cannot be serialised is left out, and upstream refuses.
    pub fn json(operation: Operation, method: Method, url: Url, body: &impl Serialize) -> Self {
        let body = serde_json::to_vec(body).unwrap_or_default();
        Self { operation, method, url, payload: Some((HeaderValue::from_static("application/json"), wiped(body))) }
    }

    pub fn form(operation: Operation, url: Url, fields: &[(&str, &str)]) -> Self {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        Self { operation, method: Method::POST, url, payload: Some((kind, wiped(body.into_bytes()))) }
    }
}

/// Bytes that are overwritten when the last user lets go of them: bodies hold secrets and passcodes.
fn wiped(bytes: Vec<u8>) -> Bytes {
    Bytes::from_owner(Zeroizing::new(bytes))
}

impl Line {
    pub fn new(http: reqwest::Client, clock: Clock) -> Self {
        Self { http, breakers: Breakers::new(clock) }
    }

    pub fn is_open(&self, operation: Operation) -> bool {
        self.breakers.is_open(operation)
    }

    /// Makes one attempt.
    pub async fn exchange<T>(
        &self,
        call: &Call,
        bearer: Option<&HeaderValue>,
        deadline: &Deadline,
        read: Reader<T>,
    ) -> Result<T, Failure> {
        let Some(pass) = self.breakers.enter(call.operation) else {
            return Err(Failure::not_written(call.operation, FailureKind::BreakerOpen));
        };
        let result = match deadline.bound(self.send(call, bearer, read)).await {
            Ok(result) => result,
            Err(_) => Err(Failure::new(call.operation, Delivery::Unknown, FailureKind::Timeout)),
        };
        match &result {
            Err(failure) if failure.is_trouble() => pass.fails(),
            _ => pass.works(),
        }
        result
    }

    async fn send<T>(&self, call: &Call, bearer: Option<&HeaderValue>, read: Reader<T>) -> Result<T, Failure> {
        let mut request = self.http.request(call.method.clone(), call.url.clone());
        request = request.header(header::ACCEPT, "application/json");
        if let Some(bearer) = bearer {
            request = request.header(header::AUTHORIZATION, bearer);
        }
        if let Some((kind, body)) = &call.payload {
            request = request.header(header::CONTENT_TYPE, kind).body(body.clone());
        }
        let response = request.send().await.map_err(|error| not_sent(call.operation, &error))?;
        let status = response.status();
        let retry_after = response.headers().get(header::RETRY_AFTER).and_then(seconds);
        let body = bounded_body(response, MAX_BODY).await.ok();
        let read = |body: &Bytes| if status.is_success() { read(body) } else { None };
        match body.as_ref().and_then(read) {
            Some(result) => Ok(result),
            None => Err(Failure { retry_after, ..refused(call.operation, status, body.as_deref()) }),
        }
    }
}

/// Only a connection that never came about proves that nothing was written. The client repeats nothing by itself except a
/// request that was still waiting for a kept connection when that one turned out to be dead.
fn not_sent(operation: Operation, error: &reqwest::Error) -> Failure {
    if error.is_connect() || error.is_builder() {
        Failure::not_written(operation, FailureKind::Connect)
    } else {
        Failure::new(operation, Delivery::Unknown, FailureKind::Broken)
    }
}

/// Sorts an answer that is no result. Some statuses speak for themselves; the others count only with an error body of
/// upstream's own, because a proxy's 404 in HTML says nothing about a user.
fn refused(operation: Operation, status: StatusCode, body: Option<&[u8]>) -> Failure {
    let code = status.as_u16();
    let error = body.and_then(ErrorBody::parse);
    let kind = match (&error, code) {
        (_, 500..) => FailureKind::Server,
        (_, 429) => FailureKind::Throttled,
        (Some(error), 400..=499) => FailureKind::Refused(Reason::of(operation, code, error)),
        (None, 401) if operation == Operation::Token => FailureKind::Refused(Reason::InvalidClient),
        (None, 401) => FailureKind::Refused(Reason::Unauthorized),
        _ => FailureKind::NotUnderstood,
    };
    let mut failure = Failure::answered(operation, kind, code);
    if kind == FailureKind::NotUnderstood {
        failure.delivery = Delivery::Unknown;
    }
    failure.error_code = error.and_then(|error| error.code);
    failure
}

/// `Retry-After` in seconds (RFC 9110 §10.2.3); a date is not worth a clock comparison here.
fn seconds(value: &HeaderValue) -> Option<std::time::Duration> {
    let seconds: u64 = value.to_str().ok()?.trim().parse().ok()?;
    Some(std::time::Duration::from_secs(seconds.min(MAX_RETRY_AFTER)))
}
