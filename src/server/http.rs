//! Outgoing HTTP: the only place that builds a client, so that every call leaves under the same rules.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::{Client, Response, redirect, retry, tls};
use url::Url;

/// How long an unused connection is kept: shorter than upstream edges keep theirs, so that it is seldom they who close it.
const IDLE_CONNECTION: Duration = Duration::from_secs(30);

/// How often a connection with calls in flight is asked whether it still lives.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// Builds a client for these hosts. It follows no redirect, reads no proxy variable, repeats nothing by itself, and verifies
/// TLS 1.2 or newer against the machine's root certificates; over TLS it offers HTTP/2. Dropping a request's future ends
/// the request.
///
/// Plain `http` is refused unless one of `hosts` speaks it (only a loopback upstream may). Root certificates are read only
/// if one of them speaks TLS: a machine without any can still run against the sandbox.
///
/// # Errors
/// When TLS cannot be set up, such as without any root certificate on the machine.
#[expect(clippy::disallowed_methods, reason = "the one place that builds a client")]
pub fn client(connect_timeout: Duration, hosts: &[&Url]) -> Result<Client, reqwest::Error> {
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
    if hosts.iter().any(speaks_tls) { builder.build() } else { builder.tls_certs_only([]).build() }
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
