//! The query parameters of the login to an application. Any client can choose them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::Url;

use crate::server::crypto::hash::Digest;
use crate::server::crypto::opaque_token::ShortToken;
use crate::server::http::query::single_value;
use crate::server::sign_in::return_url::path_on;

/// The query of `ticket`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketQuery {
    /// The application's origin, as browsers serialise it.
    pub origin: String,
    /// The page to go to there; not validated yet.
    pub to: Option<String>,
    /// Hash of the nonce in the browser's cookie there.
    pub nonce: Digest,
}

impl TicketQuery {
    /// Parses a query; none if origin or nonce are missing or malformed.
    pub fn read(query: &str) -> Option<Self> {
        let nonce = URL_SAFE_NO_PAD
            .decode(single(query, "nonce")?)
            .ok()?
            .try_into()
            .ok()?;
        Some(Self {
            origin: single(query, "origin")?,
            to: single(query, "to"),
            nonce,
        })
    }

    /// Serialises the query.
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

/// The ticket in the query of `enter`.
pub fn ticket(query: &str) -> Option<ShortToken> {
    ShortToken::parse(&single(query, "ticket")?)
}

/// The path to go to on an application with this `root`: that of `to`, or `/` if `to` is no path of
/// the application or is one under `/.latchkey`.
pub fn destination(root: &Url, to: Option<impl AsRef<[u8]>>) -> String {
    let path = to.and_then(|text| path_on(root, text));
    path.filter(|path| !path.starts_with("/.latchkey"))
        .unwrap_or_else(|| "/".to_owned())
}

/// The parameter `to`. It need not be UTF-8.
pub fn to(query: &str) -> Option<Vec<u8>> {
    single_value(query, "to")
}

/// The text of a parameter that occurs once.
fn single(query: &str, name: &str) -> Option<String> {
    let value = single_value(query, name)?;
    Some(String::from_utf8_lossy(&value).into_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NONCE: &str = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";

    #[test]
    fn a_query_for_a_ticket_names_each_thing_once() {
        let query = TicketQuery::read(&format!(
            "origin=https://app.example.com&to=%2Fa%3Fb&nonce={NONCE}"
        ))
        .unwrap();
        assert_eq!(
            (query.origin.as_str(), query.to.as_deref()),
            ("https://app.example.com", Some("/a?b"))
        );
        assert_eq!(query.nonce, crate::server::crypto::hash::sha256(b""));
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
        assert_eq!(destination(&root, None::<&str>), "/");
    }

    proptest! {
        #[test]
        fn h8_a_destination_never_leaves_the_application(
            to in "\\PC{0,40}|[/\\\\.:@a-z%0-9?#\\t]{0,40}",
        ) {
            let root: Url = "https://app.example.com".parse().unwrap();
            let path = destination(&root, Some(&to));
            let whole = Url::parse(&format!("https://app.example.com{path}")).unwrap();
            prop_assert_eq!(whole.origin(), root.origin());
            let enter = root.join("/.latchkey/enter?ticket=x").unwrap();
            prop_assert_eq!(enter.join(&path).unwrap(), whole);
            prop_assert_eq!(destination(&root, Some(&path)), path);
        }

        #[test]
        fn a_query_survives_serialisation(
            origin in "\\PC{0,30}",
            to in proptest::option::of("\\PC{0,60}"),
            nonce: [u8; 32],
        ) {
            let query = TicketQuery { origin, to, nonce };
            prop_assert_eq!(TicketQuery::read(&query.write()), Some(query));
        }
    }
}
