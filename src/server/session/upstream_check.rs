//! Whether upstream still knows the user of a session (requirement K14).
//!
//! Asked lazily, when the session is used, about once in `session.check_interval`: by one request,
//! however many tabs are open and on however many nodes, because whoever asks writes so down first.
//! Sessions that began together do not ask together.

use std::time::Duration;

use crate::domain::timestamp::Timestamp;
use crate::server::audit::{EndReason, Origin};
use crate::server::crypto::derived_keys::sha256;
use crate::server::crypto::opaque_token::Token;
use crate::server::session::{ActiveSession, Session, Sessions};
use crate::server::settings::SessionCheck;
use crate::server::store::{Precondition, PutOutcome, StoreError};
use crate::server::transmit::{Failure, SessionState, UserStatus};

/// How long after a question the next one is asked, if the first was not answered: longer than any
/// question takes.
const ASK_AGAIN: Duration = Duration::from_secs(60);
/// The part of the interval by which a question may come early.
const SPREAD: u32 = 5;

impl Sessions {
    /// The live session of a token, as upstream still has it. Does not count as activity.
    ///
    /// # Errors
    /// The store's; as with [`Sessions::find`].
    pub async fn current(
        &self,
        token: &Token,
        origin: &Origin,
    ) -> Result<Option<ActiveSession>, StoreError> {
        match self.find(token).await? {
            Some(live) => self.check(live, origin).await,
            None => Ok(None),
        }
    }

    /// Asks upstream, if it is time to. `None` when the session is over by that, or ended
    /// meanwhile.
    ///
    /// An upstream that cannot be asked ends nobody's session before `session.check_grace` has
    /// passed too.
    ///
    /// # Errors
    /// The store's.
    pub async fn check(
        &self,
        live: ActiveSession,
        origin: &Origin,
    ) -> Result<Option<ActiveSession>, StoreError> {
        let now = self.clock.now();
        if !self.is_due(&live, now) {
            return Ok(Some(live));
        }
        let session = Session {
            asked_at: now,
            ..live.session.as_ref().clone()
        };
        let claim = self.live(live.key, live.version, session, live.owner);
        let live = match self
            .put(&claim, Precondition::Version(live.version))
            .await?
        {
            PutOutcome::Stored(version) => ActiveSession { version, ..claim },
            // Another request asks, or something else has changed: this one need not wait for it.
            PutOutcome::Conflict => return self.find_by_id(live.key.id).await,
        };
        match self.ask(&live).await {
            Ok(Some(roles)) => {
                let noted = self.change(&live, |session| {
                    session.checked_at = now;
                    session.roles.clone_from(&roles);
                    true
                });
                noted.await
            }
            Ok(None) => {
                self.end(&live, EndReason::Upstream, origin).await?;
                Ok(None)
            }
            Err(failure) if now.since(live.session.checked_at) < self.bridged() => {
                tracing::warn!(session = live.session.id, %failure, "upstream could not be asked about a session; it lives on");
                self.find_by_id(live.key.id).await
            }
            Err(failure) => {
                tracing::error!(session = live.session.id, %failure, "upstream could not be asked for too long; session ended");
                self.end(&live, EndReason::Upstream, origin).await?;
                Ok(None)
            }
        }
    }

    /// Whether it is time to ask, and nobody else has just done so.
    fn is_due(&self, live: &ActiveSession, now: Timestamp) -> bool {
        let interval = self.settings.check_interval.0;
        let age = now.since(live.session.checked_at);
        let early = interval / SPREAD;
        age >= interval.saturating_sub(early)
            && age >= interval.saturating_sub(early.mul_f64(share(live)))
            && now.since(live.session.asked_at) >= ASK_AGAIN.min(interval)
    }

    /// How old the last answer may be while upstream cannot be asked.
    fn bridged(&self) -> Duration {
        self.settings.check_interval.0 + self.settings.check_grace.0
    }

    /// The user's roles as they are now; nothing when the user or the session is gone upstream.
    async fn ask(&self, live: &ActiveSession) -> Result<Option<Vec<String>>, Failure> {
        match self.settings.check {
            SessionCheck::Session => {
                let state = self
                    .transmit
                    .authenticate_session(&live.session.upstream, &live.session.subject)
                    .await?;
                Ok(match state {
                    SessionState::Alive(roles) => Some(roles),
                    SessionState::Dead => None,
                })
            }
            SessionCheck::User => {
                let user = self.transmit.user(&live.session.subject).await?;
                let active = user.is_some_and(|user| {
                    matches!(user.status, UserStatus::Active | UserStatus::Pending)
                });
                Ok(active.then(|| live.session.roles.clone()))
            }
        }
    }
}

/// A number from 0 up to 1 that is a session's own, and another one after every answer.
fn share(live: &ActiveSession) -> f64 {
    let mut seed = live.key.id.to_vec();
    seed.extend(live.session.checked_at.as_millis().to_be_bytes());
    let [high, low, ..] = sha256(&seed);
    f64::from(u16::from_be_bytes([high, low])) / f64::from(u16::MAX)
}
