//! A stand-in for Transmit Security, and the phone that receives its messages.
//!
//! It speaks Transmit's HTTP API as the vendor documents it, so that Latchkey can be run and tested
//! with no account anywhere. It shares no code with the rest of the crate: client and stand-in meet
//! over HTTP alone, with wire types of their own, so that one cannot repeat the other's mistake.
//! Nothing is written to disk; everything ends with it.
//!
//! ```text
//! clock, random    its own time (moved by /control/clock) and its own generator
//! jose, keys       JWS and JWK; RS256 and PS256 keys, and what they sign
//! tokens           what tokens say, and how they may lie
//! world/           what a tenant remembers: users, codes, sessions, messages, client keys, policy. No I/O
//! gateway          hands messages to a custom SMS gateway, if one is registered
//! tenant           all of this in one value, which every door shares
//! http/            what every door needs: listener, guards, strict bodies, refusals, counted operations
//! oidc/ users/ otp/ session/   Transmit's paths, one operation a file
//! control/         what tests turn: policy, faults, latency, users, client, keys, tokens, gateway, clock
//! phone/           the page that shows the messages
//! ```
//!
//! Memory is bounded (the `MAX_…` constants in `world`): 250,000 users, then creating one is 429;
//! 250,000 sessions and 10,000 messages, of which the oldest are forgotten first. A request body
//! has at most 128 KiB.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use axum::extract::DefaultBodyLimit;
use axum::{Router, middleware};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

mod clock;
mod control;
mod gateway;
mod http;
mod jose;
mod keys;
mod oidc;
mod otp;
mod phone;
mod random;
mod session;
mod tenant;
mod tokens;
mod users;
mod world;

use http::listener::{Line, LineListener};
use tenant::Tenant;

/// The OAuth client id that the stand-in knows.
pub const CLIENT_ID: &str = "latchkey-sandbox";
/// The secret of [`CLIENT_ID`]. Public on purpose: nothing of worth is behind it.
pub const CLIENT_SECRET: &str = "latchkey-sandbox-secret";
/// The tenant (`tid` in tokens).
pub const TENANT_ID: &str = "latchkey-sandbox";

/// How long [`Sandbox::stop`] waits for open connections.
const STOP_GRACE: Duration = Duration::from_secs(2);

/// How the stand-in is to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen; loopback only. Port 0 takes a free one. Default `127.0.0.1:4100`.
    pub address: SocketAddr,
    /// The application that uses this stand-in; the phone's page links back to it.
    pub application_url: Option<String>,
    /// What `{app}` becomes in messages and `app_name` in tokens. Default `Latchkey`.
    pub app_name: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 4100)),
            application_url: None,
            app_name: "Latchkey".into(),
        }
    }
}

/// Why the stand-in did not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It accepts a published secret and shows every code, so it never leaves the machine.
    #[error("the sandbox listens on loopback only, and {0} is not loopback")]
    NotLoopback(SocketAddr),
    /// The address is taken, or may not be used.
    #[error("the sandbox cannot listen on {address}")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// No signing key could be made.
    #[error("the sandbox could not generate its signing key")]
    Keys,
}

/// A running stand-in. Dropping it leaves it running until the runtime ends; [`Sandbox::stop`] ends
/// it.
#[derive(Debug)]
pub struct Sandbox {
    address: SocketAddr,
    stop: CancellationToken,
    server: JoinHandle<io::Result<()>>,
}

/// Starts the stand-in; when this returns, it is listening.
///
/// # Errors
/// [`Error::NotLoopback`], [`Error::Bind`] or [`Error::Keys`].
pub async fn start(options: Options) -> Result<Sandbox, Error> {
    let asked = options.address;
    if !asked.ip().is_loopback() {
        return Err(Error::NotLoopback(asked));
    }
    let bind_error = |source| Error::Bind {
        address: asked,
        source,
    };
    let listener = TcpListener::bind(asked).await.map_err(bind_error)?;
    let address = listener.local_addr().map_err(bind_error)?;

    let stop = CancellationToken::new();
    let key = keys::generate(keys::Algorithm::default())
        .await
        .map_err(|_| Error::Keys)?;
    let tenant = Tenant::new(&options, base_url(address), key, stop.clone());
    let service = router(tenant).into_make_service_with_connect_info::<Line>();
    let server = axum::serve(LineListener::new(listener), service)
        .with_graceful_shutdown(stop.clone().cancelled_owned());
    Ok(Sandbox {
        address,
        stop,
        server: tokio::spawn(server.into_future()),
    })
}

impl Sandbox {
    /// The address in use, with the real port when 0 was asked for.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://` + [`Sandbox::address`]; also the issuer of its tokens.
    #[must_use]
    pub fn base_url(&self) -> String {
        base_url(self.address)
    }

    /// Stops listening, lets answers under way leave, cuts what hangs, and returns within about two
    /// seconds.
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

fn router(tenant: tenant::Shared) -> Router {
    Router::new()
        .merge(oidc::router(&tenant))
        .merge(users::router(&tenant))
        .merge(otp::router(&tenant))
        .merge(session::router(&tenant))
        .merge(phone::router())
        .nest("/control", control::router())
        .fallback(http::refusal::no_such_path)
        .method_not_allowed_fallback(http::refusal::no_such_method)
        .layer(middleware::from_fn(http::guard::loopback_host))
        .layer(middleware::from_fn_with_state(
            tenant.clone(),
            http::date::date,
        ))
        .layer(DefaultBodyLimit::max(http::body::MAX_BYTES))
        .with_state(tenant)
}
