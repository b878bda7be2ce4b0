//! The network of one customer, under which connections and requests are counted.

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// Length of the prefix that one IPv6 customer holds at least (RFC 6177).
const IPV6_PREFIX: u8 = 64;

/// IPv4 /32, IPv6 /64. An IPv4-mapped IPv6 address is treated as IPv4.
pub fn host_network(address: IpAddr) -> IpNet {
    match address.to_canonical() {
        IpAddr::V4(ip) => IpNet::V4(Ipv4Net::from(ip)),
        IpAddr::V6(ip) => Ipv6Net::new(ip, IPV6_PREFIX)
            .map_or(IpNet::V6(Ipv6Net::from(ip)), |net| IpNet::V6(net.trunc())),
    }
}
