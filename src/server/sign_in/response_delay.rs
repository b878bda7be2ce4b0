//! When the answer to a refused code leaves: at the first of few moments, so that its time says
//! little of upstream's.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::domain::timestamp::Timestamp;
use crate::server::settings::HumanDuration;

/// Whether upstream was asked about a passcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UpstreamContact {
    Upstream,
    Nobody,
}

/// The moment that the last refusal by upstream left at: one that upstream was not asked about
/// leaves no earlier, or a slow upstream would tell the two apart.
#[derive(Debug, Default)]
pub struct ResponseDelay(AtomicUsize);

impl ResponseDelay {
    /// When a refusal known at `now` leaves: at one of `refuse_after` from `received_at`. Nothing
    /// if it is too late for all.
    pub(super) fn moment(
        &self,
        asked: UpstreamContact,
        received_at: Timestamp,
        refuse_after: &[HumanDuration],
        now: Timestamp,
    ) -> Option<Timestamp> {
        let moments: Vec<_> = refuse_after
            .iter()
            .map(|span| received_at + span.0)
            .collect();
        let next = moments
            .iter()
            .position(|moment| *moment >= now)
            .unwrap_or(moments.len());
        let chosen = match asked {
            UpstreamContact::Upstream => {
                self.0.store(next, Ordering::Relaxed);
                next
            }
            UpstreamContact::Nobody => next.max(
                self.0
                    .load(Ordering::Relaxed)
                    .min(moments.len().saturating_sub(1)),
            ),
        };
        moments.get(chosen).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e2_a_refusal_that_upstream_was_not_asked_about_leaves_no_earlier_than_the_last_that_it_was()
    {
        let refuse_after = [
            HumanDuration::seconds(1),
            HumanDuration::seconds(5),
            HumanDuration::seconds(10),
        ];
        let pace = ResponseDelay::default();
        let moment = |asked, now| {
            pace.moment(
                asked,
                Timestamp::from_secs(100),
                &refuse_after,
                Timestamp::from_secs(now),
            )
            .map(Timestamp::as_secs)
        };
        assert_eq!(moment(UpstreamContact::Nobody, 100), Some(101));
        assert_eq!(moment(UpstreamContact::Upstream, 103), Some(105));
        assert_eq!(moment(UpstreamContact::Nobody, 100), Some(105));
        assert_eq!(moment(UpstreamContact::Nobody, 106), Some(110));
        assert_eq!(moment(UpstreamContact::Upstream, 111), None);
        assert_eq!(
            moment(UpstreamContact::Nobody, 100),
            Some(110),
            "the last moment is the latest"
        );
        assert_eq!(moment(UpstreamContact::Upstream, 100), Some(101));
        assert_eq!(moment(UpstreamContact::Nobody, 100), Some(101));
    }
}
