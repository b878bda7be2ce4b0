//! Where the server listens. Bound before anything is opened, so that an address that is taken
//! leaves nothing behind.

use std::net::SocketAddr;

use latchkey::server::settings::Settings;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::TcpListener;

/// File descriptors besides those of connections: the store, upstream, listeners, logs.
const OWN_DESCRIPTORS: u64 = 256;

/// Bound, and not yet answered.
pub struct Doors {
    /// Pages and API.
    pub public: TcpListener,
    /// Health, metrics and the console.
    pub operations: TcpListener,
    /// The SMS gateway, if it is on.
    pub gateway: Option<TcpListener>,
}

impl Doors {
    /// Binds what the settings name; the error names the key.
    pub async fn bind(settings: &Settings) -> Result<Self, String> {
        make_room(settings.server.max_connections);
        let gateway = &settings.gateway;
        Ok(Self {
            public: bind(settings.server.address, "server.address").await?,
            operations: bind(settings.operations.address, "operations.address").await?,
            gateway: if gateway.is_on() {
                Some(bind(gateway.address, "gateway.address").await?)
            } else {
                None
            },
        })
    }
}

async fn bind(address: SocketAddr, key: &str) -> Result<TcpListener, String> {
    TcpListener::bind(address)
        .await
        .map_err(|error| format!("{key}: cannot listen on {address}: {error}"))
}

/// A connection takes a file descriptor, of which many systems allow 1,024 until more are asked
/// for.
fn make_room(connections: usize) {
    let wanted = u64::try_from(connections)
        .unwrap_or(u64::MAX)
        .saturating_add(OWN_DESCRIPTORS);
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= wanted) {
        return;
    }
    let raised = limit.maximum.map_or(wanted, |maximum| wanted.min(maximum));
    if setrlimit(
        Resource::Nofile,
        Rlimit {
            current: Some(raised),
            ..limit
        },
    )
    .is_err()
        || raised < wanted
    {
        tracing::warn!(
            wanted,
            allowed = raised,
            "too few file descriptors for server.max_connections; see `ulimit -n`"
        );
    }
}
