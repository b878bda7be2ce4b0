//! A network of trusted proxies. A bare address is a network of one.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, de};

/// A network in the settings.
struct ProxyNetwork(IpNet);

impl FromStr for ProxyNetwork {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let bare = text
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .unwrap_or(text);
        if let Ok(network) = text.parse() {
            return Ok(Self(network));
        }
        if let Ok(address) = bare.parse::<IpAddr>() {
            // Peers are compared in this form too.
            return Ok(Self(IpNet::from(address.to_canonical())));
        }
        Err(if text.parse::<SocketAddr>().is_ok() {
            format!("`{text}` names a port: write the address alone")
        } else if text.contains('%') {
            format!("`{text}` names a zone, which is no part of an address: write it without")
        } else {
            format!(
                "`{text}` is neither a network, such as 10.0.0.0/8, nor an address; names are not \
                 resolved"
            )
        })
    }
}

impl<'de> Deserialize<'de> for ProxyNetwork {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

/// Deserialises a list of networks and addresses.
pub(super) fn deserialize_networks<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<IpNet>, D::Error> {
    let networks = Vec::<ProxyNetwork>::deserialize(deserializer)?;
    Ok(networks.into_iter().map(|network| network.0).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s8_a_bare_address_is_a_network_of_one() {
        for (text, network) in [
            ("10.0.0.0/8", "10.0.0.0/8"),
            ("10.0.0.7", "10.0.0.7/32"),
            (" 10.0.0.7 ", "10.0.0.7/32"),
            ("2001:DB8::7", "2001:db8::7/128"),
            ("[2001:db8::7]", "2001:db8::7/128"),
            ("::ffff:10.0.0.7", "10.0.0.7/32"),
        ] {
            let parsed = text.parse::<ProxyNetwork>().map(|network| network.0);
            assert_eq!(parsed, Ok(network.parse().unwrap()), "{text}");
        }
        for (text, part) in [
            ("10.0.0.7:443", "port"),
            ("[2001:db8::7]:443", "port"),
            ("fe80::1%eth0", "zone"),
            ("proxy.internal", "not resolved"),
            ("10.0.0.0/255.0.0.0", "neither"),
            ("10.0.0", "neither"),
            ("", "neither"),
        ] {
            let error = text.parse::<ProxyNetwork>().err().unwrap_or_default();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
