//! `forward_auth.max_age`: how long ago a person may have entered a code, by application.
//!
//! In the file a table, `"https://app.example.com" = "15m"`. In a variable
//! `https://app.example.com=15m,https://other.example.com=1h`.

use std::time::Duration;

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};
use url::Url;

use crate::server::settings::forward_auth::by_origin::{OriginRules, parse_origin};
use crate::server::settings::server::ServerSettings;
use crate::server::settings::table_or_text::{TableOrText, entries};
use crate::server::settings::{ConfigError, HumanDuration};

const KEY: &str = "forward_auth.max_age";

/// The shortest age that may be set: the way from the code back to the application takes as long
/// on a slow network.
const MIN_AGE: HumanDuration = HumanDuration::seconds(1);

/// The longest age of the last code, by origin. An origin that is not listed accepts every session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MaxAges(Vec<(Url, HumanDuration)>);

impl MaxAges {
    /// The longest age for an origin.
    pub fn of(&self, origin: &url::Origin) -> Option<Duration> {
        let listed = self.0.iter().find(|(url, _)| url.origin() == *origin);
        listed.map(|(_, age)| age.0)
    }

    pub(super) fn validate(
        &self,
        origins: &[Url],
        server: &ServerSettings,
        errors: &mut Vec<ConfigError>,
    ) {
        let mut rules = OriginRules::new(origins, server);
        for (url, age) in &self.0 {
            let error = rules.check(url).map(str::to_owned).or_else(|| {
                (*age < MIN_AGE).then(|| format!("has the age {age}, and {MIN_AGE} is the least"))
            });
            let error = error.map(|error| ConfigError::new(KEY, format!("`{url}` {error}")));
            errors.extend(error);
        }
    }

    /// Parses the value of a variable.
    fn parse(text: &str) -> Result<Self, String> {
        let parsed = entries(text).map(|entry| {
            let (origin, age) = entry
                .rsplit_once('=')
                .ok_or_else(|| format!("`{entry}` must be ORIGIN=DURATION"))?;
            Ok((parse_origin(origin.trim())?, age.trim().parse()?))
        });
        parsed.collect::<Result<_, _>>().map(Self)
    }
}

impl Serialize for MaxAges {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entries: Vec<String> = self
            .0
            .iter()
            .map(|(url, age)| format!("{}={age}", url.origin().ascii_serialization()))
            .collect();
        serializer.serialize_str(&entries.join(","))
    }
}

impl<'de> Deserialize<'de> for MaxAges {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected =
            "a table of origins, each with a duration: \"https://app.example.com\" = \"15m\"";
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

    fn from_variable(text: &str) -> Result<MaxAges, String> {
        let variable = ("LATCHKEY_FORWARD_AUTH__MAX_AGE".to_owned(), text.to_owned());
        let settings = load(None, std::iter::once(variable)).map_err(|error| error.to_string())?;
        Ok(settings.forward_auth.max_age)
    }

    #[test]
    fn a_table_and_a_variable_are_equivalent() {
        let table = "[max_age]\n\"https://a.example.com\" = \"15m\"\n\
                     \"https://b.example.com:8443\" = \"1h\"";
        let table = toml::from_str::<ForwardAuthSettings>(table)
            .unwrap()
            .max_age;
        let variable =
            from_variable(" https://a.example.com=15m , https://b.example.com:8443 = 1h,");
        assert_eq!(variable, Ok(table.clone()));
        let age = |url: &str| table.of(&url.parse::<Url>().unwrap().origin());
        let minutes = |count: u64| Some(Duration::from_secs(count * 60));
        assert_eq!(age("https://a.example.com:443/x"), minutes(15));
        assert_eq!(age("https://b.example.com:8443"), minutes(60));
        assert_eq!(age("https://b.example.com"), None);
        assert_eq!(from_variable(""), Ok(MaxAges::default()));
    }

    #[test]
    fn parse_errors_name_the_entry() {
        for (text, word) in [
            ("https://a.example.com", "ORIGIN=DURATION"),
            ("nonsense=15m", "nonsense"),
            ("https://a.example.com=15", "no duration"),
        ] {
            let message = from_variable(text).unwrap_err();
            assert!(
                message.starts_with(KEY) && message.contains(word),
                "{message}"
            );
        }
        assert!(toml::from_str::<ForwardAuthSettings>("max_age = 3").is_err());
    }

    #[test]
    fn unusable_ages_are_errors() {
        let origins = ["https://a.example.com".parse().unwrap()];
        let proxied = ServerSettings {
            trusted_proxies: vec!["127.0.0.1/32".parse().unwrap()],
            ..ServerSettings::default()
        };
        let found = |text: &str, server: &ServerSettings| {
            let mut errors = Vec::new();
            MaxAges::parse(text)
                .unwrap()
                .validate(&origins, server, &mut errors);
            let errors: Vec<String> = errors.into_iter().map(|error| error.text).collect();
            errors.join("\n")
        };
        let own = "http://127.0.0.1:3000=1s";
        assert_eq!(
            found(&format!("https://a.example.com=15m,{own}"), &proxied),
            ""
        );
        assert_eq!(found(own, &ServerSettings::default()), "");
        for (text, word) in [
            ("https://b.example.com=15m", "never checked"),
            (
                "https://a.example.com=15m,https://a.example.com:443=1m",
                "twice",
            ),
            ("https://a.example.com=999ms", "1s is the least"),
            ("https://a.example.com=0s", "1s is the least"),
        ] {
            assert!(found(text, &proxied).contains(word), "{text}");
        }
        let direct = found("https://a.example.com=15m", &ServerSettings::default());
        assert!(direct.contains("trusted_proxies"), "{direct}");
    }
}
