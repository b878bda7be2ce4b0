//! `[brand]`: name and look.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::server::settings::ConfigError;

/// Schemes of addresses where help can be.
const HELPFUL: [&str; 4] = ["https", "http", "mailto", "tel"];

/// What people see of the company.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BrandSettings {
    /// The name at the top of every page.
    pub name: String,
    /// Where help is: shown on the help panel and on the error page.
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
    pub(super) fn complaints(&self, complaints: &mut Vec<ConfigError>) {
        if self.name.trim().is_empty() {
            complaints.push(ConfigError::new(
                "brand.name",
                "must not be empty: it stands at the top of every page",
            ));
        }
        if let Some(url) = self
            .support_url
            .as_ref()
            .filter(|url| !HELPFUL.contains(&url.scheme()))
        {
            let text = format!("`{url}` is no address for people: https, http, mailto or tel");
            complaints.push(ConfigError::new("brand.support_url", text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_is_where_a_person_can_go() {
        let complaints = |url: &str| {
            let mut complaints = Vec::new();
            BrandSettings {
                support_url: Some(url.parse().unwrap()),
                ..BrandSettings::default()
            }
            .complaints(&mut complaints);
            complaints.len()
        };
        for fine in [
            "https://help.example.com/",
            "mailto:help@example.com",
            "tel:+442079460000",
        ] {
            assert_eq!(complaints(fine), 0, "{fine}");
        }
        for wrong in [
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://example.com/",
        ] {
            assert_eq!(complaints(wrong), 1, "{wrong}");
        }
    }
}
