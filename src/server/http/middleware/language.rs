//! The language that a person chose: `?lang=` on any page, which a cookie remembers.

use std::time::Duration;

use axum::extract::Request;
use axum::response::Response;
use http::header::COOKIE;

use crate::app::i18n::Language;
use crate::server::http::cookies::{CookieChange, CookieName};
use crate::server::http::extensions::OnApplicationHost;
use crate::server::http::negotiation::{ChosenLanguage, wants_page};
use crate::server::http::query::single_value;
use crate::server::http::request_cookies::RequestCookies;
use crate::server::http::state::AppState;

/// The parameter of a query that chooses a language.
const PARAMETER: &str = "lang";
/// How long the choice is remembered: the longest that browsers allow (RFC 6265bis §5.5).
const LIFETIME: Duration = Duration::from_hours(400 * 24);

/// The middleware: attaches a [`ChosenLanguage`] to the request, and sets the cookie of a choice
/// that was made by this request. A value that names no supported language is ignored.
pub async fn language<F: Future<Output = Response>>(
    state: &AppState,
    mut request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response {
    let asked = asked_language(&request);
    if let Some(language) = asked.or_else(|| remembered_language(state, &request)) {
        request.extensions_mut().insert(ChosenLanguage(language));
    }
    // Only a page has somebody before it who chose.
    let is_page = request.method().is_safe() && wants_page(request.headers());
    let mut response = next(request).await;
    if let Some(language) = asked
        && is_page
        && response.extensions().get::<OnApplicationHost>().is_none()
    {
        let change = CookieChange::Set(
            CookieName::Language,
            language.tag.to_owned(),
            Some(LIFETIME),
        );
        state.site.cookies.append(response.headers_mut(), &change);
    }
    response
}

fn asked_language(request: &Request) -> Option<&'static Language> {
    let tag = single_value(request.uri().query()?, PARAMETER)?;
    Language::chosen(std::str::from_utf8(&tag).ok()?)
}

/// The language in the cookie. Most requests have none, and then nothing is parsed.
fn remembered_language(state: &AppState, request: &Request) -> Option<&'static Language> {
    let name = state.site.cookies.name(CookieName::Language).as_bytes();
    let mut lines = request.headers().get_all(COOKIE).iter();
    let is_there = lines.any(|line| line.as_bytes().windows(name.len()).any(|part| part == name));
    let cookies = is_there.then(|| RequestCookies::parse(request.headers()))?;
    Language::chosen(state.site.cookies.value(&cookies, CookieName::Language)?)
}
