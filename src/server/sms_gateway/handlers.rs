//! The gateway's one URI (`transmit-api` §8.3). Answers are JSON and repeat nothing of a delivery.

use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderMap, HeaderValue, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::{Value, json};

use crate::server::sms_gateway::Gateway;
use crate::server::sms_gateway::dispatcher::{DeliveryOutcome, DispatcherBusy};
use crate::server::sms_gateway::sms::{MAX_BODY, Malformed, Sms};

/// The header of the challenge.
const VERIFICATION: &str = "x-verification-key";

/// Longest verification key, in characters.
const MAX_VERIFICATION: usize = 256;

/// Seconds after which a delivery that found no place may be tried again.
const BUSY_FOR: HeaderValue = HeaderValue::from_static("1");

/// An answer that says no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum GatewayRefusal {
    /// Without the API key nothing is said, not even what is wrong.
    Unauthorized,
    InvalidVerificationKey,
    UnsupportedMediaType,
    TooLarge,
    /// The body did not come in time.
    Slow,
    Malformed(Malformed),
    Busy,
    /// A provider may have taken the message.
    Unknown,
    /// No provider took the message.
    NotSent,
    NotFound,
    MethodNotAllowed,
}

/// `GET`: upstream checks, when it registers a gateway, that the gateway is meant to be one.
pub(super) async fn challenge(
    State(gateway): State<Gateway>,
    headers: HeaderMap,
) -> Result<Response, GatewayRefusal> {
    gateway.admit(&headers)?;
    let mut keys = headers.get_all(VERIFICATION).iter();
    let (Some(key), None) = (keys.next(), keys.next()) else {
        return Err(GatewayRefusal::InvalidVerificationKey);
    };
    let key = verification_key(key.as_bytes()).ok_or(GatewayRefusal::InvalidVerificationKey)?;
    Ok(answer(StatusCode::OK, json!({ "key": key })))
}

/// `POST`: a message is to be delivered. 200 when a provider took it.
pub(super) async fn deliver(
    State(gateway): State<Gateway>,
    request: Request,
) -> Result<Response, GatewayRefusal> {
    gateway.admit(request.headers())?;
    if !is_json(request.headers()) {
        return Err(GatewayRefusal::UnsupportedMediaType);
    }
    let body = gateway.read(request.into_body()).await?;
    let sms = Sms::parse(&body).map_err(GatewayRefusal::Malformed)?;
    match gateway.carry(sms).await? {
        DeliveryOutcome::Accepted => Ok(answer(StatusCode::OK, json!({ "status": "accepted" }))),
        DeliveryOutcome::Unknown => Err(GatewayRefusal::Unknown),
        DeliveryOutcome::NotSent => Err(GatewayRefusal::NotSent),
    }
}

/// Any other path.
pub(super) async fn not_found() -> GatewayRefusal {
    GatewayRefusal::NotFound
}

/// Any other method.
pub(super) async fn method_not_allowed() -> GatewayRefusal {
    GatewayRefusal::MethodNotAllowed
}

impl Gateway {
    fn admit(&self, headers: &HeaderMap) -> Result<(), GatewayRefusal> {
        if self.0.api_key.admits(headers) {
            Ok(())
        } else {
            Err(GatewayRefusal::Unauthorized)
        }
    }

    /// The body, bounded in size and time.
    async fn read(&self, body: Body) -> Result<Bytes, GatewayRefusal> {
        let reading = Limited::new(body, MAX_BODY).collect();
        match self
            .0
            .clock
            .timeout(self.0.settings.timeout.0, reading)
            .await
        {
            Err(_) => Err(GatewayRefusal::Slow),
            Ok(Ok(body)) => Ok(body.to_bytes()),
            Ok(Err(error)) if error.is::<LengthLimitError>() => Err(GatewayRefusal::TooLarge),
            Ok(Err(_)) => Err(GatewayRefusal::Malformed(Malformed::Body)),
        }
    }

    /// A delivery goes on when whoever asked for it is gone: its outcome is remembered for the
    /// repetition.
    async fn carry(&self, sms: Sms) -> Result<DeliveryOutcome, GatewayRefusal> {
        let relay = self.0.relay.clone();
        let delivery = self.0.tasks.spawn(async move { relay.carry(&sms).await });
        match delivery.await {
            Ok(Ok(outcome)) => Ok(outcome),
            Ok(Err(DispatcherBusy)) => Err(GatewayRefusal::Busy),
            Err(_) => Err(GatewayRefusal::Unknown),
        }
    }
}

impl GatewayRefusal {
    fn word(self) -> (StatusCode, &'static str) {
        match self {
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "unauthorized"),
            Self::InvalidVerificationKey => (StatusCode::BAD_REQUEST, "invalid_verification_key"),
            Self::UnsupportedMediaType => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type")
            }
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
            Self::Slow => (StatusCode::REQUEST_TIMEOUT, "timeout"),
            Self::Malformed(malformed) => (StatusCode::BAD_REQUEST, malformed.as_str()),
            Self::Busy => (StatusCode::TOO_MANY_REQUESTS, "busy"),
            Self::Unknown => (StatusCode::BAD_GATEWAY, "outcome_unknown"),
            Self::NotSent => (StatusCode::SERVICE_UNAVAILABLE, "not_sent"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found"),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
        }
    }
}

impl IntoResponse for GatewayRefusal {
    fn into_response(self) -> Response {
        let (status, word) = self.word();
        let mut response = answer(status, json!({ "error": word }));
        if self == Self::Busy {
            response.headers_mut().insert(RETRY_AFTER, BUSY_FOR);
        }
        response
    }
}

fn answer(status: StatusCode, body: Value) -> Response {
    let headers = [
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, Json(body)).into_response()
}

/// Visible ASCII alone: what comes back must be what was sent, and no page.
pub(super) fn verification_key(bytes: &[u8]) -> Option<&str> {
    let fits =
        (1..=MAX_VERIFICATION).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic);
    std::str::from_utf8(bytes).ok().filter(|_| fits)
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    value
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .eq_ignore_ascii_case("application/json")
}
