//! All sessions of a user, or of everybody, ended by the operator: those too whose beginning is
//! under way.
//!
//! Revocations have numbers that only grow, whatever the clocks of the nodes say: the newest one
//! rests in the store. A session keeps the number that was the newest when its **code came**,
//! before anything was compared. A revocation is written down under a higher number before any
//! session is looked for, so it ends every session whose code had come by then: those that it
//! finds, those that another request is changing, and those that begin while it runs or because
//! upstream was slow. A code that comes afterwards opens a session as ever.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};

use crate::domain::timestamp::Timestamp;
use crate::server::audit::{EndReason, Origin};
use crate::server::crypto::derived_keys::Digest;
use crate::server::session::revoke_others::NEWEST_OF_OTHERS;
use crate::server::session::{ActiveSession, Session, Sessions};
use crate::server::store::{Key, Precondition, PutOutcome, Record, RecordKind, StoreError};

/// Where the newest number lies; no keyed hash is all zeros.
pub(super) const NEWEST: Key = Key {
    kind: RecordKind::RevokedBefore,
    id: [0; 32],
};
/// How many records are looked at in one go. Redis walks past what was removed before, so that
/// small pages would take it long.
const PAGE: usize = 10_000;
/// How many pages may wait to be ended upstream: some 20 MB.
const PAGES_TO_TELL: usize = 2;
/// How many records are removed at once.
const REMOVED_AT_ONCE: usize = 256;
/// For so much longer a newest number is kept than those of users, which are written after it:
/// where it is gone while theirs stand, every code of theirs seems to be from before.
pub(super) const BEYOND: Duration = Duration::from_secs(60);

/// What had been revoked when a code came.
#[derive(Clone, Copy, Debug, Default)]
pub struct RevocationEpoch {
    /// By the operator: the number that the session keeps.
    pub(super) revocation: u64,
    /// By people, of their own.
    pub(super) of_others: u64,
}

/// What has been revoked.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Revocations {
    /// The newest revocation of anybody's sessions; 0 before the first.
    newest: u64,
    /// The newest of everybody's.
    of_everybody: u64,
}

impl Revocations {
    /// From the record at [`NEWEST`], if there is one.
    pub(super) fn read(record: Option<&Record>) -> Result<Self, StoreError> {
        let [newest, of_everybody] = numbers(record)?;
        Ok(Self {
            newest,
            of_everybody,
        })
    }
}

impl Sessions {
    /// The newest revocations: what a session that begins is compared with, from before its code
    /// was compared.
    ///
    /// # Errors
    /// The store's.
    pub async fn newest_revocation(&self) -> Result<RevocationEpoch, StoreError> {
        let now = self.clock.now();
        let mut found = self
            .store
            .get_all(&[NEWEST, NEWEST_OF_OTHERS], now)
            .await?
            .into_iter();
        let revocations = Revocations::read(found.next().flatten().as_ref())?;
        let [of_others] = numbers(found.next().flatten().as_ref())?;
        Ok(RevocationEpoch {
            revocation: revocations.newest,
            of_others,
        })
    }

    /// Ends every session of a user: here, and by one call of its own upstream, in every
    /// application of the tenant. Says how many were found here.
    ///
    /// # Errors
    /// The store's; once the revocation is written down, no session whose code had come lives on.
    pub async fn revoke_user(&self, subject: &str, origin: &Origin) -> Result<usize, StoreError> {
        let revoked = |[newest, of_everybody]: [u64; 2], now| [next(newest, now), of_everybody];
        let [number, _] = self
            .change_numbers(NEWEST, self.longest() + BEYOND, revoked)
            .await?;
        let now = self.clock.now();
        for owner in self.owners(subject) {
            self.raise(of_owner(owner), number).await?;
        }
        self.tasks
            .spawn(self.clone().end_all_upstream(subject.to_owned()));
        let mut sessions = self.records_of(subject).await?;
        sessions
            .retain(|live| live.session.after_revocation < number && now < live.idle_expires_at);
        Ok(self
            .end_each(sessions, EndReason::Operator, origin)
            .await?
            .len())
    }

    /// Ends everybody's sessions, upstream those alone that began here. Says how many were found.
    ///
    /// # Errors
    /// The store's; once the revocation is written down, no session whose code had come lives on.
    pub async fn revoke_everybody(&self, origin: &Origin) -> Result<usize, StoreError> {
        let revoked = |[newest, _]: [u64; 2], now| [next(newest, now); 2];
        let [number, _] = self
            .change_numbers(NEWEST, self.longest() + BEYOND, revoked)
            .await?;
        let (mut count, mut telling, mut staying) = (0, VecDeque::new(), 0);
        loop {
            // Who has signed in since stays and comes again; what is removed is gone from the next
            // page.
            let limit = PAGE.saturating_add(staying);
            let page = self
                .store
                .scan(RecordKind::Session, limit, self.clock.now())
                .await?;
            let found = page.len();
            let old = page
                .into_iter()
                .map(|(key, record)| (key, self.open(key, &record)));
            let old = old.filter(|(_, live)| {
                live.as_ref()
                    .is_none_or(|live| live.session.after_revocation < number)
            });
            let removals = old.map(|(key, live)| self.sweep_away(key, live, origin));
            let removed: Vec<_> = stream::iter(removals)
                .buffer_unordered(REMOVED_AT_ONCE)
                .try_collect()
                .await?;
            staying = found.saturating_sub(removed.len());
            let ended: Vec<_> = removed.into_iter().flatten().collect();
            count += ended.len();
            telling.push_back(self.end_upstream(ended));
            if found < limit {
                return Ok(count);
            }
            // Upstream may be slower than we are: what it is to be told must fit into memory.
            if telling.len() > PAGES_TO_TELL
                && let Some(oldest) = telling.pop_front()
            {
                let _ = oldest.await;
            }
        }
    }

    /// Removes what a revocation of everybody's sessions finds. There may be very many, so nothing
    /// is kept for their browsers.
    async fn sweep_away(
        &self,
        key: Key,
        live: Option<ActiveSession>,
        origin: &Origin,
    ) -> Result<Option<Arc<Session>>, StoreError> {
        let Some(live) = live else {
            return self.store.delete(key).await.map(|()| None);
        };
        let over = self.clock.now() >= live.idle_expires_at;
        let by = if over {
            EndReason::Expired
        } else {
            EndReason::Operator
        };
        let removed = self.remove(&live, by, origin).await?;
        Ok((removed && !over).then_some(live.session))
    }

    /// Whether all sessions of its user, or of everybody, were ended after its code came.
    pub(super) async fn is_revoked(
        &self,
        live: &ActiveSession,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let revocations = self.revocations(now).await?;
        self.is_among(live, revocations, now).await
    }

    /// The same, where what has been revoked is in hand. Its user is looked up only if somebody's
    /// sessions were ended since.
    pub(super) async fn is_among(
        &self,
        live: &ActiveSession,
        revocations: Revocations,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        if revocations.newest <= live.session.after_revocation {
            return Ok(false);
        }
        if revocations.of_everybody > live.session.after_revocation {
            return Ok(true);
        }
        is_before(
            live.session.after_revocation,
            self.store.get(of_owner(live.owner), now).await?.as_ref(),
        )
    }

    /// Those that are neither over by their times nor revoked.
    pub(super) async fn living(
        &self,
        mut sessions: Vec<ActiveSession>,
    ) -> Result<Vec<ActiveSession>, StoreError> {
        let now = self.clock.now();
        let Revocations { of_everybody, .. } = self.revocations(now).await?;
        sessions.retain(|live| {
            now < live.idle_expires_at && of_everybody <= live.session.after_revocation
        });
        let users: Vec<Key> = sessions.iter().map(|live| of_owner(live.owner)).collect();
        let mut living = Vec::with_capacity(sessions.len());
        for (live, of_user) in sessions
            .into_iter()
            .zip(self.store.get_all(&users, now).await?)
        {
            if !is_before(live.session.after_revocation, of_user.as_ref())? {
                living.push(live);
            }
        }
        Ok(living)
    }

    /// Notes the number of a revocation. Of two at once the higher one stays.
    pub(super) async fn raise(&self, key: Key, number: u64) -> Result<(), StoreError> {
        self.change_numbers(key, self.longest(), |[before], _| [before.max(number)])
            .await
            .map(|_| ())
    }

    /// Changes the numbers that lie at a key, all 0 where there are none; what they are then.
    /// `change` is asked again when another change comes between. They are kept for so long at
    /// least: never for less than before, also where sessions have become shorter since.
    pub(super) async fn change_numbers<const N: usize>(
        &self,
        key: Key,
        kept: Duration,
        change: impl Fn([u64; N], Timestamp) -> [u64; N],
    ) -> Result<[u64; N], StoreError> {
        loop {
            let now = self.clock.now();
            let earlier = self.store.get(key, now).await?;
            let expect = earlier.as_ref().map_or(Precondition::Absent, |record| {
                Precondition::Version(record.version)
            });
            let until = earlier
                .as_ref()
                .map_or(now, |record| record.expires_at)
                .max(now + kept);
            let changed = change(numbers(earlier.as_ref())?, now);
            let bytes = changed.map(u64::to_be_bytes).concat();
            if let PutOutcome::Stored(_) =
                self.store.put(key, None, expect, bytes, until, now).await?
            {
                return Ok(changed);
            }
        }
    }

    async fn revocations(&self, now: Timestamp) -> Result<Revocations, StoreError> {
        Revocations::read(self.store.get(NEWEST, now).await?.as_ref())
    }

    async fn end_all_upstream(self, subject: String) {
        if let Err(failure) = self.transmit.revoke_user_sessions(&subject).await {
            tracing::warn!(%failure, "the sessions of a user could not be ended upstream");
        }
    }
}

fn of_owner(owner: Digest) -> Key {
    Key {
        kind: RecordKind::RevokedBefore,
        id: owner,
    }
}

/// The number after the newest one: near the time of day, so that it stays the highest even after a
/// store that has lost its latest writes.
pub(super) fn next(newest: u64, now: Timestamp) -> u64 {
    now.as_millis().max(newest.saturating_add(1))
}

/// Whether `number`, the newest when a code came, is from before the one that was noted, if one
/// was.
pub(super) fn is_before(number: u64, noted: Option<&Record>) -> Result<bool, StoreError> {
    let [noted] = numbers(noted)?;
    Ok(number < noted)
}

/// The numbers of a record, all 0 where there is none.
fn numbers<const N: usize>(record: Option<&Record>) -> Result<[u64; N], StoreError> {
    let Some(record) = record else {
        return Ok([0; N]);
    };
    let (numbers, []) = record.bytes.as_chunks() else {
        return Err(unreadable());
    };
    let numbers: &[[u8; 8]; N] = numbers.try_into().map_err(|_| unreadable())?;
    Ok(numbers.map(u64::from_be_bytes))
}

fn unreadable() -> StoreError {
    StoreError::Corrupt("a revocation".to_owned())
}
