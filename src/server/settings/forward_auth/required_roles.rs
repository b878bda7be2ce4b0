//! `forward_auth.require`: the roles of which a person needs one to enter an application.
//!
//! In the file a table, `"https://app.example.com" = ["admin", "staff"]`; in a variable, where
//! there are no tables, `https://app.example.com=admin|staff,https://other.example.com=ops`.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use url::Url;

use crate::server::settings::ConfigError;
use crate::server::settings::server::ServerSettings;

const KEY: &str = "forward_auth.require";

/// Who may enter which application: origins, and the roles of which one suffices. An origin that is
/// not named asks for none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequiredRoles(pub Vec<(Url, Vec<String>)>);

impl RequiredRoles {
    /// Whether any application asks for a role.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The roles that an origin asks for.
    pub fn of(&self, origin: &url::Origin) -> &[String] {
        let named = self.0.iter().find(|(url, _)| url.origin() == *origin);
        named.map_or(&[], |(_, roles)| roles.as_slice())
    }

    pub(super) fn complaints(
        &self,
        origins: &[Url],
        server: &ServerSettings,
        complaints: &mut Vec<ConfigError>,
    ) {
        let own = server.public_url().origin();
        let mut seen = Vec::new();
        for (url, roles) in &self.0 {
            let origin = url.origin();
            let wrong = if origin != own && !origins.iter().any(|listed| listed.origin() == origin)
            {
                "is neither in forward_auth.origins nor our own: nobody is ever asked about it"
            } else if seen.contains(&origin) {
                "is there twice; the port of its scheme need not be named"
            } else if roles.is_empty() {
                "asks for no role; leave it out to let everybody in who is signed in"
            } else if roles
                .iter()
                .any(|role| role.is_empty() || role.trim() != role)
            {
                "names a role that is empty or begins or ends with a space"
            } else if origin != own && server.trusted_proxies.is_empty() {
                "needs server.trusted_proxies: without a proxy that is believed nobody can say which application is asked for"
            } else {
                ""
            };
            seen.push(origin);
            if !wrong.is_empty() {
                complaints.push(ConfigError::new(KEY, format!("`{url}` {wrong}")));
            }
        }
    }

    /// Reads the form that a variable has.
    fn parse(text: &str) -> Result<Self, String> {
        let entries = text
            .split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty());
        let read = entries.map(|entry| {
            let (origin, roles) = entry
                .split_once('=')
                .ok_or(format!("`{entry}` must be ORIGIN=ROLE|ROLE"))?;
            let url = origin
                .trim()
                .parse()
                .map_err(|error| format!("`{origin}` is no URL: {error}"))?;
            Ok((
                url,
                roles
                    .split('|')
                    .map(|role| role.trim().to_owned())
                    .collect(),
            ))
        });
        read.collect::<Result<_, _>>().map(Self)
    }
}

impl Serialize for RequiredRoles {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entry = |(url, roles): &(Url, Vec<String>)| {
            format!("{}={}", url.origin().ascii_serialization(), roles.join("|"))
        };
        serializer.serialize_str(&self.0.iter().map(entry).collect::<Vec<_>>().join(","))
    }
}

impl<'de> Deserialize<'de> for RequiredRoles {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TableOrText)
    }
}

struct TableOrText;

impl<'de> Visitor<'de> for TableOrText {
    type Value = RequiredRoles;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a table of origins, each with its roles: \"https://app.example.com\" = [\"admin\"]",
        )
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<RequiredRoles, E> {
        RequiredRoles::parse(text).map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RequiredRoles, A::Error> {
        let mut entries = Vec::new();
        // As text first: a key that is no URL must be named in the complaint.
        while let Some((origin, roles)) = map.next_entry::<String, Vec<String>>()? {
            let url = origin
                .parse()
                .map_err(|error| de::Error::custom(format!("`{origin}` is no URL: {error}")))?;
            entries.push((url, roles));
        }
        Ok(RequiredRoles(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::settings::{ForwardAuthSettings, load};

    fn from_variable(text: &str) -> Result<RequiredRoles, String> {
        let variable = ("LATCHKEY_FORWARD_AUTH__REQUIRE".to_owned(), text.to_owned());
        let settings = load(None, std::iter::once(variable)).map_err(|error| error.to_string())?;
        Ok(settings.forward_auth.require)
    }

    fn from_table(text: &str) -> Result<RequiredRoles, String> {
        toml::from_str::<ForwardAuthSettings>(text)
            .map(|section| section.require)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_table_and_a_variable_say_the_same() {
        let table = from_table(
            "[require]\n\"https://a.example.com\" = [\"admin\", \"staff\"]\n\"https://b.example.com\" = [\"on call\"]",
        );
        let variable =
            from_variable(" https://a.example.com=admin|staff, https://b.example.com = on call ,");
        assert_eq!(table, variable);
        let require = table.unwrap();
        let roles = |url: &str| require.of(&url.parse::<Url>().unwrap().origin()).to_vec();
        assert_eq!(roles("https://a.example.com:443"), ["admin", "staff"]);
        assert_eq!(roles("https://b.example.com"), ["on call"]);
        assert_eq!(roles("https://c.example.com"), [""; 0]);
        assert!(from_variable("").unwrap().is_empty());
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (text, word) in [
            ("https://a.example.com", "ORIGIN=ROLE"),
            ("nonsense=admin", "nonsense"),
        ] {
            let message = from_variable(text).unwrap_err();
            assert!(
                message.starts_with(KEY) && message.contains(word),
                "{message}"
            );
        }
        assert!(
            from_table("[require]\nnonsense = [\"admin\"]")
                .unwrap_err()
                .contains("nonsense")
        );
        assert!(
            from_table("require = 3")
                .unwrap_err()
                .contains("a table of origins")
        );
    }

    #[test]
    fn what_cannot_work_is_complained_about() {
        let origins = ["https://a.example.com".parse().unwrap()];
        let proxied = ServerSettings {
            trusted_proxies: vec!["127.0.0.1/32".parse().unwrap()],
            ..ServerSettings::default()
        };
        let found = |text: &str, server: &ServerSettings| {
            let mut complaints = Vec::new();
            RequiredRoles::parse(text)
                .unwrap()
                .complaints(&origins, server, &mut complaints);
            complaints
                .into_iter()
                .map(|complaint| complaint.text)
                .collect::<Vec<_>>()
                .join("\n")
        };
        assert_eq!(
            found(
                "https://a.example.com=admin,http://127.0.0.1:3000=staff",
                &proxied
            ),
            ""
        );
        assert_eq!(
            found("http://127.0.0.1:3000=staff", &ServerSettings::default()),
            "",
            "our own needs no proxy to be asked for"
        );
        for (text, server, word) in [
            ("https://b.example.com=admin", &proxied, "neither"),
            (
                "https://a.example.com=admin,https://a.example.com:443=ops",
                &proxied,
                "twice",
            ),
            ("https://a.example.com=", &proxied, "empty"),
            (
                "https://a.example.com=admin",
                &ServerSettings::default(),
                "server.trusted_proxies",
            ),
        ] {
            assert!(
                found(text, server).contains(word),
                "{text}: {}",
                found(text, server)
            );
        }
        let mut complaints = Vec::new();
        RequiredRoles(vec![(origins[0].clone(), Vec::new())]).complaints(
            &origins,
            &proxied,
            &mut complaints,
        );
        assert!(
            complaints.len() == 1 && complaints[0].text.contains("no role"),
            "{complaints:?}"
        );
    }
}
