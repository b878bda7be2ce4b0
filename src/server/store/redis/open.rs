//! Builds the client from the settings. Nothing is connected yet.

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
use crate::server::system::setting_file;

/// A Cluster client tries several nodes within one call: one that does not respond must not use up
/// its time.
const CLUSTER_CONNECT_ATTEMPTS: u32 = 4;

/// Options of the shared engine.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names of the fields say it")]
pub struct RedisOptions {
    pub servers: RedisServers,
    /// The prefix of every key.
    pub prefix: String,
    /// How long to wait for a response.
    pub timeout: Duration,
    /// Concurrent requests; further ones get
    /// [`StoreError::Overloaded`](crate::server::store::StoreError::Overloaded).
    pub max_in_flight: usize,
    pub certificates: Certificates,
}

/// Certificates in PEM. `Debug` hides them.
#[derive(Clone, Default)]
pub struct Certificates {
    /// Trusted instead of the system's authorities.
    pub ca: Option<Vec<u8>>,
    /// Our client certificate and its key.
    pub client: Option<(Vec<u8>, Vec<u8>)>,
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Certificates(ca: {}, client: {})",
            self.ca.is_some(),
            self.client.is_some()
        )
    }
}

/// The client cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum OpenRedisError {
    /// A file that the settings name cannot be read.
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
    /// The password's file cannot be read.
    #[error(transparent)]
    Password(#[from] LoadError),
    /// The address or a certificate is invalid.
    #[error("the client for Redis: {0}")]
    Client(#[from] redis::RedisError),
}

impl RedisOptions {
    /// Reads the options from the settings and the files that they name.
    ///
    /// # Errors
    /// [`OpenRedisError`] if a file cannot be read.
    pub fn from_settings(
        settings: &settings::StoreSettings,
        mut servers: RedisServers,
    ) -> Result<Self, OpenRedisError> {
        if let Some(password) = load::read_secret(
            settings.password.as_ref(),
            settings.password_file.as_deref(),
        )? {
            servers.password = Some(password);
        }
        let ca = settings.ca_file.as_deref().map(read_file).transpose()?;
        let client = match (&settings.client_cert_file, &settings.client_key_file) {
            (Some(certificate), Some(key)) => Some((read_file(certificate)?, read_file(key)?)),
            _ => None,
        };
        Ok(Self {
            servers,
            prefix: settings.prefix.clone(),
            timeout: settings.timeout.0,
            max_in_flight: settings.max_in_flight,
            certificates: Certificates { ca, client },
        })
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>, OpenRedisError> {
    setting_file::read(path).map_err(|error| OpenRedisError::File(path.to_owned(), error))
}

/// Opens connections.
pub(super) enum Client {
    Single(Box<redis::Client>),
    Cluster(Box<ClusterClient>),
}

impl Client {
    pub(super) fn new(options: &RedisOptions) -> Result<Self, OpenRedisError> {
        let servers = &options.servers;
        let nodes: RedisResult<Vec<_>> = servers
            .nodes
            .iter()
            .map(|node| connection_info(servers, node))
            .collect();
        let mut nodes = nodes?;
        let certificates = options.certificates.clone();
        let certificates = TlsCertificates {
            client_tls: certificates
                .client
                .map(|(client_cert, client_key)| ClientTlsConfig {
                    client_cert,
                    client_key,
                }),
            root_cert: certificates.ca,
        };
        if servers.cluster {
            let mut builder = ClusterClientBuilder::new(nodes)
                .retries(0)
                .connection_timeout(options.timeout / CLUSTER_CONNECT_ATTEMPTS)
                // For what the client does by itself; calls have our own, shorter deadline.
                .response_timeout(options.timeout * 2)
                .tcp_settings(tcp_settings());
            if servers.tls {
                builder = builder.tls(TlsMode::Secure).certs(certificates);
            }
            return Ok(Self::Cluster(Box::new(builder.build()?)));
        }
        let node = nodes
            .pop()
            .ok_or((redis::ErrorKind::InvalidClientConfig, "no host"))
            .map_err(redis::RedisError::from)?;
        Ok(Self::Single(Box::new(match servers.tls {
            true => redis::Client::build_with_tls(node, certificates)?,
            false => redis::Client::open(node)?,
        })))
    }

    pub(super) fn is_cluster(&self) -> bool {
        matches!(self, Self::Cluster(_))
    }
}

/// RESP3, because it reports the end of a connection immediately.
fn connection_info(
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
    let mut redis_info = RedisConnectionInfo::default()
        .set_db(servers.database)
        .set_protocol(ProtocolVersion::RESP3);
    if let Some(name) = &servers.username {
        redis_info = redis_info.set_username(name);
    }
    if let Some(password) = &servers.password {
        redis_info = redis_info.set_password(password.expose());
    }
    Ok(address
        .into_connection_info()?
        .set_redis_settings(redis_info)
        .set_tcp_settings(tcp_settings()))
}

/// Small requests are sent without delay.
fn tcp_settings() -> TcpSettings {
    TcpSettings::default().set_nodelay(true)
}
