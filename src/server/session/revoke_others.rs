//! All sessions of a user but one, ended by their person from that one: those too that begin
//! meanwhile.
//!
//! As with the operator's revocations a number that only grows is written down before any session
//! is looked for, and a session that begins with a code from before ends. Here nothing more is
//! needed: whatever has begun is in the list. So these numbers are apart, and no check of a session
//! asks for them; people end their other sessions far more often than operators revoke.

use std::time::Duration;

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::derived_keys::{Digest, sha256};
use crate::server::session::revocation::{BEYOND, RevocationEpoch, is_before, next};
use crate::server::session::{ActiveSession, Sessions};
use crate::server::store::{
    Charge, Group, Key, RecordKind, ReservationId, ReservationOutcome, StoreError,
};

/// How often all others can be ended from one session in [`WINDOW`]. Who holds a stolen one would
/// else keep its owner out by a loop. Counted by session: what a thief spends is not the owner's,
/// who signs in and ends the thief's from there.
pub const MOST: u32 = 10;
/// The window of [`MOST`].
pub const WINDOW: Duration = Duration::from_secs(3600);

/// Where the newest number lies; no hash is all ones.
pub(super) const NEWEST_OF_OTHERS: Key = Key {
    kind: RecordKind::RevokedBefore,
    id: [0xff; 32],
};

impl Sessions {
    /// Counts that all others are to be ended from a session. Gives the time from when that can be
    /// done again, if it was too often; they must not be ended then.
    ///
    /// # Errors
    /// The store's.
    pub async fn charge_others(
        &self,
        live: &ActiveSession,
    ) -> Result<Option<Timestamp>, StoreError> {
        let charge = Charge {
            key: "others".to_owned(),
            amount: 1,
            limit: MOST,
            window: WINDOW,
            renews: false,
        };
        let reservation = ReservationId(self.random.bytes());
        let group = Group::Identifier(live.key.id);
        Ok(
            match self
                .store
                .reserve(reservation, &group, &[charge], self.clock.now())
                .await?
            {
                ReservationOutcome::Refused { retry_at, .. } => Some(retry_at),
                ReservationOutcome::Granted => None,
            },
        )
    }

    /// Writes down that sessions of a user end whose codes have come. To be called before the
    /// others are listed.
    pub(super) async fn mark_others(&self, subject: &str) -> Result<(), StoreError> {
        let ended = |[newest]: [u64; 1], now| [next(newest, now)];
        let [number] = self
            .change_numbers(NEWEST_OF_OTHERS, self.longest() + BEYOND, ended)
            .await?;
        for owner in self.owners(subject) {
            self.raise(of_owner(owner), number).await?;
        }
        Ok(())
    }

    /// Whether a session that has just begun was among the others when its user ended those. To be
    /// called when it can be listed.
    pub(super) async fn is_among_others(
        &self,
        live: &ActiveSession,
        newest: RevocationEpoch,
    ) -> Result<bool, StoreError> {
        let mark = self
            .store
            .get(of_owner(live.owner), self.clock.now())
            .await?;
        is_before(newest.of_others, mark.as_ref())
    }
}

/// Where the mark of a user lies: apart from the operator's.
fn of_owner(owner: Digest) -> Key {
    Key {
        kind: RecordKind::RevokedBefore,
        id: sha256(&[b"others".as_slice(), &owner].concat()),
    }
}
