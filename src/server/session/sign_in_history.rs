//! The sign-in history of a user: the last sign-in, and new devices (requirement R6).
//!
//! Owners see there a sign-in that was not theirs, even after its session has ended.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::domain::timestamp::Timestamp;
use crate::server::audit::pseudonyms::new_pseudonym;
use crate::server::crypto::hash::Digest;
use crate::server::session::user_agent::UserAgent;
use crate::server::session::{ActiveSession, SessionRecord, Sessions};
use crate::server::store::format::LaterFields;
use crate::server::store::{Key, Precondition, PutOutcome, RecordKind, StoreError};

/// The associated data of encrypted records.
const CONTEXT: &[u8] = b"latchkey sign-ins v1";
/// How long a new device is shown to other sessions.
const SHOWN_FOR: Duration = Duration::from_secs(7 * 86_400);
/// Most new devices that are shown.
const MAX_SHOWN: usize = 5;
/// An absence of this length is shown to the person.
const LONG_ABSENCE: Duration = Duration::from_secs(90 * 86_400);
/// How long the history is kept: as long as a device is recognised.
const KEPT_FOR: Duration = Duration::from_secs(400 * 86_400);
/// How often a write is repeated after concurrent sign-ins of the same user.
const MAX_CONFLICTS: usize = 4;

/// A sign-in from a device that was not recognised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewDevice {
    /// The id of the device.
    id: String,
    /// Browser and operating system.
    pub agent: UserAgent,
    /// When it signed in.
    pub at: Timestamp,
    /// Kept for later versions.
    #[serde(flatten)]
    later: LaterFields,
}

/// The sign-in history of a user. It is stored encrypted.
#[derive(Debug, Default, Serialize, Deserialize)]
struct SignInHistory {
    last_at: Option<Timestamp>,
    /// Newest first.
    #[serde(rename = "newcomers")]
    new_devices: Vec<NewDevice>,
    /// By which events name the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pseudonym: Option<String>,
    /// The key of the identifier of the last sign-in, so that an erasure by user finds it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    identifier_key: Option<String>,
    /// Kept for later versions.
    #[serde(flatten)]
    later: LaterFields,
}

/// What a history holds, for the operator.
#[derive(Clone, Debug)]
pub struct StoredHistory {
    /// The last sign-in.
    pub last_at: Option<Timestamp>,
    /// Sign-ins from devices that were not recognised, newest first.
    pub new_devices: Vec<NewDevice>,
    /// By which events name the user.
    pub pseudonym: Option<String>,
    /// The key of the identifier of the last sign-in.
    pub identifier_key: Option<Digest>,
}

/// What the history says of a sign-in that it recorded.
#[derive(Debug, Default)]
pub(super) struct RecordedSignIn {
    /// The time of the previous sign-in.
    pub previous: Option<Timestamp>,
    /// By which events name the user.
    pub pseudonym: Option<String>,
}

/// How a write of the history ended.
enum RecordOutcome {
    Recorded(RecordedSignIn),
    /// Another sign-in of the same user was recorded meanwhile.
    Conflict,
}

impl SignInHistory {
    /// Adds the sign-in of a session. Returns the time of the previous one.
    fn add(&mut self, session: &SessionRecord) -> Option<Timestamp> {
        let now = session.created_at;
        self.new_devices
            .retain(|device| now.since(device.at) < SHOWN_FOR);
        if session.unrecognised_device {
            let device = NewDevice {
                id: session.device_id.clone(),
                agent: session.agent,
                at: now,
                later: LaterFields::default(),
            };
            self.new_devices.insert(0, device);
            self.new_devices.truncate(MAX_SHOWN);
        }
        self.last_at.replace(now)
    }
}

impl Sessions {
    /// The new devices to show in a session, newest first: those that signed in after it. If its
    /// own device was recognised, also those of the days before.
    ///
    /// # Errors
    /// The store's.
    pub async fn new_devices(&self, session: &ActiveSession) -> Result<Vec<NewDevice>, StoreError> {
        let now = self.clock.now();
        let (
            SignInHistory {
                mut new_devices, ..
            },
            _,
        ) = self.read_history(session.owner, now).await?;
        new_devices.retain(|device| {
            let is_relevant =
                device.at > session.record.created_at || !session.record.unrecognised_device;
            is_relevant && device.id != session.record.device_id && now.since(device.at) < SHOWN_FOR
        });
        Ok(new_devices)
    }

    /// When a user (`sub`) last signed in here, under any issuer; none if that is not known.
    ///
    /// # Errors
    /// The store's.
    pub async fn last_sign_in(&self, subject: &str) -> Result<Option<Timestamp>, StoreError> {
        let (now, mut last) = (self.clock.now(), None);
        for owner in self.owner_keys(subject) {
            let (history, _) = self.read_history(owner, now).await?;
            last = last.max(history.last_at);
        }
        Ok(last)
    }

    /// What the history of a user holds; none without one.
    pub(super) async fn stored_history(
        &self,
        owner: Digest,
    ) -> Result<Option<StoredHistory>, StoreError> {
        let (history, precondition) = self.read_history(owner, self.clock.now()).await?;
        let is_stored = matches!(precondition, Precondition::Version(_));
        Ok(is_stored.then_some(StoredHistory {
            last_at: history.last_at,
            new_devices: history.new_devices,
            pseudonym: history.pseudonym,
            identifier_key: history.identifier_key.as_deref().and_then(decode_key),
        }))
    }

    /// By which events name a user; none before the first sign-in.
    ///
    /// # Errors
    /// The store's.
    pub async fn pseudonym_of(&self, owner: Digest) -> Result<Option<String>, StoreError> {
        let (history, _) = self.read_history(owner, self.clock.now()).await?;
        Ok(history.pseudonym)
    }

    /// Records a sign-in. A failure is only logged, because the code was correct.
    pub(super) async fn record_sign_in(
        &self,
        session: &SessionRecord,
        owner: Digest,
        identifier: Digest,
    ) -> RecordedSignIn {
        for _ in 0..MAX_CONFLICTS {
            match self.try_to_record(session, owner, identifier).await {
                Ok(RecordOutcome::Recorded(recorded)) => return recorded,
                Ok(RecordOutcome::Conflict) => {}
                Err(error) => {
                    tracing::warn!(%error, "a sign-in could not be recorded with its user");
                    return RecordedSignIn::default();
                }
            }
        }
        tracing::warn!(
            "a sign-in could not be recorded with its user: too many concurrent sign-ins"
        );
        // Those have given the user a name.
        let pseudonym = self.pseudonym_of(owner).await.unwrap_or_default();
        RecordedSignIn {
            previous: None,
            pseudonym,
        }
    }

    async fn try_to_record(
        &self,
        session: &SessionRecord,
        owner: Digest,
        identifier: Digest,
    ) -> Result<RecordOutcome, StoreError> {
        let now = self.clock.now();
        let (mut history, precondition) = self.read_history(owner, now).await?;
        let previous = history.add(session);
        history.identifier_key = Some(URL_SAFE_NO_PAD.encode(identifier));
        let pseudonym = history
            .pseudonym
            .get_or_insert_with(|| new_pseudonym(&self.random))
            .clone();
        let sealed = self.keys.encrypt_record(CONTEXT, &owner, &history)?;
        let put = self
            .store
            .put(
                key(owner),
                // So that the users of a number are found.
                Some(identifier),
                precondition,
                sealed,
                now + KEPT_FOR,
                now,
            )
            .await?;
        Ok(match put {
            PutOutcome::Stored(_) => RecordOutcome::Recorded(RecordedSignIn {
                previous,
                pseudonym: Some(pseudonym),
            }),
            PutOutcome::Conflict => RecordOutcome::Conflict,
        })
    }

    /// Reads the history, and the precondition of a write that follows. A history that cannot be
    /// decrypted starts again.
    async fn read_history(
        &self,
        owner: Digest,
        now: Timestamp,
    ) -> Result<(SignInHistory, Precondition), StoreError> {
        Ok(match self.store.get(key(owner), now).await? {
            Some(record) => {
                let history = self
                    .keys
                    .decrypt_record(CONTEXT, &owner, &record.bytes)
                    .unwrap_or_default();
                (history, Precondition::Version(record.version))
            }
            None => (SignInHistory::default(), Precondition::Absent),
        })
    }
}

impl SessionRecord {
    /// When its user had signed in before, if that is long ago. It is shown to the person and
    /// audit-logged.
    pub fn long_absent_since(&self) -> Option<Timestamp> {
        self.previous_sign_in
            .filter(|previous| self.created_at.since(*previous) >= LONG_ABSENCE)
    }
}

fn decode_key(text: &str) -> Option<Digest> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

/// The key of a user's history.
pub(super) fn key(owner: Digest) -> Key {
    Key {
        kind: RecordKind::SignInHistory,
        id: owner,
    }
}
