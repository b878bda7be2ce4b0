//! The operator's commands over HTTP: `POST /admin/v1/…` on the operations listener, with a token
//! of its own (`operations.admin_token`). Without that token there is no such endpoint.
//!
//! A body is the command as the admin socket carries it, without its name, which is the path. So
//! both have one implementation. Numbers are in bodies alone, never in a URL. Codes of test numbers
//! are not shown here, and backups are not written: both are for people on the machine.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, DefaultBodyLimit, FromRequest, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Map, Value, json};

use crate::server::admin::admin_api::wrong_tokens::WrongTokens;
use crate::server::admin::commands::{AdminCommand, AdminReply, AdminServices, run_command_as};
use crate::server::audit::{CommandOrigin, EventSource};
use crate::server::crypto::hash::constant_time_eq;
use crate::server::settings::Secret;

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
/// The longest body, in bytes.
const MAX_BODY: usize = 16 * 1024;

/// What the endpoints share.
#[derive(Debug)]
struct AdminApi {
    token: Secret,
    services: AdminServices,
    wrong_tokens: WrongTokens,
}

/// An error as a problem document (RFC 9457).
struct AdminProblem {
    status: StatusCode,
    code: &'static str,
    title: String,
}

impl AdminProblem {
    fn new(status: StatusCode, code: &'static str, title: impl ToString) -> Self {
        Self {
            status,
            code,
            title: title.to_string(),
        }
    }

    fn malformed(title: impl ToString) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed", title)
    }
}

impl IntoResponse for AdminProblem {
    fn into_response(self) -> Response {
        let body = json!({
            "code": self.code,
            "title": self.title,
            "status": self.status.as_u16(),
        });
        let kind = HeaderValue::from_static("application/problem+json");
        (self.status, [(CONTENT_TYPE, kind)], body.to_string()).into_response()
    }
}

/// The endpoints, for callers that present the token.
pub fn router(token: Secret, services: AdminServices) -> Router {
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
    let not_found =
        || async { AdminProblem::new(StatusCode::NOT_FOUND, "not_found", "no such command") };
    router
        .fallback(not_found)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(from_fn_with_state(api.clone(), require_token))
        .with_state(api)
}

/// Lets only callers pass that present the token. Beyond a number of wrong ones in a minute, wrong
/// ones are refused without a line in the log.
async fn require_token(State(api): State<Arc<AdminApi>>, request: Request, next: Next) -> Response {
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

/// A bearer token (RFC 6750). Basic authentication is not taken: a browser would send it by itself.
fn bearer_token(headers: &HeaderMap) -> Option<&[u8]> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim().as_bytes())
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
    let is_json = request
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if !is_json {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        let title = "the body must be application/json";
        return AdminProblem::new(status, "unsupported_media_type", title).into_response();
    }
    let body = match Bytes::from_request(request, &()).await {
        Ok(body) => body,
        Err(rejection) => {
            let title = rejection.body_text();
            return AdminProblem::new(rejection.status(), "malformed", title).into_response();
        }
    };
    let services = api.services.clone();
    let command = match parse(command, &body) {
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

/// The command of a body. A field that the command does not have is an error: one that is misspelt
/// must not be taken for one that is left out.
fn parse(command: &str, body: &[u8]) -> Result<AdminCommand, AdminProblem> {
    let mut fields: Map<String, Value> = serde_json::from_slice(body)
        .map_err(|_| AdminProblem::malformed("the body must be a JSON object"))?;
    fields.insert("command".to_owned(), command.into());
    let names: Vec<String> = fields.keys().cloned().collect();
    // The errors of the library name fields and variants, and quote no text of the body but names.
    let parsed: AdminCommand = serde_json::from_value(Value::Object(fields))
        .map_err(|_| AdminProblem::malformed("a field is missing or has another type"))?;
    let known = serde_json::to_value(&parsed).unwrap_or_default();
    match names.iter().find(|name| known.get(name).is_none()) {
        Some(_) => Err(AdminProblem::malformed(
            "a field is not one of this command",
        )),
        None => Ok(parsed),
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
