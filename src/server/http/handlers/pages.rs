//! The pages: each makes a view of what the request brings, and nothing else.

use std::sync::Arc;

use axum::extract::{Extension, Query, Request, State};
use axum::response::{Html, IntoResponse, Redirect, Response};
use http::{Extensions, HeaderMap, StatusCode};
use serde::Deserialize;

use crate::app;
use crate::app::view::{
    AccountView, CodeForm, GeneralLimits, IdentifierForm, PageFrame, SessionRow, SignedOutReason,
    View,
};
use crate::domain::{Page, RefusalCode};
use crate::server::audit::EndReason;
use crate::server::crypto::hash::to_hex_128;
use crate::server::http::AppState;
use crate::server::http::cookies::{CookieChange, CookieName};
use crate::server::http::error_response::refuse;
use crate::server::http::flash::Flash;
use crate::server::http::handlers::session_info::live;
use crate::server::http::middleware::activity::{ActivitySource, is_activity};
use crate::server::http::middleware::caller::text;
use crate::server::http::middleware::host::HostKind;
use crate::server::http::middleware::request_id::RequestInfo;
use crate::server::http::middleware::security_headers::{FormAction, PageNonce};
use crate::server::session::{ActiveSession, NewDevice};
use crate::server::settings::SignUpMode;
use crate::server::sign_in::{Caller, Flow};
use crate::server::store::StoreError;

/// What a page's handler gets of its request.
type Arrived = (State<Arc<AppState>>, Extension<Caller>, Request);

/// The query of the pages that begin a sign-in.
#[derive(Deserialize)]
struct Begin {
    return_to: Option<String>,
}

/// `/`
pub async fn home((State(site), Extension(caller), request): Arrived) -> Response {
    match live(&site, &caller).await {
        Ok(Some(_)) => Redirect::to(Page::Account.path()).into_response(),
        Ok(None) => Redirect::to(Page::SignIn.path()).into_response(),
        Err(error) => store_failed(&site, &request, &error),
    }
}

/// `/sign-in`
pub async fn sign_in(asked: Arrived) -> Response {
    begin(asked, View::SignIn).await
}

/// `/sign-up`
pub async fn sign_up(asked: Arrived) -> Response {
    begin(asked, View::SignUp).await
}

async fn begin(
    (State(site), Extension(caller), request): Arrived,
    view: fn(IdentifierForm) -> View,
) -> Response {
    let query = Query::<Begin>::try_from_uri(request.uri()).ok();
    let return_to = query.and_then(|Query(begin)| begin.return_to);
    match live(&site, &caller).await {
        Ok(None) => {}
        Ok(Some(_)) => {
            let back = return_to.and_then(|text| site.sign_in.deps().return_urls.validate(&text));
            return Redirect::to(back.as_deref().unwrap_or(Page::Account.path())).into_response();
        }
        Err(error) => return store_failed(&site, &request, &error),
    }
    let farewell = match farewell(&site, &caller).await {
        Ok(farewell) => farewell,
        Err(error) => return store_failed(&site, &request, &error),
    };
    let flash = flash(&site, &caller, request.headers());
    let form = identifier_form(
        &site,
        request.headers(),
        return_to.as_deref(),
        flash.as_ref(),
    );
    let form = IdentifierForm {
        signed_out_reason: farewell,
        ..form
    };
    let html = render(&site, request.extensions(), request.headers(), &view(form));
    let mut response = Html::into_response(html);
    if flash.is_some() {
        site.cookies.append(
            response.headers_mut(),
            &CookieChange::Clear(CookieName::Flash),
        );
    }
    if farewell.is_some() {
        site.cookies.append(
            response.headers_mut(),
            &CookieChange::Clear(CookieName::Session),
        );
    }
    response
}

/// `/code`: a function of the flow and the clock.
pub async fn code((State(site), Extension(caller), request): Arrived) -> Response {
    let deps = site.sign_in.deps();
    let flow = match &caller.flow {
        Some(token) => deps.flow_store.get(token.hash(), site.clock.now()).await,
        None => Ok(None),
    };
    let flow = match flow {
        Ok(Some(flow)) => flow,
        Ok(None) => {
            let mut response = Redirect::to(Page::SignIn.path()).into_response();
            if caller.flow.is_some() {
                site.cookies.append(
                    response.headers_mut(),
                    &CookieChange::Clear(CookieName::Flow),
                );
            }
            return response;
        }
        Err(error) => return store_failed(&site, &request, &error),
    };
    let foreign = flow
        .return_to
        .as_deref()
        .and_then(|to| deps.return_urls.foreign_origin(to));
    let view = View::Code(code_form(&site, &flow));
    let html = render(&site, request.extensions(), request.headers(), &view);
    let mut response = Html::into_response(html);
    if let Some(origin) = foreign {
        response.extensions_mut().insert(FormAction(origin));
    }
    response
}

/// `/account`
pub async fn account((State(site), Extension(caller), request): Arrived) -> Response {
    let session = match live(&site, &caller).await {
        Ok(Some(session)) => session,
        // Its cookie, if it has one, is looked at and cleared there.
        Ok(None) => return Redirect::to(Page::SignIn.path()).into_response(),
        Err(error) => return store_failed(&site, &request, &error),
    };
    let now = site.clock.now();
    let idle_expires_at = match visit(&site, &session, request.headers()) {
        true => site.sessions.idle_expiry(&session, now),
        false => session.idle_expires_at,
    };
    let (sessions, newcomers) = tokio::join!(
        site.sessions.list_by_user(&session.record.subject),
        site.sessions.new_devices(&session)
    );
    let (rows, newcomers) = match (sessions, newcomers) {
        (Ok(sessions), Ok(newcomers)) => (
            rows(&session, sessions),
            newcomers.into_iter().map(newcomer).collect(),
        ),
        (Err(error), _) | (_, Err(error)) => return store_failed(&site, &request, &error),
    };
    let flash = flash(&site, &caller, request.headers());
    let view = View::Account(AccountView {
        masked: session.record.masked.clone(),
        now,
        signed_in_at: session.record.created_at,
        idle_expires_at,
        expires_at: session.expires_at,
        new_browser: session.record.new_browser,
        new_devices: newcomers,
        absent_since: session.record.long_absent_since(),
        sessions: rows,
        refusal: flash.as_ref().map(|flash| flash.refusal),
    });
    let html = render(&site, request.extensions(), request.headers(), &view);
    let mut response = Html::into_response(html);
    if flash.is_some() {
        site.cookies.append(
            response.headers_mut(),
            &CookieChange::Clear(CookieName::Flash),
        );
    }
    response
}

/// `/sign-out`
pub async fn sign_out((State(site), Extension(caller), request): Arrived) -> Response {
    match live(&site, &caller).await {
        Ok(session) => {
            if let Some(session) = &session {
                visit(&site, session, request.headers());
            }
            let view = View::SignOut {
                signed_in: session.is_some(),
            };
            render(&site, request.extensions(), request.headers(), &view).into_response()
        }
        Err(error) => store_failed(&site, &request, &error),
    }
}

/// Any other path.
pub fn not_found(site: &AppState, request: &Request) -> Response {
    let html = render(
        site,
        request.extensions(),
        request.headers(),
        &View::NotFound,
    );
    (StatusCode::NOT_FOUND, html).into_response()
}

/// A page as HTML.
pub fn render(
    site: &AppState,
    extensions: &Extensions,
    headers: &HeaderMap,
    view: &View,
) -> Html<String> {
    let nonce = extensions
        .get::<PageNonce>()
        .map(|nonce| nonce.0.to_string())
        .unwrap_or_default();
    let frame = PageFrame {
        nonce,
        brand: site.brand.clone(),
        support_url: site.support_url.clone(),
        assets: site.assets.clone(),
        sign_up_open: site.settings.sign_up.mode == SignUpMode::Open,
        base_url: base_url(site, extensions),
    };
    Html(app::render(&frame, text(headers), view))
}

/// Our own address, for a page that is seen under the name of an application.
fn base_url(site: &AppState, extensions: &Extensions) -> Option<Arc<str>> {
    matches!(extensions.get(), Some(HostKind::Application(_))).then(|| site.origin.as_str().into())
}

fn identifier_form(
    site: &AppState,
    headers: &HeaderMap,
    return_to: Option<&str>,
    flash: Option<&Flash>,
) -> IdentifierForm {
    let deps = site.sign_in.deps();
    let typed = flash.map(|flash| &flash.typed);
    let typed_country = typed.and_then(|typed| typed.country.clone());
    let return_to = return_to.or(typed.and_then(|typed| typed.return_to.as_deref()));
    IdentifierForm {
        identifier: deps.identifier_parser.kind(),
        countries: site.countries.clone(),
        country: typed_country.or_else(|| home_country(site, headers)),
        typed: typed
            .map(|typed| typed.identifier.clone())
            .filter(|text| !text.is_empty()),
        name: typed.and_then(|typed| typed.name.clone()),
        offer_stay: site.settings.session.offer_stay,
        stay: typed.is_some_and(|typed| typed.stay),
        return_to: return_to.and_then(|text| deps.return_urls.validate(text)),
        form: to_hex_128(&site.random.bytes::<16>()),
        refusal: flash.map(|flash| flash.refusal),
        signed_out_reason: None,
    }
}

/// The country that the languages of a browser suggest, if it is served: a region that is named, or
/// one called like the language.
fn home_country(site: &AppState, headers: &HeaderMap) -> Option<String> {
    let accepted = headers
        .get(http::header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    let tags = || {
        accepted
            .split(',')
            .filter_map(|part| part.split(';').next())
            .map(str::trim)
    };
    let regions = tags().filter_map(|tag| tag.split('-').skip(1).find(|part| part.len() == 2));
    let languages = tags().map(|tag| {
        if tag.starts_with("en") {
            "US"
        } else {
            tag.get(..2).unwrap_or("")
        }
    });
    let mut candidates = regions.chain(languages).map(str::to_uppercase);
    candidates.find(|code| site.countries.iter().any(|country| country.code == *code))
}

fn code_form(site: &AppState, flow: &Flow) -> CodeForm {
    let (policy, now) = (&site.sign_in.deps().policy, site.clock.now());
    CodeForm {
        masked: flow.identifier.masked(),
        identifier: flow.identifier.kind(),
        length: policy.length,
        now,
        deadline: flow.deadline(policy),
        sent_at: flow.sent_at,
        resend_at: flow.resend_at(policy),
        resent: flow.sends > 1,
        tries_left: flow.attempts_left(policy, now),
        blocked_until: flow.blocked_until(policy, now),
        refusal: flow.refusal,
        limits: GeneralLimits {
            code_lifetime: policy.lifetime,
            tries: policy.attempts,
            cool_down: policy.cool_down.first().copied().unwrap_or_default(),
            lockout: policy.unrecognised_lockout,
        },
        back: flow.page,
    }
}

fn newcomer(newcomer: NewDevice) -> app::view::NewDeviceNotice {
    let NewDevice { agent, at, .. } = newcomer;
    app::view::NewDeviceNotice {
        browser: agent.browser,
        system: agent.system,
        at,
    }
}

fn rows(current: &ActiveSession, sessions: Vec<ActiveSession>) -> Vec<SessionRow> {
    let row = |live: &ActiveSession| SessionRow {
        id: live.record.id.clone(),
        current: live.record.id == current.record.id,
        browser: live.record.agent.browser,
        system: live.record.agent.system,
        signed_in_at: live.record.created_at,
        last_seen_at: live.record.last_seen_at,
    };
    let others = sessions
        .iter()
        .filter(|live| live.record.id != current.record.id)
        .map(row);
    std::iter::once(row(current)).chain(others).collect()
}

/// Notes that a person came to a page of ours; says whether one did.
fn visit(site: &AppState, session: &ActiveSession, headers: &HeaderMap) -> bool {
    let came = is_activity(
        ActivitySource::OwnPage,
        headers,
        site.settings.session.activity,
    );
    if came {
        site.sessions.touch(session);
    }
    came
}

/// Why the session of a browser is over that still has its cookie; told where the browser is asked
/// to sign in.
async fn farewell(site: &AppState, caller: &Caller) -> Result<Option<SignedOutReason>, StoreError> {
    let Some(token) = &caller.session else {
        return Ok(None);
    };
    Ok(Some(
        match site.sessions.take_end_reason(token, &caller.origin).await? {
            Some(EndReason::Expired) => SignedOutReason::Expired,
            Some(EndReason::TooMany) => SignedOutReason::TooManySessions,
            Some(EndReason::Revoked) => SignedOutReason::Revoked,
            Some(EndReason::Operator) => SignedOutReason::Operator,
            Some(EndReason::Upstream | EndReason::SignOut | EndReason::Replaced) | None => {
                SignedOutReason::Other
            }
        },
    ))
}

fn flash(site: &AppState, caller: &Caller, headers: &HeaderMap) -> Option<Flash> {
    Flash::read(
        site.cookies.value(headers, CookieName::Flash)?,
        &site.keys,
        caller.received_at,
    )
}

/// The store failed: nobody is served, and the operator reads why.
pub fn store_failed(site: &AppState, request: &Request, error: &StoreError) -> Response {
    let request_id = request
        .extensions()
        .get::<RequestInfo>()
        .map(|arrival| arrival.id.clone());
    tracing::error!(request_id = request_id.as_deref(), %error, "the store failed; no page");
    refuse(
        site,
        request.extensions(),
        request.headers(),
        &RefusalCode::Unavailable.into(),
    )
}
