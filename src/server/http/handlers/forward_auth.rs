//! `GET /forward-auth`: tells a proxy whether a request to an application may pass, and who made
//! it.
//!
//! - 200 with the identity headers; a proxy overwrites client headers only with headers it
//!   receives. With `?preflight=true` also for a CORS preflight, with empty ones.
//! - 401 with the URL to sign in at, or a redirect to it. Also when the application asks for a
//!   fresh code, or for one by SMS.
//! - 403 without a role that the application requires. Also for a request with a header that an
//!   application could take for an identity header, and if an identity header would be too long.
//! - 503 if the answer is unknown, and never 401 then.

use std::sync::Arc;

use axum::extract::{Extension, Request, State};
use axum::response::{IntoResponse, Response};
use http::header::{ACCESS_CONTROL_REQUEST_METHOD, LOCATION, ORIGIN};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use strum::IntoStaticStr;

use crate::domain::RefusalCode;
use crate::domain::timestamp::Timestamp;
use crate::server::applications::{Application, ApplicationHost, CodeDemand};
use crate::server::audit::Event;
use crate::server::http::activity::{ActivitySource, is_activity};
use crate::server::http::current_session::find_session_at;
use crate::server::http::error_response::HttpError;
use crate::server::http::extensions::OnApplicationHost;
use crate::server::http::fetch_metadata;
use crate::server::http::negotiation::wants_page;
use crate::server::http::request_cookies::RequestCookies;
use crate::server::http::state::AppState;
use crate::server::http::urls::{sign_in_url, sign_in_url_returning_to, start_url};
use crate::server::session::ActiveSession;
use crate::server::sign_in::Caller;

pub mod claimed_identity;
pub mod forwarded_request;
pub mod identity_headers;

use forwarded_request::{ForwardedRequest, ForwardedRequestError};
use identity_headers::IdentityHeadersError;

/// The decision on a request, by its label in the metrics.
#[derive(Clone, Copy, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
enum AccessDecision {
    Allowed,
    Preflight,
    NotSignedIn,
    CodeTooOld,
    CodeNotBySms,
    Forbidden,
    #[strum(serialize = "misdirected")]
    UnknownApplication,
    ClaimedIdentity,
    TooLong,
    Unavailable,
}

/// The handler.
pub async fn forward_auth(
    State(state): State<Arc<AppState>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let (decision, mut response) = match forwarded_request::read(&state, &parts) {
        Ok(forwarded) => decide(&state, &caller, &forwarded, &parts).await,
        Err(error) => (decision_on(&error), refuse_request(&state, &error)),
    };
    metrics::counter!("latchkey_forward_auth_total", "outcome" => <&str>::from(decision))
        .increment(1);
    response.extensions_mut().insert(OnApplicationHost);
    response
}

async fn decide(
    state: &AppState,
    caller: &Caller,
    forwarded: &ForwardedRequest<'_>,
    parts: &Parts,
) -> (AccessDecision, Response) {
    let application = forwarded.application;
    if is_passed_preflight(forwarded, parts) {
        let headers = identity_headers::of_nobody();
        let response = (StatusCode::OK, headers).into_response();
        return (AccessDecision::Preflight, response);
    }
    // A proxy may show the error as a page under the host of the application.
    let refuse = |error: HttpError| {
        if application == state.services.applications.own() {
            error.into_response()
        } else {
            error.on_application_host().into_response()
        }
    };
    let cookies = RequestCookies::of(&parts.extensions);
    let session = match find_session_at(state, application, caller, cookies).await {
        Ok(Some(session)) => session,
        Ok(None) => {
            return (
                AccessDecision::NotSignedIn,
                require_sign_in(state, forwarded, parts),
            );
        }
        Err(error) => return (AccessDecision::Unavailable, refuse(error.into())),
    };
    if !application.is_accessible_with(&session.record.roles) {
        let event = Event::AuthorizationFail {
            session: session.record.id.clone(),
            user: session.record.pseudonym.clone(),
            application: application.origin.to_string(),
        };
        state.audit.emit(&caller.origin, &event);
        return (
            AccessDecision::Forbidden,
            refuse(RefusalCode::Forbidden.into()),
        );
    }
    if let Some(demand) = application.code_demand(&session, state.clock.now()) {
        let decision = match demand {
            CodeDemand::Fresh => AccessDecision::CodeTooOld,
            CodeDemand::BySms => AccessDecision::CodeNotBySms,
        };
        return (decision, require_sign_in(state, forwarded, parts));
    }
    let idle_expires_at = touch_on_activity(state, &session, forwarded, parts);
    match identity_headers::headers(state, application, &session, idle_expires_at) {
        Ok(headers) => (
            AccessDecision::Allowed,
            (StatusCode::OK, headers).into_response(),
        ),
        Err(error @ IdentityHeadersError::Signing) => {
            let request_id = caller.origin.request_id.as_deref();
            tracing::error!(request_id, "{error}");
            (
                AccessDecision::Unavailable,
                refuse(RefusalCode::Unavailable.into()),
            )
        }
        Err(error @ IdentityHeadersError::TooLong { .. }) => {
            log_too_long(state, &session, application, &error);
            (
                AccessDecision::TooLong,
                refuse(RefusalCode::Forbidden.into()),
            )
        }
    }
}

/// Touches the session if the request is activity. Returns when it expires without further
/// activity.
fn touch_on_activity(
    state: &AppState,
    session: &ActiveSession,
    forwarded: &ForwardedRequest<'_>,
    parts: &Parts,
) -> Timestamp {
    let source = ActivitySource::Application(&forwarded.method);
    if !is_activity(source, &parts.headers, state.settings.session.activity) {
        return session.idle_expires_at;
    }
    let sessions = &state.services.sessions;
    sessions.touch(session);
    sessions.idle_expiry(session, state.clock.now())
}

/// 401 with the URL to sign in at, or 302 for a navigation if the proxy passes redirects on.
fn require_sign_in(state: &AppState, forwarded: &ForwardedRequest<'_>, parts: &Parts) -> Response {
    let is_redirected =
        has_flag(parts.uri.query(), "redirect") && is_navigation(&forwarded.method, &parts.headers);
    let mut response = if is_redirected {
        StatusCode::FOUND.into_response()
    } else {
        let error = HttpError::from(RefusalCode::NotSignedIn);
        error.as_problem().into_response()
    };
    if let Ok(location) = HeaderValue::try_from(login_url(state, forwarded)) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

/// The URL that signs a person in and leads back to the requested page.
fn login_url(state: &AppState, forwarded: &ForwardedRequest<'_>) -> String {
    let origin = &forwarded.application.origin;
    match (forwarded.application.host, forwarded.return_path()) {
        (ApplicationHost::Other, path) => start_url(origin, path.as_deref().unwrap_or("/")),
        (ApplicationHost::SignIn, Some(path)) => {
            sign_in_url_returning_to(&state.site, &format!("{origin}{path}"))
        }
        (ApplicationHost::SignIn, None) => sign_in_url(&state.site),
    }
}

/// At most once a minute, because a browser repeats the request.
fn log_too_long(
    state: &AppState,
    session: &ActiveSession,
    application: &Application,
    error: &IdentityHeadersError,
) {
    if state.forward_auth.too_long.is_due(state.clock.now()) {
        let user = session.record.pseudonym.as_deref();
        let application = &*application.origin;
        tracing::warn!(user, application, reason = %error, "a user is refused (403)");
    }
}

fn decision_on(error: &ForwardedRequestError) -> AccessDecision {
    match error {
        ForwardedRequestError::ClaimedIdentity(_) => AccessDecision::ClaimedIdentity,
        _ => AccessDecision::UnknownApplication,
    }
}

/// The operator reads the reason in the log, at most once a minute. The browser never does.
fn refuse_request(state: &AppState, error: &ForwardedRequestError) -> Response {
    if state.forward_auth.refused.is_due(state.clock.now()) {
        tracing::warn!(reason = %error, "requests to /forward-auth are refused (403)");
    }
    HttpError::from(RefusalCode::Forbidden).into_response()
}

fn has_flag(query: Option<&str>, flag: &str) -> bool {
    form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .any(|(name, value)| name == flag && value == "true")
}

/// Whether the request is a CORS preflight (Fetch Standard §3.3.2) and the proxy lets them pass.
/// Browsers send preflights without cookies, so nobody could be signed in.
fn is_passed_preflight(forwarded: &ForwardedRequest<'_>, parts: &Parts) -> bool {
    let has_header = |name| parts.headers.contains_key(name);
    has_flag(parts.uri.query(), "preflight")
        && forwarded.method == Method::OPTIONS
        && has_header(ORIGIN)
        && has_header(ACCESS_CONTROL_REQUEST_METHOD)
}

/// Whether the response is for a browser window. Scripts, images and CORS preflights cannot use a
/// redirect. Browsers navigate by these methods alone (HTML §7.4.2.2; programs ask by `HEAD`).
fn is_navigation(method: &Method, headers: &HeaderMap) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::POST)
        && fetch_metadata::is_navigation(headers).unwrap_or_else(|| wants_page(headers))
}
