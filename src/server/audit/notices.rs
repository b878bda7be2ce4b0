//! What other services are told of events: who signed up or in, which session was revoked, and
//! that a number is locked.
//!
//! A notice names a user by `sub`, which events do not, and holds no number.

use std::fmt;
use std::sync::{Arc, OnceLock};

use serde_json::{Value, json};

use crate::domain::timestamp::Timestamp;
use crate::server::audit::{EndReason, Event};
use crate::server::settings::webhooks::WebhookTopic;

/// What is told.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// What it is about.
    pub topic: WebhookTopic,
    /// Its type for the receiver.
    pub kind: &'static str,
    /// When it happened.
    pub at: Timestamp,
    /// The facts.
    pub data: Value,
    /// Until when the same data says nothing new; none if each time does.
    pub repeats_until: Option<Timestamp>,
}

impl Notice {
    /// What an event tells; none if others are not told of it.
    fn of(event: &Event, at: Timestamp) -> Option<Self> {
        let (topic, kind, data, repeats_until) = match event {
            Event::LoginSuccess {
                sub,
                is_new_user: true,
                ..
            } => {
                let data = json!({ "sub": sub });
                (WebhookTopic::SignUp, "user.signed_up", data, None)
            }
            Event::SessionCreated {
                session, sub, stay, ..
            } => {
                let data = json!({ "sub": sub, "session": session, "stay": stay });
                (WebhookTopic::SignIn, "session.created", data, None)
            }
            // Those of everybody are told together.
            Event::SessionEnded { in_bulk: true, .. } => return None,
            Event::SessionEnded {
                session,
                sub,
                by: by @ (EndReason::Revoked | EndReason::Operator | EndReason::Upstream),
                ..
            } => {
                let data = json!({ "sub": sub, "session": session, "reason": by });
                (WebhookTopic::Revocation, "session.revoked", data, None)
            }
            Event::LoginLock {
                subject,
                limit,
                retry_at,
            } => {
                let data = json!({
                    "identifier": subject.identifier,
                    "country": subject.country,
                    "limit": limit,
                    "until": retry_at.to_rfc3339(),
                });
                (WebhookTopic::Lock, "number.locked", data, Some(*retry_at))
            }
            _ => return None,
        };
        Some(Self {
            topic,
            kind,
            at,
            data,
            repeats_until,
        })
    }
}

impl Notice {
    /// The sessions of everybody were revoked at once. There may be very many, so they are not told
    /// one by one.
    pub fn everybody_revoked(by: EndReason, at: Timestamp) -> Self {
        Self {
            topic: WebhookTopic::Revocation,
            kind: "sessions.revoked",
            at,
            data: json!({ "reason": by }),
            repeats_until: None,
        }
    }
}

type Receiver = Box<dyn Fn(Notice) + Send + Sync>;

/// Where notices go, once somebody wants them. Cheap to clone.
#[derive(Clone, Default)]
pub struct Notices(Arc<OnceLock<Receiver>>);

impl Notices {
    /// Calls `receiver` with every notice from now on. It must not block. Only the first receiver
    /// counts.
    pub fn send_to(&self, receiver: impl Fn(Notice) + Send + Sync + 'static) {
        let _ = self.0.set(Box::new(receiver));
    }

    /// Sends a notice that no event is about.
    pub fn send(&self, notice: Notice) {
        if let Some(receiver) = self.0.get() {
            receiver(notice);
        }
    }

    pub(super) fn add(&self, event: &Event, at: Timestamp) {
        if let Some(notice) = self.0.get().and_then(|_| Notice::of(event, at)) {
            self.send(notice);
        }
    }
}

impl fmt::Debug for Notices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Notices")
    }
}
