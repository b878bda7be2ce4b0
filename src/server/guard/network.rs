//! The networks that a client address is counted under.
//!
//! An IPv6 customer holds a whole prefix, so single addresses must not be counted (requirement S2).

use std::net::IpAddr;

use ipnet::{IpNet, Ipv6Net};

use crate::server::store::Group;
use crate::server::system::host_network::host_network;

/// The networks of an address: IPv4 /32; IPv6 /64 within /48.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    host: IpNet,
    wide: IpNet,
}

impl Network {
    /// The networks of an address. An IPv4-mapped IPv6 address is treated as IPv4.
    pub fn of(address: IpAddr) -> Self {
        let host = host_network(address);
        let wide = match host {
            IpNet::V4(_) => host,
            IpNet::V6(net) => {
                Ipv6Net::new(net.addr(), 48).map_or(host, |net| IpNet::V6(net.trunc()))
            }
        };
        Self { host, wide }
    }

    /// The network of one customer.
    pub fn host(&self) -> IpNet {
        self.host
    }

    /// The wider network that is counted too; `None` for IPv4.
    pub fn wide(&self) -> Option<IpNet> {
        self.is_wide().then_some(self.wide)
    }

    /// Whether there is a wider network.
    pub fn is_wide(&self) -> bool {
        self.host != self.wide
    }

    /// The group of all counters of the address.
    pub fn group(&self) -> Group {
        Group::Address(self.wide.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s2_an_address_is_counted_by_host_and_network() {
        for (address, host, group) in [
            ("203.0.113.7", "203.0.113.7/32", "203.0.113.7/32"),
            ("::ffff:203.0.113.7", "203.0.113.7/32", "203.0.113.7/32"),
            (
                "2001:db8:1:2:3:4:5:6",
                "2001:db8:1:2::/64",
                "2001:db8:1::/48",
            ),
            ("2001:db8:1:2::1", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ] {
            let network = Network::of(address.parse().unwrap());
            assert_eq!(network.host().to_string(), host);
            assert_eq!(network.group(), Group::Address(group.to_owned()));
        }
    }
}
