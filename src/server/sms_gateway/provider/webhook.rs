//! A webhook of the operator: `POST {"to","from","text"}`. Any 2xx with an empty or JSON body means
//! that the message was accepted.

use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use reqwest::RequestBuilder;
use serde::Serialize;
use serde::de::IgnoredAny;
use url::Url;

use crate::server::crypto::hash::{Digest, to_hex};
use crate::server::settings::{self, load};
use crate::server::sms_gateway::BuildGatewayError;
use crate::server::sms_gateway::sms::Sms;
use crate::server::system::http_client::json;

/// The header that identifies a repeated request (`draft-ietf-httpapi-idempotency-key-header`).
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The client of the webhook.
pub(in crate::server::sms_gateway) struct Webhook {
    http: reqwest::Client,
    url: Url,
    bearer: Option<HeaderValue>,
}

#[derive(Serialize)]
struct WebhookMessage<'a> {
    to: &'a str,
    from: Option<&'a str>,
    text: &'a str,
}

impl Webhook {
    pub fn new(
        settings: &settings::gateway::WebhookSettings,
        timeout: Duration,
    ) -> Result<Self, BuildGatewayError> {
        let url = settings
            .url
            .clone()
            .ok_or_else(|| BuildGatewayError::missing("gateway.webhook.url"))?;
        let bearer = load::read_secret(settings.bearer.as_ref(), settings.bearer_file.as_deref())?;
        let origin = load::secret_origin(
            "gateway.webhook.bearer",
            settings.bearer.as_ref(),
            settings.bearer_file.as_deref(),
        );
        let bearer = bearer
            .map(|token| bearer_header(token.expose(), origin))
            .transpose()?;
        Ok(Self {
            http: crate::server::sms_gateway::provider::build_client(&url, timeout)?,
            url,
            bearer,
        })
    }

    /// Builds the request. Its idempotency key is the same for the same number and text, also after
    /// a restart, and reveals neither. The sender is that of the country, else Transmit's.
    pub fn request(&self, sms: &Sms, sender: Option<&str>, digest: &Digest) -> RequestBuilder {
        let message = WebhookMessage {
            to: &sms.to,
            from: sender.or(sms.sender.as_deref()),
            text: &sms.text,
        };
        let request = self
            .http
            .post(self.url.clone())
            .header(ACCEPT, "application/json");
        let request = request
            .header(IDEMPOTENCY_KEY, to_hex(digest))
            .json(&message);
        match &self.bearer {
            Some(bearer) => request.header(AUTHORIZATION, bearer),
            None => request,
        }
    }
}

/// Whether a body can belong to an accepted message. An HTML page comes from a proxy.
pub(in crate::server::sms_gateway) fn is_acceptance(body: &[u8]) -> bool {
    body.is_empty() || json::<IgnoredAny>(body).is_some()
}

/// The header of a token. `origin` is what an error names: the setting, and the file that it names.
fn bearer_header(token: &str, origin: String) -> Result<HeaderValue, BuildGatewayError> {
    match HeaderValue::try_from(format!("Bearer {token}")) {
        Ok(mut value) if !token.is_empty() => {
            value.set_sensitive(true);
            Ok(value)
        }
        _ => Err(BuildGatewayError::Setting {
            key: origin,
            text: "is empty or cannot be sent in a header",
        }),
    }
}
