//! The operations of the API: counted when they arrive, then spoiled or slowed as `/control` says.

use axum::extract::{ConnectInfo, Request, State};
use axum::handler::Handler;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, on};
use serde::{Deserialize, Serialize};

use crate::clock;
use crate::http::controls::Fault;
use crate::http::listener::Line;
use crate::http::spoil;
use crate::tenant::Shared;

/// What `/control` calls an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// `POST /oidc/token`, `POST /cis/oidc/token`
    Token,
    /// `GET /cis/oidc/jwks`
    Jwks,
    /// `GET /cis/oidc/.well-known/openid-configuration`
    Discovery,
    /// `POST /cis/oidc/token/introspection`
    Introspection,
    /// `POST /cis/oidc/token/revocation`
    Revocation,
    /// `POST /cis/v1/users`
    UserCreate,
    /// `GET /cis/v1/users/…`: by id, phone number or identifier
    UserGet,
    /// `PUT /cis/v1/users/{id}`
    UserUpdate,
    /// `POST /cis/v1/users/{id}/phone-numbers/{phone}/verify`
    UserVerifyPhone,
    /// `POST /cis/v1/auth/otp/send`
    OtpSend,
    /// `POST /cis/v1/auth/otp/authenticate`
    OtpAuthenticate,
    /// `POST /cis/v1/auth/session/authenticate`
    SessionAuthenticate,
    /// `POST /cis/v1/auth/session/logout`
    SessionLogout,
    /// `POST /cis/v1/auth/token/refresh`
    TokenRefresh,
    /// `GET /cis/v1/auth/users/{id}/sessions`
    SessionsList,
    /// `DELETE /cis/v1/auth/users/{id}/sessions`
    SessionsRevoke,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 16] = [
        Self::Token,
        Self::Jwks,
        Self::Discovery,
        Self::Introspection,
        Self::Revocation,
        Self::UserCreate,
        Self::UserGet,
        Self::UserUpdate,
        Self::UserVerifyPhone,
        Self::OtpSend,
        Self::OtpAuthenticate,
        Self::SessionAuthenticate,
        Self::SessionLogout,
        Self::TokenRefresh,
        Self::SessionsList,
        Self::SessionsRevoke,
    ];
}

/// What the answer tells about the user, for latencies that differ by it. A handler leaves it in
/// the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Case {
    /// The user exists (send, look-up, a creation that is refused).
    Known,
    /// The user does not exist.
    Unknown,
    /// The user is locked.
    Locked,
    /// The user is disabled.
    Inactive,
    /// The code, or session, was right.
    Correct,
    /// The code, or session, was wrong or expired.
    Wrong,
}

/// Every door of this kind is one operation.
pub fn door<H, T>(
    tenant: &Shared,
    operation: Operation,
    method: MethodFilter,
    handler: H,
) -> MethodRouter<Shared>
where
    H: Handler<T, Shared>,
    T: 'static,
{
    on(method, handler).route_layer(middleware::from_fn_with_state(
        (tenant.clone(), operation),
        run,
    ))
}

/// Counts, spoils, slows. The work is done before an answer is held back, so that a client that
/// gave up waiting has to live with a call that was processed.
async fn run(
    State((tenant, operation)): State<(Shared, Operation)>,
    request: Request,
    next: Next,
) -> Response {
    let fault = tenant.controls().begin(operation);
    let line = request
        .extensions()
        .get::<ConnectInfo<Line>>()
        .map(|info| info.0.clone())
        .unwrap_or_default();
    let response = match fault {
        None => next.run(request).await,
        Some(Fault::Instead(instead)) => {
            spoil::instead(&tenant, instead, &line, request.into_body()).await
        }
        Some(Fault::Spoiled(spoiled)) => {
            spoil::answer(&tenant, spoiled, &line, next.run(request).await).await
        }
    };
    let case = response.extensions().get::<Case>().copied();
    let latency = tenant.controls().latency(operation, case);
    if !latency.is_zero() {
        tokio::select! {
            () = clock::pause(latency) => {}
            () = tenant.stop.cancelled() => line.cut(),
        }
    }
    response
}
