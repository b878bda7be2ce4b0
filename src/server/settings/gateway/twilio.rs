//! `[gateway.twilio]`: a Twilio account that delivers messages.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::server::settings::server::is_trustworthy;
use crate::server::settings::sign_in::senders::sender_error;
use crate::server::settings::{ConfigError, Secret};

/// Twilio's API.
const BASE_URL: &str = "https://api.twilio.com";

/// `[gateway.twilio]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the names of the fields say it")]
pub struct TwilioSettings {
    /// The account: `AC` and 32 hexadecimal digits.
    pub account_sid: String,
    pub auth_token: Option<Secret>,
    pub auth_token_file: Option<PathBuf>,
    /// The sender: a number of the account, a short code, or an alphanumeric sender id.
    pub from: Option<String>,
    /// A messaging service that chooses the sender, instead of `from`: `MG` and 32 hexadecimal
    /// digits.
    pub messaging_service_sid: Option<String>,
    /// The API host.
    pub base_url: Option<Url>,
}

impl Default for TwilioSettings {
    fn default() -> Self {
        Self {
            account_sid: String::new(),
            auth_token: None,
            auth_token_file: None,
            from: None,
            messaging_service_sid: None,
            base_url: Url::parse(BASE_URL).ok(),
        }
    }
}

impl TwilioSettings {
    pub(super) fn validate(&self, errors: &mut Vec<ConfigError>) {
        let mut error = |key, text: &str| errors.push(ConfigError::new(key, text));
        if !is_sid(&self.account_sid, "AC") {
            error(
                "gateway.twilio.account_sid",
                "needed: AC and 32 hexadecimal digits, from Twilio's console",
            );
        }
        if self.auth_token.is_none() && self.auth_token_file.is_none() {
            error(
                "gateway.twilio.auth_token",
                "needed: the account's auth token (or gateway.twilio.auth_token_file)",
            );
        }
        match (&self.from, &self.messaging_service_sid) {
            (None, None) => error(
                "gateway.twilio.from",
                "needed: the sender (or gateway.twilio.messaging_service_sid)",
            ),
            (Some(_), Some(_)) => error(
                "gateway.twilio.messaging_service_sid",
                "set gateway.twilio.from or gateway.twilio.messaging_service_sid, not both",
            ),
            (Some(from), None) => {
                if let Some(fault) = sender_error(from) {
                    error("gateway.twilio.from", &format!("`{from}` {fault}"));
                }
            }
            (None, Some(sid)) if !is_sid(sid, "MG") => {
                error(
                    "gateway.twilio.messaging_service_sid",
                    "must be MG and 32 hexadecimal digits",
                );
            }
            _ => {}
        }
        if !self.base_url.as_ref().is_some_and(is_trustworthy) {
            error(
                "gateway.twilio.base_url",
                "must be https, except on loopback",
            );
        }
        crate::server::settings::gateway::validate_secret(
            ("gateway.twilio.auth_token", self.auth_token.as_ref()),
            (
                "gateway.twilio.auth_token_file",
                self.auth_token_file.as_deref(),
            ),
            errors,
        );
    }
}

fn is_sid(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix)
        .is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_hexdigit()))
}
