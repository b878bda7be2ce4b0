//! `brand.origins`: the look of the sign-in for an application behind, by its origin.
//!
//! In the file a table, `[brand.origins."https://app.example.com"]`. In a variable the same as an
//! inline table of TOML.

use std::path::PathBuf;

use serde::de::{Deserializer, Error as _};
use serde::ser::{Error as _, Serializer};
use serde::{Deserialize, Serialize};
use toml::{Table, Value};
use url::Url;

use super::accent_error;
use crate::domain::shown_name::shown_name_error;
use crate::server::brand::{Color, Scheme};
use crate::server::settings::ConfigError;
use crate::server::settings::forward_auth::by_origin::{parse_origin, shown_origin};
use crate::server::settings::forward_auth::origin_error;
use crate::server::settings::table_or_text::TableOrText;

const KEY: &str = "brand.origins";

/// What differs from `[brand]` for an application. What is unset is as there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OriginBrand {
    /// The name of the application.
    pub name: Option<String>,
    /// Its logo. With a name alone, the name stands beside the logo of the company.
    pub logo: Option<PathBuf>,
    /// Its logo on dark screens.
    pub logo_dark: Option<PathBuf>,
    /// Whether its name stands beside its logo.
    pub show_name: Option<bool>,
    /// Its colour.
    pub accent: Option<Color>,
    /// Its colour on dark screens.
    pub accent_dark: Option<Color>,
}

/// The applications with a look of their own, in the order of the settings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BrandOrigins(pub Vec<(Url, OriginBrand)>);

impl BrandOrigins {
    pub(super) fn validate(&self, applications: &[Url], errors: &mut Vec<ConfigError>) {
        let mut seen = Vec::new();
        for (url, brand) in &self.0 {
            let origin = url.origin();
            let is_listed = applications.iter().any(|listed| listed.origin() == origin);
            let found = if let Some(error) = origin_error(url) {
                Some(error)
            } else if !is_listed {
                Some("is not in forward_auth.origins: nobody signs in for it".to_owned())
            } else if seen.contains(&origin) {
                Some("is listed twice; the default port need not be named".to_owned())
            } else {
                brand.error()
            };
            seen.push(origin);
            let text = found.map(|found| format!("`{}` {found}", shown_origin(url)));
            errors.extend(text.map(|text| ConfigError::new(KEY, text)));
        }
    }

    /// Parses the value of a variable.
    fn parse(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let wrong = |error: toml::de::Error| {
            format!(
                "must be an inline table of TOML, such as \
                 {{ \"https://app.example.com\" = {{ name = \"Shop\" }} }}: {}",
                error.message()
            )
        };
        let table: Table = format!("origins = {text}").parse().map_err(wrong)?;
        let value = table.get("origins").cloned();
        let entries: Table = value
            .unwrap_or(Value::Boolean(false))
            .try_into()
            .map_err(wrong)?;
        let entries = entries
            .into_iter()
            .map(|(origin, value)| Ok((parse_origin(&origin)?, value.try_into().map_err(wrong)?)));
        entries.collect::<Result<_, String>>().map(Self)
    }
}

impl OriginBrand {
    /// What is wrong, as the end of a sentence that starts with the origin.
    fn error(&self) -> Option<String> {
        let name_error = self.name.as_deref().and_then(shown_name_error);
        if let Some(error) = name_error {
            return Some(format!("has a name that {error}"));
        }
        if self.logo_dark.is_some() && self.logo.is_none() {
            return Some("has logo_dark without logo, which other screens show".to_owned());
        }
        let accents = [
            ("accent", Scheme::Light, self.accent),
            ("accent_dark", Scheme::Dark, self.accent_dark),
        ];
        accents.into_iter().find_map(|(name, scheme, accent)| {
            accent_error(scheme, accent)
                .map(|error| format!("has an {name} that is refused: {error}"))
        })
    }
}

impl Serialize for BrandOrigins {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entries = self.0.iter().map(|(url, brand)| {
            let brand = Value::try_from(brand).map_err(S::Error::custom)?;
            Ok((url.origin().ascii_serialization(), brand))
        });
        let entries: Table = entries.collect::<Result<_, S::Error>>()?;
        let text = match entries.is_empty() {
            true => String::new(),
            false => Value::Table(entries).to_string(),
        };
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for BrandOrigins {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = TableOrText {
            expected: "a table for each origin: [brand.origins.\"https://app.example.com\"]",
            parse: Self::parse,
            key: parse_origin,
            make: Self,
        };
        read.deserialize(deserializer).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::settings::{BrandSettings, load};

    const APP: &str = "https://app.example.com";

    fn from_variable(text: &str) -> Result<BrandOrigins, String> {
        let variable = ("LATCHKEY_BRAND__ORIGINS".to_owned(), text.to_owned());
        let settings = load(None, std::iter::once(variable)).map_err(|error| error.to_string())?;
        Ok(settings.brand.origins)
    }

    #[test]
    fn a_table_and_a_variable_are_equivalent() {
        let table = "[origins.\"https://app.example.com\"]\nname = 'Shop'\naccent = '#0a6e3f'";
        let table = toml::from_str::<BrandSettings>(table).unwrap().origins;
        let text = "{ \"https://app.example.com\" = { name = \"Shop\", accent = \"#0a6e3f\" } }";
        assert_eq!(from_variable(text), Ok(table.clone()));
        // As `check --dump` prints it.
        let printed = toml::Value::try_from(&table).unwrap();
        assert_eq!(from_variable(printed.as_str().unwrap()), Ok(table));
        assert_eq!(from_variable(" "), Ok(BrandOrigins::default()));
    }

    #[test]
    fn errors_name_what_is_wrong() {
        for (text, word) in [
            ("nonsense", "inline table"),
            ("{ x = { name = \"Shop\" } }", "`x` is no URL"),
            ("{ \"//u:hunter2@h\" = {} }", "`//…@h` is no URL"),
            (
                "{ \"https://a.example.com\" = { title = \"Shop\" } }",
                "title",
            ),
            (
                "{ \"https://a.example.com\" = { accent = \"red\" } }",
                "no colour",
            ),
        ] {
            let error = from_variable(text).unwrap_err();
            assert!(error.starts_with(KEY) && error.contains(word), "{error}");
        }
    }

    #[test]
    fn only_applications_have_a_look_of_their_own() {
        let applications = [APP.parse().unwrap()];
        let found = |entries: &[(&str, OriginBrand)]| {
            let entries = entries.iter().cloned();
            let entries = entries.map(|(url, brand)| (url.parse().unwrap(), brand));
            let mut errors = Vec::new();
            BrandOrigins(entries.collect()).validate(&applications, &mut errors);
            errors
                .into_iter()
                .map(|error| error.text)
                .collect::<String>()
        };
        let named = |name: &str| OriginBrand {
            name: Some(name.to_owned()),
            ..OriginBrand::default()
        };
        assert_eq!(found(&[(APP, named("Shop"))]), "");
        let elsewhere = found(&[("https://evil.example", named("Shop"))]);
        assert!(
            elsewhere.contains("not in forward_auth.origins"),
            "{elsewhere}"
        );
        let port = "https://app.example.com:443";
        assert!(found(&[(APP, named("A")), (port, named("B"))]).contains("twice"));
        for url in [
            "https://app.example.com/path",
            "https://app.example.com?query",
            "https://app.example.com#fragment",
            "https://app.example.com:443/x",
            "https://user@app.example.com",
            "https://user:hunter2@app.example.com",
        ] {
            let error = found(&[(url, named("Shop"))]);
            assert!(error.contains("host and port alone"), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
        for name in [" ", "\u{3164}", "Sh\u{202e}op", "Sh\nop"] {
            assert!(found(&[(APP, named(name))]).contains("has a name that must"));
        }
        let accent = OriginBrand {
            accent: "#ffd400".parse().ok(),
            ..OriginBrand::default()
        };
        let error = found(&[(APP, accent)]);
        let start = "`https://app.example.com/` has an accent that is refused: `#ffd400` has a";
        assert!(
            error.starts_with(start) && error.contains("nearest colour"),
            "{error}"
        );
        let dark = OriginBrand {
            logo_dark: Some("x.svg".into()),
            ..OriginBrand::default()
        };
        assert!(found(&[(APP, dark)]).contains("without logo"));
    }
}
