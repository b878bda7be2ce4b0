//! Who carries a message to the phone, and what an answer proves.
//!
//! | what came | verdict |
//! |---|---|
//! | no connection came about | refused: nothing was written |
//! | 2xx that reads as a provider's own | accepted |
//! | 4xx, 429 too, but not 408, 409, 425, 499 | refused |
//! | everything else: no answer in time, a connection that broke, 5xx, a redirect, another 2xx | unknown |

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use reqwest::RequestBuilder;
use url::Url;

use crate::server::crypto::derived_keys::Digest;
use crate::server::settings;
use crate::server::settings::gateway::ProviderName;
use crate::server::sms_gateway::BuildGatewayError;
use crate::server::sms_gateway::sms::Sms;
use crate::server::system::clock::{Clock, Stopwatch};
use crate::server::system::http_client::{bounded_body, never_left};

pub(super) mod twilio;
pub(super) mod webhook;

use twilio::Twilio;
use webhook::Webhook;

/// Longest answer that is read, in bytes. Twilio's have about one thousand.
const MAX_BODY: usize = 64 * 1024;

/// Longest wait for a connection. Half of the whole wait is the most, so that no connection is told
/// from no answer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// 4xx that do not say whether the request was carried out: the wait was too long (408, 499), or
/// the same request is being carried out (409, as idempotency keys have it; 425).
const UNSURE: [u16; 4] = [408, 409, 425, 499];

/// One provider.
pub(super) struct Provider {
    kind: Kind,
    clock: Clock,
    timeout: Duration,
}

enum Kind {
    Webhook(Webhook),
    Twilio(Twilio),
}

/// Whether a message was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProviderReply {
    /// The provider said yes.
    Accepted,
    /// It surely was not taken.
    Refused,
    /// It may have been taken.
    Unknown,
}

/// What came of asking a provider. `Display` is for operators: no number, text or word of the
/// provider is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ProviderAttempt {
    pub verdict: ProviderReply,
    what: What,
    /// The provider's own error code, where it has one.
    code: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    NoConnection,
    NoAnswer,
    Broken,
    Status(u16),
}

impl Provider {
    /// Those that the settings name, in their order.
    pub fn all(
        settings: &settings::SmsGatewaySettings,
        clock: &Clock,
    ) -> Result<Vec<Self>, BuildGatewayError> {
        let timeout = settings.timeout.0;
        let build = |name: &ProviderName| {
            let kind = match name {
                ProviderName::Webhook => Kind::Webhook(Webhook::new(&settings.webhook, timeout)?),
                ProviderName::Twilio => Kind::Twilio(Twilio::new(&settings.twilio, timeout)?),
            };
            Ok(Self {
                kind,
                clock: clock.clone(),
                timeout,
            })
        };
        settings.providers.iter().map(build).collect()
    }

    pub fn name(&self) -> ProviderName {
        match self.kind {
            Kind::Webhook(_) => ProviderName::Webhook,
            Kind::Twilio(_) => ProviderName::Twilio,
        }
    }

    /// Asks once.
    pub async fn send(&self, sms: &Sms, digest: &Digest) -> ProviderAttempt {
        let watch = Stopwatch::start();
        let request = match &self.kind {
            Kind::Webhook(webhook) => webhook.request(sms, digest),
            Kind::Twilio(twilio) => twilio.request(sms),
        };
        let attempt = match self.clock.timeout(self.timeout, exchange(request)).await {
            Err(_) => ProviderAttempt::unknown(What::NoAnswer),
            Ok(Err(what)) => ProviderAttempt::not_answered(what),
            Ok(Ok((status, body))) => self.judge(status, body.as_deref()),
        };
        let (provider, outcome) = (self.name().as_str(), attempt.verdict.as_str());
        metrics::counter!("latchkey_gateway_attempts_total", "provider" => provider, "outcome" => outcome).increment(1);
        metrics::histogram!("latchkey_gateway_attempt_seconds", "provider" => provider)
            .record(watch.elapsed());
        attempt
    }

    fn judge(&self, status: StatusCode, body: Option<&[u8]>) -> ProviderAttempt {
        let (accepted, code) = match self.kind {
            Kind::Webhook(_) => (body.is_some_and(webhook::is_acceptance), None),
            Kind::Twilio(_) => (
                body.is_some_and(twilio::is_acceptance),
                body.and_then(twilio::error_code),
            ),
        };
        let verdict = match status.as_u16() {
            200..=299 if accepted => ProviderReply::Accepted,
            code @ 400..=499 if !UNSURE.contains(&code) => ProviderReply::Refused,
            _ => ProviderReply::Unknown,
        };
        ProviderAttempt {
            verdict,
            what: What::Status(status.as_u16()),
            code,
        }
    }
}

/// One request, and its answer with a body of at most [`MAX_BODY`]; `None` for one that is longer
/// or breaks off.
async fn exchange(request: RequestBuilder) -> Result<(StatusCode, Option<Bytes>), What> {
    let unsent = |error| {
        if never_left(&error) {
            What::NoConnection
        } else {
            What::Broken
        }
    };
    let response = request.send().await.map_err(unsent)?;
    let status = response.status();
    Ok((status, bounded_body(response, MAX_BODY).await.ok()))
}

/// The client for a provider's host.
fn client(url: &Url, timeout: Duration) -> Result<reqwest::Client, reqwest::Error> {
    crate::server::system::http_client::client(CONNECT_TIMEOUT.min(timeout / 2), &[url])
}

impl ProviderReply {
    /// The name in logs and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
        }
    }
}

impl ProviderAttempt {
    fn unknown(what: What) -> Self {
        Self {
            verdict: ProviderReply::Unknown,
            what,
            code: None,
        }
    }

    fn not_answered(what: What) -> Self {
        let verdict = if what == What::NoConnection {
            ProviderReply::Refused
        } else {
            ProviderReply::Unknown
        };
        Self {
            verdict,
            what,
            code: None,
        }
    }
}

impl fmt::Display for ProviderAttempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.what {
            What::NoConnection => f.write_str("no connection")?,
            What::NoAnswer => f.write_str("no answer in time")?,
            What::Broken => f.write_str("connection broke")?,
            What::Status(status) => write!(f, "status {status}")?,
        }
        if let Some(code) = self.code {
            write!(f, ", code {code}")?;
        }
        Ok(())
    }
}
