//! Outgoing HTTP: the only place that builds a client, so that every call leaves under the same
//! rules.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::{Certificate, Client, Proxy, Response, redirect, retry, tls};
use serde::de::DeserializeOwned;
use url::Url;

use crate::server::settings::Secret;

/// How long an unused connection is kept: shorter than upstream edges keep theirs, so that it is
/// seldom they who close it.
const IDLE_CONNECTION: Duration = Duration::from_secs(30);

/// How often a connection with calls in flight is asked whether it still lives.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// The way out, where it is not the plain one.
#[derive(Clone, Copy, Debug, Default)]
pub struct OutgoingRoute<'a> {
    /// A file of root certificates in PEM that are trusted instead of the machine's.
    pub ca_file: Option<&'a Path>,
    /// A proxy that is asked to `CONNECT`.
    pub proxy: Option<&'a Url>,
    /// `user:password` for it.
    pub proxy_credentials: Option<&'a Secret>,
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The file of root certificates cannot be read.
    #[error("transmit.ca_file: {path}: {source}")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file holds no root certificate.
    #[error("transmit.ca_file: {0} holds no certificate in PEM")]
    NoCertificate(PathBuf),
    /// TLS cannot be set up.
    #[error("the HTTP client could not be built")]
    Tls(#[from] reqwest::Error),
}

/// Builds a client for these hosts. It follows no redirect, reads no proxy variable, repeats
/// nothing by itself, and verifies TLS 1.2 or newer against the machine's root certificates; over
/// TLS it offers HTTP/2. Dropping a request's future ends the request.
///
/// Plain `http` is refused unless one of `hosts` speaks it (only a loopback upstream may). Root
/// certificates are read only if one of them speaks TLS: a machine without any can still run
/// against the sandbox.
///
/// # Errors
/// When TLS cannot be set up, such as without any root certificate on the machine.
pub fn client(connect_timeout: Duration, hosts: &[&Url]) -> Result<Client, reqwest::Error> {
    build(connect_timeout, hosts, None, None)
}

/// The same by a [`Route`].
///
/// # Errors
/// [`ClientError`].
pub fn client_by(
    route: &OutgoingRoute<'_>,
    connect_timeout: Duration,
    hosts: &[&Url],
) -> Result<Client, ClientError> {
    let roots = route.ca_file.map(certificates).transpose()?;
    let proxy = route
        .proxy
        .map(|proxy| Proxy::all(proxy.as_str()))
        .transpose()?;
    let proxy = proxy.map(|proxy| {
        match route
            .proxy_credentials
            .and_then(|pair| pair.expose().split_once(':'))
        {
            Some((user, password)) => proxy.basic_auth(user, password),
            None => proxy,
        }
    });
    Ok(build(connect_timeout, hosts, roots, proxy)?)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that builds a client"
)]
fn build(
    connect_timeout: Duration,
    hosts: &[&Url],
    roots: Option<Vec<Certificate>>,
    proxy: Option<Proxy>,
) -> Result<Client, reqwest::Error> {
    let speaks_tls = |host: &&Url| host.scheme() == "https";
    let builder = Client::builder()
        .user_agent(concat!("latchkey/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(connect_timeout)
        .https_only(hosts.iter().all(speaks_tls))
        .tls_version_min(tls::Version::TLS_1_2)
        .redirect(redirect::Policy::none())
        .referer(false)
        .no_proxy()
        .retry(retry::never())
        .tcp_nodelay(true)
        .tcp_keepalive(KEEP_ALIVE)
        .http2_keep_alive_interval(KEEP_ALIVE)
        .pool_idle_timeout(IDLE_CONNECTION);
    let builder = match proxy {
        Some(proxy) => builder.proxy(proxy),
        None => builder,
    };
    match roots {
        Some(roots) => builder.tls_certs_only(roots).build(),
        None if hosts.iter().any(speaks_tls) => builder.build(),
        None => builder.tls_certs_only([]).build(),
    }
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, ClientError> {
    let pem = std::fs::read(path).map_err(|source| ClientError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    let none = || ClientError::NoCertificate(path.to_owned());
    let certificates = Certificate::from_pem_bundle(&pem).map_err(|_| none())?;
    if certificates.is_empty() {
        Err(none())
    } else {
        Ok(certificates)
    }
}

/// Whether a request that failed was surely not written: only a connection that never came about
/// proves that. The client repeats nothing by itself except a request that was still waiting for a
/// kept connection when that one turned out to be dead.
pub fn never_left(error: &reqwest::Error) -> bool {
    error.is_connect() || error.is_builder()
}

/// Why a body could not be had in full.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// It is longer than allowed.
    #[error("the body is longer than {0} bytes")]
    TooLarge(usize),
    /// The connection broke before its end.
    #[error("the body broke off")]
    Broken(#[source] reqwest::Error),
}

/// Reads a body of at most `limit` bytes; stops reading as soon as it is longer.
///
/// # Errors
/// [`BodyError`].
pub async fn bounded_body(mut response: Response, limit: usize) -> Result<Bytes, BodyError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(BodyError::Broken)? {
        if chunk.len() > limit - body.len() {
            return Err(BodyError::TooLarge(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// Reads a JSON text, which is UTF-8 all through (RFC 8259 §8.1): the library by itself does not
/// look at the bytes of members that it passes over.
pub fn json<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    serde_json::from_str(std::str::from_utf8(body).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_are_no_json_wherever_they_stand() {
        use serde::de::IgnoredAny;
        assert!(json::<IgnoredAny>(br#"{"a":"b"}"#).is_some());
        for body in [
            &b"{\"a\":\"\xff\"}"[..],
            b"{\"\xff\":1}",
            b"\"\xed\xa0\x80\"",
        ] {
            assert!(json::<IgnoredAny>(body).is_none());
        }
    }
}
