//! The outgoing HTTP client. Built only here, so that every call follows the same rules.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::{Certificate, Client, Proxy, Response, redirect, retry, tls};
use serde::de::DeserializeOwned;
use url::Url;

use crate::server::system::setting_file;

/// How long an idle connection is kept. Shorter than typical upstream servers keep theirs, so that
/// they rarely close it first.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// How often a connection with open requests is probed.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(20);

/// How requests are routed, where not directly.
#[derive(Clone, Copy, Default)]
pub struct OutgoingRoute<'a> {
    /// A file of root certificates in PEM, trusted instead of the machine's.
    pub ca_file: Option<&'a Path>,
    /// A proxy for `CONNECT`.
    pub proxy: Option<&'a Url>,
    /// `user:password` for the proxy.
    pub proxy_credentials: Option<&'a str>,
}

/// The client cannot be built.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the names say it")]
pub enum HttpClientError {
    /// The file of root certificates cannot be read.
    #[error("transmit.ca_file: {path}: {source}")]
    Unreadable { path: PathBuf, source: io::Error },
    /// The file holds no root certificate.
    #[error("transmit.ca_file: {0} holds no certificate in PEM")]
    NoCertificate(PathBuf),
    /// TLS cannot be set up.
    #[error("the HTTP client could not be built")]
    Tls(#[from] reqwest::Error),
}

/// Builds a client for these hosts. It follows no redirects, ignores proxy variables and retries
/// nothing. It requires TLS 1.2 or newer with the machine's root certificates, and offers HTTP/2.
/// Dropping a request's future aborts the request.
///
/// Plain `http` is refused unless one of `hosts` uses it (only a loopback upstream may). Root
/// certificates are read only if one of them uses TLS, so that a machine without any can run
/// against the sandbox.
///
/// # Errors
/// When TLS cannot be set up, for example without root certificates on the machine.
pub fn client(connect_timeout: Duration, hosts: &[&Url]) -> Result<Client, reqwest::Error> {
    build(connect_timeout, hosts, None, None)
}

/// The same with an [`OutgoingRoute`].
///
/// # Errors
/// [`HttpClientError`].
pub fn client_for_route(
    route: &OutgoingRoute<'_>,
    connect_timeout: Duration,
    hosts: &[&Url],
) -> Result<Client, HttpClientError> {
    let roots = route.ca_file.map(certificates).transpose()?;
    let proxy = route
        .proxy
        .map(|proxy| Proxy::all(proxy.as_str()))
        .transpose()?;
    let proxy = proxy.map(|proxy| {
        match route
            .proxy_credentials
            .and_then(|pair| pair.split_once(':'))
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
        .tcp_keepalive(KEEP_ALIVE_INTERVAL)
        .http2_keep_alive_interval(KEEP_ALIVE_INTERVAL)
        .pool_idle_timeout(POOL_IDLE_TIMEOUT);
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

fn certificates(path: &Path) -> Result<Vec<Certificate>, HttpClientError> {
    let pem = setting_file::read(path).map_err(|source| HttpClientError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    let no_certificate = || HttpClientError::NoCertificate(path.to_owned());
    let certificates = Certificate::from_pem_bundle(&pem).map_err(|_| no_certificate())?;
    if certificates.is_empty() {
        Err(no_certificate())
    } else {
        Ok(certificates)
    }
}

/// Whether a failed request was certainly not sent. Only a failure to connect proves that. The
/// client retries only a request that waited for a pooled connection which turned out to be closed.
pub fn was_not_sent(error: &reqwest::Error) -> bool {
    error.is_connect() || error.is_builder()
}

/// A response body cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// It exceeds the limit, in bytes.
    #[error("the body is longer than {0} bytes")]
    TooLarge(usize),
    /// The connection broke.
    #[error("the connection broke while reading the body")]
    Broken(#[source] reqwest::Error),
}

/// Reads a body of at most `limit` bytes; stops as soon as it is longer.
///
/// # Errors
/// [`BodyError`].
pub async fn read_bounded_body(mut response: Response, limit: usize) -> Result<Bytes, BodyError> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(BodyError::Broken)? {
        if chunk.len() > limit - body.len() {
            return Err(BodyError::TooLarge(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// Parses JSON, which must be UTF-8 throughout (RFC 8259 §8.1). The library alone does not check
/// members that it skips.
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
