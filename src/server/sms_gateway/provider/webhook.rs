//! A service of one's own: `POST {"to","from","text"}`, answered by any 2xx with no body or a JSON
//! one.

use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use reqwest::RequestBuilder;
use serde::Serialize;
use serde::de::IgnoredAny;
use url::Url;

use crate::server::crypto::derived_keys::{Digest, hexadecimal};
use crate::server::settings::{self, load};
use crate::server::sms_gateway::BuildGatewayError;
use crate::server::sms_gateway::sms::Sms;
use crate::server::system::http_client::json;

/// The header that makes a repetition known (`draft-ietf-httpapi-idempotency-key-header`).
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// Where messages are posted.
pub(in crate::server::sms_gateway) struct Webhook {
    http: reqwest::Client,
    url: Url,
    bearer: Option<HeaderValue>,
}

#[derive(Serialize)]
struct Message<'a> {
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
            .ok_or(BuildGatewayError::missing("gateway.webhook.url"))?;
        let bearer = load::secret(settings.bearer.as_ref(), settings.bearer_file.as_deref())?;
        let bearer = bearer
            .map(|token| bearer_header(token.expose()))
            .transpose()?;
        Ok(Self {
            http: crate::server::sms_gateway::provider::client(&url, timeout)?,
            url,
            bearer,
        })
    }

    /// The idempotency key is the same for the same number and text, across restarts too, and tells
    /// nothing of them.
    pub fn request(&self, sms: &Sms, digest: &Digest) -> RequestBuilder {
        let message = Message {
            to: &sms.to,
            from: sms.sender.as_deref(),
            text: &sms.text,
        };
        let request = self
            .http
            .post(self.url.clone())
            .header(ACCEPT, "application/json");
        let request = request
            .header(IDEMPOTENCY_KEY, hexadecimal(digest))
            .json(&message);
        match &self.bearer {
            Some(bearer) => request.header(AUTHORIZATION, bearer),
            None => request,
        }
    }
}

/// Whether a body can belong to a yes. A page of HTML, as of a proxy on the way, says nothing.
pub(in crate::server::sms_gateway) fn is_acceptance(body: &[u8]) -> bool {
    body.is_empty() || json::<IgnoredAny>(body).is_some()
}

fn bearer_header(token: &str) -> Result<HeaderValue, BuildGatewayError> {
    let mut value = HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| unfit())?;
    value.set_sensitive(true);
    if token.is_empty() {
        Err(unfit())
    } else {
        Ok(value)
    }
}

fn unfit() -> BuildGatewayError {
    BuildGatewayError::Setting {
        key: "gateway.webhook.bearer",
        text: "is empty or cannot stand in a header",
    }
}
