//! Activity, which extends a session. `http::middleware::activity` decides what counts as activity.

use std::time::Duration;

use crate::domain::timestamp::Timestamp;
use crate::server::audit::{Event, EventSource};
use crate::server::session::{ActiveSession, SessionRecord, Sessions};
use crate::server::store::StoreError;

/// Activity is written at most this often.
const TOUCH_INTERVAL: Duration = Duration::from_secs(60);

impl Sessions {
    /// Records activity. It is written at most once a minute, and the request does not wait for it.
    pub fn touch(&self, session: &ActiveSession) {
        let now = self.clock.now();
        let interval = TOUCH_INTERVAL.min(self.idle_timeout(session.record.stay) / 10);
        if now.since(session.record.last_seen_at) < interval {
            return;
        }
        if self.touches.add(session.key.id, now) {
            self.tasks
                .spawn(self.clone().write_touches(session.clone(), interval));
        }
    }

    async fn write_touches(self, session: ActiveSession, interval: Duration) {
        while let Some(now) = self.touches.newest(session.key.id) {
            let written = self.update(&session, |record| {
                let is_due = now.since(record.last_seen_at) >= interval;
                record.touch(now);
                is_due
            });
            if let Err(error) = written.await {
                tracing::warn!(%error, "activity of a session could not be written");
            }
            if self.touches.finish(session.key.id, now) {
                break;
            }
        }
    }

    /// Extends a session to its full idle timeout immediately. `None` if it has ended meanwhile.
    ///
    /// # Errors
    /// The store's.
    pub async fn extend(
        &self,
        session: &ActiveSession,
        origin: &EventSource,
    ) -> Result<Option<ActiveSession>, StoreError> {
        let now = self.clock.now();
        let extended = self.update(session, |record| {
            record.touch(now);
            true
        });
        let extended = extended.await?;
        if extended.is_some() {
            let (id, user) = (session.record.id.clone(), session.record.pseudonym.clone());
            self.audit
                .emit(origin, &Event::SessionRenewed { session: id, user });
        }
        Ok(extended)
    }
}

impl SessionRecord {
    fn touch(&mut self, now: Timestamp) {
        self.last_seen_at = self.last_seen_at.max(now);
    }
}
