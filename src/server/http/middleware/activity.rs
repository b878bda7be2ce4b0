//! Decides which requests are activity of a session: those that a person causes.
//!
//! With `session.activity = navigation`, Fetch Metadata (W3C Fetch Metadata Request Headers §2)
//! decides. A script that polls, an image, an iframe and a meta refresh are no activity, so an
//! unattended page does not keep a session alive.

use http::{HeaderMap, HeaderName, Method};

use crate::server::http::negotiation::wants_page;
use crate::server::settings::SessionActivity;

const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_FETCH_USER: HeaderName = HeaderName::from_static("sec-fetch-user");
const SEC_PURPOSE: HeaderName = HeaderName::from_static("sec-purpose");

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActivitySource<'a> {
    /// A page of this service, which only a person requests.
    OwnPage,
    /// A resource of an application, by this method.
    Application(&'a Method),
}

/// Whether a request is activity of its session. Requests for session information never are, and
/// those that extend the session always are, so neither is passed here.
pub fn is_activity(source: ActivitySource<'_>, headers: &HeaderMap, rule: SessionActivity) -> bool {
    match rule {
        SessionActivity::Request => true,
        SessionActivity::Navigation if has_fetch_metadata(headers) => is_user_navigation(headers),
        SessionActivity::Navigation => match source {
            ActivitySource::OwnPage => true,
            ActivitySource::Application(method) => {
                matches!(*method, Method::GET | Method::HEAD) && wants_page(headers)
            }
        },
    }
}

/// Old browsers send none, and no browser does over plain http to another machine.
fn has_fetch_metadata(headers: &HeaderMap) -> bool {
    [
        SEC_FETCH_DEST,
        SEC_FETCH_MODE,
        SEC_FETCH_SITE,
        SEC_FETCH_USER,
    ]
    .iter()
    .any(|name| headers.contains_key(name))
}

/// Whether a person caused the navigation. `Sec-Purpose` marks a prefetch (Fetch Standard §3.8).
fn is_user_navigation(headers: &HeaderMap) -> bool {
    has_value(headers, &SEC_FETCH_MODE, "navigate")
        && has_value(headers, &SEC_FETCH_USER, "?1")
        && !headers.contains_key(SEC_PURPOSE)
}

/// Whether a header has this value alone.
fn has_value(headers: &HeaderMap, name: &HeaderName, value: &str) -> bool {
    let mut values = headers.get_all(name).iter();
    values
        .next()
        .is_some_and(|first| first.as_bytes() == value.as_bytes())
        && values.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    const PAGE: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

    fn headers(of: &[(&'static str, &'static str)]) -> HeaderMap {
        of.iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    /// Requests as browsers send them, and whether a person caused them.
    fn requests() -> Vec<(&'static str, bool, HeaderMap)> {
        let fetch = |mode, dest| {
            [
                ("sec-fetch-site", "same-origin"),
                ("sec-fetch-mode", mode),
                ("sec-fetch-dest", dest),
            ]
        };
        let with = |mode, dest, more: &[(&'static str, &'static str)]| {
            headers(&[&fetch(mode, dest), more].concat())
        };
        let page = ("accept", PAGE);
        vec![
            (
                "a link",
                true,
                with("navigate", "document", &[page, ("sec-fetch-user", "?1")]),
            ),
            (
                "a form",
                true,
                with("navigate", "document", &[page, ("sec-fetch-user", "?1")]),
            ),
            (
                "a link inside a frame",
                true,
                with("navigate", "iframe", &[page, ("sec-fetch-user", "?1")]),
            ),
            (
                "a meta refresh",
                false,
                with("navigate", "document", &[page]),
            ),
            (
                "a script that goes elsewhere",
                false,
                with("navigate", "document", &[page]),
            ),
            (
                "an iframe that loads",
                false,
                with("navigate", "iframe", &[page]),
            ),
            (
                "a page that polls",
                false,
                with("cors", "empty", &[("accept", "*/*")]),
            ),
            (
                "a script that asks for a page",
                false,
                with("same-origin", "empty", &[page]),
            ),
            (
                "an image",
                false,
                with("no-cors", "image", &[("accept", "image/avif,*/*")]),
            ),
            (
                "a style sheet",
                false,
                with("no-cors", "style", &[("accept", "text/css,*/*;q=0.1")]),
            ),
            ("a WebSocket", false, with("websocket", "websocket", &[])),
            (
                "a page fetched ahead",
                false,
                with(
                    "navigate",
                    "document",
                    &[page, ("sec-fetch-user", "?1"), ("sec-purpose", "prefetch")],
                ),
            ),
            (
                "another word of the user",
                false,
                with("navigate", "document", &[page, ("sec-fetch-user", "?0")]),
            ),
        ]
    }

    #[test]
    fn k6_requests_without_user_activation_are_no_activity() {
        for (what, is_caused_by_person, headers) in requests() {
            for source in [
                ActivitySource::OwnPage,
                ActivitySource::Application(&Method::GET),
                ActivitySource::Application(&Method::POST),
            ] {
                let counts = is_activity(source, &headers, SessionActivity::Navigation);
                assert_eq!(counts, is_caused_by_person, "{what}, {source:?}");
                assert!(
                    is_activity(source, &headers, SessionActivity::Request),
                    "{what}, {source:?}"
                );
            }
        }
    }

    #[test]
    fn k6_a_repeated_fetch_metadata_header_is_no_activity() {
        for name in [SEC_FETCH_MODE, SEC_FETCH_USER] {
            let mut twice = headers(&[("sec-fetch-mode", "navigate"), ("sec-fetch-user", "?1")]);
            assert!(is_activity(
                ActivitySource::OwnPage,
                &twice,
                SessionActivity::Navigation
            ));
            twice.append(&name, HeaderValue::from_static("cors"));
            assert!(
                !is_activity(ActivitySource::OwnPage, &twice, SessionActivity::Navigation),
                "{name}"
            );
        }
    }

    #[test]
    fn k6_without_fetch_metadata_page_requests_are_activity() {
        let (page, data) = (
            headers(&[("accept", PAGE)]),
            headers(&[("accept", "application/json")]),
        );
        for (method, headers, counts) in [
            (Method::GET, &page, true),
            (Method::HEAD, &page, true),
            (Method::POST, &page, false),
            (Method::GET, &data, false),
            (Method::GET, &HeaderMap::new(), false),
        ] {
            let source = ActivitySource::Application(&method);
            assert_eq!(
                is_activity(source, headers, SessionActivity::Navigation),
                counts,
                "{method} {headers:?}"
            );
            assert!(is_activity(
                ActivitySource::OwnPage,
                headers,
                SessionActivity::Navigation
            ));
        }
    }
}
