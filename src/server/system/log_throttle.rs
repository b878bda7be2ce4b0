//! Limits a log message that every request could cause to one a minute.

use std::sync::Mutex;
use std::time::Duration;

use crate::domain::timestamp::Timestamp;
use crate::server::system::mutex::lock;

/// Shortest time between two messages.
const INTERVAL: Duration = Duration::from_secs(60);

/// Remembers when a message was last logged.
#[derive(Debug, Default)]
pub struct LogThrottle(Mutex<Option<Timestamp>>);

impl LogThrottle {
    /// Whether the message is due; counts it as logged then.
    pub fn is_due(&self, now: Timestamp) -> bool {
        let mut last = lock(&self.0);
        let is_due = last.is_none_or(|last| now.since(last) >= INTERVAL);
        if is_due {
            *last = Some(now);
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_logged_once_a_minute() {
        let throttle = LogThrottle::default();
        let due = [1000, 1000, 1059, 1060, 1061, 1200]
            .map(|second| throttle.is_due(Timestamp::from_secs(second)));
        assert_eq!(due, [true, false, false, true, false, true]);
    }
}
