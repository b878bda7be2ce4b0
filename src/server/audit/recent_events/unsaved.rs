//! Events that wait to be stored with their number.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tokio::sync::Notify;

use crate::domain::timestamp::Timestamp;
use crate::server::audit::recent_events::stored::RecentEvent;
use crate::server::audit::{Event, EventSource};
use crate::server::crypto::hash::Digest;
use crate::server::system::mutex::lock;

/// Events that may wait. More are left out, as in a flood: the audit log has them all.
const MAX_UNSAVED: usize = 1024;

/// An event about a number that has a pseudonym.
#[derive(Clone, Debug)]
pub(super) struct UnsavedEvent {
    /// The key of the number.
    pub identifier: Digest,
    /// By which name the event calls the number.
    pub pseudonym: String,
    /// The country of the number.
    pub country: Option<String>,
    pub event: RecentEvent,
}

impl UnsavedEvent {
    /// The event, if it is kept: about a number that has a name. A number without one has not been
    /// sent a code, so requests that cost nothing store nothing.
    fn new(source: &EventSource, event: &Event, at: Timestamp) -> Option<Self> {
        let subject = event.subject().filter(|_| event.is_kept_for_support())?;
        Some(Self {
            identifier: subject.key?,
            pseudonym: subject.identifier.clone()?,
            country: subject.country.clone(),
            event: RecentEvent::new(source, event, at),
        })
    }
}

/// Events that wait to be stored. Cheap to clone. They are taken by [`RecentEvents`].
///
/// [`RecentEvents`]: crate::server::audit::RecentEvents
#[derive(Clone, Debug, Default)]
pub struct UnsavedEvents {
    waiting: Arc<Mutex<Vec<UnsavedEvent>>>,
    added: Arc<Notify>,
}

impl UnsavedEvents {
    /// Adds an event if it is one that is kept, and if not too many wait.
    pub(in crate::server::audit) fn add(&self, source: &EventSource, event: &Event, at: Timestamp) {
        let Some(event) = UnsavedEvent::new(source, event, at) else {
            return;
        };
        let mut waiting = lock(&self.waiting);
        if waiting.len() < MAX_UNSAVED {
            waiting.push(event);
            self.added.notify_one();
        } else {
            super::count_unsaved(1);
        }
    }

    /// Takes all events, by the keys of their numbers.
    pub(super) fn take(&self) -> BTreeMap<Digest, Vec<UnsavedEvent>> {
        let mut by_identifier: BTreeMap<Digest, Vec<UnsavedEvent>> = BTreeMap::new();
        for event in std::mem::take(&mut *lock(&self.waiting)) {
            by_identifier
                .entry(event.identifier)
                .or_default()
                .push(event);
        }
        by_identifier
    }

    /// Waits until an event was added.
    pub(super) async fn wait(&self) {
        self.added.notified().await;
    }
}
