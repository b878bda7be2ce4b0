//! What is known of a session, and how it rests: sealed, under the hash of its token.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::Identifier;
use crate::domain::timestamp::Timestamp;
use crate::server::crypto::derived_keys::{Digest, IndexPurpose};
use crate::server::crypto::opaque_token::Token;
use crate::server::session::revocation::{NEWEST, Revocations};
use crate::server::session::{Sessions, user_agent};
use crate::server::store::{Key, Precondition, PutOutcome, Record, RecordKind, StoreError};
use crate::server::transmit::SessionId;

/// What the seal of a session record is bound to.
const CONTEXT: &[u8] = b"latchkey session v1";
/// How long the record of a session that ended idle is kept, so that its browser can be told and
/// the end put on record.
const AFTERLIFE: Duration = Duration::from_secs(3600);
/// How often a change is tried against others of the same session.
const CHANGE_TRIES: usize = 8;

/// What is known of a session. It rests sealed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Session {
    /// Its public id, the hash of its token in hexadecimal: names it in lists and events, opens
    /// nothing.
    pub id: String,
    /// Upstream's session.
    pub upstream: SessionId,
    /// `iss` of the tokens.
    pub issuer: String,
    /// `sub` of the tokens: with the issuer, the user (requirement T4).
    pub subject: String,
    /// How the person was authenticated (RFC 8176).
    pub amr: Vec<String>,
    /// When.
    pub auth_time: Timestamp,
    /// Roles that upstream gives.
    pub roles: Vec<String>,
    /// The identifier, masked.
    pub masked: String,
    /// The phone number in full, only while applications are told it.
    #[serde(default)]
    pub phone: Option<Identifier>,
    /// Whether the person chose to stay signed in.
    pub stay: bool,
    /// When the session began.
    pub created_at: Timestamp,
    /// When it was last active, to the minute.
    pub last_seen_at: Timestamp,
    /// When upstream last said that it lives.
    pub checked_at: Timestamp,
    /// When upstream was last asked, whatever it said: nobody else asks meanwhile.
    pub asked_at: Timestamp,
    /// The newest revocation when its code came. A later one that concerns it ends it.
    pub after_revocation: u64,
    /// Browser and system, as far as they can be told.
    pub agent: user_agent::UserAgent,
    /// What names the browser, whoever signed in with it.
    pub browser: String,
    /// Whether it was not known for this user at sign-in.
    pub new_browser: bool,
    /// When its user had signed in before, in any browser; none if that is not known.
    pub previous_sign_in: Option<Timestamp>,
}

/// A session that lives now.
#[derive(Clone, Debug)]
pub struct ActiveSession {
    /// Where its record lies.
    pub key: Key,
    pub(super) version: u64,
    /// What is known of it.
    pub session: Arc<Session>,
    /// Its user under its issuer, as a key.
    pub owner: Digest,
    /// When it ends without activity; never later than `expires_at`.
    pub idle_expires_at: Timestamp,
    /// When it ends in any case.
    pub expires_at: Timestamp,
}

impl Sessions {
    /// The live session of a token. Does not count as activity.
    ///
    /// # Errors
    /// The store's; nothing may be concluded then, in particular not that nobody is signed in.
    pub async fn find(&self, token: &Token) -> Result<Option<ActiveSession>, StoreError> {
        self.find_by_id(token.hash()).await
    }

    /// The live session whose token has a hash: for what is bound to a session, and dies with it.
    pub(super) async fn find_by_id(&self, id: Digest) -> Result<Option<ActiveSession>, StoreError> {
        let now = self.clock.now();
        let key = Key {
            kind: RecordKind::Session,
            id,
        };
        // Read together: this is what every page and every request of an application waits for.
        let mut found = self.store.get_all(&[key, NEWEST], now).await?.into_iter();
        let (record, revocations) = (
            found.next().flatten(),
            Revocations::read(found.next().flatten().as_ref())?,
        );
        let live = record
            .and_then(|record| self.open_again(key, &record))
            .filter(|live| now < live.idle_expires_at);
        let Some(live) = live else { return Ok(None) };
        Ok((!self.is_among(&live, revocations, now).await?).then_some(live))
    }

    /// How long the cookie of a session lives: with the browser, or as long as the session can.
    pub fn cookie_lifetime(&self, stay: bool) -> Option<Duration> {
        stay.then_some(self.settings.stay_absolute_timeout.0)
    }

    /// When a session that is active at `now` ends without further activity.
    pub fn idle_end(&self, live: &ActiveSession, now: Timestamp) -> Timestamp {
        (now + self.idle_timeout(live.session.stay)).min(live.expires_at)
    }

    /// The record at a key, whether it lives or is over by its times.
    pub(super) async fn read(
        &self,
        key: Key,
        now: Timestamp,
    ) -> Result<Option<ActiveSession>, StoreError> {
        Ok(self
            .store
            .get(key, now)
            .await?
            .and_then(|record| self.open(key, &record)))
    }

    /// Changes what is known of a live session, whoever else changes it meanwhile; `change` says
    /// whether there is anything to change. `None` if it has ended: what is gone does not come
    /// back.
    pub(super) async fn change(
        &self,
        live: &ActiveSession,
        change: impl Fn(&mut Session) -> bool,
    ) -> Result<Option<ActiveSession>, StoreError> {
        let mut current = live.clone();
        for _ in 0..CHANGE_TRIES {
            let mut session = current.session.as_ref().clone();
            if !change(&mut session) {
                return Ok(Some(current));
            }
            let changed = self.live(current.key, current.version, session, current.owner);
            if let PutOutcome::Stored(version) = self
                .put(&changed, Precondition::Version(current.version))
                .await?
            {
                // Whoever ends all sessions marks that first, and removes what it finds then.
                let revoked = self.is_revoked(&changed, self.clock.now()).await?;
                return Ok((!revoked).then_some(ActiveSession { version, ..changed }));
            }
            let Some(newer) = self.find_by_id(live.key.id).await? else {
                return Ok(None);
            };
            current = newer;
        }
        Err(StoreError::Overloaded)
    }

    pub(super) async fn put(
        &self,
        live: &ActiveSession,
        expect: Precondition,
    ) -> Result<PutOutcome, StoreError> {
        let sealed = self
            .keys
            .seal_record(CONTEXT, &live.key.id, live.session.as_ref())?;
        let kept_until = live.idle_expires_at + AFTERLIFE;
        self.store
            .put(
                live.key,
                Some(live.owner),
                expect,
                sealed,
                kept_until,
                self.clock.now(),
            )
            .await
    }

    /// A record that cannot be read, as after a change of `secrets.key`, is no session; the
    /// operator reads so. Nor is one of an issuer that is no longer taken: its subjects may be
    /// other people.
    pub(super) fn open(&self, key: Key, record: &Record) -> Option<ActiveSession> {
        let Some(mut session): Option<Session> =
            self.keys.open_record(CONTEXT, &key.id, &record.bytes)
        else {
            tracing::warn!(
                ?key,
                "a session record cannot be read: sealed with another key?"
            );
            return None;
        };
        if !self.transmit.accepts_issuer(&session.issuer) {
            tracing::debug!(
                session = session.id,
                issuer = session.issuer,
                "a session of an issuer that is not taken"
            );
            return None;
        }
        if !self.keeps_phones {
            // The next write forgets what an earlier setting kept.
            session.phone = None;
        }
        let owner = self.owner(&session.issuer, &session.subject);
        Some(self.live(key, record.version, session, owner))
    }

    /// The same, remembered for the next request of its browser.
    fn open_again(&self, key: Key, record: &Record) -> Option<ActiveSession> {
        if let Some((session, owner)) = self.opened.find(&key.id, &record.bytes) {
            return Some(self.live(key, record.version, session, owner));
        }
        let live = self.open(key, record)?;
        self.opened
            .keep(key.id, &record.bytes, live.session.clone(), live.owner);
        Some(live)
    }

    pub(super) fn live(
        &self,
        key: Key,
        version: u64,
        session: impl Into<Arc<Session>>,
        owner: Digest,
    ) -> ActiveSession {
        let session = session.into();
        let absolute = if session.stay {
            self.settings.stay_absolute_timeout
        } else {
            self.settings.absolute_timeout
        };
        let expires_at = session.created_at + absolute.0;
        ActiveSession {
            key,
            version,
            owner,
            idle_expires_at: (session.last_seen_at + self.idle_timeout(session.stay))
                .min(expires_at),
            expires_at,
            session,
        }
    }

    pub(super) fn idle_timeout(&self, stay: bool) -> Duration {
        if stay {
            self.settings.stay_idle_timeout.0
        } else {
            self.settings.idle_timeout.0
        }
    }

    /// The longest that any session can live.
    pub(super) fn longest(&self) -> Duration {
        self.settings
            .absolute_timeout
            .0
            .max(self.settings.stay_absolute_timeout.0)
    }

    /// The key of a user under one issuer: issuer and subject, never the number alone (requirement
    /// T4).
    pub(super) fn owner(&self, issuer: &str, subject: &str) -> Digest {
        self.keys.index(
            IndexPurpose::Owner,
            format!("{issuer}\n{subject}").as_bytes(),
        )
    }

    /// All keys of a user: the tenant may sign under more than one issuer, and a subject is the
    /// same user under each.
    pub(super) fn owners(&self, subject: &str) -> Vec<Digest> {
        self.transmit
            .issuers()
            .iter()
            .map(|issuer| self.owner(issuer, subject))
            .collect()
    }
}

/// Where the session of a token lies.
pub(super) fn key_of(token: &Token) -> Key {
    Key {
        kind: RecordKind::Session,
        id: token.hash(),
    }
}
