//! From the host of an application to ours and back, with a ticket.
//!
//! The nonce ties the ticket to the browser that asked for it: nobody can plant a ticket of a session of their own (login CSRF),
//! and one that leaked opens nothing elsewhere. When cookies are blocked, `enter` says so, and nothing leads back by itself.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Extension, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::request::Parts;
use http::{HeaderMap, StatusCode};

use super::query::{self, TicketQuery, destination};
use super::{ENTER, TICKET, cookies};
use crate::app::view::{NotEntered, View};
use crate::domain::{Refusal, RefusalCode};
use crate::server::application::{Application, Place};
use crate::server::audit::{Event, TicketRefusal};
use crate::server::cookies::{Change, Name};
use crate::server::session::Live;
use crate::server::session::ticket::{Entry, Errand, Issued};
use crate::server::sign_in::Caller;
use crate::server::store::StoreError;
use crate::server::token::ShortToken;
use crate::server::web::Site;
use crate::server::web::arrival::Arrival;
use crate::server::web::forward_auth;
use crate::server::web::host::{AtApplication, AtOwnHost};
use crate::server::web::pages::{render, store_failed};
use crate::server::web::refuse::refuse;
use crate::server::web::session::live;

/// How long a browser keeps the nonce: for a slow network, not for a person's time.
const NONCE_LIFETIME: Duration = Duration::from_secs(300);

/// `start`: gives the browser a nonce and sends it to our host.
pub async fn start(
    State(site): State<Arc<Site>>,
    AtApplication(application): AtApplication,
    request: Request,
) -> Response {
    let to = query::to(request.uri().query().unwrap_or_default());
    let to = destination(&application.root, to.as_deref());
    if application.place == Place::OwnHost {
        // The session's own cookie reaches it; nothing is to be carried over.
        return Redirect::to(&forward_auth::sign_in(&site, &format!("{}{to}", application.origin))).into_response();
    }
    let cookies = cookies(&application);
    // Tabs that begin at the same time share one: each would else spoil the ticket of the other.
    let nonce = cookies.token(request.headers(), Name::ApplicationNonce);
    let nonce = nonce.unwrap_or_else(|| ShortToken::new(&site.random));
    let asked = TicketQuery { origin: application.origin.to_string(), to: Some(to), nonce: nonce.hash() };
    let mut response = Redirect::to(&format!("{}{TICKET}?{}", site.origin, asked.write())).into_response();
    let change = Change::set(Name::ApplicationNonce, &nonce, Some(NONCE_LIFETIME));
    cookies.append(response.headers_mut(), &change);
    response
}

/// `ticket`: gives a signed-in browser a ticket, and has any other sign in first.
pub async fn ticket(
    State(site): State<Arc<Site>>,
    _: AtOwnHost,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Response {
    let unreadable = || refuse(&site, request.extensions(), request.headers(), &RefusalCode::MalformedBody.into());
    let Some(asked) = TicketQuery::read(request.uri().query().unwrap_or_default()) else { return unreadable() };
    let application = site.applications.find(&asked.origin).filter(|application| application.place == Place::OtherHost);
    let Some(application) = application else { return unreadable() };
    let to = destination(&application.root, asked.to.as_deref());
    let errand = Errand { origin: &application.origin, nonce: asked.nonce, to: &to };
    match issue(&site, &caller, errand).await {
        Ok(Some(Issued::Ticket(ticket))) => {
            Redirect::to(&format!("{}{ENTER}?ticket={}", application.origin, ticket.encode())).into_response()
        }
        Ok(Some(Issued::TooMany(retry_at))) => {
            let retry_after = retry_at.seconds_from(site.clock.now()).max(1);
            site.audit.emit(&caller.origin, &Event::RateLimit { limit: "tickets".to_owned(), retry_after });
            refuse(&site, request.extensions(), request.headers(), &Refusal::slow_down(retry_after))
        }
        Ok(None) => {
            let back = forward_auth::start(&application.origin, &to);
            Redirect::to(&forward_auth::sign_in(&site, &back)).into_response()
        }
        Err(error) => store_failed(&site, &request, &error),
    }
}

/// A ticket for the session of a caller; nothing if there is none.
async fn issue(site: &Site, caller: &Caller, errand: Errand<'_>) -> Result<Option<Issued>, StoreError> {
    let Some(token) = &caller.session else { return Ok(None) };
    let Some(live) = live(site, caller).await? else { return Ok(None) };
    site.sessions.issue_ticket(&live, token, errand).await.map(Some)
}

/// `enter`: takes the ticket, and gives the browser the application's own cookie for it.
pub async fn enter(
    State(site): State<Arc<Site>>,
    AtApplication(application): AtApplication,
    Extension(caller): Extension<Caller>,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let page = |why, to: Option<&str>| not_entered(&site, &application, &parts, why, to);
    match redeem(&site, &application, &caller, &parts).await {
        Ok(Entry::Entered { token, live, to }) => {
            let mut response = Redirect::to(&format!("{}{to}", application.origin)).into_response();
            let change = Change::set(Name::Application, &token, lifetime(&site, &live));
            cookies(&application).append(response.headers_mut(), &change);
            cookies(&application).append(response.headers_mut(), &Change::Clear(Name::ApplicationNonce));
            response
        }
        Ok(Entry::Refused { reason, to }) => match is_in(&site, &application, &parts.headers).await {
            // Another tab was first, or the address was opened again: this browser is where it wanted to be.
            Ok(true) => {
                Redirect::to(&format!("{}{}", application.origin, to.as_deref().unwrap_or("/"))).into_response()
            }
            Ok(false) => page(why(reason), to.as_deref()),
            Err(error) => {
                log(&caller, &error);
                page(NotEntered::Unavailable, to.as_deref())
            }
        },
        Err(error) => {
            log(&caller, &error);
            page(NotEntered::Unavailable, None)
        }
    }
}

async fn redeem(site: &Site, application: &Application, caller: &Caller, parts: &Parts) -> Result<Entry, StoreError> {
    match query::ticket(parts.uri.query().unwrap_or_default()) {
        Some(ticket) => {
            let nonce = cookies(application).token(&parts.headers, Name::ApplicationNonce);
            site.sessions.enter(&ticket, &application.origin, nonce.as_ref(), &caller.origin).await
        }
        None => Ok(Entry::Refused { reason: TicketRefusal::Unknown, to: None }),
    }
}

/// Whether the browser has a live session at the application.
async fn is_in(site: &Site, application: &Application, headers: &HeaderMap) -> Result<bool, StoreError> {
    match cookies(application).token(headers, Name::Application) {
        Some(token) => Ok(site.sessions.find_application(&token, &application.origin).await?.is_some()),
        None => Ok(false),
    }
}

/// How long the application's cookie lives: with the browser, or as long as its session can.
fn lifetime(site: &Site, live: &Live) -> Option<Duration> {
    live.session.stay.then(|| live.expires_at.since(site.clock.now()))
}

fn why(reason: TicketRefusal) -> NotEntered {
    match reason {
        TicketRefusal::Unknown
        | TicketRefusal::Expired
        | TicketRefusal::OtherApplication
        | TicketRefusal::OtherBrowser => NotEntered::Spent,
        TicketRefusal::NoNonce => NotEntered::NoCookie,
        TicketRefusal::Ended => NotEntered::Ended,
    }
}

/// The page that says why not, with the link that begins again.
fn not_entered(site: &Site, application: &Application, parts: &Parts, why: NotEntered, to: Option<&str>) -> Response {
    let status = match why {
        NotEntered::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        NotEntered::Spent | NotEntered::NoCookie | NotEntered::Ended => StatusCode::BAD_REQUEST,
    };
    let reference = parts.extensions.get::<Arrival>().map(|arrival| arrival.id.to_string()).unwrap_or_default();
    let again = forward_auth::start(&application.origin, to.unwrap_or("/"));
    let view = View::NotEntered { why, again, reference };
    (status, render(site, &parts.extensions, &parts.headers, &view)).into_response()
}

fn log(caller: &Caller, error: &StoreError) {
    tracing::error!(request_id = caller.origin.request_id, %error, "the store failed; nobody enters");
}
