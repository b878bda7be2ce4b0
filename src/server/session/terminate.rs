//! The end of a session: here at once and by one caller only, upstream as soon as it can be told.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::task::JoinHandle;

use crate::server::audit::{EndReason, Event, Origin, hex};
use crate::server::crypto::derived_keys::hexadecimal;
use crate::server::crypto::opaque_token::Token;
use crate::server::session::record::key_of;
use crate::server::session::{ActiveSession, Session, Sessions};
use crate::server::store::{Key, Precondition, RecordKind, StoreError};

/// How long a sign-out waits for upstream before it goes on without.
const LOGOUT_PATIENCE: Duration = Duration::from_secs(2);
/// How many sessions are ended here at once: the store writes what comes together in one go.
const ENDS_AT_ONCE: usize = 64;
/// How many sessions are ended upstream at once: a long list must not take the places of those who
/// sign in.
const LOGOUTS_AT_ONCE: usize = 4;
/// How long it is known why a session ended, for its browser to be told.
const REMEMBERED_FOR: Duration = Duration::from_secs(86_400);

impl Sessions {
    /// Ends a session: here at once, upstream as soon as it can be told.
    ///
    /// # Errors
    /// The store's; the session may then live on.
    pub async fn end(
        &self,
        live: &ActiveSession,
        by: EndReason,
        origin: &Origin,
    ) -> Result<(), StoreError> {
        let ended = self.end_here(live, by, origin).await?;
        if ended && by != EndReason::Upstream {
            self.end_upstream(vec![live.session.clone()]);
        }
        Ok(())
    }

    /// Ends a session because its person signs out: upstream too, unless that takes longer than a
    /// moment; then it goes on by itself.
    ///
    /// # Errors
    /// The store's; the session may then live on.
    pub async fn sign_out(&self, live: &ActiveSession, origin: &Origin) -> Result<(), StoreError> {
        if self.end_here(live, EndReason::SignOut, origin).await? {
            let upstream = self.end_upstream(vec![live.session.clone()]);
            let _ = self.clock.timeout(LOGOUT_PATIENCE, upstream).await;
        }
        Ok(())
    }

    /// Why the session of a cookie that opens nothing is over, as far as that is still known; told
    /// once. What it tells is put on record: an end that came by itself, and the use of a cookie
    /// beyond its session's end.
    ///
    /// # Errors
    /// The store's.
    pub async fn farewell(
        &self,
        token: &Token,
        origin: &Origin,
    ) -> Result<Option<EndReason>, StoreError> {
        let (key, now) = (key_of(token), self.clock.now());
        if let Some(live) = self.read(key, now).await?
            && now >= live.idle_expires_at
        {
            let ended = self.remove(&live, EndReason::Expired, origin).await?;
            return Ok(ended.then_some(EndReason::Expired));
        }
        self.audit.emit(
            origin,
            &Event::SessionUnknown {
                session: hexadecimal(&key.id),
            },
        );
        let why = self.store.take(ended(key), now).await?;
        Ok(why.and_then(|record| serde_json::from_slice(&record.bytes).ok()))
    }

    /// Ends sessions here, some at a time; gives those that no other caller was faster with.
    pub(super) async fn end_each(
        &self,
        sessions: Vec<ActiveSession>,
        by: EndReason,
        origin: &Origin,
    ) -> Result<Vec<Arc<Session>>, StoreError> {
        let ends = sessions.into_iter().map(|live| async move {
            let ended = self.end_here(&live, by, origin).await?;
            Ok::<_, StoreError>(ended.then_some(live.session))
        });
        let ended: Vec<_> = stream::iter(ends)
            .buffer_unordered(ENDS_AT_ONCE)
            .try_collect()
            .await?;
        Ok(ended.into_iter().flatten().collect())
    }

    /// Ends sessions upstream, a few at a time. Nobody needs to wait for it; the server does when
    /// it stops.
    pub(super) fn end_upstream(&self, sessions: Vec<Arc<Session>>) -> JoinHandle<()> {
        let transmit = self.transmit.clone();
        self.tasks.spawn(stream::iter(sessions).for_each_concurrent(LOGOUTS_AT_ONCE, move |session| {
            let transmit = transmit.clone();
            async move {
                if let Err(failure) = transmit.logout(&session.upstream).await {
                    tracing::warn!(session = session.id, %failure, "session could not be ended upstream");
                }
            }
        }))
    }

    /// Ends a session here, and keeps for its browser why, where its person did not end it in that
    /// very browser. Whether this call ended it: another may have been faster.
    pub(super) async fn end_here(
        &self,
        live: &ActiveSession,
        by: EndReason,
        origin: &Origin,
    ) -> Result<bool, StoreError> {
        let removed = self.remove(live, by, origin).await?;
        if removed && !matches!(by, EndReason::SignOut | EndReason::Replaced) {
            self.remember(live, by).await;
        }
        Ok(removed)
    }

    /// Takes the record, and puts that on record.
    pub(super) async fn remove(
        &self,
        live: &ActiveSession,
        by: EndReason,
        origin: &Origin,
    ) -> Result<bool, StoreError> {
        let removed = self.store.take(live.key, self.clock.now()).await?.is_some();
        self.opened.forget(&live.key.id);
        if removed {
            let ended = Event::SessionEnded {
                session: live.session.id.clone(),
                user: hex(&live.owner),
                by,
            };
            self.audit.emit(origin, &ended);
        }
        Ok(removed)
    }

    /// The session has ended whether or not its browser will be told why.
    async fn remember(&self, live: &ActiveSession, by: EndReason) {
        let now = self.clock.now();
        let until = live.expires_at.min(now + REMEMBERED_FOR);
        let Ok(bytes) = serde_json::to_vec(&by) else {
            return;
        };
        if let Err(error) = self
            .store
            .put(ended(live.key), None, Precondition::Any, bytes, until, now)
            .await
        {
            tracing::warn!(%error, "why a session ended could not be kept for its browser");
        }
    }
}

/// Where it lies why a session ended.
fn ended(session: Key) -> Key {
    Key {
        kind: RecordKind::Ended,
        id: session.id,
    }
}
