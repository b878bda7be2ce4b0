//! The URLs that lead to a sign-in or back to its form, and those of a login to an application.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::domain::Page;
use crate::server::crypto::opaque_token::ShortToken;
use crate::server::http::route_paths::{ENTER, START};
use crate::server::http::state::PublicSite;
use crate::server::sign_in::return_url;

/// Characters that a query value must encode, and those that proxies and URL parsers treat
/// differently. All others stay as they are, to keep URLs short.
const QUERY_VALUE: AsciiSet = CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'&')
    .add(b'+')
    .add(b'<')
    .add(b'>')
    .add(b'\'')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// URL of the sign-in page.
pub fn sign_in_url(site: &PublicSite) -> String {
    format!("{}{}", site.origin, Page::SignIn.path())
}

/// URL of the sign-in page, with a return URL.
pub fn sign_in_url_returning_to(site: &PublicSite, return_to: &str) -> String {
    format!(
        "{}?return_to={}",
        sign_in_url(site),
        utf8_percent_encode(return_to, &QUERY_VALUE)
    )
}

/// The query that makes a form say that the browser keeps no cookies. A cookie cannot say it.
pub const COOKIES_BLOCKED: (&str, &str) = ("cookies", "blocked");

/// Path of a form whose cookie the browser did not keep. A return URL has no other place.
pub fn cookies_blocked_path(page: Page, return_to: Option<&str>) -> String {
    let (name, value) = COOKIES_BLOCKED;
    let path = format!("{}?{name}={value}", page.path());
    match return_to {
        Some(to) => format!("{path}&return_to={}", utf8_percent_encode(to, &QUERY_VALUE)),
        None => path,
    }
}

/// URL that starts the login to an application on another host and then leads to `path` there.
///
/// The URL serves as a return URL itself when the person signs in first. If `path` makes it too
/// long for that, it leads to the page without its query, else to the root.
pub fn start_url(origin: &str, path: &str) -> String {
    let url_to = |path: &str| {
        format!(
            "{origin}{START}?to={}",
            utf8_percent_encode(path, &QUERY_VALUE)
        )
    };
    let mut urls = [path, return_url::without_query(path)]
        .into_iter()
        .map(url_to);
    urls.find(|url| url.len() <= return_url::MAX_RETURN_URL_LENGTH)
        .unwrap_or_else(|| url_to("/"))
}

/// URL that redeems a ticket. It names the page as well, because a ticket that is gone cannot tell
/// where the person wanted to go.
pub fn enter_url(origin: &str, ticket: &ShortToken, path: &str) -> String {
    format!(
        "{origin}{ENTER}?ticket={}&to={}",
        ticket.encode(),
        utf8_percent_encode(path, &QUERY_VALUE)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_url_too_long_for_a_return_url_leads_to_the_page_without_its_query() {
        const ORIGIN: &str = "https://app.example.com";
        assert_eq!(
            start_url(ORIGIN, "/a?b=c&d=é#e"),
            format!("{ORIGIN}/.latchkey/start?to=/a?b=c%26d=%C3%A9%23e")
        );
        assert_eq!(
            start_url(ORIGIN, &format!("/{}", "&".repeat(600))).len(),
            ORIGIN.len() + "/.latchkey/start?to=/".len() + 1800
        );
        assert_eq!(
            start_url(ORIGIN, &format!("/a?{}", "&".repeat(700))),
            format!("{ORIGIN}/.latchkey/start?to=/a")
        );
        assert_eq!(
            start_url(ORIGIN, &format!("/{}", "&".repeat(700))),
            format!("{ORIGIN}/.latchkey/start?to=/")
        );
    }
}
