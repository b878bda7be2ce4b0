//! `[webhooks]`: what a service of the operator is told of sign-ups, sign-ins, locks and
//! revocations.

use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::server::settings::server::is_trustworthy;
use crate::server::settings::{ConfigError, HumanDuration, Secret};

/// The prefix of secrets (Standard Webhooks).
const SECRET_PREFIX: &str = "whsec_";
/// The lengths of a secret in bytes (Standard Webhooks).
const SECRET_LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;
/// The longest time in which a delivery is retried.
const MAX_RETRY: Duration = Duration::from_secs(86_400);

/// What is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WebhookTopic {
    /// A new user has typed the first code.
    SignUp,
    /// A session was created.
    SignIn,
    /// A limit of a number has refused an attempt, the first since it was used up.
    Lock,
    /// A session was ended by its user elsewhere, the operator or upstream.
    Revocation,
}

/// `[webhooks]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhooksSettings {
    /// Where events are posted; none: nowhere.
    pub url: Option<Url>,
    /// The secrets that sign, separated by white space: `whsec_` and base64. Each of them signs, so
    /// that a receiver may know the old or the new one during a rotation.
    pub secret: Option<Secret>,
    /// A file that holds them.
    pub secret_file: Option<PathBuf>,
    /// What is told.
    pub events: Vec<WebhookTopic>,
    /// How long a delivery is retried.
    pub retry_for: HumanDuration,
}

impl Default for WebhooksSettings {
    fn default() -> Self {
        Self {
            url: None,
            secret: None,
            secret_file: None,
            events: vec![
                WebhookTopic::SignUp,
                WebhookTopic::SignIn,
                WebhookTopic::Lock,
                WebhookTopic::Revocation,
            ],
            retry_for: HumanDuration::minutes(15),
        }
    }
}

impl WebhooksSettings {
    pub(super) fn validate(&self, errors: &mut Vec<ConfigError>) {
        let mut add = |key, text: &str| errors.push(ConfigError::new(key, text));
        let has_secret = self.secret.is_some() || self.secret_file.is_some();
        match &self.url {
            None if has_secret => add("webhooks.url", "needed: where events are posted"),
            None => {}
            Some(url) if !is_trustworthy(url) => {
                add("webhooks.url", "must be https, except on loopback");
            }
            Some(url) if !url.username().is_empty() || url.password().is_some() => {
                add(
                    "webhooks.url",
                    "must not hold credentials; events are signed",
                );
            }
            Some(_) if !has_secret => {
                add(
                    "webhooks.secret",
                    "needed, or webhooks.secret_file: events are signed",
                );
            }
            Some(_) => {}
        }
        if self.secret.is_some() && self.secret_file.is_some() {
            add(
                "webhooks.secret_file",
                "set webhooks.secret or its file, not both",
            );
        }
        if let Some(Err(text)) = self.secret.as_ref().map(parse_secrets) {
            add("webhooks.secret", text);
        }
        if self.url.is_some() && self.events.is_empty() {
            add(
                "webhooks.events",
                "names no event; leave it out for all of them",
            );
        }
        if self.retry_for.0 > MAX_RETRY {
            add("webhooks.retry_for", "must be a day at most");
        }
    }
}

/// The keys of secrets that are separated by white space.
///
/// # Errors
/// What a secret must look like; it quotes none.
pub fn parse_secrets(secrets: &Secret) -> Result<Vec<Vec<u8>>, &'static str> {
    const EXPECTED: &str = "must be `whsec_` and 24 to 64 bytes in base64, such as from: echo \
        whsec_$(openssl rand -base64 32); several are separated by spaces or lines";
    let keys: Result<Vec<Vec<u8>>, _> = secrets
        .expose()
        .split_whitespace()
        .map(|secret| {
            let encoded = secret.strip_prefix(SECRET_PREFIX).ok_or(EXPECTED)?;
            let key = STANDARD.decode(encoded).map_err(|_| EXPECTED)?;
            if SECRET_LENGTHS.contains(&key.len()) {
                Ok(key)
            } else {
                Err(EXPECTED)
            }
        })
        .collect();
    keys.and_then(|keys| {
        if keys.is_empty() {
            Err(EXPECTED)
        } else {
            Ok(keys)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    fn errors(change: impl FnOnce(&mut WebhooksSettings)) -> Vec<&'static str> {
        let mut settings = WebhooksSettings {
            url: Some("https://hooks.example.com/latchkey".parse().unwrap()),
            secret: Some(Secret::new(SECRET)),
            ..WebhooksSettings::default()
        };
        change(&mut settings);
        let mut errors = Vec::new();
        settings.validate(&mut errors);
        errors.iter().map(|error| error.key).collect()
    }

    #[test]
    fn a_receiver_is_https_or_loopback_and_events_are_always_signed() {
        let url =
            |url: &'static str| errors(move |settings| settings.url = Some(url.parse().unwrap()));
        assert_eq!(errors(|_| {}), [""; 0]);
        assert_eq!(url("http://127.0.0.1:8080/hook"), [""; 0]);
        assert_eq!(url("http://hooks.example.com"), ["webhooks.url"]);
        assert_eq!(url("http://169.254.169.254/"), ["webhooks.url"]);
        assert_eq!(url("ftp://127.0.0.1/"), ["webhooks.url"]);
        assert_eq!(url("https://user:word@hooks.example.com"), ["webhooks.url"]);
        assert_eq!(errors(|settings| settings.url = None), ["webhooks.url"]);
        assert_eq!(
            errors(|settings| settings.secret = None),
            ["webhooks.secret"]
        );
        let file = |settings: &mut WebhooksSettings| settings.secret_file = Some("x".into());
        assert_eq!(errors(file), ["webhooks.secret_file"]);
        let none = |settings: &mut WebhooksSettings| settings.events.clear();
        assert_eq!(errors(none), ["webhooks.events"]);
        let long = |settings: &mut WebhooksSettings| settings.retry_for = HumanDuration::days(2);
        assert_eq!(errors(long), ["webhooks.retry_for"]);
    }

    #[test]
    fn several_secrets_are_read_and_weak_ones_refused() {
        let two = Secret::new(format!("{SECRET}\n {SECRET} "));
        assert_eq!(parse_secrets(&two).unwrap().len(), 2);
        for text in [
            "",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_",
            "whsec_c2hvcnQ=",
            "whsec_not-base64-not-base64-not-base64",
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw,whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        ] {
            let error = parse_secrets(&Secret::new(text)).unwrap_err();
            assert!(error.contains("whsec_"), "{text}");
        }
    }
}
