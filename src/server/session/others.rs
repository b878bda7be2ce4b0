//! All sessions of a user but one, ended by their person from that one: those too that begin meanwhile.
//!
//! As with the operator's revocations a number that only grows is written down before any session is looked for, and a session
//! that begins with a code from before ends. Here nothing more is needed: whatever has begun is in the list. So these numbers are
//! apart, and no check of a session asks for them; people end their other sessions far more often than operators revoke.

use super::revocation::{Newest, read_number};
use super::{Live, Sessions};
use crate::server::keys::{Digest, sha256};
use crate::server::store::{Expect, Key, Kind, Put, StoreError};

/// Where the newest number lies; no hash is all ones.
pub(super) const NEWEST_OF_OTHERS: Key = Key { kind: Kind::RevokedBefore, id: [0xff; 32] };

impl Sessions {
    /// Writes down that sessions of a user end whose codes have come. To be called before the others are listed.
    pub(super) async fn mark_others(&self, subject: &str) -> Result<(), StoreError> {
        let number = self.next_of_others().await?;
        for owner in self.owners(subject) {
            self.raise(of_owner(owner), number).await?;
        }
        Ok(())
    }

    /// Whether a session that has just begun was among the others when its user ended those. To be called when it can be listed.
    pub(super) async fn is_among_others(&self, live: &Live, newest: Newest) -> Result<bool, StoreError> {
        let mark = self.store.get(of_owner(live.owner), self.clock.now()).await?;
        let number = mark.map(|record| read_number(&record.bytes)).transpose()?;
        Ok(number.is_some_and(|number| number > newest.of_others))
    }

    async fn next_of_others(&self) -> Result<u64, StoreError> {
        loop {
            let now = self.clock.now();
            let newest = self.store.get(NEWEST_OF_OTHERS, now).await?;
            let expect = newest.as_ref().map_or(Expect::Absent, |record| Expect::Version(record.version));
            let before = newest.map(|record| read_number(&record.bytes)).transpose()?.unwrap_or_default();
            // Near the time of day, so that it stays the highest even after a store that has lost its latest writes.
            let number = now.as_millis().max(before.saturating_add(1));
            let bytes = number.to_be_bytes().to_vec();
            let put = self.store.put(NEWEST_OF_OTHERS, None, expect, bytes, now + self.longest(), now).await?;
            // Another one may have come between.
            if let Put::Stored(_) = put {
                return Ok(number);
            }
        }
    }
}

/// Where the mark of a user lies: apart from the operator's.
fn of_owner(owner: Digest) -> Key {
    Key { kind: Kind::RevokedBefore, id: sha256(&[b"others".as_slice(), &owner].concat()) }
}
