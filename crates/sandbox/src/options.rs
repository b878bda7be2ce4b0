//! What the sandbox is started with, and the ids and the secret that are fixed.

use std::net::{Ipv4Addr, SocketAddr};

/// The OAuth client id that the sandbox accepts.
pub const CLIENT_ID: &str = "latchkey-sandbox";
/// The secret of [`CLIENT_ID`]. It is published because it protects nothing.
pub const CLIENT_SECRET: &str = "latchkey-sandbox-secret";
/// The tenant id (`tid` in tokens).
pub const TENANT_ID: &str = "latchkey-sandbox";

/// Options of [`start`](crate::start).
#[derive(Clone, Debug)]
pub struct SandboxOptions {
    /// The address to listen on; loopback only. Port 0 selects a free port. Default
    /// `127.0.0.1:4100`.
    pub address: SocketAddr,
    /// The application that uses the sandbox. The phone's page links to it.
    pub application_url: Option<String>,
    /// The value of `{app}` in messages and of `app_name` in tokens. Default `Latchkey`.
    pub app_name: String,
}

impl Default for SandboxOptions {
    fn default() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 4100)),
            application_url: None,
            app_name: "Latchkey".into(),
        }
    }
}
