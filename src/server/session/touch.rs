//! Activity: what keeps a session from ending idle. What counts as activity is for `web::activity`
//! to say.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::domain::timestamp::Timestamp;
use crate::server::audit::{Event, Origin, hex};
use crate::server::crypto::derived_keys::Digest;
use crate::server::session::{ActiveSession, Sessions};
use crate::server::store::StoreError;
use crate::server::system::mutex::lock;

/// Activity is written down at most this often.
const TOUCH_INTERVAL: Duration = Duration::from_secs(60);

/// Activity that is being written down, with its newest moment: by one task a session, however slow
/// the store is.
#[derive(Clone, Debug, Default)]
pub struct Touches(Arc<Mutex<HashMap<Digest, Timestamp>>>);

impl Touches {
    /// Whether a task has to be begun for it.
    fn begin(&self, id: Digest, now: Timestamp) -> bool {
        lock(&self.0).insert(id, now).is_none()
    }

    /// Whether nothing has come since `written`; the task ends then.
    fn end(&self, id: Digest, written: Timestamp) -> bool {
        let mut touches = lock(&self.0);
        let is_last = touches.get(&id).is_none_or(|newest| *newest <= written);
        if is_last {
            touches.remove(&id);
        }
        is_last
    }

    fn newest(&self, id: Digest) -> Option<Timestamp> {
        lock(&self.0).get(&id).copied()
    }
}

impl Sessions {
    /// Notes activity. Written at most once a minute and never awaited by the request.
    pub fn touch(&self, live: &ActiveSession) {
        let now = self.clock.now();
        let interval = TOUCH_INTERVAL.min(self.idle_timeout(live.session.stay) / 10);
        if now.since(live.session.last_seen_at) < interval {
            return;
        }
        if self.touches.begin(live.key.id, now) {
            self.tasks
                .spawn(self.clone().write_touches(live.clone(), interval));
        }
    }

    async fn write_touches(self, live: ActiveSession, interval: Duration) {
        while let Some(now) = self.touches.newest(live.key.id) {
            let noted = self.change(&live, |session| {
                let is_news = now.since(session.last_seen_at) >= interval;
                session.last_seen_at = session.last_seen_at.max(now);
                is_news
            });
            if let Err(error) = noted.await {
                tracing::warn!(%error, "activity of a session could not be written");
            }
            if self.touches.end(live.key.id, now) {
                break;
            }
        }
    }

    /// Extends a session to its full idle timeout, at once. `None` if it ended meanwhile.
    ///
    /// # Errors
    /// The store's.
    pub async fn extend(
        &self,
        live: &ActiveSession,
        origin: &Origin,
    ) -> Result<Option<ActiveSession>, StoreError> {
        let now = self.clock.now();
        let extended = self.change(live, |session| {
            session.last_seen_at = session.last_seen_at.max(now);
            true
        });
        let extended = extended.await?;
        if extended.is_some() {
            let renewed = Event::SessionRenewed {
                session: live.session.id.clone(),
                user: hex(&live.owner),
            };
            self.audit.emit(origin, &renewed);
        }
        Ok(extended)
    }
}
