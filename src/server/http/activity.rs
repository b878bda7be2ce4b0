//! Decides which requests are activity of a session: those that a person causes.
//!
//! With `session.activity = navigation`, Fetch Metadata decides. A script that polls, an image and
//! an iframe are no activity, so an unattended page does not keep a session alive. Chromium and
//! Firefox also tell a person's navigation from that of a script or a meta refresh, by
//! `Sec-Fetch-User`. WebKit never sends that header, so there every navigation of a window counts;
//! the absolute timeout bounds what a page that reloads itself can gain.

use http::header::USER_AGENT;
use http::{HeaderMap, HeaderName, Method};

use crate::server::http::fetch_metadata::{self, DEST, MODE, USER};
use crate::server::http::negotiation::wants_page;
use crate::server::settings::SessionActivity;

/// A client hint that Chromium alone sends.
const SEC_CH_UA: HeaderName = HeaderName::from_static("sec-ch-ua");

/// Parts of the `User-Agent` of engines that send `Sec-Fetch-User` wherever they send
/// `Sec-Fetch-Mode`: Chromium, and Gecko. Every browser on iOS is WebKit; it has neither part.
const REPORTS_USER: [&[u8]; 3] = [b"Chrome/", b"Chromium/", b"Gecko/"];

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
        SessionActivity::Navigation => {
            !fetch_metadata::is_prefetch(headers) && is_user_navigation(source, headers)
        }
    }
}

/// Whether a person caused the navigation. A header that the engine does not send decides nothing.
fn is_user_navigation(source: ActivitySource<'_>, headers: &HeaderMap) -> bool {
    let value = |name| fetch_metadata::value(headers, name);
    if fetch_metadata::is_navigation(headers) == Some(false) {
        return false;
    }
    match (value(&USER), value(&MODE).or(value(&DEST))) {
        (Some(user), _) => user == b"?1",
        // A frame loads without a person, and in WebKit nothing tells whether this one did.
        (None, Some(_)) => {
            value(&DEST).is_none_or(|dest| dest == b"document") && !reports_user(headers)
        }
        (None, None) => match source {
            ActivitySource::OwnPage => true,
            ActivitySource::Application(method) => {
                matches!(*method, Method::GET | Method::HEAD) && wants_page(headers)
            }
        },
    }
}

/// Whether the engine would have sent `Sec-Fetch-User` with a person's navigation.
fn reports_user(headers: &HeaderMap) -> bool {
    let user_agent = headers
        .get(USER_AGENT)
        .map_or(&b""[..], |value| value.as_bytes());
    let is_in_user_agent =
        |part: &&[u8]| user_agent.windows(part.len()).any(|window| window == *part);
    headers.contains_key(SEC_CH_UA) || REPORTS_USER.iter().any(is_in_user_agent)
}

#[cfg(test)]
mod engine_table;

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const PAGE: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");

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

    fn counts(source: ActivitySource<'_>, headers: &HeaderMap) -> bool {
        assert!(is_activity(source, headers, SessionActivity::Request));
        is_activity(source, headers, SessionActivity::Navigation)
    }

    #[test]
    fn k6_without_fetch_metadata_page_requests_are_activity() {
        let (page, data) = (headers(&[PAGE]), headers(&[("accept", "application/json")]));
        let ahead = headers(&[PAGE, ("purpose", "prefetch")]);
        for (method, headers, expected) in [
            (Method::GET, &page, true),
            (Method::HEAD, &page, true),
            (Method::POST, &page, false),
            (Method::GET, &data, false),
            (Method::GET, &HeaderMap::new(), false),
            (Method::GET, &ahead, false),
        ] {
            let found = counts(ActivitySource::Application(&method), headers);
            assert_eq!(found, expected, "{method} {headers:?}");
            let is_ahead = headers == &ahead;
            assert_eq!(counts(ActivitySource::OwnPage, headers), !is_ahead);
        }
    }

    #[test]
    fn k6_a_missing_header_is_no_refusal_and_a_doubled_one_is() {
        let navigate = ("sec-fetch-mode", "navigate");
        let document = ("sec-fetch-dest", "document");
        for (of, expected) in [
            (&[navigate][..], true),
            (&[document], true),
            (&[("sec-fetch-site", "same-origin"), PAGE], true),
            (&[("sec-fetch-user", "?1")], true),
            (&[("sec-fetch-user", "?0"), navigate, document], false),
            (&[("sec-fetch-user", "?1"), ("sec-fetch-user", "?1")], false),
            (&[navigate, navigate, document], false),
            (&[navigate, document, document], false),
            (&[("sec-fetch-dest", "image")], false),
            (&[("sec-fetch-mode", "cors")], false),
            (
                &[("sec-fetch-mode", "cors"), ("sec-fetch-user", "?1")],
                false,
            ),
        ] {
            let mut map = HeaderMap::new();
            for (name, value) in of {
                map.append(*name, HeaderValue::from_static(value));
            }
            let get = ActivitySource::Application(&Method::GET);
            for source in [get, ActivitySource::OwnPage] {
                assert_eq!(counts(source, &map), expected, "{of:?}, {source:?}");
            }
        }
    }
}
