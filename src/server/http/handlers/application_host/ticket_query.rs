//! What stands in the addresses of the way in. All of it comes from strangers.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::Url;

use crate::server::crypto::hash::Digest;
use crate::server::crypto::opaque_token::ShortToken;
use crate::server::sign_in::return_url::path_on;

/// What `ticket` is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketQuery {
    /// The application, as browsers write its origin.
    pub origin: String,
    /// The page to go to there; not checked yet.
    pub to: Option<String>,
    /// Hash of the nonce that the browser holds there.
    pub nonce: Digest,
}

impl TicketQuery {
    /// Reads a query; nothing if origin or nonce are missing or cannot be read.
    pub fn read(query: &str) -> Option<Self> {
        let nonce = URL_SAFE_NO_PAD
            .decode(one(query, "nonce")?)
            .ok()?
            .try_into()
            .ok()?;
        Some(Self {
            origin: one(query, "origin")?,
            to: one(query, "to"),
            nonce,
        })
    }

    /// Writes what [`TicketQuery::read`] reads.
    pub fn write(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("origin", &self.origin);
        if let Some(to) = &self.to {
            query.append_pair("to", to);
        }
        query
            .append_pair("nonce", &URL_SAFE_NO_PAD.encode(self.nonce))
            .finish()
    }
}

/// The ticket that `enter` is shown.
pub fn ticket(query: &str) -> Option<ShortToken> {
    ShortToken::parse(&one(query, "ticket")?)
}

/// The page to go to on an application (its `root`), as a path: what `to` says, or the root. A path
/// of ours is no page.
pub fn destination(root: &Url, to: Option<&str>) -> String {
    let path = to.and_then(|text| path_on(root, text));
    path.filter(|path| !path.starts_with("/.latchkey"))
        .unwrap_or_else(|| "/".to_owned())
}

/// `to` of a query.
pub fn to(query: &str) -> Option<String> {
    one(query, "to")
}

/// The value of a name that is there once.
fn one(query: &str, name: &str) -> Option<String> {
    let mut values = form_urlencoded::parse(query.as_bytes())
        .filter(|(key, _)| key == name)
        .map(|(_, value)| value);
    let first = values.next()?;
    values.next().is_none().then(|| first.into_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NONCE: &str = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";

    #[test]
    fn a_query_for_a_ticket_names_each_thing_once() {
        let asked = TicketQuery::read(&format!(
            "origin=https://app.example.com&to=%2Fa%3Fb&nonce={NONCE}"
        ))
        .unwrap();
        assert_eq!(
            (asked.origin.as_str(), asked.to.as_deref()),
            ("https://app.example.com", Some("/a?b"))
        );
        assert_eq!(asked.nonce, crate::server::crypto::hash::sha256(b""));
        for query in [
            "",
            "origin=https://app.example.com",
            &format!("nonce={NONCE}"),
            &format!("origin=a&origin=b&nonce={NONCE}"),
            &format!("origin=a&nonce={NONCE}&nonce={NONCE}"),
            &format!("origin=a&nonce={NONCE}="),
            &format!("origin=a&nonce={}", &NONCE[1..]),
            "origin=a&nonce=short",
        ] {
            assert_eq!(TicketQuery::read(query), None, "{query}");
        }
    }

    #[test]
    fn h8_a_destination_is_a_page_of_the_application() {
        let root = "https://app.example.com".parse().unwrap();
        for (to, path) in [
            ("/", "/"),
            ("/orders?id=1&x=%2F#top", "/orders?id=1&x=%2F#top"),
            ("/a/../b", "/b"),
            ("", "/"),
            ("orders", "/"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("/\t/evil.example", "/"),
            ("/..//evil.example", "/"),
            ("https://evil.example", "/"),
            ("https://app.example.com/orders", "/"),
            ("javascript:alert(1)", "/"),
            ("/.latchkey/start?to=/.latchkey/start", "/"),
            ("/x/../.latchkey/sign-out", "/"),
            ("/%2e%2e/.latchkey/enter", "/"),
        ] {
            assert_eq!(destination(&root, Some(to)), path, "{to:?}");
        }
        assert_eq!(destination(&root, None), "/");
    }

    proptest! {
        #[test]
        fn h8_a_destination_never_leaves_the_application(to in "\\PC{0,40}|[/\\\\.:@a-z%0-9?#\\t]{0,40}") {
            let root: Url = "https://app.example.com".parse().unwrap();
            let path = destination(&root, Some(&to));
            let whole = Url::parse(&format!("https://app.example.com{path}")).unwrap();
            prop_assert_eq!(whole.origin(), root.origin());
            prop_assert_eq!(root.join("/.latchkey/enter?ticket=x").unwrap().join(&path).unwrap(), whole);
            prop_assert_eq!(destination(&root, Some(&path)), path);
        }

        #[test]
        fn what_is_written_reads_back(origin in "\\PC{0,30}", to in proptest::option::of("\\PC{0,60}"), nonce: [u8; 32]) {
            let asked = TicketQuery { origin, to, nonce };
            prop_assert_eq!(TicketQuery::read(&asked.write()), Some(asked));
        }
    }
}
