//! `GET /forward-auth`: a proxy asks whether a request to an application may pass, and for whom it
//! is.
//!
//! 200 with every header of [`identity`] (a proxy overwrites what a client sent only with what it
//! gets), 401 with the way to sign in, 403 without a role that the application asks for, 503 when
//! nobody can say: never 401 then.
//!
//! - `asked`: what the proxy says was asked for, and whether it is believed; `identity`: what the
//!   application is told.

use std::sync::Arc;

use axum::extract::{Extension, Request, State};
use axum::response::{IntoResponse, Response};
use http::header::LOCATION;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::domain::timestamp::Timestamp;
use crate::domain::{Page, RefusalCode};
use crate::server::applications::ApplicationHost;
use crate::server::audit::Event;
use crate::server::crypto::hash::to_hex_128;
use crate::server::http::AppState;
use crate::server::http::error_response::{problem, refuse};
use crate::server::http::handlers::application_host::START;
use crate::server::http::handlers::session_info::live_at;
use crate::server::http::middleware::activity::{self, is_activity};
use crate::server::http::middleware::caller::wants_page;
use crate::server::http::middleware::host::HostKind;
use crate::server::http::middleware::security_headers::OnApplicationHost;
use crate::server::session::ActiveSession;
use crate::server::sign_in::{Caller, return_url};

pub mod forwarded_request;
pub mod identity_headers;

use forwarded_request::{ForwardedRequest, ForwardedRequestError};

const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
/// What may not stand for itself in a value of a query; what may is left as it is, so that
/// addresses stay short.
const IN_A_QUERY: AsciiSet = CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'&')
    .add(b'+')
    .add(b'<')
    .add(b'>')
    .add(b'\'');

/// What became of a question, and its name in the metrics.
#[derive(Clone, Copy)]
enum AccessDecision {
    Allowed,
    NotSignedIn,
    Forbidden,
    Misdirected,
    Unavailable,
}

impl AccessDecision {
    fn name(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::NotSignedIn => "not_signed_in",
            Self::Forbidden => "forbidden",
            Self::Misdirected => "misdirected",
            Self::Unavailable => "unavailable",
        }
    }
}

/// The handler.
pub async fn forward_auth(
    State(site): State<Arc<AppState>>,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let (verdict, mut response) = match forwarded_request::read(&site, &parts) {
        Ok(asked) => answer(&site, &caller, &asked, &parts).await,
        Err(misdirected) => (
            AccessDecision::Misdirected,
            misdirect(&site, &misdirected, &parts),
        ),
    };
    metrics::counter!("latchkey_forward_auth_total", "outcome" => verdict.name()).increment(1);
    response.extensions_mut().insert(OnApplicationHost);
    response
}

async fn answer(
    site: &AppState,
    caller: &Caller,
    asked: &ForwardedRequest<'_>,
    parts: &Parts,
) -> (AccessDecision, Response) {
    let refused = |code| refused(site, asked, parts, code);
    let live = match live_at(site, asked.application, caller, &parts.headers).await {
        Ok(Some(live)) => live,
        Ok(None) => {
            return (
                AccessDecision::NotSignedIn,
                sign_in_first(site, asked, parts),
            );
        }
        Err(error) => {
            tracing::error!(request_id = caller.origin.request_id, %error, "the store failed; session unknown");
            return (
                AccessDecision::Unavailable,
                refused(RefusalCode::Unavailable),
            );
        }
    };
    if !asked.application.is_accessible_with(&live.record.roles) {
        let (user, application) = (
            to_hex_128(&live.owner),
            asked.application.origin.to_string(),
        );
        let event = Event::AuthorizationFail {
            session: live.record.id.clone(),
            user,
            application,
        };
        site.audit.emit(&caller.origin, &event);
        return (AccessDecision::Forbidden, refused(RefusalCode::Forbidden));
    }
    match identity_headers::headers(
        site,
        asked.application,
        &live,
        ends(site, &live, asked, parts),
    ) {
        Ok(headers) => (
            AccessDecision::Allowed,
            (StatusCode::OK, headers).into_response(),
        ),
        Err(_) => {
            tracing::error!(
                request_id = caller.origin.request_id,
                "no JWT could be signed"
            );
            (
                AccessDecision::Unavailable,
                refused(RefusalCode::Unavailable),
            )
        }
    }
}

/// A refusal; where a proxy shows it as a page, that is seen under the name of the application.
fn refused(
    site: &AppState,
    asked: &ForwardedRequest<'_>,
    parts: &Parts,
    code: RefusalCode,
) -> Response {
    let mut extensions = parts.extensions.clone();
    if asked.application != site.applications.own() {
        extensions.insert(HostKind::Application(Arc::new(asked.application.clone())));
    }
    refuse(site, &extensions, &parts.headers, &code.into())
}

/// When the session ends without further activity. Notes the request if it is activity.
fn ends(
    site: &AppState,
    live: &ActiveSession,
    asked: &ForwardedRequest<'_>,
    parts: &Parts,
) -> Timestamp {
    let application = activity::ActivitySource::Application(&asked.method);
    if !is_activity(application, &parts.headers, site.settings.session.activity) {
        return live.idle_expires_at;
    }
    site.sessions.touch(live);
    site.sessions.idle_expiry(live, site.clock.now())
}

/// 401, or 302 where a person asked for a page and the proxy passes answers on.
fn sign_in_first(site: &AppState, asked: &ForwardedRequest<'_>, parts: &Parts) -> Response {
    let redirects = wants_redirect(parts.uri.query()) && is_navigation(&parts.headers);
    let mut response = match redirects {
        true => StatusCode::FOUND.into_response(),
        false => problem(&RefusalCode::NotSignedIn.into(), &parts.headers),
    };
    if let Ok(location) = HeaderValue::try_from(way_in(site, asked)) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

/// Where a person signs in who is to come back.
fn way_in(site: &AppState, asked: &ForwardedRequest<'_>) -> String {
    let (application, path) = (asked.application, asked.way_back());
    match (application.host, path) {
        (ApplicationHost::Other, path) => {
            start(&application.origin, path.as_deref().unwrap_or("/"))
        }
        (ApplicationHost::SignIn, Some(path)) => {
            sign_in(site, &format!("{}{path}", application.origin))
        }
        (ApplicationHost::SignIn, None) => format!("{}{}", site.origin, Page::SignIn.path()),
    }
}

/// Where a person signs in who is to come `back`.
pub fn sign_in(site: &AppState, back: &str) -> String {
    format!(
        "{}{}?return_to={}",
        site.origin,
        Page::SignIn.path(),
        utf8_percent_encode(back, &IN_A_QUERY)
    )
}

/// Where a browser begins to get a cookie for an application on another host, and is to come back
/// to `path` there. The whole is a way back itself, for somebody who signs in first: a path too
/// long for that gives way to the root.
pub fn start(origin: &str, path: &str) -> String {
    let start = |path: &str| {
        format!(
            "{origin}{START}?to={}",
            utf8_percent_encode(path, &IN_A_QUERY)
        )
    };
    let whole = start(path);
    if whole.len() > return_url::MAX_RETURN_URL_LENGTH {
        start("/")
    } else {
        whole
    }
}

/// The operator reads why, at most once a minute; the browser does not.
fn misdirect(site: &AppState, misdirected: &ForwardedRequestError, parts: &Parts) -> Response {
    if site.misdirected.is_due(site.clock.now()) {
        tracing::warn!(reason = %misdirected, "requests to /forward-auth are refused (403)");
    }
    refuse(
        site,
        &parts.extensions,
        &parts.headers,
        &RefusalCode::Forbidden.into(),
    )
}

fn wants_redirect(query: Option<&str>) -> bool {
    let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    pairs
        .into_iter()
        .any(|(name, value)| name == "redirect" && value == "true")
}

/// Whether the answer is for a browser's window: of a script or an image a redirect would only be a
/// riddle.
fn is_navigation(headers: &HeaderMap) -> bool {
    match headers.get(SEC_FETCH_MODE) {
        Some(mode) => mode.as_bytes() == b"navigate",
        None => wants_page(headers),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_that_could_be_no_way_back_leads_to_the_root() {
        const ORIGIN: &str = "https://app.example.com";
        assert_eq!(
            start(ORIGIN, "/a?b=c&d=é#e"),
            format!("{ORIGIN}/.latchkey/start?to=/a?b=c%26d=%C3%A9%23e")
        );
        assert_eq!(
            start(ORIGIN, &format!("/{}", "&".repeat(600))).len(),
            ORIGIN.len() + "/.latchkey/start?to=/".len() + 1800
        );
        assert_eq!(
            start(ORIGIN, &format!("/{}", "&".repeat(700))),
            format!("{ORIGIN}/.latchkey/start?to=/")
        );
    }
}
