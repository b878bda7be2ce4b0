//! Limits the open connections of one address. Otherwise one client could hold all of them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use ipnet::IpNet;

use crate::server::system::host_network::host_network;
use crate::server::system::mutex::lock;

/// Counts open connections by network: IPv4 /32, IPv6 /64.
#[derive(Clone, Debug)]
pub(super) struct AddressConnections {
    limit: usize,
    /// Proxies, whose connections carry many clients.
    trusted: Arc<[IpNet]>,
    open: Arc<Mutex<HashMap<IpNet, Connections>>>,
}

/// The open connections of one network.
#[derive(Debug, Default)]
struct Connections {
    count: usize,
    /// Whether a refusal was logged since the network had no connection.
    is_logged: bool,
}

/// A counted connection; dropping it ends the count.
#[derive(Debug)]
pub(super) struct CountedConnection {
    counter: AddressConnections,
    /// None if the peer is a trusted proxy.
    network: Option<IpNet>,
}

impl AddressConnections {
    pub(super) fn new(limit: usize, trusted: Arc<[IpNet]>) -> Self {
        Self {
            limit,
            trusted,
            open: Arc::default(),
        }
    }

    /// Counts a connection; none if its network has as many as it may.
    pub(super) fn admit(&self, peer: IpAddr) -> Option<CountedConnection> {
        let network = host_network(peer);
        let address = peer.to_canonical();
        let is_trusted = self.trusted.iter().any(|net| net.contains(&address));
        if !is_trusted && !self.count(network) {
            return None;
        }
        Some(CountedConnection {
            counter: self.clone(),
            network: (!is_trusted).then_some(network),
        })
    }

    fn count(&self, network: IpNet) -> bool {
        let mut open = lock(&self.open);
        let connections = open.entry(network).or_default();
        let is_admitted = connections.count < self.limit;
        if is_admitted {
            connections.count += 1;
        } else if !connections.is_logged {
            connections.is_logged = true;
            tracing::warn!(%network, limit = self.limit, "connections are refused: the address has \
                server.max_connections_per_address. A proxy belongs in server.trusted_proxies");
        }
        is_admitted
    }
}

impl Drop for CountedConnection {
    fn drop(&mut self) {
        let Some(network) = self.network else { return };
        if let Entry::Occupied(mut entry) = lock(&self.counter.open).entry(network) {
            let connections = entry.get_mut();
            connections.count = connections.count.saturating_sub(1);
            if connections.count == 0 {
                entry.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counter(limit: usize) -> AddressConnections {
        AddressConnections::new(limit, Arc::new(["10.0.0.0/8".parse().unwrap()]))
    }

    #[test]
    fn s2_connections_are_counted_by_address_and_by_ipv6_64() {
        for (first, second, is_same) in [
            ("203.0.113.7", "203.0.113.7", true),
            ("203.0.113.7", "::ffff:203.0.113.7", true),
            ("203.0.113.7", "203.0.113.8", false),
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true),
            ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
        ] {
            let counter = counter(1);
            let _first = counter.admit(first.parse().unwrap()).unwrap();
            let second = counter.admit(second.parse().unwrap());
            assert_eq!(second.is_none(), is_same, "{first}");
        }
    }

    #[test]
    fn a_closed_connection_can_be_replaced_and_leaves_nothing() {
        let counter = counter(2);
        let address = "203.0.113.7".parse().unwrap();
        let (first, second) = (counter.admit(address), counter.admit(address));
        assert!(first.is_some() && second.is_some());
        assert!(counter.admit(address).is_none());
        drop(first);
        let third = counter.admit(address);
        assert!(third.is_some());
        drop((second, third));
        assert!(lock(&counter.open).is_empty());
    }

    #[test]
    fn s8_a_trusted_proxy_is_not_limited() {
        let counter = counter(1);
        let all = ["10.0.0.1", "10.0.0.1", "::ffff:10.0.0.1"].map(|peer| {
            let peer = peer.parse().unwrap();
            counter.admit(peer)
        });
        assert!(all.iter().all(Option::is_some));
        assert!(lock(&counter.open).is_empty());
    }
}
