//! The operator's commands over HTTP: `POST /admin/v1/…` on the operations listener, with a token
//! of its own (`operations.admin_token`). Without that token there is no such endpoint.
//!
//! A body is the command as the admin socket carries it, without its name, which is the path. So
//! both have one implementation. Numbers are in bodies alone, never in a URL. Codes of test numbers
//! are not shown here, and backups are not written: both are for people on the machine.
//!
//! - `body`: the command of a call; `problem`: errors; `wrong_tokens`: how many came lately.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};

use crate::server::admin::access::{UNKNOWN_HOST, bearer_token, is_known_host};
use crate::server::admin::admin_api::body::read_command;
use crate::server::admin::admin_api::problem::AdminProblem;
use crate::server::admin::admin_api::wrong_tokens::WrongTokens;
use crate::server::admin::commands::{AdminReply, AdminServices, run_command_as};
use crate::server::admin::state::OperationsState;
use crate::server::audit::{CommandOrigin, EventSource};
use crate::server::crypto::hash::constant_time_eq;
use crate::server::settings::Secret;

mod body;
mod problem;
mod wrong_tokens;

/// The commands that exist over HTTP: the path below `/admin/v1/`, and the name of the command.
const COMMANDS: [(&str, &str); 6] = [
    ("/sessions/list", "sessions_list"),
    ("/sessions/revoke", "sessions_revoke"),
    ("/unlock", "unlock"),
    ("/lookup", "lookup"),
    ("/export", "export"),
    ("/erase", "erase"),
];

/// What the endpoints share.
#[derive(Debug)]
struct AdminApi {
    token: Secret,
    services: AdminServices,
    wrong_tokens: WrongTokens,
}

/// The endpoints, for callers that present the token and name a host that is `state`'s.
pub fn router(token: Secret, services: AdminServices, state: Arc<OperationsState>) -> Router {
    let api = Arc::new(AdminApi {
        token,
        services,
        wrong_tokens: WrongTokens::default(),
    });
    let mut router = Router::new();
    for (path, command) in COMMANDS {
        let run = move |State(api): State<Arc<AdminApi>>, request: Request| async move {
            run(&api, command, request).await
        };
        router = router.route(path, post(run));
    }
    router
        .fallback(async || AdminProblem::new(StatusCode::NOT_FOUND, "not_found", "no such command"))
        .method_not_allowed_fallback(async || {
            let status = StatusCode::METHOD_NOT_ALLOWED;
            let problem = AdminProblem::new(status, "method_not_allowed", "use POST");
            ([(ALLOW, HeaderValue::from_static("POST"))], problem)
        })
        .layer(from_fn_with_state(api.clone(), require_token))
        .layer(from_fn_with_state(state, require_known_host))
        .with_state(api)
}

/// Middleware: checks `Host`, as for the whole listener.
async fn require_known_host(
    State(state): State<Arc<OperationsState>>,
    request: Request,
    next: Next,
) -> Response {
    if !is_known_host(request.headers(), &state.known_hosts) {
        let status = StatusCode::MISDIRECTED_REQUEST;
        return AdminProblem::new(status, "misdirected", UNKNOWN_HOST).into_response();
    }
    next.run(request).await
}

/// Lets only callers pass that present the token. Beyond a number of wrong ones in a minute, wrong
/// ones are refused without a line in the log.
async fn require_token(State(api): State<Arc<AdminApi>>, request: Request, next: Next) -> Response {
    // Basic authentication is not taken: a browser would send it by itself.
    let presented = bearer_token(request.headers());
    let expected = api.token.expose().as_bytes();
    if presented.is_some_and(|token| constant_time_eq(token, expected)) {
        return next.run(request).await;
    }
    if presented.is_some() {
        if let Err(wait) = api.wrong_tokens.count(api.services.clock.now()) {
            let problem = AdminProblem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "slow_down",
                "a wrong token, after too many others within a minute",
            );
            let seconds = HeaderValue::from(wait.as_secs().max(1));
            return ([(RETRY_AFTER, seconds)], problem).into_response();
        }
        let address = peer(&request);
        tracing::warn!(%address, "a wrong token was presented to the admin API");
    }
    let challenge = HeaderValue::from_static("Bearer realm=\"Latchkey admin\"");
    let problem = AdminProblem::new(
        StatusCode::UNAUTHORIZED,
        "unauthorized",
        "the token of operations.admin_token is needed (Authorization: Bearer)",
    );
    ([(WWW_AUTHENTICATE, challenge)], problem).into_response()
}

fn peer(request: &Request) -> IpAddr {
    let connection = request.extensions().get::<ConnectInfo<SocketAddr>>();
    connection.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip())
}

async fn run(api: &AdminApi, command: &'static str, request: Request) -> Response {
    let source = EventSource {
        address: Some(peer(&request)),
        origin: Some(CommandOrigin::AdminApi),
        ..EventSource::default()
    };
    let services = api.services.clone();
    let command = match read_command(command, request, &services.clock).await {
        Ok(command) => command,
        Err(problem) => return problem.into_response(),
    };
    // A task of its own: a caller that goes away must not leave a command half done.
    let reply = tokio::spawn(async move { run_command_as(&source, &services, &command).await });
    match reply.await {
        Ok(reply) => respond(reply),
        Err(error) => {
            tracing::error!(%error, "a command of the admin API failed");
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            AdminProblem::new(status, "internal", "the command failed; see the log").into_response()
        }
    }
}

fn respond(reply: AdminReply) -> Response {
    match reply {
        AdminReply::NothingStored => {
            let title = "nothing is stored about this person or request";
            AdminProblem::new(StatusCode::NOT_FOUND, "nothing_stored", title).into_response()
        }
        AdminReply::Failed(failure) if failure.may_pass => {
            let status = StatusCode::SERVICE_UNAVAILABLE;
            AdminProblem::new(status, "unavailable", failure.cause).into_response()
        }
        AdminReply::Failed(failure) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            AdminProblem::new(status, "refused", failure.cause).into_response()
        }
        reply => axum::Json(reply).into_response(),
    }
}
