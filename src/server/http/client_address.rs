//! Finds the address of a client (requirement S8): the peer's, unless the peer is a trusted proxy
//! that names the client in one configured header.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::ConnectInfo;
use http::{Extensions, HeaderMap, HeaderName};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::server::settings;

/// Finds the client's address.
#[derive(Clone, Debug, Default)]
pub struct ClientAddressFinder {
    trusted: Vec<IpNet>,
    header: Option<HeaderName>,
}

impl ClientAddressFinder {
    /// Reads the settings.
    pub fn new(server: &settings::ServerSettings) -> Self {
        let header = server
            .client_address_header
            .as_deref()
            .and_then(|name| name.parse().ok());
        Self {
            trusted: server.trusted_proxies.clone(),
            header,
        }
    }

    /// The client of a request: the rightmost address in the header that is no trusted proxy.
    ///
    /// An entry that cannot be parsed ends the search at the address to its right. So a client
    /// cannot choose its rate limit key by sending garbage.
    pub fn find(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let Some(header) = &self.header else {
            return client;
        };
        let lines: Vec<&str> = headers
            .get_all(header)
            .iter()
            .map(|value| value.to_str().unwrap_or(""))
            .collect();
        for named in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
            if !self.is_trusted(client) {
                break;
            }
            match parse(named.trim()) {
                Some(address) => client = address,
                None => break,
            }
        }
        client
    }

    /// Whether an address is that of a trusted proxy.
    pub fn is_trusted(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.trusted.iter().any(|net| net.contains(&address))
    }
}

/// The address at the other end of the connection. Without one, as over a Unix socket, it is
/// `0.0.0.0`, which is never trusted.
pub fn peer_address(extensions: &Extensions) -> IpAddr {
    extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip())
}

/// The part of an address that logs may hold: its /24, or /48 of IPv6. Many customers share such a
/// network. None if the address is unknown.
pub fn network_for_logs(address: IpAddr) -> Option<IpNet> {
    let network = match address.to_canonical() {
        address if address.is_unspecified() => None,
        IpAddr::V4(address) => Ipv4Net::new(address, 24).ok().map(IpNet::V4),
        IpAddr::V6(address) => Ipv6Net::new(address, 48).ok().map(IpNet::V6),
    };
    network.map(|network| network.trunc())
}

/// `203.0.113.7`, `203.0.113.7:1234`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:1234`
fn parse(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(text);
    let address = bare
        .parse::<IpAddr>()
        .ok()
        .or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "x-forwarded-for";

    fn find(trusted: &[&str], peer: &str, lines: &[&str]) -> String {
        let server = settings::ServerSettings {
            trusted_proxies: trusted.iter().map(|net| net.parse().unwrap()).collect(),
            client_address_header: (!trusted.is_empty()).then(|| HEADER.to_owned()),
            ..settings::ServerSettings::default()
        };
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(HEADER, line.parse().unwrap());
        }
        ClientAddressFinder::new(&server)
            .find(peer.parse().unwrap(), &headers)
            .to_string()
    }

    #[test]
    fn l2_logs_hold_a_network_that_many_share() {
        for (address, network) in [
            ("203.0.113.7", Some("203.0.113.0/24")),
            ("::ffff:203.0.113.7", Some("203.0.113.0/24")),
            ("2001:db8:1:2:3:4:5:6", Some("2001:db8:1::/48")),
            ("0.0.0.0", None),
        ] {
            let found = network_for_logs(address.parse().unwrap());
            assert_eq!(found.map(|net| net.to_string()).as_deref(), network);
        }
    }

    #[test]
    fn s8_the_peer_counts_unless_it_is_trusted() {
        assert_eq!(find(&[], "198.51.100.1", &["203.0.113.7"]), "198.51.100.1");
        assert_eq!(
            find(&["10.0.0.0/8"], "198.51.100.1", &["203.0.113.7"]),
            "198.51.100.1"
        );
        assert_eq!(find(&["10.0.0.0/8"], "10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn s8_the_walk_goes_from_the_right() {
        let trusted = ["10.0.0.0/8", "2001:db8:ffff::/48"];
        for (lines, client) in [
            (&["203.0.113.7"][..], "203.0.113.7"),
            (&["1.1.1.1, 203.0.113.7"], "203.0.113.7"),
            (&["1.1.1.1", "203.0.113.7"], "203.0.113.7"),
            (&["203.0.113.7, 10.0.0.2"], "203.0.113.7"),
            (
                &["1.1.1.1, 203.0.113.7, 10.0.0.2", "10.0.0.3"],
                "203.0.113.7",
            ),
            (&["203.0.113.7:4711"], "203.0.113.7"),
            (&["2001:db8::1"], "2001:db8::1"),
            (&["[2001:db8::1]:4711, 2001:db8:ffff::9"], "2001:db8::1"),
            (&["::ffff:203.0.113.7"], "203.0.113.7"),
            (&["203.0.113.7, unknown"], "10.0.0.1"),
            (&["203.0.113.7, "], "10.0.0.1"),
            (&["203.0.113.7, nonsense, 10.0.0.2"], "10.0.0.2"),
            (&["10.0.0.9"], "10.0.0.9"),
            (&[""], "10.0.0.1"),
        ] {
            assert_eq!(find(&trusted, "10.0.0.1", lines), client, "{lines:?}");
        }
        assert_eq!(
            find(&["127.0.0.0/8"], "::ffff:127.0.0.1", &["203.0.113.7"]),
            "203.0.113.7"
        );
    }
}
