//! Sends a message through a provider, and decides from the response whether it was accepted.
//!
//! - No connection: refused, because nothing was sent.
//! - 2xx with a body that the provider's API defines: accepted.
//! - 4xx, also 429, but not 408, 409, 425 or 499: refused.
//! - Anything else (timeout, broken connection, 5xx, redirect, another 2xx): unknown.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use reqwest::RequestBuilder;
use url::Url;

use crate::server::crypto::hash::Digest;
use crate::server::settings;
use crate::server::settings::gateway::ProviderName;
use crate::server::sms_gateway::BuildGatewayError;
use crate::server::sms_gateway::sms::Sms;
use crate::server::system::clock::{Clock, Stopwatch};
use crate::server::system::http_client::{read_bounded_body, was_not_sent};

pub(super) mod twilio;
pub(super) mod webhook;

use twilio::Twilio;
use webhook::Webhook;

/// Longest response that is read, in bytes. Those of Twilio have about one thousand.
const MAX_BODY: usize = 64 * 1024;

/// Longest wait for a connection. It is at most half of the timeout, so that a failed connection is
/// distinguished from a missing response.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// 4xx that do not say whether the request was processed: it took too long (408, 499), or the same
/// request is being processed (409 for an idempotency key; 425).
const AMBIGUOUS_STATUSES: [u16; 4] = [408, 409, 425, 499];

/// One provider.
pub(super) struct Provider {
    backend: ProviderBackend,
    clock: Clock,
    timeout: Duration,
}

enum ProviderBackend {
    Webhook(Webhook),
    Twilio(Twilio),
}

/// Whether the provider accepted the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(super) enum ProviderReply {
    /// It did.
    Accepted,
    /// It certainly did not.
    Refused,
    /// It may have.
    Unknown,
}

/// The result of one request to a provider. `Display` is for operators: it contains no number, and
/// no text of the message or of the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ProviderAttempt {
    pub reply: ProviderReply,
    response: ProviderResponse,
    /// The provider's error code, if there is one.
    code: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ProviderResponse {
    NoConnection,
    Timeout,
    Broken,
    Status(u16),
}

impl Provider {
    /// The providers of the settings, in their order.
    pub fn all(
        settings: &settings::SmsGatewaySettings,
        clock: &Clock,
    ) -> Result<Vec<Self>, BuildGatewayError> {
        let timeout = settings.timeout.0;
        let build = |name: &ProviderName| {
            let backend = match name {
                ProviderName::Webhook => {
                    ProviderBackend::Webhook(Webhook::new(&settings.webhook, timeout)?)
                }
                ProviderName::Twilio => {
                    ProviderBackend::Twilio(Twilio::new(&settings.twilio, timeout)?)
                }
            };
            Ok(Self {
                backend,
                clock: clock.clone(),
                timeout,
            })
        };
        settings.providers.iter().map(build).collect()
    }

    pub fn name(&self) -> ProviderName {
        match self.backend {
            ProviderBackend::Webhook(_) => ProviderName::Webhook,
            ProviderBackend::Twilio(_) => ProviderName::Twilio,
        }
    }

    /// Sends one request. `sender` is that of the phone's country; without one the provider's
    /// default holds.
    pub async fn send(&self, sms: &Sms, sender: Option<&str>, digest: &Digest) -> ProviderAttempt {
        let watch = Stopwatch::start();
        let request = match &self.backend {
            ProviderBackend::Webhook(webhook) => webhook.request(sms, sender, digest),
            ProviderBackend::Twilio(twilio) => twilio.request(sms, sender),
        };
        let attempt = match self.clock.timeout(self.timeout, exchange(request)).await {
            Err(_) => ProviderAttempt::unknown(ProviderResponse::Timeout),
            Ok(Err(response)) => ProviderAttempt::without_status(response),
            Ok(Ok((status, body))) => self.evaluate(status, body.as_deref()),
        };
        let (provider, outcome) = (self.name().as_str(), attempt.reply.as_str());
        let labels = [("provider", provider), ("outcome", outcome)];
        metrics::counter!("latchkey_sms_gateway_attempts_total", &labels).increment(1);
        metrics::histogram!("latchkey_sms_gateway_attempt_duration_seconds", "provider" => provider)
            .record(watch.elapsed());
        attempt
    }

    fn evaluate(&self, status: StatusCode, body: Option<&[u8]>) -> ProviderAttempt {
        let (is_accepted, code) = match self.backend {
            ProviderBackend::Webhook(_) => (body.is_some_and(webhook::is_acceptance), None),
            ProviderBackend::Twilio(_) => (
                body.is_some_and(twilio::is_acceptance),
                body.and_then(twilio::error_code),
            ),
        };
        let reply = match status.as_u16() {
            200..=299 if is_accepted => ProviderReply::Accepted,
            code @ 400..=499 if !AMBIGUOUS_STATUSES.contains(&code) => ProviderReply::Refused,
            _ => ProviderReply::Unknown,
        };
        ProviderAttempt {
            reply,
            response: ProviderResponse::Status(status.as_u16()),
            code,
        }
    }
}

/// Sends a request, and reads a body of at most [`MAX_BODY`]. The body is `None` if it is longer or
/// incomplete.
async fn exchange(
    request: RequestBuilder,
) -> Result<(StatusCode, Option<Bytes>), ProviderResponse> {
    let classify = |error| {
        if was_not_sent(&error) {
            ProviderResponse::NoConnection
        } else {
            ProviderResponse::Broken
        }
    };
    let response = request.send().await.map_err(classify)?;
    let status = response.status();
    Ok((status, read_bounded_body(response, MAX_BODY).await.ok()))
}

/// The HTTP client for a provider's host.
fn build_client(url: &Url, timeout: Duration) -> Result<reqwest::Client, reqwest::Error> {
    crate::server::system::http_client::client(CONNECT_TIMEOUT.min(timeout / 2), &[url])
}

impl ProviderReply {
    /// The name in logs and metrics.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

impl ProviderAttempt {
    fn unknown(response: ProviderResponse) -> Self {
        Self {
            reply: ProviderReply::Unknown,
            response,
            code: None,
        }
    }

    fn without_status(response: ProviderResponse) -> Self {
        let reply = if response == ProviderResponse::NoConnection {
            ProviderReply::Refused
        } else {
            ProviderReply::Unknown
        };
        Self {
            reply,
            response,
            code: None,
        }
    }
}

impl fmt::Display for ProviderAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.response {
            ProviderResponse::NoConnection => f.write_str("no connection")?,
            ProviderResponse::Timeout => f.write_str("no answer in time")?,
            ProviderResponse::Broken => f.write_str("connection broke")?,
            ProviderResponse::Status(status) => write!(f, "status {status}")?,
        }
        if let Some(code) = self.code {
            write!(f, ", code {code}")?;
        }
        Ok(())
    }
}
