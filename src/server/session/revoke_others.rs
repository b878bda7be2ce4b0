//! The revocation of all sessions of a user but one, by the user from that session.
//!
//! It covers sessions that are created meanwhile. As with the operator's revocations, an epoch is
//! written before sessions are listed, and a session whose code arrived before it ends. These
//! epochs are stored apart, because only the creation of a session reads them: existing sessions
//! are in the list. Users revoke far more often than operators.

use std::time::Duration;

use crate::server::crypto::hash::{Digest, sha256};
use crate::server::session::revocation_epoch::{
    NEWEST_KEPT_LONGER, NEWEST_USER_REVOCATION, RevocationEpoch, is_before, next_epoch,
};
use crate::server::session::{ActionLimit, ActiveSession, Sessions};
use crate::server::store::{Key, RecordKind, StoreError};

/// How often one session can revoke all others in [`REVOKE_OTHERS_WINDOW`]. Otherwise the thief of
/// a session could sign its owner out in a loop. It is counted by session, so the owner can still
/// sign in and end the thief's.
const MAX_REVOKE_OTHERS: u32 = 10;
const REVOKE_OTHERS_WINDOW: Duration = Duration::from_secs(3600);

impl Sessions {
    /// Counts that a session revokes all others, which must not happen if the limit is exceeded.
    ///
    /// # Errors
    /// The store's.
    pub async fn reserve_revoke_others(
        &self,
        session: &ActiveSession,
    ) -> Result<ActionLimit, StoreError> {
        self.count_action(
            session.key.id,
            "others",
            MAX_REVOKE_OTHERS,
            REVOKE_OTHERS_WINDOW,
        )
        .await
    }

    /// Writes the epoch of a revocation, before the other sessions are listed.
    pub(super) async fn record_revoke_others(&self, subject: &str) -> Result<(), StoreError> {
        let next = |[newest]: [u64; 1], now| [next_epoch(newest, now)];
        let kept = self.longest_lifetime() + NEWEST_KEPT_LONGER;
        let [epoch] = self
            .update_epochs(NEWEST_USER_REVOCATION, kept, next)
            .await?;
        for owner in self.owner_keys(subject) {
            self.raise_epoch(user_revocation_key(owner), epoch).await?;
        }
        Ok(())
    }

    /// Whether its user has revoked a session that was just created. It must be in the list when
    /// this is called.
    pub(super) async fn is_revoked_by_user(
        &self,
        session: &ActiveSession,
        epoch: RevocationEpoch,
    ) -> Result<bool, StoreError> {
        let key = user_revocation_key(session.owner);
        let record = self.store.get(key, self.clock.now()).await?;
        is_before(epoch.by_user, record.as_ref())
    }
}

/// The key of a user's own revocations, apart from the operator's.
fn user_revocation_key(owner: Digest) -> Key {
    let id = sha256(&[b"others".as_slice(), &owner].concat());
    Key {
        kind: RecordKind::RevokedBefore,
        id,
    }
}
