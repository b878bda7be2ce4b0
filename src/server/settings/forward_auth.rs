//! `[forward_auth]`: the applications behind Latchkey.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::server::settings::ConfigError;
use crate::server::settings::forward_auth::by_origin::{OriginRules, shown_origin};
use crate::server::settings::server::{DOT_AT_END, ServerSettings, ends_with_dot, is_trustworthy};

pub(super) mod by_origin;
pub mod group_patterns;
pub mod max_ages;
pub mod required_roles;

pub use group_patterns::GroupPatterns;
pub use max_ages::MaxAges;
pub use required_roles::RequiredRoles;

/// Bounds of `forward_auth.header_limit` in bytes. A JWT without roles has about 700.
const HEADER_LIMITS: RangeInclusive<usize> = 1024..=65_536;

/// What applications learn about the user's identifier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhoneHeader {
    /// Enough for its owner to recognise it.
    #[default]
    Masked,
    /// The whole number. The session stores it encrypted while this is set.
    Full,
}

/// `[forward_auth]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ForwardAuthSettings {
    /// Origins of the applications, besides our own. Sessions are checked for these, and return
    /// URLs may lead there.
    pub origins: Vec<Url>,
    /// The roles that an application requires.
    pub require: RequiredRoles,
    /// How long ago a person may have entered a code, by application.
    pub max_age: MaxAges,
    /// Applications that accept only sessions that began with a code by SMS.
    pub require_sms: Vec<Url>,
    /// The roles that applications are told.
    pub groups: GroupPatterns,
    /// The longest value of an identity header in bytes.
    pub header_limit: usize,
    /// What applications learn about the phone number.
    pub phone: PhoneHeader,
    /// Whether requests carry a signed JWT.
    pub jwt: bool,
}

impl Default for ForwardAuthSettings {
    fn default() -> Self {
        Self {
            origins: Vec::new(),
            require: RequiredRoles::default(),
            max_age: MaxAges::default(),
            require_sms: Vec::new(),
            groups: GroupPatterns::default(),
            // Half of what servers commonly accept as one header, and with the JWT half of what
            // they accept in all.
            header_limit: 4096,
            phone: PhoneHeader::default(),
            // Headers are only as trustworthy as the network and the proxy in front.
            jwt: true,
        }
    }
}

impl ForwardAuthSettings {
    pub(super) fn validate(&self, server: &ServerSettings, errors: &mut Vec<ConfigError>) {
        let mut seen = Vec::new();
        for url in &self.origins {
            let invalid = origin_error(url).or_else(|| {
                seen.contains(&url.origin())
                    .then(|| "is listed twice; the default port need not be named".to_owned())
            });
            seen.push(url.origin());
            if let Some(invalid) = invalid {
                errors.push(ConfigError::new(
                    "forward_auth.origins",
                    format!("`{}` {invalid}", shown_origin(url)),
                ));
            }
        }
        self.require.validate(&self.origins, server, errors);
        self.max_age.validate(&self.origins, server, errors);
        let mut rules = OriginRules::new(&self.origins, server);
        errors.extend(self.require_sms.iter().filter_map(|url| {
            let error = rules.check(url)?;
            let key = "forward_auth.require_sms";
            Some(ConfigError::new(
                key,
                format!("`{}` {error}", shown_origin(url)),
            ))
        }));
        self.groups.validate(&self.origins, server, errors);
        if !HEADER_LIMITS.contains(&self.header_limit) {
            let (least, most) = HEADER_LIMITS.into_inner();
            let text = format!("must be between {least} and {most} bytes");
            errors.push(ConfigError::new("forward_auth.header_limit", text));
        }
    }
}

/// What is wrong with an origin, as the end of a sentence that starts with the URL.
pub(super) fn origin_error(url: &Url) -> Option<String> {
    let invalid = if !matches!(url.scheme(), "http" | "https") || !is_bare(url) {
        "must be scheme, host and port alone, such as https://app.example.com"
    } else if url.host_str().is_some_and(|host| host.contains('*')) {
        "is no single origin: name each one, because any host under a wildcard would get sessions"
    } else if !is_trustworthy(url) {
        "must be https: browsers accept our cookies over http only on loopback"
    } else if ends_with_dot(url) {
        DOT_AT_END
    } else {
        return None;
    };
    Some(invalid.to_owned())
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

    fn errors(origins: &[&str]) -> Vec<ConfigError> {
        let origins = origins.iter().map(|url| url.parse().unwrap()).collect();
        let mut errors = Vec::new();
        ForwardAuthSettings {
            origins,
            ..ForwardAuthSettings::default()
        }
        .validate(&ServerSettings::default(), &mut errors);
        errors
    }

    #[test]
    fn a_header_limit_has_bounds() {
        for (limit, is_valid) in [
            (0, false),
            (1023, false),
            (1024, true),
            (65_536, true),
            (65_537, false),
        ] {
            let settings = ForwardAuthSettings {
                header_limit: limit,
                ..ForwardAuthSettings::default()
            };
            let mut errors = Vec::new();
            settings.validate(&ServerSettings::default(), &mut errors);
            assert_eq!(errors.is_empty(), is_valid, "{limit}: {errors:?}");
        }
    }

    #[test]
    fn an_origin_is_scheme_host_and_port_alone_and_https_but_on_loopback() {
        for url in [
            "https://app.example.com",
            "https://app.example.com:8443",
            "http://app.localhost:8080",
            "https://APP.example.com",
            "https://bücher.example",
            "https://[2001:DB8::1]:8443",
        ] {
            assert_eq!(errors(&[url]), [], "{url}");
        }
        for (url, word) in [
            ("https://app.example.com/path", "alone"),
            ("https://app.example.com/?query", "alone"),
            ("https://app.example.com/#fragment", "alone"),
            ("https://user@app.example.com", "alone"),
            (
                "https://user:hunter2@app.example.com",
                "`https://…@app.example.com/` must",
            ),
            ("ftp://app.example.com", "alone"),
            ("data:text/html,x", "alone"),
            ("https://*.example.com", "wildcard"),
            ("http://app.example.com", "must be https"),
            ("https://app.example.com.", "dot"),
        ] {
            let found = errors(&[url]);
            assert!(
                found.len() == 1 && found[0].text.contains(word),
                "{url}: {found:?}"
            );
        }
        let twice = errors(&["https://app.example.com", "https://app.example.com:443/"]);
        assert!(
            twice.len() == 1 && twice[0].text.contains("twice"),
            "{twice:?}"
        );
    }

    #[test]
    fn an_origin_that_asks_for_sms_must_be_checked() {
        let found = |require_sms: &[&str]| {
            let settings = ForwardAuthSettings {
                origins: vec!["https://a.example.com".parse().unwrap()],
                require_sms: require_sms.iter().map(|url| url.parse().unwrap()).collect(),
                ..ForwardAuthSettings::default()
            };
            let server = ServerSettings {
                trusted_proxies: vec!["127.0.0.1/32".parse().unwrap()],
                ..ServerSettings::default()
            };
            let mut errors = Vec::new();
            settings.validate(&server, &mut errors);
            let of_this = |error: &ConfigError| error.key == "forward_auth.require_sms";
            assert!(errors.iter().all(of_this));
            errors.len()
        };
        assert_eq!(
            found(&["https://a.example.com", "http://127.0.0.1:3000"]),
            0
        );
        assert_eq!(found(&["https://b.example.com"]), 1);
        assert_eq!(
            found(&["https://a.example.com", "https://a.example.com:443"]),
            1
        );
    }
}
