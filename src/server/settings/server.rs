//! `[server]`: the public listener and what is believed of a request.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use ipnet::{IpNet, Ipv4Net};
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use crate::server::settings::{ConfigError, HumanDuration};

/// Length of the prefix under which IPv6 holds the IPv4 addresses.
const MAPPED_PREFIX: u8 = 96;

/// The public listener.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServerSettings {
    /// Where it listens.
    pub address: SocketAddr,
    /// What browsers call it: scheme, host and port. Default: `http://` and the address.
    pub public_url: Option<Url>,
    /// Networks of proxies in front; only their word about a client is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The one header in which they name the client. Default: none, the peer is the client.
    pub client_address_header: Option<String>,
    /// Connections at once; further ones wait.
    pub max_connections: usize,
    /// Longest wait for the head of a request, longest rest between two of one connection, and
    /// longest wait for a client to take more of an answer. Proxies must rest for less.
    pub head_timeout: HumanDuration,
    /// How long a stop waits for requests and queued sends.
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
            head_timeout: HumanDuration::seconds(75),
            shutdown_grace: HumanDuration::seconds(20),
        }
    }
}

impl ServerSettings {
    /// What browsers call it.
    pub fn public_url(&self) -> Url {
        self.public_url.clone().unwrap_or_else(|| {
            // A socket address is always the authority of a URL.
            Url::parse(&format!("http://{}/", self.address))
                .unwrap_or_else(|_| unreachable!("{}", self.address))
        })
    }

    /// The origin (RFC 6454) that unsafe requests must come from.
    pub fn origin(&self) -> String {
        self.public_url().origin().ascii_serialization()
    }

    /// Whether cookies are `Secure` and carry `__Host-`: they follow the public URL, never the
    /// connection.
    pub fn is_https(&self) -> bool {
        self.public_url().scheme() == "https"
    }

    /// Whether the public URL is on this machine: `127.0.0.0/8`, `[::1]`, `localhost`,
    /// `*.localhost`.
    pub fn is_loopback(&self) -> bool {
        is_loopback_host(self.public_url().host())
    }

    pub(super) fn complaints(&self, complaints: &mut Vec<ConfigError>) {
        let mut complain = |key, text: String| complaints.push(ConfigError::new(key, text));
        let url = self.public_url();
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            complain(
                "server.public_url",
                format!("`{url}` is not an http or https URL"),
            );
        } else if url.path() != "/"
            || url.query().is_some()
            || url.fragment().is_some()
            || !url.username().is_empty()
        {
            complain(
                "server.public_url",
                format!(
                    "`{url}` must be scheme, host and port alone, such as https://id.example.com"
                ),
            );
        } else if url.scheme() == "http" && !is_loopback_host(url.host()) {
            complain(
                "server.public_url",
                format!(
                    "`{url}` must be https: only on loopback do browsers keep our cookies over http"
                ),
            );
        }
        if self.max_connections == 0 {
            complain("server.max_connections", "must be at least 1".to_owned());
        }
        if self.head_timeout.0.is_zero() {
            complain(
                "server.head_timeout",
                "must be longer than nothing".to_owned(),
            );
        }
        match (&self.client_address_header, self.trusted_proxies.is_empty()) {
            (Some(name), _) if http::HeaderName::try_from(name.as_str()).is_err() => {
                complain("server.client_address_header", format!("`{name}` is no header name"));
            }
            (Some(_), true) => complain(
                "server.trusted_proxies",
                "name the networks of the proxies whose client_address_header is to be believed".to_owned(),
            ),
            (Some(name), _) if name.eq_ignore_ascii_case("forwarded") => complain(
                "server.client_address_header",
                "`Forwarded` (RFC 7239) is not read: let the proxy send X-Forwarded-For, or a header with the address alone"
                    .to_owned(),
            ),
            _ => {}
        }
        for net in &self.trusted_proxies {
            if let Some(plain) = unmapped(net) {
                complain(
                    "server.trusted_proxies",
                    format!(
                        "`{net}` matches nobody, for addresses are read as IPv4: write {plain}"
                    ),
                );
            }
        }
        if self.trusted_proxies.iter().any(|net| net.prefix_len() == 0) {
            complain(
                "server.trusted_proxies",
                "trusts the whole Internet: whoever calls could say that they are anybody"
                    .to_owned(),
            );
        }
    }
}

/// What a network of IPv4-mapped addresses (RFC 4291 section 2.5.5.2) is called as an IPv4 network.
fn unmapped(net: &IpNet) -> Option<Ipv4Net> {
    let IpNet::V6(mapped) = net else { return None };
    let prefix = mapped.prefix_len().checked_sub(MAPPED_PREFIX)?;
    Ipv4Net::new(mapped.addr().to_ipv4_mapped()?, prefix)
        .ok()
        .map(|net| net.trunc())
}

/// Whether a URL may be sent secrets: https, or this machine.
pub fn is_trustworthy(url: &Url) -> bool {
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback_host(url.host()))
}

/// Whether a host is on this machine.
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
    fn s8_a_header_or_network_that_would_let_everybody_choose_is_complained_about() {
        for (header, network, complained) in [
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
        ] {
            let server = ServerSettings {
                trusted_proxies: vec![network.parse().unwrap()],
                client_address_header: header.map(str::to_owned),
                ..ServerSettings::default()
            };
            let mut complaints = Vec::new();
            server.complaints(&mut complaints);
            assert_eq!(
                complaints.first().map(|complaint| complaint.key),
                complained,
                "{header:?} {network}"
            );
        }
    }

    #[test]
    fn s8_a_mapped_network_is_told_in_its_own_name() {
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
            assert_eq!(unmapped(&net.parse().unwrap()), plain, "{net}");
        }
    }

    #[test]
    fn http_is_for_loopback_alone() {
        for (url, fine) in [
            ("http://127.0.0.1:3000", true),
            ("http://127.8.8.8", true),
            ("http://[::1]:3000", true),
            ("http://localhost", true),
            ("http://auth.localhost:3000", true),
            ("https://id.example.com", true),
            ("http://id.example.com", false),
            ("https://id.example.com/sign-in", false),
            ("https://user@id.example.com/", false),
            ("ftp://127.0.0.1", false),
            ("http://notlocalhost", false),
        ] {
            let mut complaints = Vec::new();
            server(url).complaints(&mut complaints);
            assert_eq!(complaints.is_empty(), fine, "{url}: {complaints:?}");
        }
    }
}
