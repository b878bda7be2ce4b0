//! A sandbox that implements Transmit Security's HTTP API, and a phone that receives its messages.
//!
//! It follows the vendor's documentation, so that Latchkey can be run and tested without an
//! account. It depends on no other crate of this repository. Client and sandbox share nothing but
//! HTTP and have wire types of their own, so that one cannot repeat the other's mistake.
//! All state is in memory and is lost at the end.
//!
//! - `options`: what it is started with, and the fixed ids and the secret of tenant and client
//! - `operation`: the operations of the API, by which calls are counted and faults are chosen
//! - `clock`, `random`: its own clock, which `/control/clock` moves, and its own generator
//! - `jose`, `keys`: JWS and JWK; RS256 and PS256 signing keys
//! - `state`: users, codes, sessions, messages, client registration and OTP policy; no I/O
//! - `sms_gateway`: the client of a custom SMS gateway
//! - `fault_injection`, `token_tampering`: which faults and latencies responses get, and how tests
//!   tamper with tokens
//! - `tenant`: all of the above in one value, which the endpoints share
//! - `tokens`: claims and signatures of tokens
//! - `http`: what every endpoint needs: listener, request checks, bodies, error responses, faults
//! - `oidc`, `login_preferences`, `users`, `otp`, `session`: Transmit's endpoints, one operation a
//!   file
//! - `control`: endpoints under `/control`, with which tests change all of this
//! - `phone`: the page that shows the messages, and `/inbox.json`
//!
//! Memory is bounded by the numbers in `state::limits` and by request bodies of at most 128 KiB.

use std::{io, net::SocketAddr, time::Duration};

use axum::extract::DefaultBodyLimit;
use axum::{Router, middleware};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

mod clock;
mod control;
mod fault_injection;
mod http;
mod jose;
mod keys;
mod login_preferences;
mod oidc;
mod operation;
mod options;
mod otp;
mod phone;
mod random;
mod session;
mod sms_gateway;
mod state;
mod tenant;
mod token_tampering;
mod tokens;
mod users;

use http::abortable_listener::{AbortableListener, ConnectionAborter};
use tenant::Tenant;

pub use options::{CLIENT_ID, CLIENT_SECRET, SandboxOptions, TENANT_ID};

/// How long [`Sandbox::stop`] waits for open connections.
const STOP_GRACE: Duration = Duration::from_secs(2);

/// Why the sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The sandbox has a published secret and shows every code, so it must stay on the machine.
    #[error("the sandbox listens on loopback only, and {0} is not loopback")]
    NotLoopback(SocketAddr),
    /// The address is in use or not permitted.
    #[error("the sandbox cannot listen on {address}")]
    Bind {
        /// The requested address.
        address: SocketAddr,
        /// The error of the operating system.
        #[source]
        source: io::Error,
    },
    /// No signing key could be generated.
    #[error("the sandbox could not generate its signing key")]
    Keys,
}

/// A running sandbox. When it is dropped, it keeps running until the runtime ends or
/// [`Sandbox::stop`] was called.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    stop: CancellationToken,
    server: JoinHandle<io::Result<()>>,
}

/// Starts the sandbox. It is listening when this returns.
///
/// # Errors
/// [`StartError::NotLoopback`], [`StartError::Bind`] or [`StartError::Keys`].
pub async fn start(options: SandboxOptions) -> Result<Sandbox, StartError> {
    if !options.address.ip().is_loopback() {
        return Err(StartError::NotLoopback(options.address));
    }
    let bind_error = |source| StartError::Bind {
        address: options.address,
        source,
    };
    let listener = TcpListener::bind(options.address)
        .await
        .map_err(bind_error)?;
    let address = listener.local_addr().map_err(bind_error)?;

    let stop = CancellationToken::new();
    let key = keys::generate_key(keys::SigningAlgorithm::default())
        .await
        .map_err(|_| StartError::Keys)?;
    let tenant = Tenant::new(&options, base_url(address), key, stop.clone());
    let service = router(tenant).into_make_service_with_connect_info::<ConnectionAborter>();
    let server = axum::serve(AbortableListener::new(listener), service)
        .with_graceful_shutdown(stop.clone().cancelled_owned());
    Ok(Sandbox {
        address,
        stop,
        server: tokio::spawn(server.into_future()),
    })
}

impl Sandbox {
    /// The address in use, with the real port if 0 was requested.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://` + [`Sandbox::address`]; also the issuer of its tokens.
    #[must_use]
    pub fn base_url(&self) -> String {
        base_url(self.address)
    }

    /// Stops listening, completes running requests, and resets connections that hang. It returns
    /// within about two seconds.
    pub async fn stop(mut self) {
        self.stop.cancel();
        if tokio::time::timeout(STOP_GRACE, &mut self.server)
            .await
            .is_err()
        {
            self.server.abort();
        }
    }
}

fn base_url(address: SocketAddr) -> String {
    format!("http://{address}")
}

fn router(tenant: tenant::SharedTenant) -> Router {
    Router::new()
        .merge(oidc::router(&tenant))
        .merge(login_preferences::router(&tenant))
        .merge(users::router(&tenant))
        .merge(otp::router(&tenant))
        .merge(session::router(&tenant))
        .merge(phone::router())
        .nest("/control", control::router())
        .fallback(http::api_error::path_not_found)
        .method_not_allowed_fallback(http::api_error::method_not_allowed)
        .layer(middleware::from_fn(
            http::origin_check::require_loopback_host,
        ))
        .layer(middleware::from_fn_with_state(
            tenant.clone(),
            http::date_header::set_date,
        ))
        .layer(DefaultBodyLimit::max(http::request_body::MAX_BYTES))
        .with_state(tenant)
}
