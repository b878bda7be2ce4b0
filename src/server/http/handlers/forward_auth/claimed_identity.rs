//! Headers of a client that an application could take for identity headers.
//!
//! CGI, WSGI, PHP and others read every character of a name that is neither a letter nor a digit as
//! one: `X.Auth_Request-User` is `X-Auth-Request-User`. A proxy that asks about a request passes
//! the client's headers along. So a request with such a header is refused here, for every proxy
//! that cannot drop names by a pattern. Our own six names are refused as well: no honest client
//! sends them, and a proxy that does not overwrite them is noticed.

use http::header::{CONNECTION, TRAILER};
use http::{HeaderMap, HeaderName};

/// What the names of all identity headers begin with.
const PREFIX: &[u8] = b"x-auth-request";

/// Headers whose values name other headers. A recipient drops those that `Connection` names (RFC
/// 9110 §7.6.1), and may merge those of `Trailer` into its headers.
const LISTS: [HeaderName; 3] = [
    CONNECTION,
    HeaderName::from_static("proxy-connection"),
    TRAILER,
];

/// The first header that could be taken for an identity header, or whose value names one.
pub fn find_claimed_identity(headers: &HeaderMap) -> Option<HeaderName> {
    let is_claimed = |name: &&HeaderName| is_identity_name(name.as_str().as_bytes());
    let claimed = headers.keys().find(is_claimed).cloned();
    claimed.or_else(|| LISTS.into_iter().find(|list| names_identity(headers, list)))
}

fn names_identity(headers: &HeaderMap, list: &HeaderName) -> bool {
    let values = headers.get_all(list).into_iter();
    let mut names = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    names.any(|name| is_identity_name(name.trim_ascii()))
}

fn is_identity_name(name: &[u8]) -> bool {
    let start = name.iter().take(PREFIX.len());
    start.map(fold).eq(PREFIX.iter().copied())
}

fn fold(byte: &u8) -> u8 {
    if byte.is_ascii_alphanumeric() {
        byte.to_ascii_lowercase()
    } else {
        b'-'
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    /// The characters of a name besides letters and digits (RFC 9110 §5.6.2).
    const TCHARS: &str = "!#$%&'*+-.^_`|~";

    fn claimed(name: &str, value: &str) -> Option<String> {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        let headers = [(name, HeaderValue::from_str(value).unwrap())];
        let found = find_claimed_identity(&headers.into_iter().collect());
        found.map(|name| name.as_str().to_owned())
    }

    #[test]
    fn every_character_of_a_name_is_folded_at_every_place() {
        let names = [
            "X-Auth-Request-User",
            "x-auth-request",
            "X-AUTH-REQUEST-PREFERRED-USERNAME",
        ];
        for name in names {
            for char in TCHARS.chars() {
                let all = name.replace('-', &char.to_string());
                assert!(claimed(&all, "root").is_some(), "{all}");
                assert!(
                    claimed(&format!("{name}{char}"), "").is_some(),
                    "{name}{char}"
                );
                for (at, _) in name.match_indices('-') {
                    let mut one = name.to_owned();
                    one.replace_range(at..=at, &char.to_string());
                    assert!(claimed(&one, "root").is_some(), "{one}");
                }
            }
        }
    }

    #[test]
    fn other_headers_are_no_claim() {
        for name in [
            "x-auth",
            "x-auth-req",
            "x-auth-token",
            "xauth-request-user",
            "x--auth-request-user",
            "-x-auth-request-user",
            "authorization",
            "x-request-id",
        ] {
            assert_eq!(claimed(name, "x-auth-request-user"), None, "{name}");
        }
    }

    #[test]
    fn a_list_that_names_an_identity_header_is_a_claim() {
        for list in ["Connection", "Proxy-Connection", "Trailer"] {
            for value in [
                "X-Auth-Request-User",
                "close, x_auth.request!user",
                "a,\tX-Auth-Request",
            ] {
                let lower = list.to_ascii_lowercase();
                assert_eq!(claimed(list, value), Some(lower), "{value}");
            }
            for value in ["", "close", "keep-alive, Upgrade", "x-auth"] {
                assert_eq!(claimed(list, value), None, "{value}");
            }
        }
    }
}
