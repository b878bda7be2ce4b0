//! Wrong tokens by address, in the memory of this process.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;
use std::time::Duration;

use ipnet::IpNet;

use crate::domain::timestamp::Timestamp;
use crate::server::guard::Network;
use crate::server::system::mutex::lock;

/// Wrong tokens that one network may present in a window.
const MAX_WRONG: u32 = 10;
const WINDOW: Duration = Duration::from_secs(60);
/// Networks that are remembered. When there are more, all of them wait.
const MAX_NETWORKS: usize = 10_000;

/// Counts wrong tokens. No token is kept.
#[derive(Debug, Default)]
pub struct WrongTokens(Mutex<HashMap<IpNet, Window>>);

#[derive(Clone, Copy, Debug)]
struct Window {
    ends_at: Timestamp,
    count: u32,
}

impl WrongTokens {
    /// How long an address must wait before a token of it is compared; none if it need not.
    pub fn wait(&self, address: IpAddr, now: Timestamp) -> Option<Duration> {
        let mut windows = lock(&self.0);
        windows.retain(|_, window| now < window.ends_at);
        let found = windows.get(&Network::of(address).host()).copied();
        match found {
            Some(window) if window.count >= MAX_WRONG => Some(window.ends_at.since(now)),
            Some(_) => None,
            None => (windows.len() >= MAX_NETWORKS).then_some(WINDOW),
        }
    }

    /// Counts a wrong token.
    pub fn count(&self, address: IpAddr, now: Timestamp) {
        let mut windows = lock(&self.0);
        let window = windows
            .entry(Network::of(address).host())
            .or_insert(Window {
                ends_at: now + WINDOW,
                count: 0,
            });
        window.count = window.count.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_waits_after_too_many_wrong_tokens_and_others_do_not() {
        let (tokens, now) = (WrongTokens::default(), Timestamp::from_secs(1000));
        let addresses: [IpAddr; 2] = [[192, 0, 2, 1].into(), [192, 0, 2, 2].into()];
        for _ in 0..MAX_WRONG {
            assert_eq!(tokens.wait(addresses[0], now), None);
            tokens.count(addresses[0], now);
        }
        assert_eq!(tokens.wait(addresses[0], now), Some(WINDOW));
        assert_eq!(tokens.wait(addresses[1], now), None);
        assert_eq!(tokens.wait(addresses[0], now + WINDOW), None);
    }

    #[test]
    fn the_memory_of_addresses_is_bounded() {
        let (tokens, now) = (WrongTokens::default(), Timestamp::from_secs(1000));
        for number in 0..MAX_NETWORKS as u32 {
            tokens.count(IpAddr::V4((0x0a00_0000 + number).into()), now);
        }
        let further: IpAddr = [192, 0, 2, 1].into();
        assert_eq!(tokens.wait(further, now), Some(WINDOW));
        assert_eq!(tokens.wait(further, now + WINDOW), None);
    }
}
