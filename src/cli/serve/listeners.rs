//! Binds the listeners. This happens before anything else is opened, so that an address in use
//! leaves nothing behind.

use std::io;
use std::net::SocketAddr;

use latchkey::server::settings::Settings;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::TcpListener;

use crate::cli::command_error::CommandError;
use crate::cli::serve::inherited_sockets::InheritedSockets;

/// File descriptors besides those of connections: the store, upstream, listeners, logs.
const OWN_DESCRIPTORS: u64 = 256;

/// Bound listeners, which do not accept connections yet.
pub struct Listeners {
    /// Pages and API.
    pub public: TcpListener,
    /// Health, metrics and the dashboard.
    pub operations: TcpListener,
    /// The SMS gateway, if it is on.
    pub gateway: Option<TcpListener>,
}

impl Listeners {
    /// Binds the addresses of the settings. The error names the setting.
    pub async fn bind(settings: &Settings) -> Result<Self, CommandError> {
        raise_descriptor_limit(settings.server.max_connections);
        let gateway = &settings.gateway;
        let mut inherited = InheritedSockets::of_this_process()?;
        let mut listen = async |name, address, key| match inherited.take(name) {
            Some(socket) => adopt(socket, address, key),
            None => bind(address, key).await,
        };
        let listeners = Self {
            public: listen("public", settings.server.address, "server.address").await?,
            operations: listen(
                "operations",
                settings.operations.address,
                "operations.address",
            )
            .await?,
            gateway: if gateway.is_on() {
                Some(listen("gateway", gateway.address, "gateway.address").await?)
            } else {
                None
            },
        };
        inherited.require_all_taken()?;
        Ok(listeners)
    }
}

async fn bind(address: SocketAddr, key: &str) -> Result<TcpListener, CommandError> {
    TcpListener::bind(address)
        .await
        .map_err(|error| CommandError::io(format!("{key}: cannot listen on {address}"), &error))
}

/// Takes an inherited socket in place of the address of a setting. The setting still says where
/// `latchkey health` asks, and what the default of the public URL is.
fn adopt(
    socket: std::net::TcpListener,
    address: SocketAddr,
    key: &str,
) -> Result<TcpListener, CommandError> {
    let adopted = || -> io::Result<_> {
        socket.set_nonblocking(true)?;
        Ok((socket.local_addr()?, TcpListener::from_std(socket)?))
    };
    let (actual, listener) = adopted()
        .map_err(|error| CommandError::io(format!("{key}: the inherited socket"), &error))?;
    if actual == address {
        tracing::info!(key, %actual, "listening on an inherited socket");
    } else {
        tracing::warn!(
            key, %actual, %address,
            "an inherited socket has another address than the setting"
        );
    }
    Ok(listener)
}

/// Raises the limit of file descriptors for the connections. Many systems default to 1,024.
fn raise_descriptor_limit(connections: usize) {
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
