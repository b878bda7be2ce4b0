//! `[gateway]`: the custom SMS gateway that the tenant can deliver messages through.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::server::settings::{ConfigError, HumanDuration, Secret};

pub mod twilio;
pub mod webhook;

pub use twilio::TwilioSettings;
pub use webhook::WebhookSettings;

/// In characters.
pub const MIN_API_KEY_LENGTH: usize = 16;

/// The longest timeout that may be set.
const MAX_TIMEOUT: Duration = Duration::from_secs(60);

/// A provider that delivers messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum ProviderName {
    /// The company's own service.
    Webhook,
    /// Twilio's Messages API.
    Twilio,
}

impl ProviderName {
    /// The name in settings, logs and metrics.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The SMS gateway; off unless an API key is set.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SmsGatewaySettings {
    /// The address of its listener. Separate from the public pages, so that it shares no
    /// middleware, cookie or origin rule with them.
    pub address: SocketAddr,
    /// The path of its only endpoint.
    pub path: String,
    /// What the tenant sends in `X-API-Key`.
    pub api_key: Option<Secret>,
    /// A file that holds the API key.
    pub api_key_file: Option<PathBuf>,
    /// One provider, or two of which the second is used when the first certainly failed.
    pub providers: Vec<ProviderName>,
    /// How long to wait for a provider's response.
    pub timeout: HumanDuration,
    /// Concurrent deliveries; further ones get status 429.
    pub max_in_flight: usize,
    /// `[gateway.webhook]`
    pub webhook: WebhookSettings,
    /// `[gateway.twilio]`
    pub twilio: TwilioSettings,
}

impl Default for SmsGatewaySettings {
    fn default() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 3080)),
            path: "/sms".to_owned(),
            api_key: None,
            api_key_file: None,
            providers: Vec::new(),
            timeout: HumanDuration::seconds(10),
            max_in_flight: 256,
            webhook: WebhookSettings::default(),
            twilio: TwilioSettings::default(),
        }
    }
}

impl SmsGatewaySettings {
    /// Whether the gateway runs.
    pub fn is_on(&self) -> bool {
        self.api_key.is_some() || self.api_key_file.is_some()
    }

    pub(super) fn validate(&self, errors: &mut Vec<ConfigError>) {
        if !self.is_on() {
            if !self.providers.is_empty() {
                let text = "needed, because gateway.providers is set; make one with: openssl rand \
                            -base64 32";
                errors.push(ConfigError::new("gateway.api_key", text));
            }
            return;
        }
        let mut error = |key, text: &str| errors.push(ConfigError::new(key, text));
        if self.api_key.is_some() && self.api_key_file.is_some() {
            error(
                "gateway.api_key_file",
                "set gateway.api_key or its file, not both",
            );
        }
        if self
            .api_key
            .as_ref()
            .is_some_and(|key| !has_min_length(key))
        {
            error(
                "gateway.api_key",
                "must have at least 16 characters; make one with: openssl rand -base64 32",
            );
        }
        if !is_plain_path(&self.path) {
            error(
                "gateway.path",
                "must begin with / and hold letters, digits and -._~/ alone, such as /sms",
            );
        }
        match self.providers.as_slice() {
            [] => error(
                "gateway.providers",
                "needed: webhook, twilio, or both in order of preference",
            ),
            [first, second] if first == second => {
                error(
                    "gateway.providers",
                    "names one twice; repeating the same provider is no fail-over",
                );
            }
            [_] | [_, _] => {}
            _ => error("gateway.providers", "must name one or two"),
        }
        if self.timeout.0.is_zero() || self.timeout.0 > MAX_TIMEOUT {
            error("gateway.timeout", "must be longer than 0s and at most 60s");
        }
        if self.max_in_flight == 0 {
            error("gateway.max_in_flight", "must be at least 1");
        }
        for provider in &self.providers {
            match provider {
                ProviderName::Webhook => self.webhook.validate(errors),
                ProviderName::Twilio => self.twilio.validate(errors),
            }
        }
    }
}

/// Whether an API key is long enough not to be guessed.
pub fn has_min_length(key: &Secret) -> bool {
    key.expose().trim().chars().count() >= MIN_API_KEY_LENGTH
}

/// Whether a router takes the path literally.
fn is_plain_path(path: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~' | b'/');
    path.len() > 1 && path.starts_with('/') && path.bytes().all(plain)
}

/// Validates a secret that can also be set by a file.
fn validate_secret(
    (key, value): (&'static str, Option<&Secret>),
    (file_key, file): (&'static str, Option<&Path>),
    errors: &mut Vec<ConfigError>,
) {
    if value.is_some() && file.is_some() {
        errors.push(ConfigError::new(
            file_key,
            format!("set {key} or its file, not both"),
        ));
    }
    if value.is_some_and(|secret| secret.expose().trim().is_empty()) {
        errors.push(ConfigError::new(key, "is empty"));
    }
}

#[cfg(test)]
mod tests {
    use crate::server::settings::{Settings, load};

    const KEY: (&str, &str) = ("API_KEY", "0123456789abcdef");
    const WEBHOOK: [(&str, &str); 3] = [
        KEY,
        ("PROVIDERS", "webhook"),
        ("WEBHOOK__URL", "https://sms.example.com/send"),
    ];
    const TWILIO: [(&str, &str); 5] = [
        KEY,
        ("PROVIDERS", "twilio"),
        ("TWILIO__ACCOUNT_SID", "AC00000000000000000000000000000000"),
        ("TWILIO__AUTH_TOKEN", "token"),
        ("TWILIO__FROM", "+12025550100"),
    ];

    fn settings(variables: &[(&str, &str)]) -> Settings {
        let variables = variables
            .iter()
            .map(|(name, value)| (format!("LATCHKEY_GATEWAY__{name}"), (*value).to_owned()));
        load(None, variables).unwrap()
    }

    fn errors(variables: &[(&str, &str)]) -> Vec<&'static str> {
        let mut errors = Vec::new();
        settings(variables).gateway.validate(&mut errors);
        errors.into_iter().map(|error| error.key).collect()
    }

    #[test]
    fn is_off_unless_an_api_key_is_set() {
        assert!(!settings(&[]).gateway.is_on() && errors(&[]).is_empty());
        assert_eq!(errors(&[("PROVIDERS", "twilio")]), ["gateway.api_key"]);
        assert!(settings(&WEBHOOK).gateway.is_on() && errors(&WEBHOOK).is_empty());
        assert_eq!(errors(&TWILIO), [""; 0]);
    }

    #[test]
    fn errors_name_the_key() {
        for (change, key) in [
            (("API_KEY", "0123456789abcde"), "gateway.api_key"),
            (("API_KEY_FILE", "/run/key"), "gateway.api_key_file"),
            (("PATH", "sms"), "gateway.path"),
            (("PATH", "/"), "gateway.path"),
            (("PATH", "/{*all}"), "gateway.path"),
            (("PROVIDERS", ""), "gateway.providers"),
            (("PROVIDERS", "webhook,webhook"), "gateway.providers"),
            (("TIMEOUT", "0s"), "gateway.timeout"),
            (("TIMEOUT", "2m"), "gateway.timeout"),
            (("MAX_IN_FLIGHT", "0"), "gateway.max_in_flight"),
            (
                ("WEBHOOK__URL", "http://sms.example.com/send"),
                "gateway.webhook.url",
            ),
            (
                ("WEBHOOK__URL", "https://user:pass@sms.example.com/"),
                "gateway.webhook.url",
            ),
            (("WEBHOOK__BEARER", " "), "gateway.webhook.bearer"),
        ] {
            let variables: Vec<_> = WEBHOOK
                .into_iter()
                .filter(|(name, _)| *name != change.0)
                .chain([change])
                .collect();
            assert_eq!(errors(&variables), [key], "{change:?}");
        }
        assert_eq!(
            errors(&[KEY, ("PROVIDERS", "webhook")]),
            ["gateway.webhook.url"]
        );
        for (change, key) in [
            (("TWILIO__ACCOUNT_SID", "AC1"), "gateway.twilio.account_sid"),
            (("TWILIO__AUTH_TOKEN", ""), "gateway.twilio.auth_token"),
            (
                ("TWILIO__AUTH_TOKEN_FILE", "/run/token"),
                "gateway.twilio.auth_token_file",
            ),
            (("TWILIO__FROM", ""), "gateway.twilio.from"),
            (("TWILIO__FROM", "Latch<key>"), "gateway.twilio.from"),
            (("TWILIO__FROM", "Latchkey Limited"), "gateway.twilio.from"),
            (("TWILIO__FROM", "+1 202 555 0100"), "gateway.twilio.from"),
            (("TWILIO__FROM", "2025550100"), "gateway.twilio.from"),
            (
                (
                    "TWILIO__MESSAGING_SERVICE_SID",
                    "MG00000000000000000000000000000000",
                ),
                "gateway.twilio.messaging_service_sid",
            ),
            (
                ("TWILIO__BASE_URL", "http://api.twilio.com"),
                "gateway.twilio.base_url",
            ),
        ] {
            let variables: Vec<_> = TWILIO
                .into_iter()
                .filter(|(name, _)| *name != change.0)
                .chain([change])
                .collect();
            assert_eq!(errors(&variables), [key], "{change:?}");
        }
        let missing = [
            "gateway.twilio.account_sid",
            "gateway.twilio.auth_token",
            "gateway.twilio.from",
        ];
        assert_eq!(errors(&[KEY, ("PROVIDERS", "twilio")]), missing);
        let unknown = [(
            "LATCHKEY_GATEWAY__PROVIDERS".to_owned(),
            "pigeon".to_owned(),
        )];
        assert!(
            load(None, unknown.into_iter())
                .unwrap_err()
                .to_string()
                .starts_with("gateway.providers")
        );
    }

    #[test]
    fn t9_debug_output_hides_secrets() {
        let settings = settings(&[
            ("API_KEY", "hunter2-api-key-000"),
            ("WEBHOOK__BEARER", "hunter2-bearer"),
            ("TWILIO__AUTH_TOKEN", "hunter2-token"),
        ]);
        assert!(!format!("{settings:?}").contains("hunter2"));
    }
}
