//! The sessions of a user, and their end from elsewhere.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::{Ending, Key, Kind, Live, Origin, Sessions, StoreError, Timestamp};
use crate::server::keys::Digest;
use crate::server::store::{Expect, Record};

/// Where the revocation of all users' sessions lies; no keyed hash is all zeros.
pub(super) const EVERYBODY: Key = Key { kind: Kind::RevokedBefore, id: [0; 32] };
/// Most sessions that the operator's list shows.
const LONGEST_LIST: usize = 10_000;
/// Sessions that are read and deleted in one go.
const PAGE: usize = 1000;
/// Sessions that are ended upstream at once when all are ended.
const ENDED_AT_ONCE: usize = 16;

/// A session as the operator sees it.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Listed {
    /// Its public id.
    pub id: String,
    /// `sub` of its user.
    pub user: String,
    /// The identifier, masked.
    pub identifier: String,
    /// When it began, RFC 3339.
    pub signed_in_at: String,
    /// When it was last active, RFC 3339.
    pub last_seen_at: String,
    /// When it ends without activity, RFC 3339.
    pub idle_expires_at: String,
    /// When it ends in any case, RFC 3339.
    pub expires_at: String,
    /// Browser and system.
    pub agent: String,
}

/// Which sessions are to end.
#[derive(Clone, Debug)]
pub enum Which {
    /// The one with this public id.
    One(String),
    /// All but the one with this public id.
    AllBut(String),
}

impl Sessions {
    /// The live sessions of a user (`sub`), newest first; whichever issuer they began under.
    ///
    /// # Errors
    /// The store's.
    pub async fn of_user(&self, subject: &str) -> Result<Vec<Live>, StoreError> {
        let now = self.clock.now();
        let mut sessions = Vec::new();
        for owner in self.owners(subject) {
            let mut keys = self.store.owned(owner, now).await?;
            keys.retain(|key| key.kind == Kind::Session);
            let records = self.store.get_all(&keys, now).await?;
            let opened = keys.into_iter().zip(records).filter_map(|(key, record)| self.open(key, &record?));
            sessions.extend(opened.filter(|live| live.owner == owner));
        }
        let mut sessions = self.alive(sessions, now).await?;
        sessions.sort_by_key(|live| std::cmp::Reverse(live.session.created_at));
        Ok(sessions)
    }

    /// Ends sessions of a user. Says how many.
    ///
    /// # Errors
    /// The store's; some may have ended.
    pub async fn end_of_user(&self, subject: &str, which: &Which, origin: &Origin) -> Result<usize, StoreError> {
        let mut ended = 0;
        for live in self.of_user(subject).await? {
            let wanted = match which {
                Which::One(id) => live.session.id == *id,
                Which::AllBut(id) => live.session.id != *id,
            };
            if wanted {
                self.end(&live, Ending::Revoked, origin).await?;
                ended += 1;
            }
        }
        Ok(ended)
    }

    /// All live sessions, for the operator.
    ///
    /// # Errors
    /// The store's.
    pub async fn all(&self) -> Result<Vec<Live>, StoreError> {
        let now = self.clock.now();
        let records = self.store.scan(Kind::Session, LONGEST_LIST, now).await?;
        let opened = records.iter().filter_map(|(key, record)| self.open(*key, record));
        self.alive(opened.collect(), now).await
    }

    /// Those that are neither idle for too long nor revoked.
    async fn alive(&self, mut sessions: Vec<Live>, now: Timestamp) -> Result<Vec<Live>, StoreError> {
        sessions.retain(|live| now < live.idle_expires_at);
        let everybody = self.store.get(EVERYBODY, now).await?;
        let users: Vec<Key> = sessions.iter().map(|live| revoked_before(live.owner)).collect();
        let users = self.store.get_all(&users, now).await?;
        let mut alive = Vec::with_capacity(sessions.len());
        for (live, user) in sessions.into_iter().zip(users) {
            if !live.began_before(everybody.as_ref())? && !live.began_before(user.as_ref())? {
                alive.push(live);
            }
        }
        Ok(alive)
    }

    /// Ends every session of a user for the operator, those too that begin while this runs: here, and by one call of its own
    /// upstream, in every application of the tenant. Says how many were found here.
    ///
    /// # Errors
    /// The store's; no session that began before now lives on once the marker is written.
    pub async fn revoke_user(&self, subject: &str, origin: &Origin) -> Result<usize, StoreError> {
        let sessions = self.of_user(subject).await?;
        for owner in self.owners(subject) {
            self.mark_revoked(owner).await?;
        }
        self.tasks.spawn(self.clone().end_all_upstream(subject.to_owned()));
        for live in &sessions {
            self.end_here(live, Ending::Operator, origin).await?;
        }
        Ok(sessions.len())
    }

    /// Ends everybody's sessions for the operator, and says how many were found. All are dead at once; what is left of them here
    /// goes a page at a time, and upstream is told of a few at a time, so that a million fit into memory.
    ///
    /// # Errors
    /// The store's; no session that began before now lives on once the marker is written.
    pub async fn revoke_everybody(&self, origin: &Origin) -> Result<usize, StoreError> {
        let now = self.clock.now();
        self.mark_revoked(EVERYBODY.id).await?;
        let upstream = Arc::new(Semaphore::new(ENDED_AT_ONCE));
        let mut count = 0;
        loop {
            // What is deleted is gone from the next page.
            let page = self.store.scan(Kind::Session, PAGE, now).await?;
            let keys: Vec<Key> = page.iter().map(|(key, _)| *key).collect();
            self.store.delete_all(&keys).await?;
            count += keys.len();
            for live in page.iter().filter_map(|(key, record)| self.open(*key, record)) {
                self.note_end(&live, Ending::Operator, origin);
                // The semaphore is never closed.
                let place = upstream.clone().acquire_owned().await;
                let end = self.clone().end_upstream(live.session);
                self.tasks.spawn(async move {
                    end.await;
                    drop(place);
                });
            }
            if keys.len() < PAGE {
                return Ok(count);
            }
        }
    }

    async fn mark_revoked(&self, owner: Digest) -> Result<(), StoreError> {
        let now = self.clock.now();
        let longest = self.settings.absolute_timeout.0.max(self.settings.stay_absolute_timeout.0);
        let marker = now.as_millis().to_be_bytes().to_vec();
        self.store.put(revoked_before(owner), None, Expect::Any, marker, now + longest, now).await.map(|_| ())
    }

    /// Whether the session began before its user's sessions were revoked.
    pub(super) async fn is_user_revoked(&self, live: &Live, now: Timestamp) -> Result<bool, StoreError> {
        let user = self.store.get(revoked_before(live.owner), now).await?;
        live.began_before(user.as_ref())
    }

    /// Ends the oldest sessions of a user beyond the number allowed (requirement K11).
    pub(super) async fn cap(&self, subject: &str, origin: &Origin) -> Result<(), StoreError> {
        for live in self.of_user(subject).await?.iter().skip(self.settings.max_per_user) {
            self.end(live, Ending::TooMany, origin).await?;
        }
        Ok(())
    }
}

impl Live {
    /// Whether it began before what was revoked, if anything was.
    pub(super) fn began_before(&self, revocation: Option<&Record>) -> Result<bool, StoreError> {
        let Some(record) = revocation else { return Ok(false) };
        let millis = record.bytes.as_slice().try_into().map(u64::from_be_bytes);
        let before = millis.map_err(|_| StoreError::Corrupt("a revocation".to_owned()))?;
        Ok(self.session.created_at <= Timestamp::from_millis(before))
    }

    /// What the operator sees.
    pub fn listed(&self) -> Listed {
        Listed {
            id: self.session.id.clone(),
            user: self.session.subject.clone(),
            identifier: self.session.masked.clone(),
            signed_in_at: self.session.created_at.rfc3339(),
            last_seen_at: self.session.last_seen_at.rfc3339(),
            idle_expires_at: self.idle_expires_at.rfc3339(),
            expires_at: self.expires_at.rfc3339(),
            agent: self.session.agent.to_string(),
        }
    }
}

fn revoked_before(owner: Digest) -> Key {
    Key { kind: Kind::RevokedBefore, id: owner }
}
