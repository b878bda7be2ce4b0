//! The validation of return URLs: a path of the sign-in, or a URL of an allowed origin.
//!
//! It prevents open redirects (requirement H8). What could lead elsewhere is refused. Every other
//! character of a path or query is kept, percent-encoded where necessary.

use percent_encoding::{AsciiSet, CONTROLS, percent_encode};
use url::{Position, Url};

/// Longest return URL that is stored, in bytes. Three times as long once it is percent-encoded, it
/// fits into the line of a request and into the body of a form, 8 KiB each. Of a longer one the
/// query is left out, so that it still leads to the page.
pub const MAX_RETURN_URL_LENGTH: usize = 2048;

/// What a URL parser drops, or reads as another character, although a request may carry it.
/// Bytes that are not ASCII are encoded too.
const ODD: AsciiSet = CONTROLS.add(b' ').add(b'\\');

/// The origins that a return URL may lead to.
#[derive(Clone, Debug)]
pub struct ReturnUrlPolicy {
    own: Url,
    origins: Vec<url::Origin>,
    /// The origins that ask for a code by SMS.
    requiring_sms: Vec<url::Origin>,
}

impl ReturnUrlPolicy {
    /// `own` is the public URL, `origins` are those of the applications.
    pub fn new(own: Url, origins: &[Url]) -> Self {
        Self {
            own,
            origins: origins.iter().map(Url::origin).collect(),
            requiring_sms: Vec::new(),
        }
    }

    /// The same where these origins ask for a code by SMS.
    #[must_use]
    pub fn requiring_sms(self, origins: &[Url]) -> Self {
        Self {
            requiring_sms: origins.iter().map(Url::origin).collect(),
            ..self
        }
    }

    /// Whether a validated return URL leads to an origin that asks for a code by SMS.
    pub fn requires_sms(&self, validated: &str) -> bool {
        // A path is one of the own origin.
        let url = Url::parse(validated).unwrap_or_else(|_| self.own.clone());
        self.requiring_sms.contains(&url.origin())
    }

    /// The canonical form of a return URL, in ASCII: a path on the own origin, or a URL of an
    /// allowed one. `None` for any other text. The text need not be UTF-8.
    pub fn validate(&self, text: impl AsRef<[u8]>) -> Option<String> {
        let text = text.as_ref();
        if text.starts_with(b"/") {
            return path_on(&self.own, text);
        }
        read_safely(text, |text| self.allowed_url(text))
    }

    /// The foreign origin of a validated return URL. The `form-action` of the flow's pages names
    /// it.
    pub fn foreign_origin(&self, validated: &str) -> Option<String> {
        let origin = Url::parse(validated).ok()?.origin();
        self.origins
            .contains(&origin)
            .then(|| origin.ascii_serialization())
    }

    fn allowed_url(&self, text: &str) -> Option<Target> {
        let url = Url::parse(text).ok()?;
        if !matches!(url.scheme(), "http" | "https")
            || !url.username().is_empty()
            || url.password().is_some()
        {
            return None;
        }
        let origin = url.origin();
        let location = if origin == self.own.origin() {
            own_path(&url)?
        } else if self.origins.contains(&origin) {
            url.into()
        } else {
            return None;
        };
        Some(Target { origin, location })
    }
}

/// A path on `root`, with query and fragment, in canonical form. `None` for text that is no path,
/// or that a browser could read as another host. The text need not be UTF-8.
pub fn path_on(root: &Url, text: impl AsRef<[u8]>) -> Option<String> {
    read_safely(text.as_ref(), |text| {
        if !text.starts_with('/') || text.starts_with("//") {
            return None;
        }
        let url = root.join(text).ok()?;
        let origin = url.origin();
        let location = own_path(&url).filter(|_| origin == root.origin())?;
        Some(Target { origin, location })
    })
}

/// Where a return URL leads.
struct Target {
    origin: url::Origin,
    location: String,
}

/// The location that `read` finds in a text, if a lenient reader finds the same origin there.
fn read_safely(text: &[u8], read: impl Fn(&str) -> Option<Target>) -> Option<String> {
    // No request carries them, and a line break could end a header.
    if text.iter().any(u8::is_ascii_control) {
        return None;
    }
    let target = read(&percent_encode(text, &ODD).to_string())?;
    let lenient = read(&lenient_reading(text)?)?;
    if target.origin != lenient.origin {
        return None;
    }
    let location = target.location.as_str();
    let mut shorter = [location, without_query(location)].into_iter();
    let fits = shorter.find(|location| location.len() <= MAX_RETURN_URL_LENGTH);
    fits.map(str::to_owned)
}

/// A URL or a path up to its query or fragment.
pub fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}

/// A URL up to its query as the most lenient reader takes it: browsers drop some white space and
/// read `\` as `/`. Query and fragment cannot change where a URL leads. `None` with a line break.
fn lenient_reading(text: &[u8]) -> Option<String> {
    let head = text.split(|byte| matches!(byte, b'?' | b'#')).next()?;
    let head = String::from_utf8_lossy(head);
    let is_line_break = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    if head.contains(is_line_break) {
        return None;
    }
    let head = head.chars().filter(|c| !c.is_whitespace());
    Some(head.map(|c| if c == '\\' { '/' } else { c }).collect())
}

/// Dot segments can result in `//host`, which a browser would read as another origin.
fn own_path(url: &Url) -> Option<String> {
    let path = &url[Position::BeforePath..];
    (path.starts_with('/') && !path.starts_with("//")).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use percent_encoding::percent_decode;
    use proptest::prelude::*;

    use super::*;

    fn return_urls() -> ReturnUrlPolicy {
        let origins = ["https://app.example.com", "http://app.localhost:8080"]
            .map(|url| url.parse().unwrap());
        ReturnUrlPolicy::new("https://id.example.com".parse().unwrap(), &origins)
    }

    #[test]
    fn h8_own_paths_and_allowed_origins_are_accepted() {
        for (text, validated) in [
            ("/account", "/account"),
            ("/a/b?c=d&e=f#g", "/a/b?c=d&e=f#g"),
            ("https://id.example.com/account", "/account"),
            ("https://app.example.com", "https://app.example.com/"),
            (
                "https://app.example.com:443/x?y=z",
                "https://app.example.com/x?y=z",
            ),
            ("http://app.localhost:8080/x", "http://app.localhost:8080/x"),
        ] {
            assert_eq!(
                return_urls().validate(text).as_deref(),
                Some(validated),
                "{text:?}"
            );
        }
    }

    #[test]
    fn h8_everything_else_is_rejected() {
        for text in [
            "",
            "account",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            " https://evil.example",
            "/.//evil.example",
            "/..//evil.example",
            "/x/..//evil.example",
            "https:evil.example",
            "https:/evil.example",
            "https://evil.example",
            "https://app.example.com.evil.example",
            "https://app.example.com@evil.example",
            "https://user@app.example.com",
            "https://user:pass@id.example.com/",
            "http://app.example.com",
            "https://app.example.com:444",
            "https://id.example.com//evil.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://app.example.com",
            "https://evil.example\\@app.example.com",
            "https://app.example.com\\@evil.example",
            "https://app.example.com\\x",
            "https://app.example.com evil.example",
            "/ /evil.example",
            "/\\ /evil.example",
            "/x\\..\\\\evil.example",
            "https://id.example.com/\\evil.example",
            "/a?b=c\r\nSet-Cookie: x=y",
            "/a\u{2028}b",
        ] {
            assert_eq!(return_urls().validate(text), None, "{text:?}");
        }
        assert_eq!(
            return_urls().validate(format!("/{}", "a".repeat(3000))),
            None
        );
    }

    #[test]
    fn h8_the_foreign_origin_is_returned() {
        assert_eq!(
            return_urls()
                .foreign_origin("https://app.example.com/x")
                .as_deref(),
            Some("https://app.example.com")
        );
        assert_eq!(return_urls().foreign_origin("/account"), None);
    }

    #[test]
    fn h8_a_path_stays_on_its_root() {
        let root = Url::parse("https://app.example.com:8443").unwrap();
        for (text, path) in [
            ("/", "/"),
            ("/a/../b?c=d#e", "/b?c=d#e"),
            ("/a?b=//evil.example", "/a?b=//evil.example"),
            ("/a b", "/a%20b"),
            ("/a\\b", "/a%5Cb"),
        ] {
            assert_eq!(path_on(&root, text).as_deref(), Some(path), "{text:?}");
        }
        for text in [
            "",
            "a",
            "//evil.example",
            "/\\evil.example",
            "/..//evil.example",
            "https://app.example.com:8443/",
            "?a",
            "/a\nb",
        ] {
            assert_eq!(path_on(&root, text), None, "{text:?}");
        }
    }

    /// The same text without percent-encoding.
    fn decoded(text: &[u8]) -> Vec<u8> {
        percent_decode(text).collect()
    }

    #[test]
    fn h8_every_byte_of_a_path_or_query_is_kept_or_refused() {
        for byte in 0..=u8::MAX {
            for (before, after) in [("/s?q=C:", "temp"), ("/a", "b/c?d"), ("/#", "")] {
                let paths = [before.as_bytes(), &[byte], after.as_bytes()].concat();
                let urls = [b"https://app.example.com", paths.as_slice()].concat();
                for text in [paths, urls] {
                    let validated = return_urls().validate(&text);
                    let kept = validated.as_ref().map(|text| decoded(text.as_bytes()));
                    let expected = (!byte.is_ascii_control()).then(|| decoded(&text));
                    assert_eq!(kept, expected, "{byte:#04x} in {before}");
                    let is_plain = |text: &str| {
                        text.bytes()
                            .all(|byte| byte.is_ascii_graphic() && byte != b'\\')
                    };
                    assert!(validated.as_deref().is_none_or(is_plain), "{validated:?}");
                }
            }
        }
    }

    #[test]
    fn h8_of_text_that_is_too_long_once_it_is_encoded_the_page_is_kept() {
        let fits = format!("/?{}", "\u{e9}".repeat(341));
        assert_eq!(return_urls().validate(&fits).unwrap().len(), 2048);
        let path = format!("/{}", "p".repeat(2046));
        for (text, page) in [
            (format!("{fits}\u{e9}"), Some("/")),
            (format!("/a/b?{}", "q".repeat(2048)), Some("/a/b")),
            (format!("/a b#{}", "f".repeat(30_000)), Some("/a%20b")),
            (format!("/a/../b?{}#c?d", "q".repeat(2048)), Some("/b")),
            (
                format!("https://app.example.com/x?{}", "q".repeat(2048)),
                Some("https://app.example.com/x"),
            ),
            (format!("{path}?q"), Some(path.as_str())),
            (format!("{path}pp?q"), None),
            (format!("//evil.example/?{}", "q".repeat(2048)), None),
            (format!("/a\n?{}", "q".repeat(2048)), None),
        ] {
            assert_eq!(return_urls().validate(&text).as_deref(), page);
        }
    }

    /// Any text, characters of URLs, and absolute URLs.
    const ANY_URL: &str = "\\PC{0,40}|[/\\\\.:@a-z%0-9?#]{0,40}|\
                           https?:[/\\\\]{0,3}[a-z.@:]{0,30}";

    proptest! {
        #[test]
        fn h8_a_query_of_any_bytes_is_kept(
            query in proptest::collection::vec(32..127_u8, 0..60),
            raw in proptest::collection::vec(128..=255_u8, 0..60),
        ) {
            let text = [b"/s?".as_slice(), &query, &raw, &query].concat();
            let validated = return_urls().validate(&text).unwrap();
            prop_assert_eq!(decoded(validated.as_bytes()), decoded(&text));
            prop_assert_eq!(return_urls().validate(&validated), Some(validated.clone()));
        }

        #[test]
        fn h8_a_path_of_any_bytes_without_dots_is_kept(
            path in proptest::collection::vec(32..=255_u8, 0..60),
        ) {
            prop_assume!(!decoded(&path).contains(&b'.') && !path.contains(&127));
            let text = [b"/a".as_slice(), &path].concat();
            // Line breaks of Unicode are refused in a path.
            if let Some(validated) = return_urls().validate(&text) {
                prop_assert_eq!(decoded(validated.as_bytes()), decoded(&text));
            } else {
                let text = String::from_utf8_lossy(&text).into_owned();
                let ends_a_line =
                    |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
                prop_assert!(text.contains(ends_a_line), "{}", text);
            }
        }

        #[test]
        fn h8_accepted_urls_lead_to_an_allowed_origin(text in ANY_URL) {
            if let Some(validated) = return_urls().validate(&text) {
                let page = Url::parse("https://id.example.com/code").unwrap();
                let resolved = page.join(&validated).unwrap().origin().ascii_serialization();
                let allowed = [
                    "https://id.example.com",
                    "https://app.example.com",
                    "http://app.localhost:8080",
                ];
                prop_assert!(allowed.contains(&resolved.as_str()), "{} {}", text, validated);
                prop_assert_eq!(return_urls().validate(&validated), Some(validated.clone()));
            }
        }
    }
}
