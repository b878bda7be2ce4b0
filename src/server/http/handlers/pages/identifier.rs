//! The pages that ask for an identifier: `/sign-in` and `/sign-up`.

use axum::extract::{Extension, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::HeaderMap;
use http::header::REFERER;
use url::Url;

use super::country::country_for;
use super::response::{PageInput, clear_cookie, read_flash, respond};
use crate::app::view::{IdentifierForm, SignedOutReason, View};
use crate::domain::{Page, Refusal, RefusalCode};
use crate::server::applications::CodeDemand;
use crate::server::audit::EndReason;
use crate::server::crypto::hash::to_hex_128;
use crate::server::http::cookies::{CookieChange, CookieName};
use crate::server::http::current_session::find_session;
use crate::server::http::error_response::HttpError;
use crate::server::http::flash::Flash;
use crate::server::http::query::single_value;
use crate::server::http::request_cookies::RequestCookies;
use crate::server::http::return_cookie;
use crate::server::http::state::AppState;
use crate::server::http::urls::COOKIES_BLOCKED;
use crate::server::identifier_parser::international_format;
use crate::server::session::ActiveSession;
use crate::server::sign_in::{Caller, FormInput};
use crate::server::store::StoreError;

/// `/sign-in`
pub async fn sign_in(input: PageInput) -> Result<Response, HttpError> {
    identifier_page(input, Page::SignIn, View::SignIn).await
}

/// `/sign-up`
pub async fn sign_up(input: PageInput) -> Result<Response, HttpError> {
    identifier_page(input, Page::SignUp, View::SignUp).await
}

async fn identifier_page(
    (State(state), Extension(caller), request): PageInput,
    page: Page,
    view: fn(IdentifierForm) -> View,
) -> Result<Response, HttpError> {
    let query = request.uri().query().unwrap_or_default();
    let requested = RequestedReturnUrl::read(&state, query);
    let session = find_session(&state, &caller).await?;
    let mut demand = None;
    if let Some(session) = &session {
        let location = requested.valid().unwrap_or(Page::Account.path());
        demand = code_demand(&state, session, location);
        if demand.is_none() {
            return Ok(Redirect::to(location).into_response());
        }
    }
    let ended = match demand {
        Some(CodeDemand::Fresh) => Some(SignedOutReason::CodeTooOld),
        Some(CodeDemand::BySms) => Some(SignedOutReason::CodeNotBySms),
        None => signed_out_reason(&state, &caller).await?,
    };
    let flash = read_flash(&state, &caller, page, request.extensions());
    let has_signed_out = flash.as_ref().is_some_and(|flash| flash.refusal.is_none());
    let flow_input = match &flash {
        None if follows_own_link(&state, request.headers()) => {
            input_of_flow(&state, &caller).await?
        }
        _ => None,
    };
    let cookies = RequestCookies::of(request.extensions());
    let kept = || {
        return_cookie::read(&state, cookies, caller.received_at)
            .or_else(|| return_url_of_flash(&state, flash.as_ref()))
    };
    let typed = flash
        .as_ref()
        .map(|flash| &flash.typed)
        .or(flow_input.as_ref());
    let refusal = flash.as_ref().and_then(|flash| flash.refusal);
    let defaults = identifier_form(&state, request.headers(), typed, refusal);
    let form = IdentifierForm {
        signed_out_reason: ended.or(has_signed_out.then_some(SignedOutReason::Requested)),
        return_to: match &requested {
            RequestedReturnUrl::None => kept(),
            asked => asked.valid().map(str::to_owned),
        },
        refusal: defaults.refusal.or_else(|| cookies_blocked(query, cookies)),
        ..defaults
    };
    let mut response = respond(&state, &request, &view(form), flash.as_ref());
    if session.is_none() && ended.is_some() {
        clear_cookie(&state, &mut response, CookieName::Session);
    }
    if let Some(change) = new_probe(&state, cookies) {
        state.site.cookies.append(response.headers_mut(), &change);
    }
    match requested {
        RequestedReturnUrl::Valid(url) => {
            if let Some(change) = return_cookie::keep(&state, url, caller.received_at) {
                state.site.cookies.append(response.headers_mut(), &change);
            }
        }
        RequestedReturnUrl::Refused if return_cookie::is_present(&state, cookies) => {
            clear_cookie(&state, &mut response, CookieName::ReturnUrl);
        }
        _ => {}
    }
    Ok(response)
}

/// The code that the application asks for that a validated return URL leads to.
fn code_demand(state: &AppState, session: &ActiveSession, return_to: &str) -> Option<CodeDemand> {
    let applications = &state.services.applications;
    let application = match Url::parse(return_to) {
        Ok(url) => applications.find(&url.origin().ascii_serialization()),
        // A path of the own origin.
        Err(_) => Some(applications.own()),
    };
    application?.code_demand(session, state.clock.now())
}

/// The cookie by which the post of a form shows that the browser keeps cookies. None if it has one,
/// or a recognised device's, which outlives every form.
fn new_probe(state: &AppState, cookies: &RequestCookies) -> Option<CookieChange> {
    let has = |name| state.site.cookies.value(cookies, name).is_some();
    if has(CookieName::Probe) || has(CookieName::Device) {
        return None;
    }
    let value = to_hex_128(&state.random.bytes::<16>());
    Some(CookieChange::Set(CookieName::Probe, value, None))
}

/// The refusal of a form whose cookie the browser did not keep, unless it sends cookies by now.
fn cookies_blocked(query: &str, cookies: &RequestCookies) -> Option<Refusal> {
    let (name, value) = COOKIES_BLOCKED;
    let is_blocked = single_value(query, name).is_some_and(|text| text == value.as_bytes());
    (is_blocked && cookies.is_empty()).then(|| RefusalCode::CookiesBlocked.into())
}

/// The return URL in a flash of a version that had no cookie for it.
fn return_url_of_flash(state: &AppState, flash: Option<&Flash>) -> Option<String> {
    let text = flash?.typed.return_to.as_deref()?;
    state.services.sign_in.deps().return_urls.validate(text)
}

/// What the query of a form says of the return URL.
enum RequestedReturnUrl {
    None,
    Refused,
    Valid(String),
}

impl RequestedReturnUrl {
    fn read(state: &AppState, query: &str) -> Self {
        match single_value(query, "return_to") {
            Some(text) if !text.is_empty() => {
                let policy = &state.services.sign_in.deps().return_urls;
                policy.validate(&text).map_or(Self::Refused, Self::Valid)
            }
            _ => Self::None,
        }
    }

    fn valid(&self) -> Option<&str> {
        match self {
            Self::Valid(url) => Some(url),
            Self::None | Self::Refused => None,
        }
    }
}

/// Whether the request follows a link of one of our forms. The address alone is not enough: a page
/// that is opened by its address shows nobody's number.
fn follows_own_link(state: &AppState, headers: &HeaderMap) -> bool {
    let referrer = headers.get(REFERER).and_then(|value| value.to_str().ok());
    let path = referrer.and_then(|url| url.strip_prefix(state.site.origin.as_str()));
    let path = path.and_then(|path| path.split('?').next());
    let forms = [Page::Code, Page::SignIn, Page::SignUp].map(Page::path);
    path.is_some_and(|path| forms.contains(&path))
}

/// What the person typed to start the flow that is under way, so that another number, or a sign-up,
/// need not be typed from the beginning.
async fn input_of_flow(state: &AppState, caller: &Caller) -> Result<Option<FormInput>, StoreError> {
    let Some(token) = &caller.flow else {
        return Ok(None);
    };
    let store = &state.services.sign_in.deps().flow_store;
    let flow = store.get(token.hash(), state.clock.now()).await?;
    Ok(flow.map(|flow| FormInput {
        identifier: if flow.identifier.is_phone_number() {
            international_format(&flow.identifier)
        } else {
            flow.identifier.value().to_owned()
        },
        country: flow.identifier.country().map(str::to_owned),
        name: flow.name,
        stay: flow.stay,
        ..FormInput::default()
    }))
}

fn identifier_form(
    state: &AppState,
    headers: &HeaderMap,
    typed: Option<&FormInput>,
    refusal: Option<Refusal>,
) -> IdentifierForm {
    let deps = state.services.sign_in.deps();
    IdentifierForm {
        identifier: deps.identifier_parser.kind(),
        labels: state.pages.identifier_labels.clone(),
        countries: state.pages.countries.clone(),
        country: country_for(state, headers, typed),
        typed: typed
            .map(|typed| typed.identifier.clone())
            .filter(|text| !text.is_empty()),
        name: typed.and_then(|typed| typed.name.clone()),
        offer_stay: state.settings.session.offer_stay,
        stay: typed.is_some_and(|typed| typed.stay),
        return_to: None,
        asked_number: typed.and_then(|typed| typed.asked_number.clone()),
        form: to_hex_128(&state.random.bytes::<16>()),
        refusal,
        signed_out_reason: None,
    }
}

/// Why the session ended that the browser's cookie still names.
async fn signed_out_reason(
    state: &AppState,
    caller: &Caller,
) -> Result<Option<SignedOutReason>, StoreError> {
    let Some(token) = &caller.session else {
        return Ok(None);
    };
    let sessions = &state.services.sessions;
    Ok(Some(
        match sessions.take_end_reason(token, &caller.origin).await? {
            Some(EndReason::Expired) => SignedOutReason::Expired,
            Some(EndReason::TooMany) => SignedOutReason::TooManySessions,
            Some(EndReason::Revoked) => SignedOutReason::Revoked,
            Some(EndReason::Operator) => SignedOutReason::Operator,
            Some(
                EndReason::Upstream
                | EndReason::SignOut
                | EndReason::Replaced
                | EndReason::RecycledNumber,
            )
            | None => SignedOutReason::Other,
        },
    ))
}
