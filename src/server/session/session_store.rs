//! How sessions are found, decrypted and changed in the store.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::derived_keys::IndexPurpose;
use crate::server::crypto::hash::Digest;
use crate::server::crypto::opaque_token::Token;
use crate::server::session::record::session_key;
use crate::server::session::revocation_epoch::{NEWEST_REVOCATION, Revocations};
use crate::server::session::{ActiveSession, SessionRecord, Sessions};
use crate::server::store::{Key, Precondition, PutOutcome, Record, RecordKind, StoreError};

/// The associated data of encrypted session records.
const CONTEXT: &[u8] = b"latchkey session v1";
/// How long the record of an expired session is kept, so that its end can be shown to the browser
/// and audit-logged.
const KEPT_AFTER_EXPIRY: Duration = Duration::from_secs(3600);
/// How often a change is repeated after concurrent changes of the same session.
const MAX_CONFLICTS: usize = 8;

impl Sessions {
    /// The active session of a token. Does not count as activity.
    ///
    /// # Errors
    /// The store's; it does not mean that nobody is signed in.
    pub async fn find(&self, token: &Token) -> Result<Option<ActiveSession>, StoreError> {
        self.find_by_id(token.hash()).await
    }

    /// The active session whose token has this hash.
    pub(super) async fn find_by_id(&self, id: Digest) -> Result<Option<ActiveSession>, StoreError> {
        let (key, now) = (session_key(id), self.clock.now());
        // Read together, because every page and every request of an application waits for this.
        let mut found = self
            .store
            .get_all(&[key, NEWEST_REVOCATION], now)
            .await?
            .into_iter();
        let record = found.next().flatten();
        let revocations = Revocations::read(found.next().flatten().as_ref())?;
        let session = record
            .and_then(|record| self.decrypt_cached(key, &record))
            .filter(|session| now < session.idle_expires_at);
        let Some(session) = session else {
            return Ok(None);
        };
        Ok((!self.is_covered_by(&session, revocations, now).await?).then_some(session))
    }

    /// How many sessions the store holds whose idle time has not run out. Reads a whole index.
    ///
    /// One that is revoked with others is counted until its record is deleted.
    ///
    /// # Errors
    /// The store's.
    pub async fn count_active(&self) -> Result<usize, StoreError> {
        let now = self.clock.now() + KEPT_AFTER_EXPIRY;
        self.store.count(RecordKind::Session, now).await
    }

    /// The lifetime of a session cookie; `None` until the browser closes.
    pub fn cookie_lifetime(&self, stay: bool) -> Option<Duration> {
        stay.then_some(self.settings.stay_absolute_timeout.0)
    }

    /// When a session that is active at `now` ends without further activity.
    pub fn idle_expiry(&self, session: &ActiveSession, now: Timestamp) -> Timestamp {
        (now + self.idle_timeout(session.record.stay)).min(session.expires_at)
    }

    /// The session at a key, also if it has expired.
    pub(super) async fn read(
        &self,
        key: Key,
        now: Timestamp,
    ) -> Result<Option<ActiveSession>, StoreError> {
        Ok(self
            .store
            .get(key, now)
            .await?
            .and_then(|record| self.decrypt(key, &record)))
    }

    /// Changes an active session. `change` returns whether it has changed anything, and runs again
    /// after a concurrent change. `None` if the session has ended: no change brings it back.
    pub(super) async fn update(
        &self,
        session: &ActiveSession,
        change: impl Fn(&mut SessionRecord) -> bool,
    ) -> Result<Option<ActiveSession>, StoreError> {
        let mut current = session.clone();
        for _ in 0..MAX_CONFLICTS {
            let mut record = current.record.as_ref().clone();
            if !change(&mut record) {
                return Ok(Some(current));
            }
            let changed = self.to_active(current.key, current.version, record, current.owner);
            let precondition = Precondition::Version(current.version);
            if let PutOutcome::Stored(version) = self.write(&changed, precondition).await? {
                // A concurrent revocation is written before it removes what it finds.
                let is_revoked = self.is_revoked(&changed, self.clock.now()).await?;
                return Ok((!is_revoked).then_some(ActiveSession { version, ..changed }));
            }
            let Some(newer) = self.find_by_id(session.key.id).await? else {
                return Ok(None);
            };
            current = newer;
        }
        Err(StoreError::Overloaded)
    }

    pub(super) async fn write(
        &self,
        session: &ActiveSession,
        precondition: Precondition,
    ) -> Result<PutOutcome, StoreError> {
        let (key, owner, now) = (session.key, Some(session.owner), self.clock.now());
        let sealed = self
            .keys
            .encrypt_record(CONTEXT, &key.id, session.record.as_ref())?;
        let kept_until = session.idle_expires_at + KEPT_AFTER_EXPIRY;
        self.store
            .put(key, owner, precondition, sealed, kept_until, now)
            .await
    }

    /// Decrypts a record. One that cannot be decrypted, as after a change of `secrets.key`, is no
    /// session. Nor is one of an issuer that is no longer accepted, whose subjects may be other
    /// people.
    pub(super) fn decrypt(&self, key: Key, record: &Record) -> Option<ActiveSession> {
        let Some(mut session): Option<SessionRecord> =
            self.keys.decrypt_record(CONTEXT, &key.id, &record.bytes)
        else {
            tracing::warn!(
                ?key,
                "a session record cannot be decrypted; was secrets.key changed?"
            );
            return None;
        };
        if !self.transmit.accepts_issuer(&session.issuer) {
            tracing::debug!(
                session = session.id,
                issuer = session.issuer,
                "a session of an issuer that is not accepted"
            );
            return None;
        }
        if !self.keeps_phone_numbers {
            // The next write removes a number that an earlier setting stored.
            session.phone = None;
        }
        let owner = self.owner_key(&session.issuer, &session.subject);
        Some(self.to_active(key, record.version, session, owner))
    }

    /// Decrypts a record, and keeps the result for the browser's next request.
    fn decrypt_cached(&self, key: Key, record: &Record) -> Option<ActiveSession> {
        if let Some((session, owner)) = self.decrypted.find(&key.id, &record.bytes) {
            return Some(self.to_active(key, record.version, session, owner));
        }
        let session = self.decrypt(key, record)?;
        self.decrypted
            .insert(key.id, &record.bytes, session.record.clone(), session.owner);
        Some(session)
    }

    pub(super) fn to_active(
        &self,
        key: Key,
        version: u64,
        record: impl Into<Arc<SessionRecord>>,
        owner: Digest,
    ) -> ActiveSession {
        let record = record.into();
        let settings = &self.settings;
        let absolute_timeout = if record.stay {
            settings.stay_absolute_timeout
        } else {
            settings.absolute_timeout
        };
        let expires_at = record.created_at + absolute_timeout.0;
        let idle_expires_at = record.last_seen_at + self.idle_timeout(record.stay);
        ActiveSession {
            key,
            version,
            owner,
            idle_expires_at: idle_expires_at.min(expires_at),
            expires_at,
            record,
        }
    }

    pub(super) fn idle_timeout(&self, stay: bool) -> Duration {
        let settings = &self.settings;
        if stay {
            settings.stay_idle_timeout.0
        } else {
            settings.idle_timeout.0
        }
    }

    /// The longest absolute timeout of any session.
    pub(super) fn longest_lifetime(&self) -> Duration {
        self.settings
            .absolute_timeout
            .0
            .max(self.settings.stay_absolute_timeout.0)
    }

    /// The key of a user under one issuer: issuer and subject, never the number alone (requirement
    /// T4).
    pub fn owner_key(&self, issuer: &str, subject: &str) -> Digest {
        self.keys.index(
            IndexPurpose::Owner,
            format!("{issuer}\n{subject}").as_bytes(),
        )
    }

    /// All keys of a user. A tenant may have several issuers; a subject is the same user under
    /// each.
    pub(super) fn owner_keys(&self, subject: &str) -> Vec<Digest> {
        self.transmit
            .issuers()
            .iter()
            .map(|issuer| self.owner_key(issuer, subject))
            .collect()
    }
}
