//! `[brand]`: the company's name and support address.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::server::settings::ConfigError;

/// The schemes that a support address may have.
const SUPPORT_URL_SCHEMES: [&str; 4] = ["https", "http", "mailto", "tel"];

/// `[brand]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BrandSettings {
    /// The name at the top of every page.
    pub name: String,
    /// Where users find help: linked from the help panel and the error page.
    pub support_url: Option<Url>,
    /// The country that the phone field selects for a browser whose languages suggest none (ISO
    /// 3166 alpha-2, one of `guard.countries`).
    pub country: Option<String>,
}

impl Default for BrandSettings {
    fn default() -> Self {
        Self {
            name: "Latchkey".to_owned(),
            support_url: None,
            country: None,
        }
    }
}

impl BrandSettings {
    pub(super) fn validate(&self, served: &[String], errors: &mut Vec<ConfigError>) {
        if let Some(country) = self.country.as_ref().filter(|code| !served.contains(code)) {
            let text = format!("`{country}` must be one of guard.countries, in capitals");
            errors.push(ConfigError::new("brand.country", text));
        }
        if self.name.trim().is_empty() {
            errors.push(ConfigError::new(
                "brand.name",
                "must not be empty: it is shown at the top of every page",
            ));
        }
        if let Some(url) = self
            .support_url
            .as_ref()
            .filter(|url| !SUPPORT_URL_SCHEMES.contains(&url.scheme()))
        {
            let text = format!("`{url}` must have the scheme https, http, mailto or tel");
            errors.push(ConfigError::new("brand.support_url", text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_country_is_a_served_one() {
        let errors = |country: &str| {
            let mut errors = Vec::new();
            let brand = BrandSettings {
                country: Some(country.to_owned()),
                ..BrandSettings::default()
            };
            brand.validate(&["GB".to_owned()], &mut errors);
            errors.len()
        };
        assert_eq!((errors("GB"), errors("gb"), errors("DE")), (0, 1, 1));
    }

    #[test]
    fn support_urls_have_a_scheme_that_people_can_open() {
        let errors = |url: &str| {
            let mut errors = Vec::new();
            BrandSettings {
                support_url: Some(url.parse().unwrap()),
                ..BrandSettings::default()
            }
            .validate(&[], &mut errors);
            errors.len()
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
