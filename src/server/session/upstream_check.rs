//! Whether upstream still knows the user of a session (requirement K14).
//!
//! Upstream is asked when the session is used, about once in `session.check_interval`. One request
//! asks, however many tabs are open on however many nodes, because it writes a claim first.
//! Sessions that were created together are checked at different times.

use std::time::Duration;

use crate::domain::timestamp::Timestamp;
use crate::server::audit::{EndReason, EventSource};
use crate::server::crypto::hash::sha256;
use crate::server::crypto::opaque_token::Token;
use crate::server::session::{ActiveSession, SessionRecord, Sessions};
use crate::server::settings::SessionCheck;
use crate::server::store::{Precondition, PutOutcome, StoreError};
use crate::server::transmit::{Failure, SessionState, UserStatus};

/// How long a check holds its claim: longer than any call to upstream takes.
const CLAIM_TIMEOUT: Duration = Duration::from_secs(60);
/// A check may come early by this part of the interval.
const MAX_JITTER: u32 = 5;

/// What upstream says of a session.
enum UpstreamState {
    /// It is active, and its user has these roles.
    Active(Vec<String>),
    /// The user or the session does not exist any more, or the user is disabled.
    Gone,
}

impl Sessions {
    /// The active session of a token, checked with upstream if that is due. Does not count as
    /// activity.
    ///
    /// # Errors
    /// The store's; as with [`Sessions::find`].
    pub async fn find_checked(
        &self,
        token: &Token,
        origin: &EventSource,
    ) -> Result<Option<ActiveSession>, StoreError> {
        match self.find(token).await? {
            Some(session) => self.check_upstream(session, origin).await,
            None => Ok(None),
        }
    }

    /// Asks upstream about a session, if that is due. `None` if the session has ended.
    ///
    /// An upstream that cannot be asked ends no session before `session.check_grace` has also
    /// passed.
    ///
    /// # Errors
    /// The store's.
    pub async fn check_upstream(
        &self,
        session: ActiveSession,
        origin: &EventSource,
    ) -> Result<Option<ActiveSession>, StoreError> {
        let now = self.clock.now();
        if !self.is_check_due(&session, now) {
            return Ok(Some(session));
        }
        let record = SessionRecord {
            asked_at: now,
            ..session.record.as_ref().clone()
        };
        let claim = self.to_active(session.key, session.version, record, session.owner);
        let session = match self
            .write(&claim, Precondition::Version(session.version))
            .await?
        {
            PutOutcome::Stored(version) => ActiveSession { version, ..claim },
            // Another request asks, or has changed the session. This one does not wait for it.
            PutOutcome::Conflict => return self.find_by_id(session.key.id).await,
        };
        let id = &session.record.id;
        match self.query_upstream(&session).await {
            Ok(UpstreamState::Active(roles)) => {
                let confirmed = self.update(&session, |record| {
                    record.checked_at = now;
                    record.roles.clone_from(&roles);
                    true
                });
                confirmed.await
            }
            Ok(UpstreamState::Gone) => {
                self.terminate(&session, EndReason::Upstream, origin)
                    .await?;
                Ok(None)
            }
            Err(failure) if now.since(session.record.checked_at) < self.max_staleness() => {
                tracing::warn!(
                    session = id,
                    %failure,
                    "upstream could not be asked about a session; it stays active"
                );
                self.find_by_id(session.key.id).await
            }
            Err(failure) => {
                tracing::error!(
                    session = id,
                    %failure,
                    "upstream could not be asked for too long; session ended"
                );
                self.terminate(&session, EndReason::Upstream, origin)
                    .await?;
                Ok(None)
            }
        }
    }

    fn is_check_due(&self, session: &ActiveSession, now: Timestamp) -> bool {
        let interval = self.settings.check_interval.0;
        let age = now.since(session.record.checked_at);
        let max_jitter = interval / MAX_JITTER;
        age >= interval.saturating_sub(max_jitter)
            && age >= interval.saturating_sub(max_jitter.mul_f64(jitter(session)))
            && now.since(session.record.asked_at) >= CLAIM_TIMEOUT.min(interval)
    }

    /// How old the last confirmation may be while upstream cannot be asked.
    fn max_staleness(&self) -> Duration {
        self.settings.check_interval.0 + self.settings.check_grace.0
    }

    async fn query_upstream(&self, session: &ActiveSession) -> Result<UpstreamState, Failure> {
        let record = &session.record;
        Ok(match self.settings.check {
            SessionCheck::Session => {
                match self
                    .transmit
                    .authenticate_session(&record.upstream, &record.subject)
                    .await?
                {
                    SessionState::Active(roles) => UpstreamState::Active(roles),
                    SessionState::Ended => UpstreamState::Gone,
                }
            }
            SessionCheck::User => match self.transmit.user(&record.subject).await? {
                Some(user) if matches!(user.status, UserStatus::Active | UserStatus::Pending) => {
                    UpstreamState::Active(record.roles.clone())
                }
                _ => UpstreamState::Gone,
            },
        })
    }
}

/// A number from 0 to 1 that differs between sessions and checks.
fn jitter(session: &ActiveSession) -> f64 {
    let mut seed = session.key.id.to_vec();
    seed.extend(session.record.checked_at.as_millis().to_be_bytes());
    let [high, low, ..] = sha256(&seed);
    f64::from(u16::from_be_bytes([high, low])) / f64::from(u16::MAX)
}
