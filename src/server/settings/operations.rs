//! `[operations]`: the listener for health, metrics and the dashboard.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use url::Host;

use crate::server::settings::list_rules::refuse_repeated;
use crate::server::settings::{ConfigError, Secret};

/// The fewest characters of a bearer token.
pub const MIN_TOKEN: usize = 16;

/// `[operations]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the names of the fields say it")]
pub struct OperationsSettings {
    pub address: SocketAddr,
    /// Allowed `Host` names besides loopback, on any port. Protects against DNS rebinding.
    pub hosts: Vec<String>,
    /// The token that callers must send (`Authorization: Bearer …`); required unless the address is
    /// loopback.
    pub bearer_token: Option<Secret>,
    /// A file that holds the token.
    pub bearer_token_file: Option<PathBuf>,
    /// The token of the admin API; without one there is no admin API.
    pub admin_token: Option<Secret>,
    /// A file that holds it.
    pub admin_token_file: Option<PathBuf>,
}

impl Default for OperationsSettings {
    fn default() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 9464)),
            hosts: Vec::new(),
            bearer_token: None,
            bearer_token_file: None,
            admin_token: None,
            admin_token_file: None,
        }
    }
}

impl OperationsSettings {
    /// The listed hosts in the form in which [`comparable_host`] returns them.
    pub fn known_hosts(&self) -> Vec<Host<String>> {
        self.hosts
            .iter()
            .filter_map(|host| parse_host(host).ok())
            .collect()
    }

    pub(super) fn validate(&self, errors: &mut Vec<ConfigError>) {
        for host in &self.hosts {
            if let Err(text) = parse_host(host) {
                let text = format!("`{host}` {text}");
                errors.push(ConfigError::new("operations.hosts", text));
            }
        }
        let describe = |host: &Host<String>| format!("`{host}`");
        refuse_repeated("operations.hosts", &self.known_hosts(), describe, errors);
        let is_set = self.bearer_token.is_some() || self.bearer_token_file.is_some();
        if !self.address.ip().is_loopback() && !is_set {
            errors.push(ConfigError::new(
                "operations.bearer_token",
                "needed (or operations.bearer_token_file), because operations.address is not \
                 loopback",
            ));
        }
        if self.bearer_token.is_some() && self.bearer_token_file.is_some() {
            errors.push(ConfigError::new(
                "operations.bearer_token_file",
                "set operations.bearer_token or operations.bearer_token_file, not both",
            ));
        }
        if self.bearer_token.as_ref().is_some_and(is_short_token) {
            let text = format!("must have at least {MIN_TOKEN} characters");
            errors.push(ConfigError::new("operations.bearer_token", text));
        }
        self.validate_admin_token(errors);
    }

    fn validate_admin_token(&self, errors: &mut Vec<ConfigError>) {
        if self.admin_token.is_some() && self.admin_token_file.is_some() {
            errors.push(ConfigError::new(
                "operations.admin_token_file",
                "set operations.admin_token or operations.admin_token_file, not both",
            ));
        }
        if self.admin_token.as_ref().is_some_and(is_short_token) {
            let text = format!("must have at least {MIN_TOKEN} characters");
            errors.push(ConfigError::new("operations.admin_token", text));
        }
    }
}

/// Whether a token could be guessed.
pub fn is_short_token(token: &Secret) -> bool {
    token.expose().trim().len() < MIN_TOKEN
}

/// A host as it is compared: names in lower case without the dot at their end, and an IPv4-mapped
/// address as IPv4.
pub fn comparable_host(host: Host<&str>) -> Host<String> {
    match host {
        Host::Domain(name) => {
            Host::Domain(name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase())
        }
        Host::Ipv4(ip) => Host::Ipv4(ip),
        Host::Ipv6(ip) => match IpAddr::V6(ip).to_canonical() {
            IpAddr::V4(ip) => Host::Ipv4(ip),
            IpAddr::V6(ip) => Host::Ipv6(ip),
        },
    }
}

/// Parses a listed host. An error is the end of a sentence that starts with it.
fn parse_host(text: &str) -> Result<Host<String>, String> {
    let text = text.trim();
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    if let Ok(ip) = bare.unwrap_or(text).parse::<Ipv6Addr>() {
        return Ok(comparable_host(Host::Ipv6(ip)));
    }
    if text.contains('*') {
        return Err("is no single host: name each one".to_owned());
    }
    if text.parse::<IpNet>().is_ok() {
        return Err("is a network: name each host, as callers write it in `Host`".to_owned());
    }
    if text.contains('/') {
        return Err(
            "must be a host alone, without scheme and path, such as ops.internal".to_owned(),
        );
    }
    if let Some((host, port)) = text.rsplit_once(':')
        && !port.is_empty()
        && port.bytes().all(|byte| byte.is_ascii_digit())
    {
        return Err(format!("names a port, which is not compared: write {host}"));
    }
    let host = Host::parse(text).map_err(|_| "is no host name and no address".to_owned())?;
    Ok(match host {
        Host::Domain(name) => comparable_host(Host::Domain(&name)),
        Host::Ipv4(ip) => Host::Ipv4(ip),
        Host::Ipv6(ip) => comparable_host(Host::Ipv6(ip)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_in_any_spelling_is_understood_or_refused() {
        for (text, host) in [
            ("ops.internal", "ops.internal"),
            ("OPS.Internal", "ops.internal"),
            (" ops.internal. ", "ops.internal"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("10.0.0.7", "10.0.0.7"),
            ("2001:DB8::1", "[2001:db8::1]"),
            ("[2001:db8::1]", "[2001:db8::1]"),
            ("::ffff:10.0.0.7", "10.0.0.7"),
        ] {
            let parsed = parse_host(text).map(|host| host.to_string());
            assert_eq!(parsed.as_deref(), Ok(host), "{text}");
        }
        let hosts = ["ops.internal", "10.0.0.7", "OPS.internal."].map(str::to_owned);
        let mut errors = Vec::new();
        OperationsSettings {
            hosts: hosts.to_vec(),
            ..OperationsSettings::default()
        }
        .validate(&mut errors);
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert_eq!(errors[0].text, "`ops.internal` is listed twice");
        for (text, part) in [
            ("", "no host name"),
            ("ops.internal:9464", "write ops.internal"),
            ("[2001:db8::1]:9464", "write [2001:db8::1]"),
            ("*.internal", "each one"),
            ("*", "each one"),
            ("10.0.0.0/8", "network"),
            ("2001:db8::/32", "network"),
            ("http://ops.internal", "alone"),
            ("ops.internal/metrics", "alone"),
            ("ops internal", "no host name"),
            ("user@ops.internal", "no host name"),
            ("ops.internal:", "no host name"),
        ] {
            let mut errors = Vec::new();
            let hosts = vec![text.to_owned()];
            OperationsSettings {
                hosts,
                ..OperationsSettings::default()
            }
            .validate(&mut errors);
            assert!(
                errors.len() == 1 && errors[0].text.contains(part),
                "{text}: {errors:?}"
            );
        }
    }
}
