//! `[server]`: the public listener, and which proxies are trusted.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use ipnet::{IpNet, Ipv4Net};
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::server::settings::address_header::address_header_error;
use crate::server::settings::list_rules::refuse_repeated;
use crate::server::settings::proxy_network::deserialize_networks;
use crate::server::settings::{ConfigError, HumanDuration};

/// The length of the prefix for IPv4-mapped IPv6 addresses.
const MAPPED_PREFIX: u8 = 96;

/// `[server]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the names of the fields say it")]
pub struct ServerSettings {
    pub address: SocketAddr,
    /// The public URL: scheme, host and port. Default: `http://` and the address.
    pub public_url: Option<Url>,
    /// Networks or addresses of the proxies that are trusted to name the client's address.
    #[serde(deserialize_with = "deserialize_networks")]
    pub trusted_proxies: Vec<IpNet>,
    /// The header in which they name it. Default: none; the client is the peer.
    pub client_address_header: Option<String>,
    /// Concurrent connections; further ones wait.
    pub max_connections: usize,
    /// Concurrent connections of one IPv4 address or IPv6 /64 that is no trusted proxy; further
    /// ones are closed.
    pub max_connections_per_address: usize,
    /// How long a client may take to send the first request head of a connection.
    pub first_head_timeout: HumanDuration,
    /// How long a client may take to send a request head, to start the next request, and to read
    /// more of a response. A proxy's keep-alive must be shorter.
    pub head_timeout: HumanDuration,
    /// How long a server that was told to stop (SIGTERM) works on while `/readyz` is 503 already.
    pub drain: HumanDuration,
    /// How long a shutdown then waits for open requests, queued sends and deliveries.
    pub shutdown_grace: HumanDuration,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 3000)),
            public_url: None,
            trusted_proxies: Vec::new(),
            client_address_header: None,
            max_connections: 4096,
            max_connections_per_address: 512,
            first_head_timeout: HumanDuration::seconds(10),
            head_timeout: HumanDuration::seconds(75),
            drain: HumanDuration::seconds(5),
            shutdown_grace: HumanDuration::seconds(20),
        }
    }
}

impl ServerSettings {
    /// The public URL.
    pub fn public_url(&self) -> Url {
        self.public_url.clone().unwrap_or_else(|| {
            // A socket address is always a valid authority of a URL.
            Url::parse(&format!("http://{}/", self.address))
                .unwrap_or_else(|_| unreachable!("{}", self.address))
        })
    }

    /// The origin (RFC 6454) that unsafe requests must come from.
    pub fn origin(&self) -> String {
        self.public_url().origin().ascii_serialization()
    }

    /// Whether cookies are `Secure` and named `__Host-`. Follows the public URL, never the
    /// connection.
    pub fn is_https(&self) -> bool {
        self.public_url().scheme() == "https"
    }

    /// Whether the public URL is on this machine: `127.0.0.0/8`, `[::1]`, `localhost`,
    /// `*.localhost`.
    pub fn is_loopback(&self) -> bool {
        is_loopback_host(self.public_url().host())
    }

    pub(super) fn validate(&self, errors: &mut Vec<ConfigError>) {
        let mut error = |key, text: String| errors.push(ConfigError::new(key, text));
        let url = self.public_url();
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            error(
                "server.public_url",
                format!("`{url}` is not an http or https URL"),
            );
        } else if url.path() != "/"
            || url.query().is_some()
            || url.fragment().is_some()
            || !url.username().is_empty()
        {
            error(
                "server.public_url",
                format!(
                    "`{url}` must be scheme, host and port alone, such as https://id.example.com"
                ),
            );
        } else if url.scheme() == "http" && !is_loopback_host(url.host()) {
            error(
                "server.public_url",
                format!(
                    "`{url}` must be https: browsers accept our cookies over http only on loopback"
                ),
            );
        } else if ends_with_dot(&url) {
            error("server.public_url", format!("`{url}` {DOT_AT_END}"));
        }
        if self.max_connections == 0 {
            error("server.max_connections", "must be at least 1".to_owned());
        }
        if self.max_connections_per_address == 0 {
            let key = "server.max_connections_per_address";
            error(key, "must be at least 1".to_owned());
        }
        for (key, timeout) in [
            ("server.head_timeout", self.head_timeout),
            ("server.first_head_timeout", self.first_head_timeout),
        ] {
            if timeout.0.is_zero() {
                error(key, "must be longer than 0s".to_owned());
            }
        }
        if let Some(name) = &self.client_address_header {
            if let Some(text) = address_header_error(name) {
                error("server.client_address_header", text);
            } else if self.trusted_proxies.is_empty() {
                let text =
                    "name the networks of the proxies whose client_address_header is trusted";
                error("server.trusted_proxies", text.to_owned());
            }
        }
        for net in &self.trusted_proxies {
            if let Some(plain) = to_ipv4_net(net) {
                error(
                    "server.trusted_proxies",
                    format!(
                        "`{net}` matches no address, because mapped addresses are compared as \
                         IPv4: write {plain}"
                    ),
                );
            }
        }
        if self.trusted_proxies.iter().any(|net| net.prefix_len() == 0) {
            error(
                "server.trusted_proxies",
                "trusts the whole Internet: any client could claim any address".to_owned(),
            );
        }
        let networks: Vec<_> = self.trusted_proxies.iter().map(IpNet::trunc).collect();
        let describe = |net: &IpNet| format!("`{net}`");
        refuse_repeated("server.trusted_proxies", &networks, describe, errors);
    }
}

/// Converts a network of IPv4-mapped addresses (RFC 4291 section 2.5.5.2) to an IPv4 network.
fn to_ipv4_net(net: &IpNet) -> Option<Ipv4Net> {
    let IpNet::V6(mapped) = net else { return None };
    let prefix = mapped.prefix_len().checked_sub(MAPPED_PREFIX)?;
    Ipv4Net::new(mapped.addr().to_ipv4_mapped()?, prefix)
        .ok()
        .map(|net| net.trunc())
}

/// What is wrong with a host such as `example.com.`, as the end of a sentence that starts with it.
pub(super) const DOT_AT_END: &str =
    "ends with a dot, which browsers do not send: it would never match";

/// Whether the host's name ends with a dot. Browsers compare it as another origin.
pub(super) fn ends_with_dot(url: &Url) -> bool {
    url.domain().is_some_and(|name| name.ends_with('.'))
}

/// Whether secrets may be sent to a URL: https, or this machine.
pub fn is_trustworthy(url: &Url) -> bool {
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback_host(url.host()))
}

/// Whether a host is this machine.
pub fn is_loopback_host(host: Option<Host<&str>>) -> bool {
    match host {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).to_canonical().is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(public_url: &str) -> ServerSettings {
        ServerSettings {
            public_url: Some(public_url.parse().unwrap()),
            ..ServerSettings::default()
        }
    }

    #[test]
    fn the_public_url_follows_the_address() {
        assert_eq!(ServerSettings::default().origin(), "http://127.0.0.1:3000");
        let v6 = ServerSettings {
            address: "[::1]:8080".parse().unwrap(),
            ..ServerSettings::default()
        };
        assert_eq!(v6.origin(), "http://[::1]:8080");
    }

    #[test]
    fn s8_a_header_or_network_that_lets_clients_choose_their_address_is_an_error() {
        for (header, network, expected_key) in [
            (Some("x-forwarded-for"), "10.0.0.0/8", None),
            (None, "10.0.0.0/8", None),
            (
                Some("Forwarded"),
                "10.0.0.0/8",
                Some("server.client_address_header"),
            ),
            (
                Some("x forwarded for"),
                "10.0.0.0/8",
                Some("server.client_address_header"),
            ),
            (
                Some("x-forwarded-for"),
                "0.0.0.0/0",
                Some("server.trusted_proxies"),
            ),
            (
                Some("x-forwarded-for"),
                "::/0",
                Some("server.trusted_proxies"),
            ),
            (
                Some("x-forwarded-for"),
                "::ffff:10.0.0.0/104",
                Some("server.trusted_proxies"),
            ),
            (
                Some("x-forwarded-for"),
                "::ffff:0.0.0.0/96",
                Some("server.trusted_proxies"),
            ),
            (Some("x-forwarded-for"), "2001:db8::/104", None),
            (
                Some("Cookie"),
                "10.0.0.0/8",
                Some("server.client_address_header"),
            ),
        ] {
            let server = ServerSettings {
                trusted_proxies: vec![network.parse().unwrap()],
                client_address_header: header.map(str::to_owned),
                ..ServerSettings::default()
            };
            let mut errors = Vec::new();
            server.validate(&mut errors);
            assert_eq!(
                errors.first().map(|error| error.key),
                expected_key,
                "{header:?} {network}"
            );
        }
    }

    #[test]
    fn s8_a_mapped_network_is_converted_to_ipv4() {
        for (net, plain) in [
            ("::ffff:10.0.0.0/104", Some("10.0.0.0/8")),
            ("::ffff:10.1.2.3/104", Some("10.0.0.0/8")),
            ("::ffff:10.1.2.3/128", Some("10.1.2.3/32")),
            ("::ffff:0.0.0.0/96", Some("0.0.0.0/0")),
            ("::ffff:0.0.0.0/95", None),
            ("::/64", None),
            ("2001:db8::/104", None),
            ("10.0.0.0/8", None),
        ] {
            let plain = plain.map(|plain| plain.parse().unwrap());
            assert_eq!(to_ipv4_net(&net.parse().unwrap()), plain, "{net}");
        }
    }

    #[test]
    fn http_is_allowed_on_loopback_only() {
        for (url, valid) in [
            ("http://127.0.0.1:3000", true),
            ("http://127.8.8.8", true),
            ("http://[::1]:3000", true),
            ("http://localhost", true),
            ("http://auth.localhost:3000", true),
            ("https://id.example.com", true),
            ("http://id.example.com", false),
            ("https://id.example.com.", false),
            ("https://ID.Example.com", true),
            ("https://id.example.com/sign-in", false),
            ("https://user@id.example.com/", false),
            ("ftp://127.0.0.1", false),
            ("http://notlocalhost", false),
        ] {
            let mut errors = Vec::new();
            server(url).validate(&mut errors);
            assert_eq!(errors.is_empty(), valid, "{url}: {errors:?}");
        }
    }
}
