//! One HTTP exchange with upstream: sends a request, and classifies the response as a result or a
//! [`Failure`].

use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, header};
use serde::Serialize;
use url::Url;
use zeroize::Zeroizing;

use crate::server::system::clock::Clock;
use crate::server::system::content_type::is_json;
use crate::server::system::http_client::{BodyError, read_bounded_body, was_not_sent};
use crate::server::system::trace_context::TraceContext;
use crate::server::transmit::transport::breaker::Breakers;
use crate::server::transmit::transport::clock_skew::ClockSkew;
use crate::server::transmit::transport::deadline::Deadline;
use crate::server::transmit::transport::error_body::ErrorBody;
use crate::server::transmit::transport::failure::{DeliveryState, Failure, FailureKind};
use crate::server::transmit::transport::operation::Operation;
use crate::server::transmit::transport::reason::Reason;
use crate::server::transmit::transport::response_headers::retry_after;

/// Longest response body that is read, in bytes. The largest real one holds two tokens of
/// [`crate::server::transmit::tokens::jws::MAX_TOKEN`].
const MAX_BODY: usize = 256 * 1024;

/// The HTTP client for upstream, with its circuit breakers.
pub(in crate::server::transmit) struct Upstream {
    http: reqwest::Client,
    breakers: Breakers,
    skew: ClockSkew,
    clock: Clock,
}

/// A request that can be sent more than once.
pub(in crate::server::transmit) struct UpstreamCall {
    pub operation: Operation,
    method: Method,
    url: Url,
    payload: Option<(HeaderValue, Bytes)>,
}

/// Parses the body of a success response; `None` if it is not one.
pub(in crate::server::transmit) type BodyReader<T> = fn(&[u8]) -> Option<T>;

/// Parses a JSON body.
pub(in crate::server::transmit) use crate::server::system::http_client::json;

/// Accepts any body, for calls whose status is the whole result.
pub(in crate::server::transmit) fn ignore_body(_: &[u8]) -> Option<()> {
    Some(())
}

impl UpstreamCall {
    pub fn get(operation: Operation, url: Url) -> Self {
        Self::bare(operation, Method::GET, url)
    }

    /// A request without a body.
    pub fn bare(operation: Operation, method: Method, url: Url) -> Self {
        Self {
            operation,
            method,
            url,
            payload: None,
        }
    }

    /// A request with a JSON body. A body that cannot be serialised is left empty, and upstream
    /// refuses the call.
    pub fn json(operation: Operation, method: Method, url: Url, body: &impl Serialize) -> Self {
        let body = serde_json::to_vec(body).unwrap_or_default();
        Self {
            operation,
            method,
            url,
            payload: Some((
                HeaderValue::from_static("application/json"),
                zeroizing(body),
            )),
        }
    }

    pub fn form(operation: Operation, url: Url, fields: &[(&str, &str)]) -> Self {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let content_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        Self {
            operation,
            method: Method::POST,
            url,
            payload: Some((content_type, zeroizing(body.into_bytes()))),
        }
    }
}

/// Bytes that are overwritten when their last owner drops them, because bodies contain secrets
/// and passcodes.
fn zeroizing(bytes: Vec<u8>) -> Bytes {
    Bytes::from_owner(Zeroizing::new(bytes))
}

impl Upstream {
    pub fn new(http: reqwest::Client, clock: Clock) -> Self {
        let (breakers, skew) = (Breakers::new(clock.clone()), ClockSkew::new(clock.clone()));
        Self {
            http,
            breakers,
            skew,
            clock,
        }
    }

    /// Whether the breaker of the operation is open.
    pub fn is_open(&self, operation: Operation) -> bool {
        self.breakers.is_open(operation)
    }

    /// Whether the latest calls of the operation failed.
    pub fn has_tripped(&self, operation: Operation) -> bool {
        self.breakers.has_tripped(operation)
    }

    /// Upstream's clock minus ours in seconds, as of its last response with a date.
    pub fn skew_seconds(&self) -> Option<i64> {
        self.skew.seconds()
    }

    /// Whether a connection to this URL's host can be opened, through the same proxy and with the
    /// same TLS settings as a call. Any response, and a missing one too, counts as connected.
    pub async fn can_connect(&self, url: Url, deadline: &Deadline) -> bool {
        let request = async {
            let response = self.http.get(url).send().await?;
            // A connection can be used again only after its response was read.
            drop(read_bounded_body(response, MAX_BODY).await);
            Ok(())
        };
        !matches!(deadline.bound(request).await, Ok(Err(error)) if was_not_sent(&error))
    }

    /// Sends the request once, unless the breaker is open.
    pub async fn exchange<T>(
        &self,
        call: &UpstreamCall,
        bearer: Option<&HeaderValue>,
        deadline: &Deadline,
        read: BodyReader<T>,
    ) -> Result<T, Failure> {
        let Some(permit) = self.breakers.acquire(call.operation) else {
            return Err(Failure::not_written(
                call.operation,
                FailureKind::BreakerOpen,
            ));
        };
        let result = match deadline.bound(self.send(call, bearer, read)).await {
            Ok(result) => result,
            Err(_) => Err(Failure::new(
                call.operation,
                DeliveryState::Unknown,
                FailureKind::Timeout,
            )),
        };
        match &result {
            Err(failure) if failure.is_outage() => permit.record_failure(),
            _ => permit.record_success(),
        }
        result
    }

    async fn send<T>(
        &self,
        call: &UpstreamCall,
        bearer: Option<&HeaderValue>,
        read: BodyReader<T>,
    ) -> Result<T, Failure> {
        let mut request = self.http.request(call.method.clone(), call.url.clone());
        request = request.header(header::ACCEPT, "application/json");
        if let Some(context) = TraceContext::current() {
            request = request.header("x-request-id", &*context.request_id);
            if let Some(parent) = &context.parent {
                request = request.header("traceparent", parent.as_str());
            }
        }
        if let Some(bearer) = bearer {
            request = request.header(header::AUTHORIZATION, bearer);
        }
        if let Some((content_type, body)) = &call.payload {
            request = request
                .header(header::CONTENT_TYPE, content_type)
                .body(body.clone());
        }
        let requested_at = self.clock.now();
        let response = request
            .send()
            .await
            .map_err(|error| no_response(call.operation, &error))?;
        self.skew.observe(response.headers(), requested_at);
        let status = response.status();
        let retry_after = retry_after(response.headers(), self.clock.now());
        let is_json = is_json(response.headers());
        let body = match read_bounded_body(response, MAX_BODY).await {
            Ok(body) if is_json => Ok(body),
            Ok(_) => Ok(Bytes::new()),
            Err(error) => Err(error),
        };
        let result = body
            .as_ref()
            .ok()
            .filter(|_| status.is_success())
            .and_then(|body| read(body));
        result.ok_or_else(|| Failure {
            retry_after,
            ..classify(call.operation, status, &body)
        })
    }
}

/// The failure of a request that got no response.
fn no_response(operation: Operation, error: &reqwest::Error) -> Failure {
    if was_not_sent(error) {
        Failure::not_written(operation, FailureKind::Connect)
    } else {
        Failure::new(operation, DeliveryState::Unknown, FailureKind::Broken)
    }
}

/// The failure in a response. Some statuses are clear by themselves. The others count only with an
/// error body of upstream, because a proxy's 404 in HTML says nothing about a user.
fn classify(operation: Operation, status: StatusCode, body: &Result<Bytes, BodyError>) -> Failure {
    let code = status.as_u16();
    let error = body.as_deref().ok().and_then(ErrorBody::parse);
    let kind = match (&error, code) {
        (_, 500..) => FailureKind::Server,
        (_, 429) => FailureKind::Throttled,
        (Some(error), 400..=499) => {
            FailureKind::Refused(Reason::from_response(operation, code, error))
        }
        (None, 401) if operation == Operation::Token => FailureKind::Refused(Reason::InvalidClient),
        (None, 401) => FailureKind::Refused(Reason::Unauthorized),
        _ if matches!(body, Err(BodyError::Broken(_))) => FailureKind::Broken,
        _ => FailureKind::NotUnderstood,
    };
    Failure {
        error_code: error.and_then(|error| error.code),
        ..Failure::answered(operation, kind, code)
    }
}
