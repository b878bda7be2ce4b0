//! Limits on actions of one session or user, counted in a fixed window.

use std::time::Duration;

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::hash::Digest;
use crate::server::session::Sessions;
use crate::server::store::{Charge, Group, ReservationId, ReservationOutcome, StoreError};

/// Whether an action that is limited in a window may be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionLimit {
    /// It may, and is counted.
    Allowed,
    /// It may not until this time.
    ExceededUntil(Timestamp),
}

impl Sessions {
    /// Counts an action of a session or user in a fixed window.
    pub(super) async fn count_action(
        &self,
        counted_by: Digest,
        counter: &str,
        limit: u32,
        window: Duration,
    ) -> Result<ActionLimit, StoreError> {
        let charge = Charge {
            key: counter.to_owned(),
            amount: 1,
            limit,
            window,
            renews: false,
        };
        let (id, group) = (
            ReservationId(self.random.bytes()),
            Group::Identifier(counted_by),
        );
        Ok(
            match self
                .store
                .reserve(id, &group, &[charge], self.clock.now())
                .await?
            {
                ReservationOutcome::Granted => ActionLimit::Allowed,
                ReservationOutcome::Refused { retry_at, .. } => {
                    ActionLimit::ExceededUntil(retry_at)
                }
            },
        )
    }
}
