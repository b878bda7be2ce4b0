//! What settings by origin have in common.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use url::Url;

use crate::server::settings::server::ServerSettings;

/// Names by origin, in the order of the settings.
pub type NamesByOrigin = Vec<(Url, Vec<String>)>;

/// The names of an origin; none if it has no entry.
pub fn names_of<'a>(entries: &'a NamesByOrigin, origin: &url::Origin) -> Option<&'a [String]> {
    let named = entries.iter().find(|(url, _)| url.origin() == *origin);
    named.map(|(_, names)| names.as_slice())
}

/// Parses the key of an entry. The error names the key.
pub fn parse_origin(text: &str) -> Result<Url, String> {
    text.parse()
        .map_err(|error| format!("`{text}` is no URL: {error}"))
}

/// Parses the names of an entry in a variable: `NAME|NAME`.
pub fn parse_names(text: &str) -> Vec<String> {
    text.split('|').map(|name| name.trim().to_owned()).collect()
}

/// The entries of the value of a variable, without empty ones.
pub fn entries(text: &str) -> impl Iterator<Item = &str> {
    text.split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
}

/// An entry as in a variable.
pub fn to_entry(origin: &Url, names: &[String]) -> String {
    let origin = origin.origin().ascii_serialization();
    format!("{origin}={}", names.join("|"))
}

/// How a setting by origin is read: in the file a table, in a variable a text.
pub struct TableOrText<T, V> {
    /// The end of the error about any other type: "expected …".
    pub expected: &'static str,
    /// Parses the text of a variable.
    pub parse: fn(&str) -> Result<T, String>,
    /// Makes the setting of the entries of a table.
    pub make: fn(Vec<(Url, V)>) -> T,
}

impl<'de, T, V: Deserialize<'de>> TableOrText<T, V> {
    /// Deserializes the setting.
    ///
    /// # Errors
    /// Names the entry whose key is no URL, or the type that was found.
    pub fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T, V: Deserialize<'de>> Visitor<'de> for TableOrText<T, V> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        (self.parse)(text).map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let mut entries = Vec::new();
        // As text first, because the error must name a key that is no URL.
        while let Some((origin, value)) = map.next_entry::<String, V>()? {
            entries.push((parse_origin(&origin).map_err(de::Error::custom)?, value));
        }
        Ok((self.make)(entries))
    }
}

/// Checks the origins of a setting that decides who gets into an application.
pub struct OriginRules<'a> {
    origins: &'a [Url],
    server: &'a ServerSettings,
    seen: Vec<url::Origin>,
}

impl<'a> OriginRules<'a> {
    /// `origins` are those of `forward_auth.origins`.
    pub fn new(origins: &'a [Url], server: &'a ServerSettings) -> Self {
        Self {
            origins,
            server,
            seen: Vec::new(),
        }
    }

    /// What is wrong with the origin of the next entry, as the end of a sentence that starts with
    /// it.
    pub fn check(&mut self, url: &Url) -> Option<&'static str> {
        let origin = url.origin();
        let is_own = origin == self.server.public_url().origin();
        let is_listed = self.origins.iter().any(|listed| listed.origin() == origin);
        let error = if !is_own && !is_listed {
            Some("is neither in forward_auth.origins nor our own: it is never checked")
        } else if self.seen.contains(&origin) {
            Some("is listed twice; the default port need not be named")
        } else if !is_own && self.server.trusted_proxies.is_empty() {
            Some("needs server.trusted_proxies: only a trusted proxy can name the application")
        } else {
            None
        };
        self.seen.push(origin);
        error
    }
}
