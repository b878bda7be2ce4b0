//! `POST /api/*`: calls a server function and turns its outcome into status, headers and cookies.
//!
//! A client that accepts HTML gets a 303 to the next page (post/redirect/get), any other client
//! gets JSON. So one endpoint serves forms with and without scripts.

use std::sync::Arc;

use axum::extract::{Extension, Request, State};
use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, CONTENT_TYPE, LOCATION, REFERER, RETRY_AFTER, VARY};
use http::{HeaderName, HeaderValue, StatusCode};
use leptos::prelude::provide_context;
use leptos::server_fn::error::SERVER_FN_ERROR_HEADER;

use crate::api::{OutcomeSlot, Problem, RequestContext};
use crate::domain::timestamp::Timestamp;
use crate::domain::{Endpoint, Page, Refusal, RefusalCode};
use crate::server::http::cookies::{CookieChange, CookieName};
use crate::server::http::error_response::{set_problem, status};
use crate::server::http::flash::Flash;
use crate::server::http::negotiation::{text, wants_page};
use crate::server::http::request_cookies::RequestCookies;
use crate::server::http::return_cookie;
use crate::server::http::state::AppState;
use crate::server::http::urls::cookies_blocked_path;
use crate::server::sign_in::{BrowserEffect, Caller, Outcome};

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// The handler of every server function; the path selects the function.
pub async fn call(
    State(state): State<Arc<AppState>>,
    Extension(caller): Extension<Caller>,
    Extension(cookies): Extension<RequestCookies>,
    mut request: Request,
) -> Response {
    let form_page = Endpoint::from_path(request.uri().path()).map_or(Page::SignIn, Endpoint::page);
    let (received_at, request_id) = (caller.received_at, caller.origin.request_id.clone());
    let text = text(request.extensions(), request.headers());
    let slot = OutcomeSlot::default();
    let asked_number = asked_number(&state, &cookies, form_page, received_at);
    let was_asked = asked_number.is_some();
    let context = RequestContext {
        sign_in: state.services.sign_in.clone(),
        caller,
        text,
        kept_return_url: return_cookie::read(&state, &cookies, received_at),
        message_host: state.site.message_host.clone(),
        has_cookies: !cookies.is_empty(),
        asked_number,
        outcome: slot.clone(),
    };
    let wants_page = wants_page(request.headers());
    let has_return_url = return_cookie::is_present(&state, &cookies);
    let has_probe = state
        .site
        .cookies
        .value(&cookies, CookieName::Probe)
        .is_some();
    // Leptos would redirect by these headers itself, to the page that the request came from.
    request
        .headers_mut()
        .insert(ACCEPT, HeaderValue::from_static("application/json"));
    request.headers_mut().remove(REFERER);
    let mut response = leptos_axum::handle_server_fns_with_context(
        move || provide_context(context.clone()),
        request,
    )
    .await
    .into_response();
    let has_failed = response
        .headers_mut()
        .remove(SERVER_FN_ERROR_HEADER)
        .is_some();
    let outcome = match slot.take() {
        Some(outcome) => outcome,
        // Leptos could not parse the form, so no use case ran.
        None if has_failed => {
            set_problem(&mut response, &RefusalCode::Malformed.into(), text);
            Outcome::refused(RefusalCode::Malformed, form_page)
        }
        None => return response,
    };
    let asks_to_confirm = matches!(&outcome.result, Err(refusal)
        if refusal.code == RefusalCode::ConfirmNumber);
    let mut response = if wants_page {
        see_other(&outcome)
    } else {
        with_status(response, &outcome)
    };
    // A script shows the question itself, but needs the cookie: it tells the next request which
    // number the person was asked about.
    if let Err(refusal) = outcome.result
        && (asks_to_confirm || wants_page && refusal.code != RefusalCode::CookiesBlocked)
    {
        let page = refused_page(&refusal, outcome.page);
        let typed = outcome.typed.unwrap_or_default();
        let flash = Flash::new(refusal, typed, page, request_id, received_at);
        if let Some(change) = flash.to_cookie(&state.services.keys) {
            state.site.cookies.append(response.headers_mut(), &change);
        }
    } else if was_asked && outcome.result.is_ok() {
        let change = CookieChange::Clear(CookieName::Flash);
        state.site.cookies.append(response.headers_mut(), &change);
    }
    let headers = response.headers_mut();
    headers.insert(VARY, HeaderValue::from_static("accept, accept-language"));
    // A refusal expires the cookies whose tokens lead to nothing. A cookie that came twice was not
    // read, and to expire it would delete the genuine one. Only a sign-out does that.
    let is_refused = outcome.result.is_err();
    let is_kept = |change: &CookieChange| {
        matches!(change, CookieChange::Clear(name)
            if is_refused && state.site.cookies.is_repeated(&cookies, *name))
    };
    for effect in outcome.effects {
        if effect == BrowserEffect::ForgetCachedData {
            // Not "cookies": that would delete the device cookie and those of sibling applications.
            // Not "cache": pages are `no-store`, and browsers take seconds to clear their cache.
            let stored = HeaderValue::from_static("\"storage\"");
            headers.insert(CLEAR_SITE_DATA, stored);
        }
        let is_needless = match effect {
            BrowserEffect::ForgetReturnUrl => !has_return_url,
            BrowserEffect::ForgetProbe => !has_probe,
            _ => false,
        };
        let change = cookie_change(&state, effect, received_at)
            .filter(|change| !is_needless && !is_kept(change));
        if let Some(change) = change {
            state.site.cookies.append(headers, &change);
        }
    }
    response
}

/// The number that the browser was asked to confirm, by its flash cookie.
fn asked_number(
    state: &AppState,
    cookies: &RequestCookies,
    page: Page,
    now: Timestamp,
) -> Option<String> {
    let value = state.site.cookies.value(cookies, CookieName::Flash)?;
    Flash::read(value, &state.services.keys, page, now)?
        .typed
        .asked_number
}

/// The page that shows a refusal.
fn refused_page(refusal: &Refusal, page: Page) -> Page {
    match refusal.code {
        RefusalCode::NoFlow | RefusalCode::NotSignedIn => Page::SignIn,
        _ => page,
    }
}

/// The response for a client that accepts HTML.
fn see_other(outcome: &Outcome) -> Response {
    let own_page = |page: Page| HeaderValue::from_static(page.path());
    let location = match &outcome.result {
        Err(refusal) if refusal.code == RefusalCode::CookiesBlocked => {
            let return_to = outcome
                .typed
                .as_ref()
                .and_then(|typed| typed.return_to.as_deref());
            HeaderValue::from_str(&cookies_blocked_path(outcome.page, return_to))
                .unwrap_or_else(|_| own_page(outcome.page))
        }
        Ok(next) => HeaderValue::from_str(next).unwrap_or_else(|_| own_page(outcome.page)),
        Err(refusal) => own_page(refused_page(refusal, outcome.page)),
    };
    (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response()
}

/// The response for any other client: the JSON body of the server function, with its status.
fn with_status(mut response: Response, outcome: &Outcome) -> Response {
    let Err(refusal) = &outcome.result else {
        return response;
    };
    *response.status_mut() = status(refusal);
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static(Problem::CONTENT_TYPE),
    );
    if let Some(seconds) = refusal.retry_after {
        headers.insert(RETRY_AFTER, seconds.into());
    }
    response
}

/// The cookie that an effect changes; none for an effect without one.
fn cookie_change(state: &AppState, effect: BrowserEffect, now: Timestamp) -> Option<CookieChange> {
    Some(match effect {
        BrowserEffect::StoreFlow(token) => CookieChange::set(CookieName::Flow, &token, None),
        BrowserEffect::ForgetFlow => CookieChange::Clear(CookieName::Flow),
        BrowserEffect::StoreReturnUrl(url) => return_cookie::keep(state, url, now)?,
        BrowserEffect::ForgetReturnUrl => CookieChange::Clear(CookieName::ReturnUrl),
        BrowserEffect::ConfirmSignOut => Flash::signed_out(now).to_cookie(&state.services.keys)?,
        BrowserEffect::ForgetProbe => CookieChange::Clear(CookieName::Probe),
        BrowserEffect::StoreSession(token, lifetime) => {
            CookieChange::set(CookieName::Session, &token, lifetime)
        }
        BrowserEffect::ForgetSession => CookieChange::Clear(CookieName::Session),
        BrowserEffect::StoreDevice(token, lifetime) => {
            CookieChange::set(CookieName::Device, &token, Some(lifetime))
        }
        BrowserEffect::ForgetCachedData => return None,
    })
}
