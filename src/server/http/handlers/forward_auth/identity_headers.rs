//! What an application is told of who is signed in. Every header is there on every 200, empty where
//! there is nothing to say: a proxy that copies them then always overwrites what a client sent
//! under these names.

use std::borrow::Cow;

use aws_lc_rs::error::Unspecified;
use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::domain::timestamp::Timestamp;
use crate::server::applications::Application;
use crate::server::http::handlers::forward_auth::AppState;
use crate::server::session::ActiveSession;
use crate::server::settings::forward_auth::PhoneHeader;

/// `sub` upstream.
pub const USER: HeaderName = HeaderName::from_static("x-auth-request-user");
/// What the person signed in with, masked or in full.
pub const PHONE: HeaderName = HeaderName::from_static("x-auth-request-phone");
/// Roles, between commas.
pub const GROUPS: HeaderName = HeaderName::from_static("x-auth-request-groups");
/// How the person was authenticated (RFC 8176), between commas.
pub const AMR: HeaderName = HeaderName::from_static("x-auth-request-amr");
/// When the session ends without activity, RFC 3339.
pub const SESSION_EXPIRES: HeaderName = HeaderName::from_static("x-auth-request-session-expires");
/// The signed JWT, where it is on.
pub const JWT: HeaderName = HeaderName::from_static("x-auth-request-jwt");

/// What may not stand for itself in a value. Bytes above ASCII never do.
const IN_A_VALUE: AsciiSet = CONTROLS.add(b'%').add(b',');
/// The same at the ends of a value, where recipients drop spaces.
const AT_ITS_ENDS: AsciiSet = IN_A_VALUE.add(b' ');

/// The headers of a 200.
///
/// # Errors
/// When no JWT can be signed.
pub fn headers(
    site: &AppState,
    application: &Application,
    live: &ActiveSession,
    ends: Timestamp,
) -> Result<HeaderMap, Unspecified> {
    let session = &live.record;
    let full = match site.settings.forward_auth.phone {
        PhoneHeader::Full => session.phone.as_ref().map(|phone| phone.value()),
        PhoneHeader::Masked => None,
    };
    // Its dots are not ASCII.
    let phone = full.map_or_else(|| session.masked.replace('•', "*").into(), Cow::Borrowed);
    let jwt = match &site.assertions {
        Some(assertions) => assertions.issue(live, application, full, ends)?,
        None => HeaderValue::from_static(""),
    };
    let mut headers = HeaderMap::with_capacity(6);
    headers.insert(USER, value(&session.subject));
    headers.insert(PHONE, value(&phone));
    headers.insert(GROUPS, list(&session.roles));
    headers.insert(AMR, list(&session.amr));
    headers.insert(SESSION_EXPIRES, value(&ends.to_rfc3339()));
    headers.insert(JWT, jwt);
    Ok(headers)
}

fn value(text: &str) -> HeaderValue {
    header(&encoded(text))
}

fn list(names: &[String]) -> HeaderValue {
    let names: Vec<Cow<'_, str>> = names.iter().map(|name| encoded(name)).collect();
    header(&names.join(","))
}

/// What cannot stand in a header or a list is percent-encoded (RFC 3986 §2.1), in UTF-8.
fn encoded(text: &str) -> Cow<'_, str> {
    let has_bare_ends = text.trim_matches(' ').len() == text.len();
    utf8_percent_encode(
        text,
        if has_bare_ends {
            &IN_A_VALUE
        } else {
            &AT_ITS_ENDS
        },
    )
    .into()
}

/// Printable ASCII is always the value of a header.
fn header(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_stay_one_name_and_one_line() {
        for (names, line) in [
            (&["admin", "staff"][..], "admin,staff"),
            (&["Account Manager"], "Account Manager"),
            (&["a,b", "c%d"], "a%2Cb,c%25d"),
            (&[" admin", "admin "], "%20admin,admin%20"),
            (&["Müller", "管理"], "M%C3%BCller,%E7%AE%A1%E7%90%86"),
            (
                &["a\r\nX-Auth-Request-User: root", "\u{7f}\0"],
                "a%0D%0AX-Auth-Request-User: root,%7F%00",
            ),
            (&[], ""),
        ] {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(list(&names), line);
        }
    }

    proptest! {
        #[test]
        fn whatever_a_role_is_called_it_reads_back(names in proptest::collection::vec("(?s).{1,12}", 1..4)) {
            let line = list(&names);
            let line = line.to_str().unwrap();
            let decoded: Vec<String> = line
                .split(',')
                // As recipients do that are free with spaces.
                .map(|name| percent_encoding::percent_decode_str(name.trim()).decode_utf8().unwrap().into_owned())
                .collect();
            prop_assert_eq!(decoded, names);
        }
    }
}
