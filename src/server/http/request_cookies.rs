//! Parses the `Cookie` header (RFC 6265 §4.2.1), for every cookie of this service.
//!
//! A sibling host can set cookies that browsers also send here (cookie tossing, RFC 6265 §8.6). So
//! the header is read as bytes: a name that only resembles one of ours is another name. A name of
//! ours that comes twice is ignored, because nothing in the header tells which one this service
//! set. The response does not expire it either: that would delete the genuine one.

use http::header::COOKIE;
use http::{Extensions, HeaderMap};

use crate::server::http::cookie_name::CookieName;

static NONE: RequestCookies = RequestCookies { found: Vec::new() };

/// The cookies of this service in a request. Cookies of others are skipped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestCookies {
    found: Vec<FoundCookie>,
}

/// A cookie of this service, in the spelling of https or of http.
#[derive(Clone, Debug, PartialEq, Eq)]
struct FoundCookie {
    cookie: CookieName,
    name: &'static str,
    /// None if it came twice.
    value: Option<Vec<u8>>,
}

impl RequestCookies {
    /// Parses every `Cookie` line; several lines are one list (RFC 9113 §8.2.3).
    pub fn parse(headers: &HeaderMap) -> Self {
        let mut cookies = Self::default();
        for line in headers.get_all(COOKIE) {
            for pair in line.as_bytes().split(|byte| *byte == b';') {
                let mut parts = trim(pair).splitn(2, |byte| *byte == b'=');
                if let (Some(name), Some(value)) = (parts.next(), parts.next())
                    && let Some((cookie, name)) = own_name(name)
                {
                    cookies.add(cookie, name, value);
                }
            }
        }
        cookies
    }

    /// The cookies that were attached to a request; empty if none were.
    pub fn of(extensions: &Extensions) -> &Self {
        extensions.get().unwrap_or(&NONE)
    }

    /// Whether no cookie of this service came.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The value of a cookie; none if it came twice or is not UTF-8.
    pub fn value(&self, name: &str) -> Option<&str> {
        let value = self.find(name)?.value.as_deref()?;
        std::str::from_utf8(value).ok()
    }

    /// Whether a cookie came twice.
    pub fn is_repeated(&self, name: &str) -> bool {
        self.find(name).is_some_and(|found| found.value.is_none())
    }

    /// The cookies that came twice.
    pub fn repeated(&self) -> impl Iterator<Item = CookieName> {
        let found = self.found.iter().filter(|found| found.value.is_none());
        found.map(|found| found.cookie)
    }

    fn find(&self, name: &str) -> Option<&FoundCookie> {
        self.found.iter().find(|found| found.name == name)
    }

    fn add(&mut self, cookie: CookieName, name: &'static str, value: &[u8]) {
        match self.found.iter_mut().find(|found| found.name == name) {
            Some(found) => found.value = None,
            None => self.found.push(FoundCookie {
                cookie,
                name,
                value: Some(value.to_vec()),
            }),
        }
    }
}

/// Strips spaces and tabs at both ends (RFC 6265 §5.2), and no other white space.
fn trim(mut pair: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = pair {
        pair = rest;
    }
    pair
}

/// The cookie of this service with exactly this name.
fn own_name(name: &[u8]) -> Option<(CookieName, &'static str)> {
    let spelled = |secure| {
        let cookies = CookieName::ALL.iter();
        cookies.map(move |cookie| (*cookie, cookie.in_header(secure)))
    };
    let mut own = [true, false].into_iter().flat_map(spelled);
    own.find(|(_, own)| own.as_bytes() == name)
}

#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzz;

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn parse<Line: AsRef<[u8]>>(lines: &[Line]) -> RequestCookies {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(COOKIE, HeaderValue::from_bytes(line.as_ref()).unwrap());
        }
        RequestCookies::parse(&headers)
    }

    /// White space that is not SP or HTAB, as UTF-8 and as single bytes, and other bytes that
    /// parsers strip or fold.
    const NO_SEPARATORS: [&[u8]; 22] = [
        "\u{2000}".as_bytes(),
        "\u{2003}".as_bytes(),
        "\u{200a}".as_bytes(),
        "\u{200b}".as_bytes(),
        "\u{2028}".as_bytes(),
        "\u{2029}".as_bytes(),
        "\u{202f}".as_bytes(),
        "\u{205f}".as_bytes(),
        "\u{3000}".as_bytes(),
        "\u{1680}".as_bytes(),
        "\u{feff}".as_bytes(),
        "\u{a0}".as_bytes(),
        "\u{85}".as_bytes(),
        b"\xa0",
        b"\x85",
        b"\"",
        b"'",
        b",",
        b"$",
        b"+",
        b"%20",
        b"\\",
    ];

    #[test]
    fn only_cookies_of_this_service_are_read() {
        let line = b"city=K\xf6ln; latchkey-flow=token; latchkey=; latchkey-browser; \
            =latchkey-flash=x; latchkey-app=a=b";
        let request = parse(&[line]);
        for (name, value) in [
            ("latchkey-flow", Some("token")),
            ("latchkey", Some("")),
            ("latchkey-browser", None),
            ("latchkey-flash", None),
            ("latchkey-app", Some("a=b")),
            ("city", None),
            ("__Host-latchkey-flow", None),
        ] {
            assert_eq!(request.value(name), value, "{name}");
        }
    }

    #[test]
    fn k1_a_name_that_resembles_one_of_ours_is_another_name() {
        for secure in [true, false] {
            for cookie in CookieName::ALL {
                let name = cookie.in_header(secure);
                let value = |request: &RequestCookies| request.value(name).map(str::to_owned);
                let name = name.as_bytes();
                for odd in NO_SEPARATORS {
                    for lookalike in [
                        [odd, name].concat(),
                        [name, odd].concat(),
                        [b" \t".as_slice(), odd, b" ", name].concat(),
                        [&name[..3], odd, &name[3..]].concat(),
                    ] {
                        let planted = [lookalike.as_slice(), b"=planted"].concat();
                        let genuine = [name, b"=genuine"].concat();
                        assert_eq!(value(&parse(&[&planted])), None);
                        for pairs in [[&planted, &genuine], [&genuine, &planted]] {
                            let line = pairs.map(Vec::as_slice).join(b"; ".as_slice());
                            let request = parse(&[&line]);
                            assert_eq!(value(&request).as_deref(), Some("genuine"));
                            assert_eq!(request.repeated().count(), 0);
                        }
                    }
                }
                for other in [name.to_ascii_uppercase(), [name, b" "].concat()] {
                    let planted = [other.as_slice(), b"=planted"].concat();
                    assert_eq!(value(&parse(&[&planted])), None);
                }
            }
        }
    }

    #[test]
    fn k1_a_name_of_ours_that_comes_twice_is_ignored_without_hiding_the_rest() {
        let session = CookieName::Session.in_header(true);
        for lines in [
            &["__Host-latchkey=a; __Host-latchkey=b; __Host-latchkey-flow=f"][..],
            &["__Host-latchkey=a; __Host-latchkey-flow=f; __Host-latchkey=a"],
            &[
                "__Host-latchkey=a; x=y",
                "__Host-latchkey-flow=f; __Host-latchkey=b",
            ],
            &[
                "__Host-latchkey=a",
                "__Host-latchkey=",
                "__Host-latchkey=c; __Host-latchkey-flow=f",
            ],
            &["\t__Host-latchkey=a\t;__Host-latchkey=b ;\t__Host-latchkey-flow=f \t"],
        ] {
            let request = parse(lines);
            assert_eq!(request.value(session), None, "{lines:?}");
            assert!(request.is_repeated(session));
            assert_eq!(request.value("__Host-latchkey-flow"), Some("f"));
            let repeated: Vec<_> = request.repeated().collect();
            assert_eq!(repeated, [CookieName::Session]);
        }
        let bytes = [b"latchkey=\xff".as_slice(), b"latchkey=good"];
        assert!(
            parse(&bytes).is_repeated("latchkey"),
            "no matter what the bytes are"
        );
        assert_eq!(
            parse(&["latchkey=a; __Host-latchkey=b"]).repeated().count(),
            0
        );
    }

    /// A pair of the header as its sender meant it: the name, and the bytes around it.
    fn pairs() -> impl Strategy<Value = Vec<(Vec<u8>, Vec<u8>, bool)>> {
        let own: Vec<Vec<u8>> = [true, false]
            .into_iter()
            .flat_map(|secure| {
                CookieName::ALL
                    .iter()
                    .map(move |name| name.in_header(secure))
            })
            .map(|name| name.as_bytes().to_vec())
            .collect();
        let odd: Vec<&[u8]> = NO_SEPARATORS.to_vec();
        let name = prop_oneof![
            4 => proptest::sample::select(own.clone()),
            2 => (proptest::sample::select(odd), proptest::sample::select(own))
                .prop_map(|(odd, name)| [odd, &name].concat()),
            1 => "[a-z]{1,6}".prop_map(String::into_bytes),
        ];
        let value = proptest::collection::vec(
            any::<u8>().prop_filter("a cookie's value", |byte| {
                !matches!(byte, 0..=b' ' | 0x7f | b';')
            }),
            0..8,
        );
        proptest::collection::vec((name, value, any::<bool>()), 0..10)
    }

    proptest! {
        /// A cookie has a value if exactly one pair of all lines has its name.
        #[test]
        fn k1_exactly_one_pair_gives_a_cookie_its_value(pairs in pairs()) {
            let mut lines = vec![Vec::new()];
            for (name, value, starts_line) in &pairs {
                if *starts_line {
                    lines.push(Vec::new());
                }
                let line = lines.last_mut().unwrap();
                line.extend([b" \t".as_slice(), name, b"=", value, b"\t ;"].concat());
            }
            let request = parse(&lines);
            for secure in [true, false] {
                for cookie in CookieName::ALL {
                    let name = cookie.in_header(secure);
                    let mut same = pairs.iter().filter(|(of, ..)| of == name.as_bytes());
                    let first = same.next().map(|(_, value, _)| value.as_slice());
                    let is_repeated = same.next().is_some();
                    let expected = first
                        .filter(|_| !is_repeated)
                        .and_then(|value| std::str::from_utf8(value).ok());
                    prop_assert_eq!(request.value(name), expected);
                    prop_assert_eq!(request.is_repeated(name), is_repeated);
                }
            }
        }
    }
}
