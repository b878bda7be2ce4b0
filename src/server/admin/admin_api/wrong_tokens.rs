//! How many wrong tokens came lately, in the memory of this process.
//!
//! A right token always passes, because callers behind a proxy share an address, and nobody may
//! lock another out. A token cannot be guessed, so the count only bounds what guesses cost: lines
//! in the log. It is one for all callers, so it needs no memory of addresses.

use std::sync::Mutex;
use std::time::Duration;

use crate::domain::timestamp::Timestamp;
use crate::server::system::mutex::lock;

/// Wrong tokens in a window that are answered as such.
const MAX_WRONG: u32 = 10;
const WINDOW: Duration = Duration::from_secs(60);

/// Counts wrong tokens. No token is kept.
#[derive(Debug, Default)]
pub struct WrongTokens(Mutex<Window>);

#[derive(Clone, Copy, Debug, Default)]
struct Window {
    ends_at: Timestamp,
    count: u32,
}

impl WrongTokens {
    /// Counts a wrong token.
    ///
    /// # Errors
    /// The time until the window ends, if there were too many in it.
    pub fn count(&self, now: Timestamp) -> Result<(), Duration> {
        let mut window = lock(&self.0);
        if now >= window.ends_at {
            *window = Window {
                ends_at: now + WINDOW,
                count: 0,
            };
        }
        if window.count >= MAX_WRONG {
            return Err(window.ends_at.since(now));
        }
        window.count += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_tokens_are_counted_for_a_minute_from_the_first() {
        let (tokens, start) = (WrongTokens::default(), Timestamp::from_secs(1000));
        let after = |seconds| start + Duration::from_secs(seconds);
        for second in 0..u64::from(MAX_WRONG) {
            assert_eq!(tokens.count(after(second)), Ok(()));
        }
        for (second, left) in [(10, 50), (59, 1)] {
            assert_eq!(tokens.count(after(second)), Err(Duration::from_secs(left)));
        }
        for _ in 0..MAX_WRONG {
            assert_eq!(tokens.count(after(60)), Ok(()));
        }
        assert_eq!(tokens.count(after(61)), Err(Duration::from_secs(59)));
    }
}
