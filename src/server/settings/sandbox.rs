//! `[sandbox]`: the sandbox, which behaves like Transmit.

use std::net::{Ipv4Addr, SocketAddr};

use serde::{Deserialize, Serialize};

/// `[sandbox]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SandboxSettings {
    /// The listener's address; loopback only.
    pub address: SocketAddr,
}

impl Default for SandboxSettings {
    fn default() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 4100)),
        }
    }
}
