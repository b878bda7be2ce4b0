//! `[operations]`: health and metrics, on a listener of their own.

use std::net::{Ipv4Addr, SocketAddr};

use serde::{Deserialize, Serialize};

use crate::server::settings::{ConfigError, Secret};

/// The operations listener.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OperationsSettings {
    /// Where it listens.
    pub address: SocketAddr,
    /// Host names under which it may be asked, besides loopback: keeps other sites' pages out (DNS
    /// rebinding).
    pub hosts: Vec<String>,
    /// What callers must show (`Authorization: Bearer …`); required when the address is not
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
    pub(super) fn complaints(&self, complaints: &mut Vec<ConfigError>) {
        if !self.address.ip().is_loopback() && self.bearer_token.is_none() {
            complaints.push(ConfigError::new(
                "operations.bearer_token",
                "needed, because operations.address is not loopback",
            ));
        }
        if self
            .bearer_token
            .as_ref()
            .is_some_and(|token| token.expose().len() < 16)
        {
            complaints.push(ConfigError::new(
                "operations.bearer_token",
                "must have at least 16 characters",
            ));
        }
    }
}
