//! Activity of sessions that is being written, by one task for each session.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::hash::Digest;
use crate::server::system::mutex::lock;

/// The newest activity of each session that has a writing task. However slow the store is, a
/// session has one task.
#[derive(Clone, Debug, Default)]
pub(super) struct PendingTouches(Arc<Mutex<HashMap<Digest, Timestamp>>>);

impl PendingTouches {
    /// Adds activity. Returns whether the session needs a task.
    pub(super) fn add(&self, id: Digest, now: Timestamp) -> bool {
        lock(&self.0).insert(id, now).is_none()
    }

    /// Removes the session if there is no activity after `written`. Its task then ends.
    pub(super) fn finish(&self, id: Digest, written: Timestamp) -> bool {
        let mut touches = lock(&self.0);
        let is_finished = touches.get(&id).is_none_or(|newest| *newest <= written);
        if is_finished {
            touches.remove(&id);
        }
        is_finished
    }

    pub(super) fn newest(&self, id: Digest) -> Option<Timestamp> {
        lock(&self.0).get(&id).copied()
    }
}
