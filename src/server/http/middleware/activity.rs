//! What counts as activity of a session: what a person does, not what a page does by itself.
//!
//! `session.activity = navigation` asks the browser, which says by Fetch Metadata (W3C Fetch
//! Metadata Request Headers §2) whether a person moved. A script that polls, an image, an iframe
//! that loads and a meta refresh do not say so, and a session that nobody uses ends for all their
//! asking.

use http::{HeaderMap, HeaderName, Method};

use crate::server::http::middleware::caller::wants_page;
use crate::server::settings::SessionActivity;

const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_FETCH_USER: HeaderName = HeaderName::from_static("sec-fetch-user");
const SEC_PURPOSE: HeaderName = HeaderName::from_static("sec-purpose");

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActivitySource<'a> {
    /// A page of ours, which nothing but a person has a reason to ask for.
    OwnPage,
    /// Something of an application, by this method.
    Application(&'a Method),
}

/// Whether a request counts as activity of its session. Asking about the session never does, and
/// extending it always: neither comes here.
pub fn is_activity(asked: ActivitySource<'_>, headers: &HeaderMap, rule: SessionActivity) -> bool {
    match rule {
        SessionActivity::Request => true,
        SessionActivity::Navigation if has_fetch_metadata(headers) => is_persons_move(headers),
        SessionActivity::Navigation => match asked {
            ActivitySource::OwnPage => true,
            ActivitySource::Application(method) => {
                matches!(*method, Method::GET | Method::HEAD) && wants_page(headers)
            }
        },
    }
}

/// Browsers that are old, or speak plain http to another machine, send none.
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

/// A navigation that a person began. A page fetched ahead, in case the person goes there, says so
/// in `Sec-Purpose` (Fetch Standard §3.8).
fn is_persons_move(headers: &HeaderMap) -> bool {
    says(headers, &SEC_FETCH_MODE, "navigate")
        && says(headers, &SEC_FETCH_USER, "?1")
        && !headers.contains_key(SEC_PURPOSE)
}

/// Several values are nobody's word.
fn says(headers: &HeaderMap, name: &HeaderName, value: &str) -> bool {
    let mut values = headers.get_all(name).iter();
    values
        .next()
        .is_some_and(|said| said.as_bytes() == value.as_bytes())
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

    /// Requests as browsers send them, and whether a person moved.
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
    fn k6_a_page_that_does_things_by_itself_is_no_person() {
        for (what, moved, headers) in requests() {
            for asked in [
                ActivitySource::OwnPage,
                ActivitySource::Application(&Method::GET),
                ActivitySource::Application(&Method::POST),
            ] {
                let counts = is_activity(asked, &headers, SessionActivity::Navigation);
                assert_eq!(counts, moved, "{what}, {asked:?}");
                assert!(
                    is_activity(asked, &headers, SessionActivity::Request),
                    "{what}, {asked:?}"
                );
            }
        }
    }

    #[test]
    fn k6_two_values_of_a_header_are_nobodys_word() {
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
    fn k6_clients_without_fetch_metadata_are_told_by_what_they_ask_for() {
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
            let asked = ActivitySource::Application(&method);
            assert_eq!(
                is_activity(asked, headers, SessionActivity::Navigation),
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
