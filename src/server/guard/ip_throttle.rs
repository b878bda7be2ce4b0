//! A limit on requests per second and address, held in the memory of this process.
//!
//! It refuses floods before the store is asked. It is the generic cell rate algorithm (ITU-T
//! I.371): each network has one theoretical arrival time for its next request. A request counts
//! for every network of its address, because the holder of an IPv6 /48 has 65,536 networks that
//! each look like one customer.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ipnet::IpNet;

use crate::domain::timestamp::Timestamp;
use crate::server::guard::Network;
use crate::server::settings;
use crate::server::system::mutex::lock;

/// Networks that are remembered at the same time. Requests of further ones pass on to the limits in
/// the store.
const MAX_NETWORKS: usize = 50_000;
/// A wider network has so many times the rate and burst of an address, as with its budgets.
const WIDE_FACTOR: u32 = 3;
/// Below this number nothing is pruned; above it, whenever the number has doubled.
const PRUNE_THRESHOLD: usize = 1_000;
/// The least time between two prunings when the memory is full.
const PRUNE_INTERVAL: Duration = Duration::from_secs(1);

/// The limiter. Cheap to clone.
#[derive(Clone, Debug)]
pub struct IpThrottle {
    /// Of an address and of a wider network; `None` if the limiter is off.
    rates: Option<[RequestRate; 2]>,
    arrivals: Arc<Mutex<ArrivalTimes>>,
}

#[derive(Clone, Copy, Debug)]
struct RequestRate {
    /// Between two requests at the permitted rate.
    interval: Duration,
    /// How much earlier than that a request may come.
    tolerance: Duration,
}

impl RequestRate {
    fn new(per_second: u32, burst: u32) -> Self {
        let interval = Duration::from_secs(1) / per_second.max(1);
        Self {
            interval,
            tolerance: interval * burst.saturating_sub(1),
        }
    }
}

#[derive(Debug, Default)]
struct ArrivalTimes {
    /// Time since 1970. Finer than a [`Timestamp`], because an interval is no whole number of
    /// milliseconds.
    next: HashMap<IpNet, Duration>,
    /// The number of networks at which the next pruning is due.
    prune_at: usize,
    pruned_at: Duration,
}

impl IpThrottle {
    /// A limiter with the rate and burst of the settings.
    pub fn new(settings: &settings::GuardSettings) -> Self {
        let rates = [1, WIDE_FACTOR].map(|factor| {
            RequestRate::new(
                settings.address_requests_per_second.saturating_mul(factor),
                settings.address_requests_at_once.saturating_mul(factor),
            )
        });
        Self {
            rates: settings.enabled.then_some(rates),
            arrivals: Arc::default(),
        }
    }

    /// Admits a request of an address.
    ///
    /// # Errors
    /// The time to wait, if it comes too early.
    pub fn admit(&self, address: IpAddr, now: Timestamp) -> Result<(), Duration> {
        let Some([narrow, wide]) = self.rates else {
            return Ok(());
        };
        let network = Network::of(address);
        let networks = [
            Some((network.host(), narrow)),
            network.wide().map(|network| (network, wide)),
        ];
        let (mut arrivals, now) = (lock(&self.arrivals), Duration::from_millis(now.as_millis()));
        // A request that one network refuses counts for none of them.
        let waits = networks
            .iter()
            .flatten()
            .map(|(network, rate)| arrivals.wait(*network, *rate, now));
        let wait = waits.max().unwrap_or_default();
        if !wait.is_zero() {
            return Err(wait);
        }
        for (network, rate) in networks.into_iter().flatten() {
            arrivals.count(network, rate, now);
        }
        Ok(())
    }
}

impl ArrivalTimes {
    fn wait(&self, network: IpNet, rate: RequestRate, now: Duration) -> Duration {
        self.next(network, now)
            .saturating_sub(now)
            .saturating_sub(rate.tolerance)
    }

    fn count(&mut self, network: IpNet, rate: RequestRate, now: Duration) {
        let is_new = !self.next.contains_key(&network);
        if is_new && !self.prune_for_new_network(now) {
            return;
        }
        self.next.insert(
            network,
            self.next(network, now).saturating_add(rate.interval),
        );
    }

    fn next(&self, network: IpNet, now: Duration) -> Duration {
        self.next.get(&network).copied().unwrap_or(now).max(now)
    }

    /// Prunes networks that may send a full burst again, if that is due. Returns whether there is
    /// space for another network.
    fn prune_for_new_network(&mut self, now: Duration) -> bool {
        let is_full = self.next.len() >= MAX_NETWORKS;
        let is_due = self.next.len() >= self.prune_at.max(PRUNE_THRESHOLD);
        if is_due && (!is_full || now.saturating_sub(self.pruned_at) >= PRUNE_INTERVAL) {
            self.pruned_at = now;
            self.next.retain(|_, next| now < *next);
            self.prune_at = self.next.len().saturating_mul(2).min(MAX_NETWORKS);
            self.next.shrink_to(self.prune_at);
        }
        self.next.len() < MAX_NETWORKS
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn throttle(per_second: u32, burst: u32) -> IpThrottle {
        IpThrottle::new(&settings::GuardSettings {
            address_requests_per_second: per_second,
            address_requests_at_once: burst,
            ..settings::GuardSettings::default()
        })
    }

    fn address(number: u32) -> IpAddr {
        Ipv4Addr::from(number).into()
    }

    #[test]
    fn a_burst_is_admitted_and_then_the_rate() {
        let (throttle, start) = (throttle(10, 5), Timestamp::from_secs(1000));
        let passed = |now| {
            (0..100)
                .filter(|_| throttle.admit(address(1), now).is_ok())
                .count()
        };
        assert_eq!(passed(start), 5);
        assert_eq!(
            throttle.admit(address(1), start),
            Err(Duration::from_millis(100))
        );
        assert_eq!(passed(start + Duration::from_millis(250)), 2);
        assert_eq!(
            passed(start + Duration::from_secs(60)),
            5,
            "unused requests do not add up beyond the burst"
        );
        assert_eq!(
            throttle.admit(address(2), start),
            Ok(()),
            "another address is not affected"
        );
    }

    #[test]
    fn memory_is_bounded_and_pruned() {
        let (throttle, start) = (throttle(1, 1), Timestamp::from_secs(1000));
        for number in 0..60_000 {
            assert_eq!(throttle.admit(address(number), start), Ok(()));
        }
        assert_eq!(lock(&throttle.arrivals).next.len(), MAX_NETWORKS);
        assert!(throttle.admit(address(1), start).is_err());
        assert_eq!(
            throttle.admit(address(60_001), start + Duration::from_secs(2)),
            Ok(())
        );
        assert_eq!(lock(&throttle.arrivals).next.len(), 1);
    }

    #[test]
    fn inactive_networks_are_pruned_long_before_the_memory_is_full() {
        let (throttle, start) = (throttle(10, 60), Timestamp::from_secs(1000));
        for number in 0..20_000 {
            let now = start + Duration::from_millis(u64::from(number) * 10);
            assert_eq!(throttle.admit(address(number), now), Ok(()));
            assert!(lock(&throttle.arrivals).next.len() <= PRUNE_THRESHOLD);
        }
    }

    #[test]
    fn a_wide_ipv6_network_has_three_times_the_rate() {
        let (throttle, start) = (throttle(10, 5), Timestamp::from_secs(1000));
        let passed = |wide: u32, now| {
            let all = (0..1000).map(|net| format!("2001:db8:{wide:x}:{net:x}::1").parse().unwrap());
            all.filter(|address| throttle.admit(*address, now).is_ok())
                .count()
        };
        assert_eq!(passed(1, start), 15);
        assert_eq!(
            lock(&throttle.arrivals).next.len(),
            16,
            "refused networks are not remembered"
        );
        assert_eq!(passed(1, start + Duration::from_millis(250)), 7);
        assert_eq!(passed(2, start), 15, "another address is not affected");
        let one = || {
            throttle
                .admit("2001:db8:3::1".parse().unwrap(), start)
                .is_ok()
        };
        assert_eq!(
            (0..100).filter(|_| one()).count(),
            5,
            "the limit of one customer"
        );
    }

    #[test]
    fn memory_is_bounded_for_wide_networks_too() {
        let (throttle, start) = (throttle(1, 1), Timestamp::from_secs(1000));
        for number in 0..60_000_u128 {
            let address = std::net::Ipv6Addr::from((0x2001 << 112) | (number << 80));
            assert_eq!(throttle.admit(address.into(), start), Ok(()));
        }
        assert_eq!(lock(&throttle.arrivals).next.len(), MAX_NETWORKS);
    }

    #[test]
    fn an_ipv6_network_counts_as_one_address_and_the_limiter_can_be_off() {
        let (limiter, start) = (throttle(1, 1), Timestamp::from_secs(1000));
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
