//! The end of a session: here immediately and by one caller only, upstream as soon as possible.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::task::JoinHandle;

use crate::server::audit::{EndReason, Event, EventSource};
use crate::server::crypto::hash::to_hex;
use crate::server::crypto::opaque_token::Token;
use crate::server::session::record::session_key;
use crate::server::session::{ActiveSession, SessionRecord, Sessions};
use crate::server::store::{Key, Precondition, RecordKind, StoreError};
use crate::server::system::trace_context::TraceContext;

/// How long a sign-out waits for upstream.
const LOGOUT_TIMEOUT: Duration = Duration::from_secs(2);
/// Sessions that are ended here concurrently. The store writes them in one commit.
const MAX_CONCURRENT_ENDS: usize = 64;
/// Sessions that are ended upstream concurrently. A long list must not occupy the connections that
/// sign-ins need.
const MAX_CONCURRENT_LOGOUTS: usize = 4;
/// How long the reason of an end is kept, to be shown to the browser.
const REASON_KEPT_FOR: Duration = Duration::from_secs(86_400);

impl Sessions {
    /// Ends a session: here immediately, upstream in the background.
    ///
    /// # Errors
    /// The store's; the session may then still be active.
    pub async fn terminate(
        &self,
        session: &ActiveSession,
        reason: EndReason,
        origin: &EventSource,
    ) -> Result<(), StoreError> {
        let ended = self.terminate_locally(session, reason, origin).await?;
        if ended && reason != EndReason::Upstream {
            self.log_out_upstream(vec![session.record.clone()]);
        }
        Ok(())
    }

    /// Ends a session because its person signs out. It waits shortly for upstream, which otherwise
    /// goes on in the background.
    ///
    /// # Errors
    /// The store's; the session may then still be active.
    pub async fn sign_out(
        &self,
        session: &ActiveSession,
        origin: &EventSource,
    ) -> Result<(), StoreError> {
        if self
            .terminate_locally(session, EndReason::SignOut, origin)
            .await?
        {
            let upstream = self.log_out_upstream(vec![session.record.clone()]);
            let _ = self.clock.timeout(LOGOUT_TIMEOUT, upstream).await;
        }
        Ok(())
    }

    /// Why the session of a token has ended, if that is still known; it is returned once. An expiry
    /// and the use of a token after the end are audit-logged.
    ///
    /// # Errors
    /// The store's.
    pub async fn take_end_reason(
        &self,
        token: &Token,
        origin: &EventSource,
    ) -> Result<Option<EndReason>, StoreError> {
        let (key, now) = (session_key(token.hash()), self.clock.now());
        if let Some(session) = self.read(key, now).await?
            && now >= session.idle_expires_at
        {
            let ended = self.remove(&session, EndReason::Expired, origin).await?;
            return Ok(ended.then_some(EndReason::Expired));
        }
        self.audit.emit(
            origin,
            &Event::SessionUnknown {
                session: to_hex(&key.id),
            },
        );
        let reason = self.store.take(end_reason_key(key), now).await?;
        Ok(reason.and_then(|record| serde_json::from_slice(&record.bytes).ok()))
    }

    /// Ends sessions here. Returns those that this call ended, and no concurrent one.
    pub(super) async fn terminate_each(
        &self,
        sessions: Vec<ActiveSession>,
        reason: EndReason,
        origin: &EventSource,
    ) -> Result<Vec<Arc<SessionRecord>>, StoreError> {
        let ends = sessions.into_iter().map(|session| async move {
            let ended = self.terminate_locally(&session, reason, origin).await?;
            Ok::<_, StoreError>(ended.then_some(session.record))
        });
        let ended: Vec<_> = stream::iter(ends)
            .buffer_unordered(MAX_CONCURRENT_ENDS)
            .try_collect()
            .await?;
        Ok(ended.into_iter().flatten().collect())
    }

    /// Ends sessions upstream in the background. The server awaits that when it stops.
    pub(super) fn log_out_upstream(&self, sessions: Vec<Arc<SessionRecord>>) -> JoinHandle<()> {
        let transmit = self.transmit.clone();
        let log_out =
            stream::iter(sessions).for_each_concurrent(MAX_CONCURRENT_LOGOUTS, move |session| {
                let transmit = transmit.clone();
                async move {
                    if let Err(failure) = transmit.logout(&session.upstream).await {
                        tracing::warn!(
                            session = session.id,
                            %failure,
                            "session could not be ended upstream"
                        );
                    }
                }
            });
        self.tasks.spawn(TraceContext::inherit(log_out))
    }

    /// Ends a session here. The reason is kept for its browser, unless the person ended it in that
    /// browser. Returns whether this call ended it, and no concurrent one.
    pub(super) async fn terminate_locally(
        &self,
        session: &ActiveSession,
        reason: EndReason,
        origin: &EventSource,
    ) -> Result<bool, StoreError> {
        let removed = self.remove(session, reason, origin).await?;
        if removed && !matches!(reason, EndReason::SignOut | EndReason::Replaced) {
            self.keep_end_reason(session, reason).await;
        }
        Ok(removed)
    }

    /// Deletes the record, and audit-logs the end.
    pub(super) async fn remove(
        &self,
        session: &ActiveSession,
        reason: EndReason,
        origin: &EventSource,
    ) -> Result<bool, StoreError> {
        self.remove_as(session, reason, false, origin).await
    }

    /// [`Self::remove`]; `in_bulk`: with everybody's.
    pub(super) async fn remove_as(
        &self,
        session: &ActiveSession,
        reason: EndReason,
        in_bulk: bool,
        origin: &EventSource,
    ) -> Result<bool, StoreError> {
        let removed = self
            .store
            .take(session.key, self.clock.now())
            .await?
            .is_some();
        self.decrypted.remove(&session.key.id);
        if removed {
            let ended = Event::SessionEnded {
                session: session.record.id.clone(),
                user: session.record.pseudonym.clone(),
                by: reason,
                sub: session.record.subject.clone(),
                in_bulk,
            };
            self.audit.emit(origin, &ended);
        }
        Ok(removed)
    }

    /// Keeps the reason for the browser. A failure is only logged, because the session has ended.
    async fn keep_end_reason(&self, session: &ActiveSession, reason: EndReason) {
        let now = self.clock.now();
        let until = session.expires_at.min(now + REASON_KEPT_FOR);
        let Ok(bytes) = serde_json::to_vec(&reason) else {
            return;
        };
        if let Err(error) = self
            .store
            .put(
                end_reason_key(session.key),
                None,
                Precondition::Any,
                bytes,
                until,
                now,
            )
            .await
        {
            tracing::warn!(
                %error,
                "the reason why a session ended could not be stored for its browser"
            );
        }
    }
}

/// The key of the reason why a session ended.
fn end_reason_key(session: Key) -> Key {
    Key {
        kind: RecordKind::EndReason,
        id: session.id,
    }
}
