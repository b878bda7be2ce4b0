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
}

impl Default for BrandSettings {
    fn default() -> Self {
        Self {
            name: "Latchkey".to_owned(),
            support_url: None,
        }
    }
}

impl BrandSettings {
    pub(super) fn validate(&self, errors: &mut Vec<ConfigError>) {
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
    fn support_urls_have_a_scheme_that_people_can_open() {
        let errors = |url: &str| {
            let mut errors = Vec::new();
            BrandSettings {
                support_url: Some(url.parse().unwrap()),
                ..BrandSettings::default()
            }
            .validate(&mut errors);
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
