//! From settings to a client, or to a sentence that says what is wrong. Nothing is connected yet.

use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fmt, io};

use redis::cluster::{ClusterClient, ClusterClientBuilder};
use redis::io::tcp::TcpSettings;
use redis::{
    ClientTlsConfig, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, ProtocolVersion,
    RedisConnectionInfo, RedisResult, TlsCertificates, TlsMode,
};

use crate::server::settings::{self, LoadError, RedisServers, load};

/// A Cluster has several nodes to connect to within one call: a silent one must not use up its
/// time.
const CLUSTER_CONNECT: u32 = 4;

/// What can be chosen about the shared engine.
#[derive(Clone, Debug)]
pub struct RedisOptions {
    /// Where, and as whom.
    pub servers: RedisServers,
    /// What every key begins with.
    pub prefix: String,
    /// Longest wait for an answer.
    pub timeout: Duration,
    /// Calls on their way at once; further ones get
    /// [`StoreError::Overloaded`](crate::server::store::redis::StoreError::Overloaded).
    pub max_in_flight: usize,
    /// Certificates, where the system's do not do.
    pub certificates: Certificates,
}

/// Certificates in PEM. `Debug` hides them.
#[derive(Clone, Default)]
pub struct Certificates {
    /// Who is trusted instead of the system's authorities.
    pub authorities: Option<Vec<u8>>,
    /// Our own certificate, and its key.
    pub own: Option<(Vec<u8>, Vec<u8>)>,
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Certificates(authorities: {}, own: {})",
            self.authorities.is_some(),
            self.own.is_some()
        )
    }
}

/// The store cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum OpenRedisError {
    /// A file that the settings name cannot be read.
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
    /// The password's file cannot be read.
    #[error(transparent)]
    Password(#[from] LoadError),
    /// Certificates or address are of no use.
    #[error("the client for Redis: {0}")]
    Client(#[from] redis::RedisError),
}

impl RedisOptions {
    /// Reads the settings, and the files that they name.
    ///
    /// # Errors
    /// [`OpenError`] if a file cannot be read.
    pub fn read(
        settings: &settings::StoreSettings,
        mut servers: RedisServers,
    ) -> Result<Self, OpenRedisError> {
        if let Some(password) = load::secret(
            settings.password.as_ref(),
            settings.password_file.as_deref(),
        )? {
            servers.password = Some(password);
        }
        let authorities = settings.ca_file.as_deref().map(file).transpose()?;
        let own = match (&settings.client_cert_file, &settings.client_key_file) {
            (Some(certificate), Some(key)) => Some((file(certificate)?, file(key)?)),
            _ => None,
        };
        Ok(Self {
            servers,
            prefix: settings.prefix.clone(),
            timeout: settings.timeout.0,
            max_in_flight: settings.max_in_flight,
            certificates: Certificates { authorities, own },
        })
    }
}

fn file(path: &Path) -> Result<Vec<u8>, OpenRedisError> {
    std::fs::read(path).map_err(|error| OpenRedisError::File(path.to_owned(), error))
}

/// Makes connections.
pub(super) enum Client {
    One(Box<redis::Client>),
    Cluster(Box<ClusterClient>),
}

impl Client {
    pub(super) fn new(options: &RedisOptions) -> Result<Self, OpenRedisError> {
        let servers = &options.servers;
        let nodes: RedisResult<Vec<_>> = servers
            .nodes
            .iter()
            .map(|node| information(servers, node))
            .collect();
        let mut nodes = nodes?;
        let certificates = options.certificates.clone();
        let certificates = TlsCertificates {
            client_tls: certificates
                .own
                .map(|(client_cert, client_key)| ClientTlsConfig {
                    client_cert,
                    client_key,
                }),
            root_cert: certificates.authorities,
        };
        if servers.cluster {
            let mut builder = ClusterClientBuilder::new(nodes)
                .retries(0)
                .connection_timeout(options.timeout / CLUSTER_CONNECT)
                // Of what the client does by itself; for calls our own deadline holds, which is
                // shorter.
                .response_timeout(options.timeout * 2)
                .tcp_settings(tcp());
            if servers.tls {
                builder = builder.tls(TlsMode::Secure).certs(certificates);
            }
            return Ok(Self::Cluster(Box::new(builder.build()?)));
        }
        let node = nodes
            .pop()
            .ok_or((redis::ErrorKind::InvalidClientConfig, "no host"))
            .map_err(redis::RedisError::from)?;
        Ok(Self::One(Box::new(match servers.tls {
            true => redis::Client::build_with_tls(node, certificates)?,
            false => redis::Client::open(node)?,
        })))
    }

    pub(super) fn is_cluster(&self) -> bool {
        matches!(self, Self::Cluster(_))
    }
}

/// RESP3, since it says at once when a connection has ended.
fn information(
    servers: &RedisServers,
    (host, port): &(String, u16),
) -> RedisResult<ConnectionInfo> {
    let (host, port) = (host.clone(), *port);
    let address = match servers.tls {
        true => ConnectionAddr::TcpTls {
            host,
            port,
            insecure: false,
            tls_params: None,
        },
        false => ConnectionAddr::Tcp(host, port),
    };
    let mut us = RedisConnectionInfo::default()
        .set_db(servers.database)
        .set_protocol(ProtocolVersion::RESP3);
    if let Some(name) = &servers.username {
        us = us.set_username(name);
    }
    if let Some(password) = &servers.password {
        us = us.set_password(password.expose());
    }
    Ok(address
        .into_connection_info()?
        .set_redis_settings(us)
        .set_tcp_settings(tcp()))
}

/// Small calls leave at once.
fn tcp() -> TcpSettings {
    TcpSettings::default().set_nodelay(true)
}
