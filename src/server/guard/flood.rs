//! Refuses floods before the store is asked: so many requests a second from one address, counted in the memory of this process.
//!
//! The generic cell rate algorithm (ITU-T I.371): of an address one moment is kept, up to which its requests are paid for.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ipnet::IpNet;

use super::Network;
use crate::server::clock::{Timestamp, lock};
use crate::server::settings;

/// Networks that are remembered at once. Whoever has more of them passes on to the limits in the store.
const MOST_NETWORKS: usize = 50_000;
/// Between two looks for networks that can be forgotten.
const TIDY_INTERVAL: Duration = Duration::from_secs(1);

/// The limiter. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Flood {
    /// What a request costs; nothing where the limiter is off.
    cost: Option<Duration>,
    /// How much may be spent in advance.
    credit: Duration,
    paid: Arc<Mutex<Paid>>,
}

#[derive(Debug, Default)]
struct Paid {
    until: HashMap<IpNet, Timestamp>,
    tidied_at: Timestamp,
}

impl Flood {
    /// As the settings say.
    pub fn new(limits: &settings::Guard) -> Self {
        let cost = limits.enabled.then(|| Duration::from_secs(1) / limits.address_requests_per_second.max(1));
        let credit = cost.unwrap_or_default() * limits.address_requests_at_once.saturating_sub(1);
        Self { cost, credit, paid: Arc::default() }
    }

    /// Whether a request of an address may go on.
    ///
    /// # Errors
    /// How long to wait.
    pub fn admit(&self, address: IpAddr, now: Timestamp) -> Result<(), Duration> {
        let Some(cost) = self.cost else { return Ok(()) };
        let network = Network::of(address).host();
        let mut paid = lock(&self.paid);
        let until = paid.until.get(&network).copied().unwrap_or(now).max(now);
        let ahead = until.since(now);
        if ahead > self.credit {
            return Err(ahead.saturating_sub(self.credit));
        }
        if paid.until.len() >= MOST_NETWORKS && !paid.until.contains_key(&network) && !paid.make_room(now) {
            return Ok(());
        }
        paid.until.insert(network, until + cost);
        Ok(())
    }
}

impl Paid {
    /// Forgets networks whose requests are all paid for.
    fn make_room(&mut self, now: Timestamp) -> bool {
        if now.since(self.tidied_at) >= TIDY_INTERVAL {
            self.tidied_at = now;
            self.until.retain(|_, until| now < *until);
        }
        self.until.len() < MOST_NETWORKS
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn flood(per_second: u32, at_once: u32) -> Flood {
        Flood::new(&settings::Guard {
            address_requests_per_second: per_second,
            address_requests_at_once: at_once,
            ..settings::Guard::default()
        })
    }

    fn address(number: u32) -> IpAddr {
        Ipv4Addr::from(number).into()
    }

    #[test]
    fn a_burst_passes_and_then_so_many_a_second() {
        let (flood, start) = (flood(10, 5), Timestamp::from_secs(1000));
        let passed = |now| (0..100).filter(|_| flood.admit(address(1), now).is_ok()).count();
        assert_eq!(passed(start), 5);
        assert_eq!(flood.admit(address(1), start), Err(Duration::from_millis(100)));
        assert_eq!(passed(start + Duration::from_millis(250)), 2);
        assert_eq!(passed(start + Duration::from_secs(60)), 5, "rest is not saved up beyond the burst");
        assert_eq!(flood.admit(address(2), start), Ok(()), "others are others");
    }

    #[test]
    fn memory_is_bounded_and_room_is_made_when_it_can_be() {
        let (flood, start) = (flood(1, 1), Timestamp::from_secs(1000));
        for number in 0..60_000 {
            assert_eq!(flood.admit(address(number), start), Ok(()));
        }
        assert_eq!(lock(&flood.paid).until.len(), MOST_NETWORKS);
        assert!(flood.admit(address(1), start).is_err());
        assert_eq!(flood.admit(address(60_001), start + Duration::from_secs(2)), Ok(()));
        assert_eq!(lock(&flood.paid).until.len(), 1);
    }

    #[test]
    fn an_ipv6_network_is_one_and_off_is_off() {
        let (limiter, start) = (flood(1, 1), Timestamp::from_secs(1000));
        assert_eq!(limiter.admit("2001:db8::1".parse().unwrap(), start), Ok(()));
        assert!(limiter.admit("2001:db8::2".parse().unwrap(), start).is_err());
        let off = Flood::new(&settings::Guard { enabled: false, ..settings::Guard::default() });
        assert!((0..1000).all(|_| off.admit(address(1), start).is_ok()));
    }
}
