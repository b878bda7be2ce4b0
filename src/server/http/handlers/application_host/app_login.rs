//! `start`, `ticket`, `enter`: the login to an application on another host, by a one-time ticket.
//!
//! The nonce binds the ticket to the browser that started the login. So nobody can plant a ticket
//! of their own session (login CSRF), and a leaked ticket is useless elsewhere. If cookies are
//! blocked, `enter` shows a page and does not redirect again.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Extension, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::StatusCode;
use http::request::Parts;

use crate::app::view::{TicketError, View};
use crate::domain::{LimitReason, Refusal, RefusalCode};
use crate::server::applications::{Application, ApplicationHost};
use crate::server::audit::{Event, TicketRefusal};
use crate::server::crypto::opaque_token::ShortToken;
use crate::server::http::cookies::{CookieChange, CookieName, Cookies};
use crate::server::http::current_session::{find_application_session, find_session};
use crate::server::http::error_response::HttpError;
use crate::server::http::extensions::{AtApplication, AtOwnHost};
use crate::server::http::handlers::application_host::ticket_query::{
    self, TicketQuery, destination,
};
use crate::server::http::render::{PageRequest, render_page};
use crate::server::http::request_cookies::RequestCookies;
use crate::server::http::route_paths::TICKET;
use crate::server::http::state::AppState;
use crate::server::http::urls::{enter_url, sign_in_url_returning_to, start_url};
use crate::server::session::ActiveSession;
use crate::server::session::ticket::{IssueOutcome, Redemption, TicketRequest};
use crate::server::sign_in::Caller;
use crate::server::store::StoreError;

/// Lifetime of the nonce cookie: enough for the redirects on a slow network.
const NONCE_LIFETIME: Duration = Duration::from_secs(300);

/// `start`: gives the browser a nonce and redirects it to this service's host.
pub async fn start(
    State(state): State<Arc<AppState>>,
    AtApplication(application): AtApplication,
    request: Request,
) -> Response {
    let to = ticket_query::to(request.uri().query().unwrap_or_default());
    let to = destination(&application.root, to.as_deref());
    if application.host == ApplicationHost::SignIn {
        // The session cookie itself reaches this application, so it needs no ticket.
        let return_to = format!("{}{to}", application.origin);
        return Redirect::to(&sign_in_url_returning_to(&state.site, &return_to)).into_response();
    }
    let cookies = Cookies::of_application(&application);
    // Tabs that start at the same time share a nonce. Otherwise each would void the other's ticket.
    let presented = RequestCookies::of(request.extensions());
    let nonce = cookies.token(presented, CookieName::ApplicationNonce);
    let nonce = nonce.unwrap_or_else(|| ShortToken::new(&state.random));
    let query = TicketQuery {
        origin: application.origin.to_string(),
        to: Some(to),
        nonce: nonce.hash(),
    };
    let location = format!("{}{TICKET}?{}", state.site.origin, query.write());
    let mut response = Redirect::to(&location).into_response();
    let change = CookieChange::set(CookieName::ApplicationNonce, &nonce, Some(NONCE_LIFETIME));
    cookies.append(response.headers_mut(), &change);
    response
}

/// `ticket`: issues a ticket to a signed-in browser. Any other browser signs in first.
pub async fn ticket(
    State(state): State<Arc<AppState>>,
    _: AtOwnHost,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Result<Response, HttpError> {
    let query = TicketQuery::read(request.uri().query().unwrap_or_default())
        .ok_or(RefusalCode::MalformedBody)?;
    let application = state
        .services
        .applications
        .find(&query.origin)
        .filter(|application| application.host == ApplicationHost::Other)
        .ok_or(RefusalCode::MalformedBody)?;
    let to = destination(&application.root, query.to.as_deref());
    let ticket_request = TicketRequest {
        origin: &application.origin,
        nonce: query.nonce,
        to: &to,
    };
    let location = match issue_ticket(&state, &caller, application, ticket_request).await? {
        Some(IssueOutcome::Issued(ticket)) => enter_url(&application.origin, &ticket, &to),
        Some(IssueOutcome::LimitExceeded(retry_at)) => {
            let retry_after = retry_at.seconds_from(state.clock.now()).max(1);
            let event = Event::RateLimit {
                limit: "tickets".to_owned(),
                retry_after,
            };
            state.audit.emit(&caller.origin, &event);
            let refusal = Refusal::slow_down(retry_after).because(LimitReason::Repeated);
            return Err(refusal.into());
        }
        None => {
            let return_to = start_url(&application.origin, &to);
            sign_in_url_returning_to(&state.site, &return_to)
        }
    };
    Ok(Redirect::to(&location).into_response())
}

/// A ticket for the caller's session; none without a session, or if the application asks for
/// another code.
async fn issue_ticket(
    state: &AppState,
    caller: &Caller,
    application: &Application,
    request: TicketRequest<'_>,
) -> Result<Option<IssueOutcome>, StoreError> {
    let (Some(token), Some(session)) = (&caller.session, find_session(state, caller).await?) else {
        return Ok(None);
    };
    if application
        .code_demand(&session, state.clock.now())
        .is_some()
    {
        return Ok(None);
    }
    let sessions = &state.services.sessions;
    let issued = sessions.issue_ticket(&session, token, request).await?;
    Ok(Some(issued))
}

/// `enter`: redeems the ticket and gives the browser the application's own session cookie.
pub async fn enter(
    State(state): State<Arc<AppState>>,
    AtApplication(application): AtApplication,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let entered = try_enter(&state, &application, &caller, &parts).await;
    entered.unwrap_or_else(|failure| {
        let failure = LoginFailure {
            to: failure.to.or_else(|| requested_page(&application, &parts)),
            ..failure
        };
        if let Some(error) = &failure.cause {
            let request_id = caller.origin.request_id.as_deref();
            tracing::error!(request_id, %error, "the store failed; no login to an application");
        }
        error_page(&state, &application, &parts, failure)
    })
}

/// The page that the URL of `enter` names, for a ticket that no longer tells.
fn requested_page(application: &Application, parts: &Parts) -> Option<String> {
    let to = ticket_query::to(parts.uri.query().unwrap_or_default())?;
    Some(destination(&application.root, Some(to)))
}

/// A login that failed at `enter`.
struct LoginFailure {
    error: TicketError,
    /// The page that the person wanted.
    to: Option<String>,
    /// A failure of the store, which is logged.
    cause: Option<StoreError>,
}

impl From<StoreError> for LoginFailure {
    fn from(error: StoreError) -> Self {
        Self {
            error: TicketError::Unavailable,
            to: None,
            cause: Some(error),
        }
    }
}

impl LoginFailure {
    fn refused(reason: TicketRefusal, to: Option<String>) -> Self {
        let error = match reason {
            TicketRefusal::Unknown
            | TicketRefusal::Expired
            | TicketRefusal::OtherApplication
            | TicketRefusal::OtherBrowser => TicketError::Used,
            TicketRefusal::NoNonce => TicketError::NoCookie,
            TicketRefusal::Ended => TicketError::SessionEnded,
        };
        Self {
            error,
            to,
            cause: None,
        }
    }
}

async fn try_enter(
    state: &AppState,
    application: &Application,
    caller: &Caller,
    parts: &Parts,
) -> Result<Response, LoginFailure> {
    let origin = &application.origin;
    let presented = RequestCookies::of(&parts.extensions);
    let cookies = Cookies::of_application(application);
    if cookies.is_repeated(presented, CookieName::Application) {
        // The cookie that a login sets would be ignored again, and the next request would start
        // another login, without end.
        return Err(LoginFailure::refused(TicketRefusal::NoNonce, None));
    }
    match redeem(state, application, caller, parts).await? {
        Redemption::SignedIn { token, session, to } => {
            let mut response = Redirect::to(&format!("{origin}{to}")).into_response();
            let lifetime = cookie_lifetime(state, &session);
            for change in [
                CookieChange::set(CookieName::Application, &token, lifetime),
                CookieChange::Clear(CookieName::ApplicationNonce),
            ] {
                cookies.append(response.headers_mut(), &change);
            }
            Ok(response)
        }
        Redemption::Refused { reason, to } => {
            let session = find_application_session(state, application, presented).await;
            match session {
                // Another tab was first, or the URL was opened again: the browser is signed in.
                Ok(Some(_)) => {
                    let to = to.or_else(|| requested_page(application, parts));
                    let to = to.as_deref().unwrap_or("/");
                    Ok(Redirect::to(&format!("{origin}{to}")).into_response())
                }
                Ok(None) => Err(LoginFailure::refused(reason, to)),
                Err(error) => Err(LoginFailure { to, ..error.into() }),
            }
        }
    }
}

async fn redeem(
    state: &AppState,
    application: &Application,
    caller: &Caller,
    parts: &Parts,
) -> Result<Redemption, StoreError> {
    let Some(ticket) = ticket_query::ticket(parts.uri.query().unwrap_or_default()) else {
        return Ok(Redemption::Refused {
            reason: TicketRefusal::Unknown,
            to: None,
        });
    };
    let cookies = Cookies::of_application(application);
    let nonce = cookies.token(
        RequestCookies::of(&parts.extensions),
        CookieName::ApplicationNonce,
    );
    let sessions = &state.services.sessions;
    sessions
        .redeem_ticket(&ticket, &application.origin, nonce.as_ref(), &caller.origin)
        .await
}

/// Lifetime of the application's cookie: that of the session, or until the browser closes.
fn cookie_lifetime(state: &AppState, active: &ActiveSession) -> Option<Duration> {
    let lifetime = active.expires_at.since(state.clock.now());
    active.record.stay.then_some(lifetime)
}

/// The page that explains why the login failed, with a link that starts it again.
fn error_page(
    state: &AppState,
    application: &Application,
    parts: &Parts,
    failure: LoginFailure,
) -> Response {
    let LoginFailure { error, to, .. } = failure;
    let status = match error {
        TicketError::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        TicketError::Used | TicketError::NoCookie | TicketError::SessionEnded => {
            StatusCode::BAD_REQUEST
        }
    };
    let view = View::TicketError {
        error,
        retry_url: start_url(&application.origin, to.as_deref().unwrap_or("/")),
    };
    let request = PageRequest::new(&parts.extensions, &parts.headers);
    (status, render_page(state, request, &view)).into_response()
}
