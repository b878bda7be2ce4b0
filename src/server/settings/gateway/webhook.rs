//! `[gateway.webhook]`: the company's own service that delivers messages.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::server::settings::server::is_trustworthy;
use crate::server::settings::{ConfigError, Secret};

/// `[gateway.webhook]`
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookSettings {
    /// Where messages are posted.
    pub url: Option<Url>,
    /// The token to send (`Authorization: Bearer …`).
    pub bearer: Option<Secret>,
    /// A file that holds the token.
    pub bearer_file: Option<PathBuf>,
}

impl WebhookSettings {
    pub(super) fn validate(&self, errors: &mut Vec<ConfigError>) {
        let key = "gateway.webhook.url";
        match &self.url {
            None => errors.push(ConfigError::new(key, "needed: where messages are posted")),
            Some(url) if !is_trustworthy(url) => {
                errors.push(ConfigError::new(key, "must be https, except on loopback"))
            }
            Some(url) if !url.username().is_empty() || url.password().is_some() => {
                errors.push(ConfigError::new(
                    key,
                    "must not hold credentials; there is gateway.webhook.bearer",
                ));
            }
            Some(_) => {}
        }
        crate::server::settings::gateway::validate_secret(
            ("gateway.webhook.bearer", self.bearer.as_ref()),
            ("gateway.webhook.bearer_file", self.bearer_file.as_deref()),
            errors,
        );
    }
}
