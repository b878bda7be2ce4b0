//! `[operations]`: the listener for health, metrics and the dashboard.

use std::net::{Ipv4Addr, SocketAddr};

use serde::{Deserialize, Serialize};

use crate::server::settings::{ConfigError, Secret};

/// `[operations]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the names of the fields say it")]
pub struct OperationsSettings {
    pub address: SocketAddr,
    /// Allowed `Host` names besides loopback. Protects against DNS rebinding.
    pub hosts: Vec<String>,
    /// The token that callers must send (`Authorization: Bearer …`); required unless the address is
    /// loopback.
    pub bearer_token: Option<Secret>,
}

impl Default for OperationsSettings {
    fn default() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 9464)),
            hosts: Vec::new(),
            bearer_token: None,
        }
    }
}

impl OperationsSettings {
    pub(super) fn validate(&self, errors: &mut Vec<ConfigError>) {
        if !self.address.ip().is_loopback() && self.bearer_token.is_none() {
            errors.push(ConfigError::new(
                "operations.bearer_token",
                "needed, because operations.address is not loopback",
            ));
        }
        if self
            .bearer_token
            .as_ref()
            .is_some_and(|token| token.expose().len() < 16)
        {
            errors.push(ConfigError::new(
                "operations.bearer_token",
                "must have at least 16 characters",
            ));
        }
    }
}
