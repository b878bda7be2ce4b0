//! The validation of return URLs: a path of the sign-in, or a URL of an allowed origin.
//!
//! It prevents open redirects (requirement H8). A flow validates its return URL when it starts.

use url::Url;

/// Longest return URL that is stored.
pub const MAX_RETURN_URL_LENGTH: usize = 2048;

/// The origins that a return URL may lead to.
#[derive(Clone, Debug)]
pub struct ReturnUrlPolicy {
    own: Url,
    origins: Vec<url::Origin>,
}

impl ReturnUrlPolicy {
    /// `own` is the public URL, `origins` are those of the applications.
    pub fn new(own: Url, origins: &[Url]) -> Self {
        Self {
            own,
            origins: origins.iter().map(Url::origin).collect(),
        }
    }

    /// The canonical form of a return URL: a path on the own origin, or a URL of an allowed one.
    /// `None` for any other text.
    pub fn validate(&self, text: &str) -> Option<String> {
        if text.starts_with('/') {
            return path_on(&self.own, text);
        }
        if !is_plain(text) {
            return None;
        }
        let url = Url::parse(text).ok()?;
        if !matches!(url.scheme(), "http" | "https")
            || !url.username().is_empty()
            || url.password().is_some()
        {
            return None;
        }
        if url.origin() == self.own.origin() {
            return own_path(&url);
        }
        self.origins.contains(&url.origin()).then(|| url.into())
    }

    /// The foreign origin of a validated return URL. The `form-action` of the flow's pages names
    /// it.
    pub fn foreign_origin(&self, validated: &str) -> Option<String> {
        let origin = Url::parse(validated).ok()?.origin();
        self.origins
            .contains(&origin)
            .then(|| origin.ascii_serialization())
    }
}

/// A path on `root`, with query and fragment, in canonical form. `None` for text that is no path,
/// or that a browser could read as another host.
pub fn path_on(root: &Url, text: &str) -> Option<String> {
    if !is_plain(text) || !text.starts_with('/') || text.starts_with("//") {
        return None;
    }
    let url = root.join(text).ok()?;
    (url.origin() == root.origin())
        .then(|| own_path(&url))
        .flatten()
}

/// Browsers and the parser drop tabs and line breaks and turn `\` into `/`. No legitimate return
/// URL contains them.
fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= MAX_RETURN_URL_LENGTH
        && !text
            .chars()
            .any(|c| c.is_control() || c.is_whitespace() || c == '\\')
}

/// Dot segments can result in `//host`, which a browser would read as another origin.
fn own_path(url: &Url) -> Option<String> {
    let path = &url[url::Position::BeforePath..];
    (path.starts_with('/') && !path.starts_with("//")).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
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
        ] {
            assert_eq!(return_urls().validate(text), None, "{text:?}");
        }
        assert_eq!(
            return_urls().validate(&format!("/{}", "a".repeat(3000))),
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
            "/a b",
        ] {
            assert_eq!(path_on(&root, text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn h8_accepted_urls_lead_to_an_allowed_origin(text in "\\PC{0,40}|[/\\\\.:@a-z%0-9?#]{0,40}|https?:[/\\\\]{0,3}[a-z.@:]{0,30}") {
            if let Some(validated) = return_urls().validate(&text) {
                let resolved = Url::parse("https://id.example.com/code").unwrap().join(&validated).unwrap();
                let allowed = ["https://id.example.com", "https://app.example.com", "http://app.localhost:8080"];
                prop_assert!(allowed.contains(&resolved.origin().ascii_serialization().as_str()), "{} {}", text, validated);
                prop_assert_eq!(return_urls().validate(&validated), Some(validated.clone()));
            }
        }
    }
}
