//! The handlers of the gateway's one URI. Responses are JSON and repeat nothing of a delivery.

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Value, json};

use crate::server::sms_gateway::Gateway;
use crate::server::sms_gateway::delivery_outcome::DeliveryOutcome;
use crate::server::sms_gateway::dispatcher::DispatcherBusy;
use crate::server::sms_gateway::sms::{InvalidDelivery, MAX_BODY, Sms};
use crate::server::system::content_type::is_json;
use crate::server::system::request_body::{RequestBodyError, read_request_body};

/// The header of the challenge.
const VERIFICATION: &str = "x-verification-key";

/// Longest verification key, in characters.
const MAX_VERIFICATION: usize = 256;

/// Seconds after which a delivery that was refused as busy may be repeated.
const RETRY_AFTER_BUSY: HeaderValue = HeaderValue::from_static("1");

/// An error response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GatewayError {
    /// The API key is missing or wrong. The response does not say which.
    Unauthorized,
    InvalidVerificationKey,
    UnsupportedMediaType,
    TooLarge,
    /// The body did not arrive in time.
    BodyTimeout,
    InvalidDelivery(InvalidDelivery),
    Busy,
    /// A provider may have accepted the message.
    Unknown,
    /// No provider accepted the message.
    NotSent,
    NotFound,
    MethodNotAllowed,
}

/// `GET`: the challenge by which Transmit verifies a gateway when it is registered.
pub(super) async fn challenge(
    State(gateway): State<Gateway>,
    headers: HeaderMap,
) -> Result<Response, GatewayError> {
    gateway.authenticate(&headers)?;
    let mut keys = headers.get_all(VERIFICATION).iter();
    let (Some(key), None) = (keys.next(), keys.next()) else {
        return Err(GatewayError::InvalidVerificationKey);
    };
    let key = verification_key(key.as_bytes()).ok_or(GatewayError::InvalidVerificationKey)?;
    Ok(json_response(StatusCode::OK, json!({ "key": key })))
}

/// `POST`: delivers a message. The response is 200 if a provider accepted it.
pub(super) async fn deliver(
    State(gateway): State<Gateway>,
    request: Request,
) -> Result<Response, GatewayError> {
    gateway.authenticate(request.headers())?;
    if !is_json(request.headers()) {
        return Err(GatewayError::UnsupportedMediaType);
    }
    let body = gateway.read_body(request).await?;
    let sms = Sms::parse(&body).map_err(GatewayError::InvalidDelivery)?;
    match gateway.dispatch(sms).await? {
        DeliveryOutcome::Accepted => Ok(json_response(
            StatusCode::OK,
            json!({ "status": "accepted" }),
        )),
        DeliveryOutcome::Unknown => Err(GatewayError::Unknown),
        DeliveryOutcome::NotSent => Err(GatewayError::NotSent),
    }
}

/// Any other path.
pub(super) async fn not_found() -> GatewayError {
    GatewayError::NotFound
}

/// Any other method.
pub(super) async fn method_not_allowed() -> GatewayError {
    GatewayError::MethodNotAllowed
}

impl Gateway {
    fn authenticate(&self, headers: &HeaderMap) -> Result<(), GatewayError> {
        if self.0.api_key.is_valid(headers) {
            Ok(())
        } else {
            Err(GatewayError::Unauthorized)
        }
    }

    async fn read_body(&self, request: Request) -> Result<Bytes, GatewayError> {
        let wait = self.0.settings.timeout.0;
        let body = read_request_body(request, MAX_BODY, wait, &self.0.clock).await;
        body.map_err(|error| match error {
            RequestBodyError::TooLarge => GatewayError::TooLarge,
            RequestBodyError::TimedOut => GatewayError::BodyTimeout,
            RequestBodyError::Broken => GatewayError::InvalidDelivery(InvalidDelivery::Body),
        })
    }

    /// Delivers the message in a task of its own, which continues if the client disconnects. Its
    /// outcome is kept for a repeated delivery.
    async fn dispatch(&self, sms: Sms) -> Result<DeliveryOutcome, GatewayError> {
        let dispatcher = self.0.dispatcher.clone();
        let delivery = self
            .0
            .tasks
            .spawn(async move { dispatcher.dispatch(&sms).await });
        match delivery.await {
            Ok(Ok(outcome)) => Ok(outcome),
            Ok(Err(DispatcherBusy)) => Err(GatewayError::Busy),
            Err(_) => Err(GatewayError::Unknown),
        }
    }
}

impl GatewayError {
    fn status_and_code(self) -> (StatusCode, &'static str) {
        match self {
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "unauthorized"),
            Self::InvalidVerificationKey => (StatusCode::BAD_REQUEST, "invalid_verification_key"),
            Self::UnsupportedMediaType => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type")
            }
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
            Self::BodyTimeout => (StatusCode::REQUEST_TIMEOUT, "timeout"),
            Self::InvalidDelivery(error) => (StatusCode::BAD_REQUEST, error.as_str()),
            Self::Busy => (StatusCode::TOO_MANY_REQUESTS, "busy"),
            Self::Unknown => (StatusCode::BAD_GATEWAY, "outcome_unknown"),
            Self::NotSent => (StatusCode::SERVICE_UNAVAILABLE, "not_sent"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
        }
    }
}

impl IntoResponse for GatewayError {
    fn into_response(self) -> Response {
        let (status, code) = self.status_and_code();
        let mut response = json_response(status, json!({ "error": code }));
        if self == Self::Busy {
            response.headers_mut().insert(RETRY_AFTER, RETRY_AFTER_BUSY);
        }
        response
    }
}

fn json_response(status: StatusCode, body: Value) -> Response {
    let headers = [
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, Json(body)).into_response()
}

/// A verification key must be visible ASCII, because the response repeats it.
pub(super) fn verification_key(bytes: &[u8]) -> Option<&str> {
    let is_valid =
        (1..=MAX_VERIFICATION).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic);
    std::str::from_utf8(bytes).ok().filter(|_| is_valid)
}
