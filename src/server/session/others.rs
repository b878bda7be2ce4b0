//! All sessions of a user but one, ended by their person from that one: those too that begin meanwhile.
//!
//! As with the operator's revocations a number that only grows is written down before any session is looked for, and a session
//! that begins with a code from before ends. Here nothing more is needed: whatever has begun is in the list. So these numbers are
//! apart, and no check of a session asks for them; people end their other sessions far more often than operators revoke.

use super::revocation::{Newest, is_before, next};
use super::{Live, Sessions};
use crate::server::keys::{Digest, sha256};
use crate::server::store::{Key, Kind, StoreError};

/// Where the newest number lies; no hash is all ones.
pub(super) const NEWEST_OF_OTHERS: Key = Key { kind: Kind::RevokedBefore, id: [0xff; 32] };

impl Sessions {
    /// Writes down that sessions of a user end whose codes have come. To be called before the others are listed.
    pub(super) async fn mark_others(&self, subject: &str) -> Result<(), StoreError> {
        let [number] = self.change_numbers(NEWEST_OF_OTHERS, |[newest], now| [next(newest, now)]).await?;
        for owner in self.owners(subject) {
            self.raise(of_owner(owner), number).await?;
        }
        Ok(())
    }

    /// Whether a session that has just begun was among the others when its user ended those. To be called when it can be listed.
    pub(super) async fn is_among_others(&self, live: &Live, newest: Newest) -> Result<bool, StoreError> {
        let mark = self.store.get(of_owner(live.owner), self.clock.now()).await?;
        is_before(newest.of_others, mark.as_ref())
    }
}

/// Where the mark of a user lies: apart from the operator's.
fn of_owner(owner: Digest) -> Key {
    Key { kind: Kind::RevokedBefore, id: sha256(&[b"others".as_slice(), &owner].concat()) }
}
