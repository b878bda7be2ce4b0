//! When the response to a refused code is sent: after one of few fixed delays, so that its time
//! says little about upstream's.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::domain::timestamp::Timestamp;
use crate::server::settings::HumanDuration;

/// Whether upstream was asked about a passcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UpstreamContact {
    Contacted,
    NotContacted,
}

/// The index of the delay of the last refusal by upstream. A refusal without upstream has at least
/// that delay, or a slow upstream would make the two distinguishable.
#[derive(Debug, Default)]
pub struct ResponseDelay(AtomicUsize);

impl ResponseDelay {
    /// The response time of a refusal that is known at `now`: `received_at` plus one of the delays.
    /// `None` if it is too late for all.
    pub(super) fn choose(
        &self,
        contact: UpstreamContact,
        received_at: Timestamp,
        delays: &[HumanDuration],
        now: Timestamp,
    ) -> Option<Timestamp> {
        let times: Vec<_> = delays.iter().map(|delay| received_at + delay.0).collect();
        let next = times
            .iter()
            .position(|time| *time >= now)
            .unwrap_or(times.len());
        let chosen = match contact {
            UpstreamContact::Contacted => {
                self.0.store(next, Ordering::Relaxed);
                next
            }
            UpstreamContact::NotContacted => next.max(
                self.0
                    .load(Ordering::Relaxed)
                    .min(times.len().saturating_sub(1)),
            ),
        };
        times.get(chosen).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e2_a_refusal_without_upstream_is_sent_no_earlier_than_the_last_one_by_upstream() {
        let delays = [
            HumanDuration::seconds(1),
            HumanDuration::seconds(5),
            HumanDuration::seconds(10),
        ];
        let response_delay = ResponseDelay::default();
        let choose = |contact, now| {
            let (received_at, now) = (Timestamp::from_secs(100), Timestamp::from_secs(now));
            response_delay
                .choose(contact, received_at, &delays, now)
                .map(Timestamp::as_secs)
        };
        assert_eq!(choose(UpstreamContact::NotContacted, 100), Some(101));
        assert_eq!(choose(UpstreamContact::Contacted, 103), Some(105));
        assert_eq!(choose(UpstreamContact::NotContacted, 100), Some(105));
        assert_eq!(choose(UpstreamContact::NotContacted, 106), Some(110));
        assert_eq!(choose(UpstreamContact::Contacted, 111), None);
        assert_eq!(
            choose(UpstreamContact::NotContacted, 100),
            Some(110),
            "at most the last delay"
        );
        assert_eq!(choose(UpstreamContact::Contacted, 100), Some(101));
        assert_eq!(choose(UpstreamContact::NotContacted, 100), Some(101));
    }
}
