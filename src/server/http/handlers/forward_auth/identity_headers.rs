//! The headers that tell an application who is signed in.
//!
//! Every 200 carries all of them, some empty. So a proxy that copies them always overwrites headers
//! that a client sent under these names.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::domain::timestamp::Timestamp;
use crate::server::applications::Application;
use crate::server::http::state::AppState;
use crate::server::session::ActiveSession;
use crate::server::settings::forward_auth::PhoneHeader;

/// `sub` upstream.
pub const USER: HeaderName = HeaderName::from_static("x-auth-request-user");
/// The verified phone number, masked or in full; empty if there is none.
pub const PHONE: HeaderName = HeaderName::from_static("x-auth-request-phone");
/// Roles, comma-separated.
pub const GROUPS: HeaderName = HeaderName::from_static("x-auth-request-groups");
/// Authentication methods (RFC 8176), comma-separated.
pub const AMR: HeaderName = HeaderName::from_static("x-auth-request-amr");
/// When the session ends without activity, RFC 3339.
pub const SESSION_EXPIRES: HeaderName = HeaderName::from_static("x-auth-request-session-expires");
/// How long ago the person entered a code, in whole seconds.
pub const AUTH_AGE: HeaderName = HeaderName::from_static("x-auth-request-auth-age");
/// The signed JWT; empty if `forward_auth.jwt` is off.
pub const JWT: HeaderName = HeaderName::from_static("x-auth-request-jwt");

/// Characters that a value must encode. Bytes above ASCII are always encoded.
const RESERVED: AsciiSet = CONTROLS.add(b'%').add(b',');
/// The same for values with spaces at their ends, which recipients would trim.
const RESERVED_AND_SPACE: AsciiSet = RESERVED.add(b' ');

/// The headers of a 200 without a user.
pub fn of_nobody() -> HeaderMap {
    let names = [USER, PHONE, GROUPS, AMR, SESSION_EXPIRES, AUTH_AGE, JWT];
    names
        .map(|name| (name, HeaderValue::from_static("")))
        .into_iter()
        .collect()
}

/// Why an application cannot be told who is signed in.
#[derive(Debug, thiserror::Error)]
pub enum IdentityHeadersError {
    /// The JWT cannot be signed.
    #[error("the JWT could not be signed")]
    Signing,
    /// A header would be too long for the servers behind. A shortened list of roles would be wrong.
    #[error(
        "{name} would have {bytes} bytes, and forward_auth.header_limit is {limit}: select the \
         roles that the application needs with forward_auth.groups"
    )]
    TooLong {
        /// The header.
        name: HeaderName,
        /// The length of its value.
        bytes: usize,
        /// The longest value.
        limit: usize,
    },
}

/// The headers of a 200. The session expires at `idle_expires_at` without further activity.
///
/// # Errors
/// If the JWT cannot be signed, or if a header would be too long.
pub fn headers(
    state: &AppState,
    application: &Application,
    active: &ActiveSession,
    idle_expires_at: Timestamp,
) -> Result<HeaderMap, IdentityHeadersError> {
    let session = &active.record;
    let settings = &state.settings.forward_auth;
    let full = match settings.phone {
        PhoneHeader::Full => session.phone.as_ref().map(|phone| phone.value()),
        PhoneHeader::Masked => None,
    };
    // The mask is not ASCII.
    let phone = full.map_or_else(
        || session.masked_phone().replace('•', "*").into(),
        Cow::Borrowed,
    );
    let groups = application.groups.select(&session.roles);
    let jwt = match &state.services.assertions {
        Some(assertions) => assertions
            .issue(active, application, &groups, full, idle_expires_at)
            .map_err(|_| IdentityHeadersError::Signing)?,
        None => HeaderValue::from_static(""),
    };
    let age = session.code_age(state.clock.now()).as_secs();
    let mut headers = HeaderMap::with_capacity(7);
    headers.insert(USER, value(&session.subject));
    headers.insert(PHONE, value(&phone));
    headers.insert(GROUPS, list(&groups));
    headers.insert(AMR, list(&session.amr));
    headers.insert(SESSION_EXPIRES, value(&idle_expires_at.to_rfc3339()));
    headers.insert(AUTH_AGE, HeaderValue::from(age));
    headers.insert(JWT, jwt);
    match find_too_long(&headers, settings.header_limit) {
        Some(error) => Err(error),
        None => Ok(headers),
    }
}

fn find_too_long(headers: &HeaderMap, limit: usize) -> Option<IdentityHeadersError> {
    let (name, value) = headers.iter().find(|(_, value)| value.len() > limit)?;
    Some(IdentityHeadersError::TooLong {
        name: name.clone(),
        bytes: value.len(),
        limit,
    })
}

fn value(text: &str) -> HeaderValue {
    header(&encode(text))
}

fn list(names: &[String]) -> HeaderValue {
    let names: Vec<Cow<'_, str>> = names.iter().map(|name| encode(name)).collect();
    header(&names.join(","))
}

/// Percent-encodes what a header or a list cannot contain (RFC 3986 §2.1), in UTF-8.
fn encode(text: &str) -> Cow<'_, str> {
    let is_trimmed = text.trim_matches(' ').len() == text.len();
    utf8_percent_encode(
        text,
        if is_trimmed {
            &RESERVED
        } else {
            &RESERVED_AND_SPACE
        },
    )
    .into()
}

/// Cannot fail, because encoded text is printable ASCII.
fn header(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_name_stays_one_list_item_on_one_line() {
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
        fn any_role_name_survives_encoding(
            names in proptest::collection::vec("(?s).{1,12}", 1..4),
        ) {
            use percent_encoding::percent_decode_str;

            let line = list(&names);
            let line = line.to_str().unwrap();
            let decoded: Vec<String> = line
                .split(',')
                // As recipients that trim list items.
                .map(|name| percent_decode_str(name.trim()).decode_utf8().unwrap().into_owned())
                .collect();
            prop_assert_eq!(decoded, names);
        }
    }
}
