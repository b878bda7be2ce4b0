//! The fuzz target of the `Cookie` header; see [`crate::fuzz`].

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};

use crate::fuzz_assertions::parse_twice;
use crate::server::http::cookie_name::CookieName;
use crate::server::http::request_cookies::RequestCookies;

/// The lines of a `Cookie` header. Each cookie of ours has a value or came twice as a plain count
/// of its pairs says, no matter how the pairs are spread over lines. One more pair voids it.
pub fn cookie_header(bytes: &[u8]) {
    let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    let Some(request) = parse_twice(|| parse(&lines)) else {
        return;
    };
    let joined = lines.join(b";".as_slice());
    assert_eq!(parse(&[&joined]), Some(request.clone()), "one list");
    for secure in [true, false] {
        for cookie in CookieName::ALL {
            let name = cookie.in_header(secure);
            let count = count_pairs(&joined, name);
            assert_eq!(request.is_repeated(name), count > 1, "{name}");
            let value = request.value(name);
            assert!(count == 1 || value.is_none(), "{name} came {count} times");
            assert!(value.is_none_or(|value| !value.contains(';')), "{name}");
            let again = [&joined, b"; ".as_slice(), name.as_bytes(), b"=again"].concat();
            let expected = (count == 0).then_some("again");
            let added = parse(&[&again]).unwrap_or_default();
            assert_eq!(added.value(name), expected, "{name}");
        }
    }
}

/// None if a line cannot be a header's value.
fn parse(lines: &[&[u8]]) -> Option<RequestCookies> {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append(COOKIE, HeaderValue::from_bytes(line).ok()?);
    }
    Some(RequestCookies::parse(&headers))
}

/// How often a name stands after the start or a semicolon with spaces and tabs, and before `=`.
fn count_pairs(line: &[u8], name: &str) -> usize {
    let start = [name.as_bytes(), b"="].concat();
    let pairs = line.split(|byte| *byte == b';');
    pairs
        .filter(|pair| {
            let blanks = pair.iter().take_while(|byte| matches!(byte, b' ' | b'\t'));
            let blanks = blanks.count();
            pair.get(blanks..)
                .is_some_and(|rest| rest.starts_with(&start))
        })
        .count()
}
