//! The revocation of all sessions of a user, or of everybody, by the operator.
//!
//! A session keeps the revocation epoch that was the newest when its **code arrived**, before
//! anything was compared. A revocation writes a higher epoch before it lists sessions. So it ends
//! every session whose code had arrived by then: those in the list, those that another request is
//! changing, and those that are created while it runs. A later code creates a session as usual.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};

use crate::domain::timestamp::Timestamp;
use crate::server::audit::notices::Notice;
use crate::server::audit::{EndReason, EventSource};
use crate::server::crypto::hash::Digest;
use crate::server::session::revocation_epoch::{
    NEWEST_KEPT_LONGER, NEWEST_REVOCATION, NEWEST_USER_REVOCATION, RevocationEpoch, Revocations,
    is_before, next_epoch, read_epochs,
};
use crate::server::session::{ActiveSession, SessionRecord, Sessions};
use crate::server::store::{Key, Precondition, PutOutcome, RecordKind, StoreError};

/// Records in one page of a scan. Redis skips what was removed before, so small pages would be
/// slow.
const PAGE_SIZE: usize = 10_000;
/// Pages that may wait to be ended upstream: some 20 MB.
const MAX_WAITING_PAGES: usize = 2;
/// Records that are removed concurrently.
const MAX_CONCURRENT_REMOVALS: usize = 256;
impl Sessions {
    /// The newest revocations. A sign-in reads them before its code is compared.
    ///
    /// # Errors
    /// The store's.
    pub async fn revocation_epoch(&self) -> Result<RevocationEpoch, StoreError> {
        let now = self.clock.now();
        let mut found = self
            .store
            .get_all(&[NEWEST_REVOCATION, NEWEST_USER_REVOCATION], now)
            .await?
            .into_iter();
        let revocations = Revocations::read(found.next().flatten().as_ref())?;
        let [by_user] = read_epochs(found.next().flatten().as_ref())?;
        Ok(RevocationEpoch {
            by_operator: revocations.newest,
            by_user,
        })
    }

    /// Ends every session of a user, here and by one call upstream, which covers every application
    /// of the tenant. Returns how many there were here.
    ///
    /// # Errors
    /// The store's; once the revocation is written, no session stays active whose code had arrived.
    pub async fn revoke_user(
        &self,
        subject: &str,
        origin: &EventSource,
    ) -> Result<usize, StoreError> {
        let revoked =
            |[newest, of_everybody]: [u64; 2], now| [next_epoch(newest, now), of_everybody];
        let [epoch, _] = self
            .update_epochs(
                NEWEST_REVOCATION,
                self.longest_lifetime() + NEWEST_KEPT_LONGER,
                revoked,
            )
            .await?;
        let now = self.clock.now();
        for owner in self.owner_keys(subject) {
            self.raise_epoch(user_key(owner), epoch).await?;
        }
        self.tasks
            .spawn(self.clone().end_all_upstream(subject.to_owned()));
        let mut sessions = self.read_by_user(subject).await?;
        sessions.retain(|session| {
            session.record.after_revocation < epoch && now < session.idle_expires_at
        });
        Ok(self
            .terminate_each(sessions, EndReason::Operator, origin)
            .await?
            .len())
    }

    /// Ends everybody's sessions; upstream only those that were created here. Returns how many
    /// there were.
    ///
    /// # Errors
    /// The store's; once the revocation is written, no session stays active whose code had arrived.
    pub async fn revoke_everybody(&self, origin: &EventSource) -> Result<usize, StoreError> {
        let revoked = |[newest, _]: [u64; 2], now| [next_epoch(newest, now); 2];
        let [epoch, _] = self
            .update_epochs(
                NEWEST_REVOCATION,
                self.longest_lifetime() + NEWEST_KEPT_LONGER,
                revoked,
            )
            .await?;
        // From here on nobody's session is active.
        let now = self.clock.now();
        let notice = Notice::everybody_revoked(EndReason::Operator, now);
        self.audit.notices().send(notice);
        let (mut count, mut logging_out, mut kept) = (0, VecDeque::new(), 0);
        loop {
            // Newer sessions are in the next page again; removed ones are not.
            let limit = PAGE_SIZE.saturating_add(kept);
            let page = self
                .store
                .scan(RecordKind::Session, limit, self.clock.now())
                .await?;
            let found = page.len();
            let old = page
                .into_iter()
                .map(|(key, record)| (key, self.decrypt(key, &record)));
            let old = old.filter(|(_, session)| {
                session
                    .as_ref()
                    .is_none_or(|session| session.record.after_revocation < epoch)
            });
            let removals = old.map(|(key, session)| self.remove_in_bulk(key, session, origin));
            let removed: Vec<_> = stream::iter(removals)
                .buffer_unordered(MAX_CONCURRENT_REMOVALS)
                .try_collect()
                .await?;
            kept = found.saturating_sub(removed.len());
            let ended: Vec<_> = removed.into_iter().flatten().collect();
            count += ended.len();
            logging_out.push_back(self.log_out_upstream(ended));
            if found < limit {
                return Ok(count);
            }
            // Upstream may be slower, so the number of waiting sessions is bounded.
            if logging_out.len() > MAX_WAITING_PAGES
                && let Some(oldest) = logging_out.pop_front()
            {
                let _ = oldest.await;
            }
        }
    }

    /// Removes a session in a revocation of everybody's. There may be very many, so no reason is
    /// kept for their browsers.
    async fn remove_in_bulk(
        &self,
        key: Key,
        session: Option<ActiveSession>,
        origin: &EventSource,
    ) -> Result<Option<Arc<SessionRecord>>, StoreError> {
        let Some(session) = session else {
            return self.store.delete(key).await.map(|()| None);
        };
        let is_expired = self.clock.now() >= session.idle_expires_at;
        let reason = if is_expired {
            EndReason::Expired
        } else {
            EndReason::Operator
        };
        let removed = self.remove_as(&session, reason, true, origin).await?;
        Ok((removed && !is_expired).then_some(session.record))
    }

    /// Whether the operator has revoked the sessions of its user, or of everybody, after its code
    /// arrived.
    pub(super) async fn is_revoked(
        &self,
        session: &ActiveSession,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let revocations = self.revocations(now).await?;
        self.is_covered_by(session, revocations, now).await
    }

    /// The same for revocations that were read before. Its user is looked up only if there was a
    /// revocation since.
    pub(super) async fn is_covered_by(
        &self,
        session: &ActiveSession,
        revocations: Revocations,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        if revocations.newest <= session.record.after_revocation {
            return Ok(false);
        }
        if revocations.of_everybody > session.record.after_revocation {
            return Ok(true);
        }
        is_before(
            session.record.after_revocation,
            self.store.get(user_key(session.owner), now).await?.as_ref(),
        )
    }

    /// Keeps the sessions that are neither expired nor revoked.
    pub(super) async fn retain_active(
        &self,
        mut sessions: Vec<ActiveSession>,
    ) -> Result<Vec<ActiveSession>, StoreError> {
        let now = self.clock.now();
        let Revocations { of_everybody, .. } = self.revocations(now).await?;
        sessions.retain(|session| {
            now < session.idle_expires_at && of_everybody <= session.record.after_revocation
        });
        let users: Vec<Key> = sessions
            .iter()
            .map(|session| user_key(session.owner))
            .collect();
        let mut active = Vec::with_capacity(sessions.len());
        for (session, of_user) in sessions
            .into_iter()
            .zip(self.store.get_all(&users, now).await?)
        {
            if !is_before(session.record.after_revocation, of_user.as_ref())? {
                active.push(session);
            }
        }
        Ok(active)
    }

    /// Writes the epoch of a revocation. Of two concurrent ones the higher one stays.
    pub(super) async fn raise_epoch(&self, key: Key, epoch: u64) -> Result<(), StoreError> {
        self.update_epochs(key, self.longest_lifetime(), |[before], _| {
            [before.max(epoch)]
        })
        .await
        .map(|_| ())
    }

    /// Changes the epochs at a key, all 0 if there are none, and returns the new ones. `change`
    /// runs again after a concurrent change. They are kept at least for `kept`, and never for less
    /// than before, even if sessions have become shorter since.
    pub(super) async fn update_epochs<const N: usize>(
        &self,
        key: Key,
        kept: Duration,
        change: impl Fn([u64; N], Timestamp) -> [u64; N],
    ) -> Result<[u64; N], StoreError> {
        loop {
            let now = self.clock.now();
            let earlier = self.store.get(key, now).await?;
            let precondition = earlier.as_ref().map_or(Precondition::Absent, |record| {
                Precondition::Version(record.version)
            });
            let until = earlier
                .as_ref()
                .map_or(now, |record| record.expires_at)
                .max(now + kept);
            let changed = change(read_epochs(earlier.as_ref())?, now);
            let bytes = changed.map(u64::to_be_bytes).concat();
            if let PutOutcome::Stored(_) = self
                .store
                .put(key, None, precondition, bytes, until, now)
                .await?
            {
                return Ok(changed);
            }
        }
    }

    async fn revocations(&self, now: Timestamp) -> Result<Revocations, StoreError> {
        Revocations::read(self.store.get(NEWEST_REVOCATION, now).await?.as_ref())
    }

    async fn end_all_upstream(self, subject: String) {
        if let Err(failure) = self.transmit.revoke_user_sessions(&subject).await {
            tracing::warn!(%failure, "the sessions of a user could not be ended upstream");
        }
    }
}

fn user_key(owner: Digest) -> Key {
    Key {
        kind: RecordKind::RevokedBefore,
        id: owner,
    }
}
