//! Who is signed in: the record behind the cookie, its expiry, the list, and its end.
//!
//! The cookie carries a random token; the record lies under the token's hash, sealed. A session ends after its idle timeout,
//! after its absolute timeout in any case, when its person or the operator says so, and when upstream no longer knows it.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio_util::task::TaskTracker;

use super::audit::{Audit, Ending, Event, Origin, hex};
use super::clock::{Clock, Timestamp};
use super::keys::{Digest, Index, Keys};
use super::random::Random;
use super::settings;
use super::store::{Expect, Key, Kind, Put, Record, Store, StoreError};
use super::token::Token;
use super::transmit::{Identity, SessionId, Transmit};

pub mod agent;
mod check;
pub mod list;

pub use check::Checks;
pub use list::{Listed, Which};

/// What the seal of a session record is bound to.
const CONTEXT: &[u8] = b"latchkey session v1";
/// Activity is written down at most this often.
const TOUCH_INTERVAL: Duration = Duration::from_secs(60);
/// How long a sign-out waits for upstream before it goes on without.
const LOGOUT_PATIENCE: Duration = Duration::from_secs(2);

/// What is known of a session. It rests sealed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Session {
    /// Its public id: names it in lists and events, opens nothing.
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
    /// Whether the person chose to stay signed in.
    pub stay: bool,
    /// When the session began.
    pub created_at: Timestamp,
    /// When it was last active, to the minute.
    pub last_seen_at: Timestamp,
    /// When upstream last said that it lives.
    pub checked_at: Timestamp,
    /// Browser and system, as far as they can be told.
    pub agent: agent::Agent,
    /// Whether the browser was not known at sign-in.
    pub new_browser: bool,
}

/// A session that lives now.
#[derive(Clone, Debug)]
pub struct Live {
    /// Where its record lies.
    pub key: Key,
    version: u64,
    /// What is known of it.
    pub session: Arc<Session>,
    /// Its user under its issuer, as a key.
    pub owner: Digest,
    /// When it ends without activity; never later than `expires_at`.
    pub idle_expires_at: Timestamp,
    /// When it ends in any case.
    pub expires_at: Timestamp,
}

/// What a new session is made from.
#[derive(Debug)]
pub struct NewSession {
    /// Whom upstream let in.
    pub identity: Identity,
    /// The identifier, masked.
    pub masked: String,
    /// Whether to stay signed in.
    pub stay: bool,
    /// Browser and system.
    pub agent: agent::Agent,
    /// Whether the browser was not known.
    pub new_browser: bool,
}

/// All sessions.
#[derive(Clone, Debug)]
pub struct Sessions {
    store: Arc<dyn Store>,
    keys: Arc<Keys>,
    random: Random,
    clock: Clock,
    audit: Audit,
    transmit: Transmit,
    settings: Arc<settings::Session>,
    checks: Checks,
    tasks: TaskTracker,
}

impl Sessions {
    /// `tasks` are waited for when the server stops.
    #[expect(clippy::too_many_arguments, reason = "the parts are wired in one place")]
    pub fn new(
        store: Arc<dyn Store>,
        keys: Arc<Keys>,
        random: Random,
        clock: Clock,
        audit: Audit,
        transmit: Transmit,
        settings: settings::Session,
        tasks: TaskTracker,
    ) -> Self {
        let checks = Checks::default();
        Self { store, keys, random, clock, audit, transmit, settings: Arc::new(settings), checks, tasks }
    }

    /// Begins a session under a new token. `old` is the session that the browser had; it ends (requirement K4).
    ///
    /// # Errors
    /// The store's; there is no session then.
    pub async fn begin(
        &self,
        new: NewSession,
        old: Option<&Token>,
        origin: &Origin,
    ) -> Result<(Token, Live), StoreError> {
        let now = self.clock.now();
        let token = Token::new(&self.random);
        let session = Session {
            id: hex(&self.random.bytes::<16>()),
            upstream: new.identity.session_id,
            issuer: new.identity.issuer,
            subject: new.identity.subject,
            amr: new.identity.amr,
            auth_time: new.identity.auth_time,
            roles: new.identity.roles,
            masked: new.masked,
            stay: new.stay,
            created_at: now,
            last_seen_at: now,
            checked_at: now,
            agent: new.agent,
            new_browser: new.new_browser,
        };
        let owner = self.owner(&session.issuer, &session.subject);
        if let Some(old) = old
            && let Some(old) = self.find(old).await?
        {
            self.end(&old, Ending::Replaced, origin).await?;
        }
        let key = Key { kind: Kind::Session, id: token.hash() };
        let live = self.live(key, 0, session, owner);
        let put = self.put(&live, Expect::Absent, now).await?;
        let Put::Stored(version) = put else {
            return Err(StoreError::Corrupt("a new session met an old one".to_owned()));
        };
        let created =
            Event::SessionCreated { session: live.session.id.clone(), user: hex(&owner), stay: live.session.stay };
        self.audit.emit(origin, &created);
        self.cap(&live.session.subject, origin).await?;
        Ok((token, Live { version, ..live }))
    }

    /// The live session of a token. Does not count as activity.
    ///
    /// # Errors
    /// The store's; nothing may be concluded then, in particular not that nobody is signed in.
    pub async fn find(&self, token: &Token) -> Result<Option<Live>, StoreError> {
        let now = self.clock.now();
        let key = Key { kind: Kind::Session, id: token.hash() };
        let mut found = self.store.get_all(&[key, list::EVERYBODY], now).await?.into_iter();
        let (Some(record), everybody) = (found.next().flatten(), found.next().flatten()) else { return Ok(None) };
        let Some(live) = self.open(key, &record).filter(|live| now < live.idle_expires_at) else { return Ok(None) };
        let revoked = live.began_before(everybody.as_ref())? || self.is_user_revoked(&live, now).await?;
        Ok((!revoked).then_some(live))
    }

    /// Notes activity. Written at most once a minute and never awaited by the request.
    pub fn touch(&self, live: &Live) {
        let now = self.clock.now();
        let interval = TOUCH_INTERVAL.min(self.idle_timeout(live.session.stay) / 10);
        if now.since(live.session.last_seen_at) < interval {
            return;
        }
        let (sessions, live) = (self.clone(), live.clone());
        self.tasks.spawn(async move {
            // Losing to another request of the same session is fine: that one has noted its activity.
            if let Err(error) = sessions.renew(&live).await {
                tracing::warn!(%error, "activity of a session could not be written");
            }
        });
    }

    /// Extends a session to its full idle timeout, at once. `None` if it ended meanwhile.
    ///
    /// # Errors
    /// The store's.
    pub async fn extend(&self, live: &Live, origin: &Origin) -> Result<Option<Live>, StoreError> {
        let extended = self.renew(live).await?;
        let renewed = Event::SessionRenewed { session: live.session.id.clone(), user: hex(&live.owner) };
        self.audit.emit(origin, &renewed);
        Ok(extended)
    }

    /// Ends a session: here at once, upstream as soon as it can be told.
    ///
    /// # Errors
    /// The store's; the session may then live on.
    pub async fn end(&self, live: &Live, by: Ending, origin: &Origin) -> Result<(), StoreError> {
        self.end_here(live, by, origin).await?;
        if by != Ending::Upstream {
            self.tasks.spawn(self.clone().end_upstream(live.session.clone()));
        }
        Ok(())
    }

    /// Ends a session because its person signs out: upstream too, unless that takes longer than a moment; then it goes on by
    /// itself.
    ///
    /// # Errors
    /// The store's; the session may then live on.
    pub async fn sign_out(&self, live: &Live, origin: &Origin) -> Result<(), StoreError> {
        self.end_here(live, Ending::SignOut, origin).await?;
        let upstream = self.tasks.spawn(self.clone().end_upstream(live.session.clone()));
        let _ = self.clock.timeout(LOGOUT_PATIENCE, upstream).await;
        Ok(())
    }

    async fn end_here(&self, live: &Live, by: Ending, origin: &Origin) -> Result<(), StoreError> {
        self.store.delete(live.key).await?;
        self.note_end(live, by, origin);
        Ok(())
    }

    fn note_end(&self, live: &Live, by: Ending, origin: &Origin) {
        let ended = Event::SessionEnded { session: live.session.id.clone(), user: hex(&live.owner), by };
        self.audit.emit(origin, &ended);
    }

    async fn end_upstream(self, session: Arc<Session>) {
        if let Err(failure) = self.transmit.logout(&session.upstream).await {
            tracing::warn!(session = session.id, %failure, "session could not be ended upstream");
        }
    }

    async fn end_all_upstream(self, subject: String) {
        if let Err(failure) = self.transmit.revoke_user_sessions(&subject).await {
            tracing::warn!(%failure, "the sessions of a user could not be ended upstream");
        }
    }

    /// The key of a user under one issuer: issuer and subject, never the number alone (requirement T4).
    fn owner(&self, issuer: &str, subject: &str) -> Digest {
        self.keys.index(Index::Owner, format!("{issuer}\n{subject}").as_bytes())
    }

    /// All keys of a user: the tenant may sign under more than one issuer, and a subject is the same user under each.
    fn owners(&self, subject: &str) -> Vec<Digest> {
        self.transmit.issuers().iter().map(|issuer| self.owner(issuer, subject)).collect()
    }

    /// How long the cookie of a session lives: with the browser, or as long as the session can.
    pub fn cookie_lifetime(&self, stay: bool) -> Option<Duration> {
        stay.then_some(self.settings.stay_absolute_timeout.0)
    }

    /// When a session that is active at `now` ends without further activity.
    pub fn idle_end(&self, live: &Live, now: Timestamp) -> Timestamp {
        (now + self.idle_timeout(live.session.stay)).min(live.expires_at)
    }

    async fn renew(&self, live: &Live) -> Result<Option<Live>, StoreError> {
        let now = self.clock.now();
        let session = Session { last_seen_at: now, ..live.session.as_ref().clone() };
        let renewed = self.live(live.key, live.version, session, live.owner);
        match self.put(&renewed, Expect::Version(live.version), now).await? {
            Put::Stored(version) => Ok(Some(Live { version, ..renewed })),
            Put::Conflict => {
                let record = self.store.get(live.key, now).await?;
                Ok(record.and_then(|record| self.open(live.key, &record)))
            }
        }
    }

    async fn put(&self, live: &Live, expect: Expect, now: Timestamp) -> Result<Put, StoreError> {
        let sealed = self.keys.seal_json(CONTEXT, live.session.as_ref())?;
        self.store.put(live.key, Some(live.owner), expect, sealed, live.idle_expires_at, now).await
    }

    /// A record that cannot be read, as after a change of `secrets.key`, is no session; the operator reads so. Nor is one of
    /// an issuer that is no longer taken: its subjects may be other people.
    fn open(&self, key: Key, record: &Record) -> Option<Live> {
        let Some(session): Option<Session> = self.keys.open_json(CONTEXT, &record.bytes) else {
            tracing::warn!(?key, "a session record cannot be read: sealed with another key?");
            return None;
        };
        if !self.transmit.accepts_issuer(&session.issuer) {
            tracing::debug!(session = session.id, issuer = session.issuer, "a session of an issuer that is not taken");
            return None;
        }
        let owner = self.owner(&session.issuer, &session.subject);
        Some(self.live(key, record.version, session, owner))
    }

    fn live(&self, key: Key, version: u64, session: Session, owner: Digest) -> Live {
        let absolute = if session.stay { self.settings.stay_absolute_timeout } else { self.settings.absolute_timeout };
        let expires_at = session.created_at + absolute.0;
        Live {
            key,
            version,
            owner,
            idle_expires_at: (session.last_seen_at + self.idle_timeout(session.stay)).min(expires_at),
            expires_at,
            session: Arc::new(session),
        }
    }

    fn idle_timeout(&self, stay: bool) -> Duration {
        if stay { self.settings.stay_idle_timeout.0 } else { self.settings.idle_timeout.0 }
    }
}
