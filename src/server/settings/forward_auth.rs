//! `[forward_auth]`: applications behind.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::server::settings::ConfigError;
use crate::server::settings::server::{ServerSettings, is_trustworthy};

pub mod required_roles;

pub use required_roles::RequiredRoles;

/// What applications are told of the identifier that a person signed in with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhoneHeader {
    /// Enough for its owner to recognise it.
    #[default]
    Masked,
    /// The whole number, which the session keeps, sealed, as long as this is set.
    Full,
}

/// `[forward_auth]`
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ForwardAuthSettings {
    /// Origins of the applications, besides our own: to them a way back may lead, and for them
    /// sessions are checked.
    pub origins: Vec<Url>,
    /// Who may enter which of them.
    pub require: RequiredRoles,
    /// What they are told of the phone number.
    pub phone: PhoneHeader,
    /// Whether they are given a signed JWT.
    pub jwt: bool,
}

impl ForwardAuthSettings {
    pub(super) fn complaints(&self, server: &ServerSettings, complaints: &mut Vec<ConfigError>) {
        let mut seen = Vec::new();
        for url in &self.origins {
            let wrong = wrong_with(url).or_else(|| {
                seen.contains(&url.origin())
                    .then(|| "is there twice; the port of its scheme need not be named".to_owned())
            });
            seen.push(url.origin());
            if let Some(wrong) = wrong {
                complaints.push(ConfigError::new(
                    "forward_auth.origins",
                    format!("`{url}` {wrong}"),
                ));
            }
        }
        self.require.complaints(&self.origins, server, complaints);
    }
}

/// What is wrong with the URL of an origin, in words that go on after it.
fn wrong_with(url: &Url) -> Option<String> {
    let wrong = if !matches!(url.scheme(), "http" | "https") || !is_bare(url) {
        "must be scheme, host and port alone, such as https://app.example.com"
    } else if url.host_str().is_some_and(|host| host.contains('*')) {
        "is no single origin: name each one, since whoever gets a name under a wildcard would get people's sessions"
    } else if !is_trustworthy(url) {
        "must be https: only on loopback do browsers keep our cookies over http"
    } else {
        return None;
    };
    Some(wrong.to_owned())
}

fn is_bare(url: &Url) -> bool {
    url.host().is_some()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaints(origins: &[&str]) -> Vec<ConfigError> {
        let origins = origins.iter().map(|url| url.parse().unwrap()).collect();
        let mut complaints = Vec::new();
        ForwardAuthSettings {
            origins,
            ..ForwardAuthSettings::default()
        }
        .complaints(&ServerSettings::default(), &mut complaints);
        complaints
    }

    #[test]
    fn an_origin_is_scheme_host_and_port_alone_and_https_but_on_loopback() {
        for url in [
            "https://app.example.com",
            "https://app.example.com:8443",
            "http://app.localhost:8080",
        ] {
            assert_eq!(complaints(&[url]), [], "{url}");
        }
        for (url, word) in [
            ("https://app.example.com/path", "alone"),
            ("https://app.example.com/?query", "alone"),
            ("https://app.example.com/#fragment", "alone"),
            ("https://user@app.example.com", "alone"),
            ("ftp://app.example.com", "alone"),
            ("data:text/html,x", "alone"),
            ("https://*.example.com", "wildcard"),
            ("http://app.example.com", "must be https"),
        ] {
            let found = complaints(&[url]);
            assert!(
                found.len() == 1 && found[0].text.contains(word),
                "{url}: {found:?}"
            );
        }
        let twice = complaints(&["https://app.example.com", "https://app.example.com:443/"]);
        assert!(
            twice.len() == 1 && twice[0].text.contains("twice"),
            "{twice:?}"
        );
    }
}
