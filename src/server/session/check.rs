//! Whether upstream still knows the user of a session (requirement K14).

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use super::{Ending, Expect, Live, Origin, Put, Session, Sessions, StoreError};
use crate::server::clock::lock;
use crate::server::keys::Digest;
use crate::server::settings::SessionCheck;
use crate::server::transmit::{Failure, SessionState, UserStatus};

/// The checks under way: one a session, however many tabs are open.
#[derive(Clone, Debug, Default)]
pub struct Checks(Arc<Mutex<HashSet<Digest>>>);

/// A check under way; ends when dropped.
struct Turn<'a>(&'a Checks, Digest);

impl Checks {
    fn take_turn(&self, id: Digest) -> Option<Turn<'_>> {
        // A turn that is not taken must not be made either: its end would end the other's, and wait for the lock held here.
        let is_free = lock(&self.0).insert(id);
        is_free.then(|| Turn(self, id))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        lock(&self.0.0).remove(&self.1);
    }
}

impl Sessions {
    /// Asks upstream, if it is time to. `None` when the session is over by that.
    ///
    /// An upstream that cannot be asked ends nobody's session before `session.check_grace` has passed too.
    ///
    /// # Errors
    /// The store's.
    pub async fn check(&self, live: Live, origin: &Origin) -> Result<Option<Live>, StoreError> {
        let now = self.clock.now();
        let age = now.since(live.session.checked_at);
        if age < self.settings.check_interval.0 {
            return Ok(Some(live));
        }
        // Another request is asking; this one need not wait for it.
        let Some(_turn) = self.checks.take_turn(live.key.id) else { return Ok(Some(live)) };
        match self.ask(&live).await {
            Ok(Some(roles)) => self.note_check(live, roles).await,
            Ok(None) => {
                self.end(&live, Ending::Upstream, origin).await?;
                Ok(None)
            }
            Err(failure) if age < self.settings.check_interval.0 + self.settings.check_grace.0 => {
                tracing::warn!(session = live.session.id, %failure, "upstream could not be asked about a session; it lives on");
                Ok(Some(live))
            }
            Err(failure) => {
                tracing::error!(session = live.session.id, %failure, "upstream could not be asked for too long; session ended");
                self.end(&live, Ending::Upstream, origin).await?;
                Ok(None)
            }
        }
    }

    /// The user's roles as they are now; nothing when the user or the session is gone upstream.
    async fn ask(&self, live: &Live) -> Result<Option<Vec<String>>, Failure> {
        match self.settings.check {
            SessionCheck::Session => {
                let state = self.transmit.authenticate_session(&live.session.upstream, &live.session.subject).await?;
                Ok(match state {
                    SessionState::Alive(roles) => Some(roles),
                    SessionState::Dead => None,
                })
            }
            SessionCheck::User => {
                let user = self.transmit.user(&live.session.subject).await?;
                let active = user.is_some_and(|user| matches!(user.status, UserStatus::Active | UserStatus::Pending));
                Ok(active.then(|| live.session.roles.clone()))
            }
        }
    }

    async fn note_check(&self, live: Live, roles: Vec<String>) -> Result<Option<Live>, StoreError> {
        let now = self.clock.now();
        let session = Session { checked_at: now, roles, ..live.session.as_ref().clone() };
        let checked = self.live(live.key, live.version, session, live.owner);
        Ok(match self.put(&checked, Expect::Version(live.version), now).await? {
            Put::Stored(version) => Some(Live { version, ..checked }),
            // Noted activity came between, or the end: the next request sees which.
            Put::Conflict => self.store.get(live.key, now).await?.and_then(|record| self.open(live.key, &record)),
        })
    }
}
