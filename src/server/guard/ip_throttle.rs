//! Refuses floods before the store is asked: so many requests a second from one address, counted in
//! the memory of this process.
//!
//! The generic cell rate algorithm (ITU-T I.371): of a network one moment is kept, up to which its
//! requests are paid for. A request is paid for by each network of its address, for whoever holds
//! an IPv6 /48 has 65,536 of those that stand for one customer.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ipnet::IpNet;

use crate::domain::timestamp::Timestamp;
use crate::server::guard::Network;
use crate::server::settings;
use crate::server::system::mutex::lock;

/// Networks that are remembered at once. Whoever has more of them passes on to the limits in the
/// store.
const MOST_NETWORKS: usize = 50_000;
/// So many times the rate and the burst of an address are a wider network's, as with its budgets.
const WIDE: u32 = 3;
/// So few are not looked through for those that can be forgotten; otherwise that is done whenever
/// they have doubled.
const FEW_NETWORKS: usize = 1_000;
/// Between two such looks where there is no room for more.
const TIDY_INTERVAL: Duration = Duration::from_secs(1);

/// The limiter. Cheap to clone.
#[derive(Clone, Debug)]
pub struct IpThrottle {
    /// Of an address and of a wider network; nothing where the limiter is off.
    rates: Option<[Rate; 2]>,
    paid: Arc<Mutex<Paid>>,
}

#[derive(Clone, Copy, Debug)]
struct Rate {
    /// What a request costs.
    cost: Duration,
    /// How much may be spent in advance.
    credit: Duration,
}

impl Rate {
    fn new(per_second: u32, at_once: u32) -> Self {
        let cost = Duration::from_secs(1) / per_second.max(1);
        Self {
            cost,
            credit: cost * at_once.saturating_sub(1),
        }
    }
}

#[derive(Debug, Default)]
struct Paid {
    /// Since 1970: finer than a [`Timestamp`], for what a request costs is no whole number of
    /// milliseconds.
    until: HashMap<IpNet, Duration>,
    /// How many there may be before the next look.
    tidy_from: usize,
    tidied_at: Duration,
}

impl IpThrottle {
    /// As the settings say.
    pub fn new(limits: &settings::GuardSettings) -> Self {
        let (per_second, at_once) = (
            limits.address_requests_per_second,
            limits.address_requests_at_once,
        );
        let rates = [1, WIDE].map(|times| {
            Rate::new(
                per_second.saturating_mul(times),
                at_once.saturating_mul(times),
            )
        });
        Self {
            rates: limits.enabled.then_some(rates),
            paid: Arc::default(),
        }
    }

    /// Whether a request of an address may go on.
    ///
    /// # Errors
    /// How long to wait.
    pub fn admit(&self, address: IpAddr, now: Timestamp) -> Result<(), Duration> {
        let Some([narrow, wide]) = self.rates else {
            return Ok(());
        };
        let network = Network::of(address);
        let networks = [
            Some((network.host(), narrow)),
            network.wide().map(|net| (net, wide)),
        ];
        let (mut paid, now) = (lock(&self.paid), Duration::from_millis(now.as_millis()));
        // What one of them refuses none of them pays for.
        let waits = networks
            .iter()
            .flatten()
            .map(|(net, rate)| paid.wait(*net, *rate, now));
        let wait = waits.max().unwrap_or_default();
        if !wait.is_zero() {
            return Err(wait);
        }
        for (net, rate) in networks.into_iter().flatten() {
            paid.pay(net, rate, now);
        }
        Ok(())
    }
}

impl Paid {
    /// How long a network has to wait before its next request.
    fn wait(&self, network: IpNet, rate: Rate, now: Duration) -> Duration {
        self.until(network, now)
            .saturating_sub(now)
            .saturating_sub(rate.credit)
    }

    fn pay(&mut self, network: IpNet, rate: Rate, now: Duration) {
        let is_new = !self.until.contains_key(&network);
        if is_new && !self.make_room(now) {
            return;
        }
        self.until
            .insert(network, self.until(network, now).saturating_add(rate.cost));
    }

    fn until(&self, network: IpNet, now: Duration) -> Duration {
        self.until.get(&network).copied().unwrap_or(now).max(now)
    }

    /// Forgets networks whose requests are all paid for, now and then; whether there is room for
    /// another.
    fn make_room(&mut self, now: Duration) -> bool {
        let is_full = self.until.len() >= MOST_NETWORKS;
        let is_due = self.until.len() >= self.tidy_from.max(FEW_NETWORKS);
        if is_due && (!is_full || now.saturating_sub(self.tidied_at) >= TIDY_INTERVAL) {
            self.tidied_at = now;
            self.until.retain(|_, until| now < *until);
            self.tidy_from = self.until.len().saturating_mul(2).min(MOST_NETWORKS);
            self.until.shrink_to(self.tidy_from);
        }
        self.until.len() < MOST_NETWORKS
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn flood(per_second: u32, at_once: u32) -> IpThrottle {
        IpThrottle::new(&settings::GuardSettings {
            address_requests_per_second: per_second,
            address_requests_at_once: at_once,
            ..settings::GuardSettings::default()
        })
    }

    fn address(number: u32) -> IpAddr {
        Ipv4Addr::from(number).into()
    }

    #[test]
    fn a_burst_passes_and_then_so_many_a_second() {
        let (flood, start) = (flood(10, 5), Timestamp::from_secs(1000));
        let passed = |now| {
            (0..100)
                .filter(|_| flood.admit(address(1), now).is_ok())
                .count()
        };
        assert_eq!(passed(start), 5);
        assert_eq!(
            flood.admit(address(1), start),
            Err(Duration::from_millis(100))
        );
        assert_eq!(passed(start + Duration::from_millis(250)), 2);
        assert_eq!(
            passed(start + Duration::from_secs(60)),
            5,
            "rest is not saved up beyond the burst"
        );
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
        assert_eq!(
            flood.admit(address(60_001), start + Duration::from_secs(2)),
            Ok(())
        );
        assert_eq!(lock(&flood.paid).until.len(), 1);
    }

    #[test]
    fn who_has_rested_is_forgotten_long_before_there_is_no_room() {
        let (flood, start) = (flood(10, 60), Timestamp::from_secs(1000));
        for number in 0..20_000 {
            let now = start + Duration::from_millis(u64::from(number) * 10);
            assert_eq!(flood.admit(address(number), now), Ok(()));
            assert!(lock(&flood.paid).until.len() <= FEW_NETWORKS);
        }
    }

    #[test]
    fn a_wide_ipv6_network_has_three_times_the_rate_and_keeps_little() {
        let (flood, start) = (flood(10, 5), Timestamp::from_secs(1000));
        let passed = |wide: u32, now| {
            let all = (0..1000).map(|net| format!("2001:db8:{wide:x}:{net:x}::1").parse().unwrap());
            all.filter(|address| flood.admit(*address, now).is_ok())
                .count()
        };
        assert_eq!(passed(1, start), 15);
        assert_eq!(
            lock(&flood.paid).until.len(),
            16,
            "who is refused is not remembered"
        );
        assert_eq!(passed(1, start + Duration::from_millis(250)), 7);
        assert_eq!(passed(2, start), 15, "others are others");
        let one = || flood.admit("2001:db8:3::1".parse().unwrap(), start).is_ok();
        assert_eq!(
            (0..100).filter(|_| one()).count(),
            5,
            "one customer's part of it"
        );
    }

    #[test]
    fn memory_is_bounded_for_wide_networks_too() {
        let (flood, start) = (flood(1, 1), Timestamp::from_secs(1000));
        for number in 0..60_000_u128 {
            let address = std::net::Ipv6Addr::from((0x2001 << 112) | (number << 80));
            assert_eq!(flood.admit(address.into(), start), Ok(()));
        }
        assert_eq!(lock(&flood.paid).until.len(), MOST_NETWORKS);
    }

    #[test]
    fn an_ipv6_network_is_one_and_off_is_off() {
        let (limiter, start) = (flood(1, 1), Timestamp::from_secs(1000));
        assert_eq!(limiter.admit("2001:db8::1".parse().unwrap(), start), Ok(()));
        assert!(
            limiter
                .admit("2001:db8::2".parse().unwrap(), start)
                .is_err()
        );
        let off = IpThrottle::new(&settings::GuardSettings {
            enabled: false,
            ..settings::GuardSettings::default()
        });
        assert!((0..1000).all(|_| off.admit(address(1), start).is_ok()));
    }
}
