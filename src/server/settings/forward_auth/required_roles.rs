//! `forward_auth.require`: the roles that an application requires, of which a user needs one.
//!
//! In the file a table, `"https://app.example.com" = ["admin", "staff"]`. In a variable
//! `https://app.example.com=admin|staff,https://other.example.com=ops`.

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};
use url::Url;

use crate::server::settings::ConfigError;
use crate::server::settings::forward_auth::by_origin::{
    NamesByOrigin, OriginRules, names_of, parse_names, parse_origin, to_entry,
};
use crate::server::settings::list_rules::refuse_repeated;
use crate::server::settings::server::ServerSettings;
use crate::server::settings::table_or_text::{TableOrText, entries};

const KEY: &str = "forward_auth.require";

/// The required roles by origin; one of them suffices. An origin that is not listed requires none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequiredRoles(pub NamesByOrigin);

impl RequiredRoles {
    /// Whether no application requires a role.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The roles that an origin requires.
    pub fn of(&self, origin: &url::Origin) -> &[String] {
        names_of(&self.0, origin).unwrap_or_default()
    }

    pub(super) fn validate(
        &self,
        origins: &[Url],
        server: &ServerSettings,
        errors: &mut Vec<ConfigError>,
    ) {
        let mut rules = OriginRules::new(origins, server);
        for (url, roles) in &self.0 {
            let error = rules.check(url).or_else(|| roles_error(roles));
            let error = error.map(|error| ConfigError::new(KEY, format!("`{url}` {error}")));
            errors.extend(error);
            let describe = |role: &String| format!("`{url}`: the role `{role}`");
            refuse_repeated(KEY, roles, describe, errors);
        }
    }

    /// Parses the value of a variable.
    fn parse(text: &str) -> Result<Self, String> {
        let read = entries(text).map(|entry| {
            let (origin, roles) = entry
                .split_once('=')
                .ok_or(format!("`{entry}` must be ORIGIN=ROLE|ROLE"))?;
            Ok((parse_origin(origin.trim())?, parse_names(roles)))
        });
        read.collect::<Result<_, _>>().map(Self)
    }
}

/// What is wrong with the roles of an origin, as the end of a sentence.
fn roles_error(roles: &[String]) -> Option<&'static str> {
    let is_odd = |role: &String| role.is_empty() || role.trim() != role;
    if roles.is_empty() {
        return Some("lists no role; leave it out to allow every signed-in user");
    }
    roles
        .iter()
        .any(is_odd)
        .then_some("names a role that is empty, or starts or ends with a space")
}

impl Serialize for RequiredRoles {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entries = self.0.iter().map(|(url, roles)| to_entry(url, roles));
        serializer.serialize_str(&entries.collect::<Vec<_>>().join(","))
    }
}

impl<'de> Deserialize<'de> for RequiredRoles {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected =
            "a table of origins, each with its roles: \"https://app.example.com\" = [\"admin\"]";
        let read = TableOrText {
            expected,
            parse: Self::parse,
            key: parse_origin,
            make: Self,
        };
        read.deserialize(deserializer)
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
    fn a_table_and_a_variable_are_equivalent() {
        let table = from_table(
            "[require]\n\"https://a.example.com\" = [\"admin\", \
             \"staff\"]\n\"https://b.example.com\" = [\"on call\"]",
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
    fn parse_errors_name_the_entry() {
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
    fn unusable_roles_are_errors() {
        let origins = ["https://a.example.com".parse().unwrap()];
        let proxied = ServerSettings {
            trusted_proxies: vec!["127.0.0.1/32".parse().unwrap()],
            ..ServerSettings::default()
        };
        let found = |text: &str, server: &ServerSettings| {
            let mut errors = Vec::new();
            RequiredRoles::parse(text)
                .unwrap()
                .validate(&origins, server, &mut errors);
            errors
                .into_iter()
                .map(|error| error.text)
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
        let mut errors = Vec::new();
        RequiredRoles(vec![(origins[0].clone(), Vec::new())]).validate(
            &origins,
            &proxied,
            &mut errors,
        );
        assert!(
            errors.len() == 1 && errors[0].text.contains("no role"),
            "{errors:?}"
        );
    }
}
