//! `[brand]`: what people see of the company: name, logo, colours, links, and the country of the
//! phone field.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::domain::shown_name::shown_name_error;
use crate::server::brand::{Color, Palette, Scheme};
use crate::server::settings::{ConfigError, whole_number};

pub mod origins;

pub use origins::{BrandOrigins, OriginBrand};

/// The schemes that a link for people may have.
const LINK_SCHEMES: [&str; 4] = ["https", "http", "mailto", "tel"];
/// The largest `brand.radius`: a button is then round.
const MAX_RADIUS: u16 = 24;

/// `[brand]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BrandSettings {
    /// The name at the top of every page.
    pub name: String,
    /// The file of the logo, SVG or PNG, which takes the place of our icon and the name.
    pub logo: Option<PathBuf>,
    /// The file of the logo on dark screens.
    pub logo_dark: Option<PathBuf>,
    /// Whether the name stands beside the logo.
    pub show_name: bool,
    /// The colour of links, buttons and focus.
    pub accent: Option<Color>,
    /// The same on dark screens. Unset, it follows from `accent`.
    pub accent_dark: Option<Color>,
    /// The radius of the corners of fields and buttons, in CSS pixels.
    #[serde(deserialize_with = "whole_number::deserialize")]
    pub radius: Option<u16>,
    /// Where users find help: linked from the help panel and at the end of every page.
    pub support_url: Option<Url>,
    /// The privacy policy, linked at the end of every page.
    pub privacy_url: Option<Url>,
    /// The terms of use, linked at the end of every page.
    pub terms_url: Option<Url>,
    /// The country that the phone field selects for a browser whose languages suggest none (ISO
    /// 3166 alpha-2, one of `guard.countries`).
    pub country: Option<String>,
    /// Names, logos and colours of the applications behind.
    pub origins: BrandOrigins,
}

impl Default for BrandSettings {
    fn default() -> Self {
        Self {
            name: "Latchkey".to_owned(),
            logo: None,
            logo_dark: None,
            show_name: false,
            accent: None,
            accent_dark: None,
            radius: None,
            support_url: None,
            privacy_url: None,
            terms_url: None,
            country: None,
            origins: BrandOrigins::default(),
        }
    }
}

impl BrandSettings {
    /// The files are read where the server starts, and by `latchkey check`. `served` is
    /// `guard.countries`, `applications` is `forward_auth.origins`.
    pub(super) fn validate(
        &self,
        served: &[String],
        applications: &[Url],
        errors: &mut Vec<ConfigError>,
    ) {
        let mut add = |key, text: String| errors.push(ConfigError::new(key, text));
        if let Some(country) = self.country.as_ref().filter(|code| !served.contains(code)) {
            add(
                "brand.country",
                format!("`{country}` must be one of guard.countries, in capitals"),
            );
        }
        if let Some(error) = shown_name_error(&self.name) {
            add("brand.name", error.to_owned());
        }
        for (key, url) in [
            ("brand.support_url", &self.support_url),
            ("brand.privacy_url", &self.privacy_url),
            ("brand.terms_url", &self.terms_url),
        ] {
            let is_wrong = |url: &&Url| !LINK_SCHEMES.contains(&url.scheme());
            if let Some(url) = url.as_ref().filter(is_wrong) {
                let text = format!("`{url}` must have the scheme https, http, mailto or tel");
                add(key, text);
            }
        }
        if self.logo_dark.is_some() && self.logo.is_none() {
            let text = "needs brand.logo, which other screens show";
            add("brand.logo_dark", text.to_owned());
        }
        if let Some(text) = accent_error(Scheme::Light, self.accent) {
            add("brand.accent", text);
        }
        if let Some(text) = accent_error(Scheme::Dark, self.accent_dark) {
            add("brand.accent_dark", text);
        }
        if let Some(radius) = self.radius.filter(|radius| *radius > MAX_RADIUS) {
            add(
                "brand.radius",
                format!("{radius} is too large: {MAX_RADIUS} pixels are the most"),
            );
        }
        self.origins.validate(applications, errors);
    }
}

/// What is wrong with an accent.
fn accent_error(scheme: Scheme, accent: Option<Color>) -> Option<String> {
    Palette::new(scheme, accent?).err()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::settings::load;

    #[test]
    fn the_country_is_a_served_one() {
        let errors = |country: &str| {
            let mut errors = Vec::new();
            let brand = BrandSettings {
                country: Some(country.to_owned()),
                ..BrandSettings::default()
            };
            brand.validate(&["GB".to_owned()], &[], &mut errors);
            errors.len()
        };
        assert_eq!((errors("GB"), errors("gb"), errors("DE")), (0, 1, 1));
    }

    /// The keys of the errors in a section.
    fn faulty_keys(toml: &str) -> Vec<&'static str> {
        let mut errors = Vec::new();
        let brand: BrandSettings = toml::from_str(toml).unwrap();
        brand.validate(&[], &[], &mut errors);
        errors.iter().map(|error| error.key).collect()
    }

    #[test]
    fn a_look_that_cannot_be_used_is_an_error() {
        for (toml, key) in [
            ("logo_dark = 'logo.svg'", "brand.logo_dark"),
            ("accent = '#ffd400'", "brand.accent"),
            ("accent_dark = '#2743b8'", "brand.accent_dark"),
            ("radius = 25", "brand.radius"),
            ("name = ' '", "brand.name"),
            ("name = \"Ex\\u202eample\"", "brand.name"),
            ("name = \"Ex\\nample\"", "brand.name"),
        ] {
            assert_eq!(faulty_keys(toml), [key], "{toml}");
        }
        let toml = "logo = 'logo.svg'\nlogo_dark = 'dark.svg'\nradius = 24\n\
                    accent = '#0a6e3f'\naccent_dark = '#7fd8a8'";
        assert_eq!(faulty_keys(toml), [""; 0]);
    }

    #[test]
    fn the_look_can_be_set_by_variables() {
        let variables = [
            ("ACCENT", "#0A6E3F"),
            ("RADIUS", "8"),
            ("SHOW_NAME", "true"),
        ];
        let variables =
            variables.map(|(name, value)| (format!("LATCHKEY_BRAND__{name}"), value.to_owned()));
        let settings = load(None, variables.into_iter()).unwrap();
        let brand = settings.brand;
        assert_eq!(brand.accent.map(String::from).as_deref(), Some("#0a6e3f"));
        assert_eq!((brand.radius, brand.show_name), (Some(8), true));
        let variable = ("LATCHKEY_BRAND__ACCENT".to_owned(), "red".to_owned());
        let error = load(None, std::iter::once(variable))
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("brand.accent: `red` is no colour"),
            "{error}"
        );
    }

    #[test]
    fn support_urls_have_a_scheme_that_people_can_open() {
        let errors = |url: &str| {
            let keys = ["support_url", "privacy_url", "terms_url"];
            let counts = keys.map(|key| faulty_keys(&format!("{key} = '{url}'")).len());
            assert!(counts.iter().all(|count| *count == counts[0]), "{url}");
            counts[0]
        };
        for valid in [
            "https://help.example.com/",
            "mailto:help@example.com",
            "tel:+442079460000",
        ] {
            assert_eq!(errors(valid), 0, "{valid}");
        }
        for invalid in [
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://example.com/",
        ] {
            assert_eq!(errors(invalid), 1, "{invalid}");
        }
    }
}
