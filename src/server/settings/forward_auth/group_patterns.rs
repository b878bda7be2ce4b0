//! `forward_auth.groups`: which roles the applications are told, as patterns.
//!
//! In the file a list for all applications, `["shop-*"]`, or a table by origin, in which `"*"` is
//! every origin without an entry: `"https://app.example.com" = ["app-*", "admin"]`. In a variable
//! `https://app.example.com=app-*|admin,*=shop-*`, or `shop-*|admin` for all.

use std::fmt;

use serde::de::value::SeqAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use url::Url;

use crate::server::settings::ConfigError;
use crate::server::settings::forward_auth::by_origin::{
    NamesByOrigin, names_of, parse_names, parse_origin, to_entry,
};
use crate::server::settings::list_rules::refuse_repeated;
use crate::server::settings::server::ServerSettings;
use crate::server::settings::table_or_text::entries;

const KEY: &str = "forward_auth.groups";
/// The key of every origin without an entry.
const OTHERS: &str = "*";

/// Patterns of roles by origin. In a pattern, `*` is any number of any characters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupPatterns {
    /// Of every origin without an entry. Without it, such an application is told all roles.
    pub others: Option<Vec<String>>,
    /// By origin. An empty list tells no role.
    pub origins: NamesByOrigin,
}

impl GroupPatterns {
    /// The patterns of an origin; none if it is told all roles.
    pub fn of(&self, origin: &url::Origin) -> Option<&[String]> {
        names_of(&self.origins, origin).or(self.others.as_deref())
    }

    pub(super) fn validate(
        &self,
        origins: &[Url],
        server: &ServerSettings,
        errors: &mut Vec<ConfigError>,
    ) {
        let own = server.public_url().origin();
        let mut seen = Vec::new();
        for (url, _) in &self.origins {
            let origin = url.origin();
            let is_listed = origins.iter().any(|listed| listed.origin() == origin);
            let invalid = if origin != own && !is_listed {
                "is neither in forward_auth.origins nor our own"
            } else if seen.contains(&origin) {
                "is listed twice; the default port need not be named"
            } else {
                ""
            };
            seen.push(origin);
            if !invalid.is_empty() {
                errors.push(ConfigError::new(KEY, format!("`{url}` {invalid}")));
            }
        }
        let others = self
            .others
            .iter()
            .map(|patterns| (OTHERS.to_owned(), patterns));
        let named = self.origins.iter();
        let named = named.map(|(url, patterns)| (url.to_string(), patterns));
        for (origin, patterns) in named.chain(others) {
            let describe = |pattern: &String| format!("`{origin}`: the pattern `{pattern}`");
            refuse_repeated(KEY, patterns, describe, errors);
        }
        let all = self.origins.iter().flat_map(|(_, patterns)| patterns);
        if all
            .chain(self.others.iter().flatten())
            .any(|pattern| pattern.is_empty())
        {
            errors.push(ConfigError::new(KEY, "names an empty pattern".to_owned()));
        }
    }

    fn insert(&mut self, origin: &str, patterns: Vec<String>) -> Result<(), String> {
        if origin == OTHERS {
            let is_first = self.others.replace(patterns).is_none();
            return is_first
                .then_some(())
                .ok_or("`*` is listed twice".to_owned());
        }
        self.origins.push((parse_origin(origin)?, patterns));
        Ok(())
    }

    /// Parses the value of a variable.
    fn parse(text: &str) -> Result<Self, String> {
        let mut parsed = Self::default();
        for entry in entries(text) {
            let (origin, patterns) = entry.split_once('=').unwrap_or((OTHERS, entry));
            parsed.insert(origin.trim(), parse_names(patterns))?;
        }
        Ok(parsed)
    }
}

impl Serialize for GroupPatterns {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let named = self.origins.iter();
        let named = named.map(|(url, patterns)| to_entry(url, patterns));
        let others = self.others.iter();
        let others = others.map(|patterns| format!("{OTHERS}={}", patterns.join("|")));
        serializer.serialize_str(&named.chain(others).collect::<Vec<_>>().join(","))
    }
}

impl<'de> Deserialize<'de> for GroupPatterns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ListTableOrText)
    }
}

struct ListTableOrText;

impl<'de> Visitor<'de> for ListTableOrText {
    type Value = GroupPatterns;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a list of patterns, or a table of origins, each with its patterns: \
             \"https://app.example.com\" = [\"app-*\"]",
        )
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<GroupPatterns, E> {
        GroupPatterns::parse(text).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<GroupPatterns, A::Error> {
        let others = Vec::deserialize(SeqAccessDeserializer::new(list))?;
        Ok(GroupPatterns {
            others: Some(others),
            origins: Vec::new(),
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<GroupPatterns, A::Error> {
        let mut patterns = GroupPatterns::default();
        while let Some((origin, list)) = map.next_entry::<String, Vec<String>>()? {
            patterns.insert(&origin, list).map_err(de::Error::custom)?;
        }
        Ok(patterns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::settings::{ForwardAuthSettings, load};

    fn from_variable(text: &str) -> Result<GroupPatterns, String> {
        let variable = ("LATCHKEY_FORWARD_AUTH__GROUPS".to_owned(), text.to_owned());
        let settings = load(None, std::iter::once(variable)).map_err(|error| error.to_string())?;
        Ok(settings.forward_auth.groups)
    }

    fn from_toml(text: &str) -> Result<GroupPatterns, String> {
        toml::from_str::<ForwardAuthSettings>(text)
            .map(|section| section.groups)
            .map_err(|error| error.to_string())
    }

    fn of<'a>(patterns: &'a GroupPatterns, url: &str) -> Option<&'a [String]> {
        patterns.of(&url.parse::<Url>().unwrap().origin())
    }

    #[test]
    fn a_table_and_a_variable_are_equivalent() {
        let table = from_toml(
            "[groups]\n\"https://a.example.com\" = [\"a-*\", \"on call\"]\n\"*\" = [\"x*\"]",
        );
        assert_eq!(
            from_variable(" https://a.example.com = a-*|on call , *=x*,"),
            table
        );
        let patterns = table.unwrap();
        assert_eq!(
            of(&patterns, "https://a.example.com:443").unwrap(),
            ["a-*", "on call"]
        );
        assert_eq!(of(&patterns, "https://b.example.com").unwrap(), ["x*"]);
        let text = serde_json::to_string(&patterns).unwrap();
        assert_eq!(text, "\"https://a.example.com=a-*|on call,*=x*\"");
        assert_eq!(
            serde_json::from_str::<GroupPatterns>(&text).unwrap(),
            patterns
        );
    }

    #[test]
    fn a_list_is_for_all_applications() {
        let list = from_toml("groups = [\"shop-*\", \"admin\"]");
        assert_eq!(from_variable("shop-*|admin"), list);
        assert_eq!(
            of(&list.unwrap(), "https://a.example.com").unwrap(),
            ["shop-*", "admin"]
        );
        assert_eq!(
            of(&from_toml("groups = []").unwrap(), "https://a.example.com").unwrap(),
            [""; 0]
        );
    }

    #[test]
    fn without_an_entry_all_roles_are_told() {
        let none = from_variable("").unwrap();
        assert_eq!(of(&none, "https://a.example.com"), None);
        let other = from_variable("https://b.example.com=x").unwrap();
        assert_eq!(of(&other, "https://a.example.com"), None);
    }

    #[test]
    fn unusable_patterns_are_errors() {
        let origins = ["https://a.example.com".parse().unwrap()];
        let found = |text: &str| {
            let mut errors = Vec::new();
            let patterns = GroupPatterns::parse(text).unwrap();
            patterns.validate(&origins, &ServerSettings::default(), &mut errors);
            let texts = errors.into_iter().map(|error| error.text);
            texts.collect::<Vec<_>>().join("\n")
        };
        assert_eq!(
            found("https://a.example.com=x*,http://127.0.0.1:3000=y,*=z"),
            ""
        );
        for (text, word) in [
            ("https://b.example.com=x", "neither"),
            (
                "https://a.example.com=x,https://a.example.com:443=y",
                "twice",
            ),
            ("https://a.example.com=", "empty"),
            ("*=a||b", "empty"),
        ] {
            assert!(found(text).contains(word), "{text}: {}", found(text));
        }
        for text in ["nonsense=x", "*=a,*=b", "a,b"] {
            assert!(from_variable(text).unwrap_err().starts_with(KEY), "{text}");
        }
        assert!(
            from_toml("groups = 3")
                .unwrap_err()
                .contains("a list of patterns")
        );
    }
}
