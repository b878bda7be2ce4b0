//! The sign-ins of a user: when the last one was, and which browsers were new (requirement R6). So
//! that owners learn of a sign-in that was not theirs in their own browsers, and also when its
//! session has ended long before.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::derived_keys::Digest;
use crate::server::session::user_agent::UserAgent;
use crate::server::session::{ActiveSession, Session, Sessions};
use crate::server::store::{Key, Precondition, PutOutcome, RecordKind, StoreError};

/// What the seal of the record is bound to.
const CONTEXT: &[u8] = b"latchkey sign-ins v1";
/// How long other sessions are told of a new browser.
const TOLD_FOR: Duration = Duration::from_secs(7 * 86_400);
/// Most new browsers that are told of.
const MOST_TOLD: usize = 5;
/// How long somebody must have stayed away to be reminded of it.
const LONG_ABSENCE: Duration = Duration::from_secs(90 * 86_400);
/// How long the last sign-in is known: as long as a browser.
const KNOWN_FOR: Duration = Duration::from_secs(400 * 86_400);
/// How often a note is tried against others of the same user.
const NOTE_TRIES: usize = 4;

/// A sign-in from a browser that was not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewDevice {
    /// What names it.
    id: String,
    /// Browser and system.
    pub agent: UserAgent,
    /// When it signed in.
    pub at: Timestamp,
}

/// What is known of the sign-ins of a user. It rests sealed.
#[derive(Debug, Default, Serialize, Deserialize)]
struct SignInHistory {
    last_at: Option<Timestamp>,
    /// Newest first.
    newcomers: Vec<NewDevice>,
}

impl SignInHistory {
    fn note(&mut self, session: &Session) -> Option<Timestamp> {
        let now = session.created_at;
        self.newcomers
            .retain(|newcomer| now.since(newcomer.at) < TOLD_FOR);
        if session.new_browser {
            let newcomer = NewDevice {
                id: session.browser.clone(),
                agent: session.agent,
                at: now,
            };
            self.newcomers.insert(0, newcomer);
            self.newcomers.truncate(MOST_TOLD);
        }
        self.last_at.replace(now)
    }
}

impl Sessions {
    /// New browsers that the person of a session is to be told of, newest first: those that came
    /// after it; and, where its own browser was known, those of the days before.
    ///
    /// # Errors
    /// The store's.
    pub async fn newcomers(&self, live: &ActiveSession) -> Result<Vec<NewDevice>, StoreError> {
        let now = self.clock.now();
        let (SignInHistory { mut newcomers, .. }, _) = self.sign_ins(live.owner, now).await?;
        newcomers.retain(|newcomer| {
            let concerns = newcomer.at > live.session.created_at || !live.session.new_browser;
            concerns && newcomer.id != live.session.browser && now.since(newcomer.at) < TOLD_FOR
        });
        Ok(newcomers)
    }

    /// Notes a sign-in; when the one before was. Whoever showed the right code is let in, noted or
    /// not.
    pub(super) async fn note_sign_in(&self, session: &Session, owner: Digest) -> Option<Timestamp> {
        for _ in 0..NOTE_TRIES {
            match self.try_to_note(session, owner).await {
                Ok(Some(previous)) => return previous,
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(%error, "a sign-in is not noted with its user");
                    return None;
                }
            }
        }
        tracing::warn!("a sign-in is not noted with its user: too many at once");
        None
    }

    /// `None` if another sign-in of the same user came between.
    async fn try_to_note(
        &self,
        session: &Session,
        owner: Digest,
    ) -> Result<Option<Option<Timestamp>>, StoreError> {
        let now = self.clock.now();
        let (mut sign_ins, expect) = self.sign_ins(owner, now).await?;
        let previous = sign_ins.note(session);
        let sealed = self.keys.seal_record(CONTEXT, &owner, &sign_ins)?;
        let put = self
            .store
            .put(key(owner), None, expect, sealed, now + KNOWN_FOR, now)
            .await?;
        Ok(matches!(put, PutOutcome::Stored(_)).then_some(previous))
    }

    /// What is known, and what a put that follows must find. A record that cannot be read is begun
    /// anew.
    async fn sign_ins(
        &self,
        owner: Digest,
        now: Timestamp,
    ) -> Result<(SignInHistory, Precondition), StoreError> {
        Ok(match self.store.get(key(owner), now).await? {
            Some(record) => {
                let sign_ins = self
                    .keys
                    .open_record(CONTEXT, &owner, &record.bytes)
                    .unwrap_or_default();
                (sign_ins, Precondition::Version(record.version))
            }
            None => (SignInHistory::default(), Precondition::Absent),
        })
    }
}

impl Session {
    /// When its user had been here before, if that was long ago: worth a word to the person and to
    /// the operator.
    pub fn long_absent_since(&self) -> Option<Timestamp> {
        self.previous_sign_in
            .filter(|previous| self.created_at.since(*previous) >= LONG_ABSENCE)
    }
}

fn key(owner: Digest) -> Key {
    Key {
        kind: RecordKind::SignIns,
        id: owner,
    }
}
