//! Twilio's Messages resource: `POST /2010-04-01/Accounts/{sid}/Messages.json`, a form with Basic
//! authentication. A 201 with a `sid` means that the message was accepted. An error is
//! `{"code","message","more_info","status"}`. A 429 was not processed (error 20429).

use std::time::Duration;

use http::header::{ACCEPT, CONTENT_TYPE};
use reqwest::RequestBuilder;
use serde_json::{Map, Value};
use url::Url;
use zeroize::Zeroizing;

use crate::server::settings::{self, Secret, load};
use crate::server::sms_gateway::BuildGatewayError;
use crate::server::sms_gateway::sms::Sms;
use crate::server::system::http_client::json;

/// Longest `sid` that is accepted. Real ones have 34 characters.
const MAX_SID: usize = 64;

/// The client of a Twilio account.
pub(in crate::server::sms_gateway) struct Twilio {
    http: reqwest::Client,
    url: Url,
    account_sid: String,
    auth_token: Secret,
    /// Name and value of the form field of the default sender.
    sender: (&'static str, String),
}

impl Twilio {
    pub fn new(
        settings: &settings::gateway::TwilioSettings,
        timeout: Duration,
    ) -> Result<Self, BuildGatewayError> {
        let base = settings
            .base_url
            .as_ref()
            .ok_or_else(|| BuildGatewayError::missing("gateway.twilio.base_url"))?;
        let account_sid = settings.account_sid.clone();
        let url = base.join(&format!("/2010-04-01/Accounts/{account_sid}/Messages.json"));
        let url = url.map_err(|_| BuildGatewayError::missing("gateway.twilio.account_sid"))?;
        let token = load::read_secret(
            settings.auth_token.as_ref(),
            settings.auth_token_file.as_deref(),
        )?;
        let auth_token = token.filter(|token| !token.expose().is_empty());
        let auth_token =
            auth_token.ok_or_else(|| BuildGatewayError::missing("gateway.twilio.auth_token"))?;
        let sender = match (&settings.messaging_service_sid, &settings.from) {
            (Some(sid), _) => ("MessagingServiceSid", sid.clone()),
            (None, Some(from)) => ("From", from.clone()),
            (None, None) => return Err(BuildGatewayError::missing("gateway.twilio.from")),
        };
        Ok(Self {
            http: crate::server::sms_gateway::provider::build_client(&url, timeout)?,
            url,
            account_sid,
            auth_token,
            sender,
        })
    }

    /// Builds the request, with the sender of the country or the account's. The account does not
    /// know Transmit's sender.
    pub fn request(&self, sms: &Sms, sender: Option<&str>) -> RequestBuilder {
        let (name, value) = match (sender, &self.sender) {
            (Some(sender), _) => ("From", sender),
            (None, (name, value)) => (*name, value.as_str()),
        };
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("To", &sms.to)
            .append_pair(name, value)
            .append_pair("Body", &sms.text);
        let body = bytes::Bytes::from_owner(Zeroizing::new(form.finish().into_bytes()));
        self.http
            .post(self.url.clone())
            .basic_auth(&self.account_sid, Some(self.auth_token.expose()))
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body)
    }
}

/// Whether a body reports an accepted message.
pub(in crate::server::sms_gateway) fn is_acceptance(body: &[u8]) -> bool {
    let is_sid = |sid: &str| {
        (1..=MAX_SID).contains(&sid.len()) && sid.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    member(body, "sid").is_some_and(|sid| sid.as_str().is_some_and(is_sid))
}

/// The error code in a body, for operators. Twilio documents each of them.
pub(in crate::server::sms_gateway) fn error_code(body: &[u8]) -> Option<u32> {
    member(body, "code")?
        .as_u64()
        .and_then(|code| u32::try_from(code).ok())
}

fn member(body: &[u8], name: &str) -> Option<Value> {
    json::<Map<String, Value>>(body)?.remove(name)
}
