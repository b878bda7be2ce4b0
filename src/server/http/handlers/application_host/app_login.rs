//! From the host of an application to ours and back, with a ticket.
//!
//! The nonce ties the ticket to the browser that asked for it: nobody can plant a ticket of a
//! session of their own (login CSRF), and one that leaked opens nothing elsewhere. When cookies are
//! blocked, `enter` says so, and nothing leads back by itself.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Extension, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::request::Parts;
use http::{HeaderMap, StatusCode};

use crate::app::view::{TicketError, View};
use crate::domain::{Refusal, RefusalCode};
use crate::server::applications::{Application, ApplicationHost};
use crate::server::audit::{Event, TicketRefusal};
use crate::server::crypto::opaque_token::ShortToken;
use crate::server::http::AppState;
use crate::server::http::cookies::{CookieChange, CookieName};
use crate::server::http::error_response::refuse;
use crate::server::http::handlers::application_host::ticket_query::{
    self, TicketQuery, destination,
};
use crate::server::http::handlers::application_host::{ENTER, TICKET, cookies};
use crate::server::http::handlers::forward_auth;
use crate::server::http::handlers::pages::{render, store_failed};
use crate::server::http::handlers::session_info::live;
use crate::server::http::middleware::host::{AtApplication, AtOwnHost};
use crate::server::http::middleware::request_id::RequestInfo;
use crate::server::session::ActiveSession;
use crate::server::session::ticket::{IssueOutcome, Redemption, TicketRequest};
use crate::server::sign_in::Caller;
use crate::server::store::StoreError;

/// How long a browser keeps the nonce: for a slow network, not for a person's time.
const NONCE_LIFETIME: Duration = Duration::from_secs(300);

/// `start`: gives the browser a nonce and sends it to our host.
pub async fn start(
    State(site): State<Arc<AppState>>,
    AtApplication(application): AtApplication,
    request: Request,
) -> Response {
    let to = ticket_query::to(request.uri().query().unwrap_or_default());
    let to = destination(&application.root, to.as_deref());
    if application.host == ApplicationHost::SignIn {
        // The session's own cookie reaches it; nothing is to be carried over.
        return Redirect::to(&forward_auth::sign_in(
            &site,
            &format!("{}{to}", application.origin),
        ))
        .into_response();
    }
    let cookies = cookies(&application);
    // Tabs that begin at the same time share one: each would else spoil the ticket of the other.
    let nonce = cookies.token(request.headers(), CookieName::ApplicationNonce);
    let nonce = nonce.unwrap_or_else(|| ShortToken::new(&site.random));
    let asked = TicketQuery {
        origin: application.origin.to_string(),
        to: Some(to),
        nonce: nonce.hash(),
    };
    let mut response =
        Redirect::to(&format!("{}{TICKET}?{}", site.origin, asked.write())).into_response();
    let change = CookieChange::set(CookieName::ApplicationNonce, &nonce, Some(NONCE_LIFETIME));
    cookies.append(response.headers_mut(), &change);
    response
}

/// `ticket`: gives a signed-in browser a ticket, and has any other sign in first.
pub async fn ticket(
    State(site): State<Arc<AppState>>,
    _: AtOwnHost,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Response {
    let unreadable = || {
        refuse(
            &site,
            request.extensions(),
            request.headers(),
            &RefusalCode::MalformedBody.into(),
        )
    };
    let Some(asked) = TicketQuery::read(request.uri().query().unwrap_or_default()) else {
        return unreadable();
    };
    let application = site
        .applications
        .find(&asked.origin)
        .filter(|application| application.host == ApplicationHost::Other);
    let Some(application) = application else {
        return unreadable();
    };
    let to = destination(&application.root, asked.to.as_deref());
    let ticket_request = TicketRequest {
        origin: &application.origin,
        nonce: asked.nonce,
        to: &to,
    };
    match issue(&site, &caller, ticket_request).await {
        Ok(Some(IssueOutcome::Issued(ticket))) => Redirect::to(&format!(
            "{}{ENTER}?ticket={}",
            application.origin,
            ticket.encode()
        ))
        .into_response(),
        Ok(Some(IssueOutcome::LimitExceeded(retry_at))) => {
            let retry_after = retry_at.seconds_from(site.clock.now()).max(1);
            site.audit.emit(
                &caller.origin,
                &Event::RateLimit {
                    limit: "tickets".to_owned(),
                    retry_after,
                },
            );
            refuse(
                &site,
                request.extensions(),
                request.headers(),
                &Refusal::slow_down(retry_after),
            )
        }
        Ok(None) => {
            let back = forward_auth::start(&application.origin, &to);
            Redirect::to(&forward_auth::sign_in(&site, &back)).into_response()
        }
        Err(error) => store_failed(&site, &request, &error),
    }
}

/// A ticket for the session of a caller; nothing if there is none.
async fn issue(
    site: &AppState,
    caller: &Caller,
    ticket_request: TicketRequest<'_>,
) -> Result<Option<IssueOutcome>, StoreError> {
    let Some(token) = &caller.session else {
        return Ok(None);
    };
    let Some(live) = live(site, caller).await? else {
        return Ok(None);
    };
    site.sessions
        .issue_ticket(&live, token, ticket_request)
        .await
        .map(Some)
}

/// `enter`: takes the ticket, and gives the browser the application's own cookie for it.
pub async fn enter(
    State(site): State<Arc<AppState>>,
    AtApplication(application): AtApplication,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let page = |why, to: Option<&str>| not_entered(&site, &application, &parts, why, to);
    match redeem(&site, &application, &caller, &parts).await {
        Ok(Redemption::SignedIn {
            token,
            session: live,
            to,
        }) => {
            let mut response = Redirect::to(&format!("{}{to}", application.origin)).into_response();
            let change = CookieChange::set(CookieName::Application, &token, lifetime(&site, &live));
            cookies(&application).append(response.headers_mut(), &change);
            cookies(&application).append(
                response.headers_mut(),
                &CookieChange::Clear(CookieName::ApplicationNonce),
            );
            response
        }
        Ok(Redemption::Refused { reason, to }) => {
            match is_in(&site, &application, &parts.headers).await {
                // Another tab was first, or the address was opened again: this browser is where it
                // wanted to be.
                Ok(true) => Redirect::to(&format!(
                    "{}{}",
                    application.origin,
                    to.as_deref().unwrap_or("/")
                ))
                .into_response(),
                Ok(false) => page(why(reason), to.as_deref()),
                Err(error) => {
                    log(&caller, &error);
                    page(TicketError::Unavailable, to.as_deref())
                }
            }
        }
        Err(error) => {
            log(&caller, &error);
            page(TicketError::Unavailable, None)
        }
    }
}

async fn redeem(
    site: &AppState,
    application: &Application,
    caller: &Caller,
    parts: &Parts,
) -> Result<Redemption, StoreError> {
    match ticket_query::ticket(parts.uri.query().unwrap_or_default()) {
        Some(ticket) => {
            let nonce = cookies(application).token(&parts.headers, CookieName::ApplicationNonce);
            site.sessions
                .redeem_ticket(&ticket, &application.origin, nonce.as_ref(), &caller.origin)
                .await
        }
        None => Ok(Redemption::Refused {
            reason: TicketRefusal::Unknown,
            to: None,
        }),
    }
}

/// Whether the browser has a live session at the application.
async fn is_in(
    site: &AppState,
    application: &Application,
    headers: &HeaderMap,
) -> Result<bool, StoreError> {
    match cookies(application).token(headers, CookieName::Application) {
        Some(token) => Ok(site
            .sessions
            .find_application(&token, &application.origin)
            .await?
            .is_some()),
        None => Ok(false),
    }
}

/// How long the application's cookie lives: with the browser, or as long as its session can.
fn lifetime(site: &AppState, live: &ActiveSession) -> Option<Duration> {
    live.record
        .stay
        .then(|| live.expires_at.since(site.clock.now()))
}

fn why(reason: TicketRefusal) -> TicketError {
    match reason {
        TicketRefusal::Unknown
        | TicketRefusal::Expired
        | TicketRefusal::OtherApplication
        | TicketRefusal::OtherBrowser => TicketError::Used,
        TicketRefusal::NoNonce => TicketError::NoCookie,
        TicketRefusal::Ended => TicketError::SessionEnded,
    }
}

/// The page that says why not, with the link that begins again.
fn not_entered(
    site: &AppState,
    application: &Application,
    parts: &Parts,
    error: TicketError,
    to: Option<&str>,
) -> Response {
    let status = match error {
        TicketError::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        TicketError::Used | TicketError::NoCookie | TicketError::SessionEnded => {
            StatusCode::BAD_REQUEST
        }
    };
    let reference = parts
        .extensions
        .get::<RequestInfo>()
        .map(|arrival| arrival.id.to_string())
        .unwrap_or_default();
    let retry_url = forward_auth::start(&application.origin, to.unwrap_or("/"));
    let view = View::TicketError {
        error,
        retry_url,
        reference,
    };
    (
        status,
        render(site, &parts.extensions, &parts.headers, &view),
    )
        .into_response()
}

fn log(caller: &Caller, error: &StoreError) {
    tracing::error!(request_id = caller.origin.request_id, %error, "the store failed; nobody enters");
}
