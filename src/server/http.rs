//! Outgoing HTTP: the only place that builds a client, so that every call leaves under the same rules.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::{Client, Response, redirect, retry, tls};

/// How long an unused connection is kept: shorter than upstream edges keep theirs, so that it is seldom they who close it.
const IDLE_CONNECTION: Duration = Duration::from_secs(30);

/// How often a connection with calls in flight is asked whether it still lives.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// Builds a client that follows no redirect, reads no proxy variable, repeats nothing by itself, and verifies TLS 1.2 or
/// newer; over TLS it offers HTTP/2. Dropping a request's future ends the request.
///
/// `https_only` refuses plain `http`, which only a loopback upstream may speak.
///
/// # Errors
/// When TLS cannot be set up, such as without any root certificate on the machine.
#[expect(clippy::disallowed_methods, reason = "the one place that builds a client")]
pub fn client(connect_timeout: Duration, https_only: bool) -> Result<Client, reqwest::Error> {
    Client::builder()
        .user_agent(concat!("latchkey/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(connect_timeout)
        .https_only(https_only)
        .tls_version_min(tls::Version::TLS_1_2)
        .redirect(redirect::Policy::none())
        .referer(false)
        .no_proxy()
        .retry(retry::never())
        .tcp_nodelay(true)
        .tcp_keepalive(KEEP_ALIVE)
        .http2_keep_alive_interval(KEEP_ALIVE)
        .pool_idle_timeout(IDLE_CONNECTION)
        .build()
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
