//! `[gateway.webhook]`: a service of one's own that carries messages.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::server::settings::server::is_trustworthy;
use crate::server::settings::{ConfigError, Secret};

/// A service of one's own.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookSettings {
    /// Where messages are posted.
    pub url: Option<Url>,
    /// What it wants to see (`Authorization: Bearer …`).
    pub bearer: Option<Secret>,
    /// A file that holds it.
    pub bearer_file: Option<PathBuf>,
}

impl WebhookSettings {
    pub(super) fn complaints(&self, complaints: &mut Vec<ConfigError>) {
        let key = "gateway.webhook.url";
        match &self.url {
            None => complaints.push(ConfigError::new(key, "needed: where messages are posted")),
            Some(url) if !is_trustworthy(url) => {
                complaints.push(ConfigError::new(key, "must be https, except on loopback"))
            }
            Some(url) if !url.username().is_empty() || url.password().is_some() => {
                complaints.push(ConfigError::new(
                    key,
                    "must not hold credentials; there is gateway.webhook.bearer",
                ));
            }
            Some(_) => {}
        }
        crate::server::settings::gateway::check_secret(
            ("gateway.webhook.bearer", self.bearer.as_ref()),
            ("gateway.webhook.bearer_file", self.bearer_file.as_deref()),
            complaints,
        );
    }
}
