//! The data of a session.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::Identifier;
use crate::domain::identifier_mask::is_phone_mask;
use crate::domain::timestamp::Timestamp;
use crate::server::crypto::hash::Digest;
use crate::server::session::user_agent;
use crate::server::store::format::LaterFields;
use crate::server::store::{Key, RecordKind};
use crate::server::transmit::SessionId;

/// The stored data of a session. It is stored encrypted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SessionRecord {
    /// Its public id in lists and events: the hash of its token in hexadecimal. It authenticates
    /// nobody.
    pub id: String,
    /// The id of the upstream session.
    pub upstream: SessionId,
    /// `iss` of the tokens.
    pub issuer: String,
    /// `sub` of the tokens: with the issuer, the user (requirement T4).
    pub subject: String,
    /// How the person was authenticated (RFC 8176).
    pub amr: Vec<String>,
    /// When the person was authenticated.
    pub auth_time: Timestamp,
    /// By which events name its user; none if it began before there were pseudonyms, or if the
    /// history could not be read.
    #[serde(default)]
    pub pseudonym: Option<String>,
    /// The roles of the user upstream.
    pub roles: Vec<String>,
    /// The identifier, masked. Applications get it only if it is a phone number
    /// ([`Self::masked_phone`]).
    pub masked: String,
    /// The number that upstream calls verified, masked, or empty, where the code did not prove the
    /// number that was typed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile_phone: Option<String>,
    /// The phone number in full, only while applications receive it.
    #[serde(default)]
    pub phone: Option<Identifier>,
    /// Whether the person chose to stay signed in.
    pub stay: bool,
    /// When the session was created.
    pub created_at: Timestamp,
    /// When it was last active, to the minute.
    pub last_seen_at: Timestamp,
    /// When upstream last confirmed it.
    pub checked_at: Timestamp,
    /// When upstream was last asked. Nobody else asks for a while then.
    pub asked_at: Timestamp,
    /// The newest revocation when its code arrived. A later one that covers it ends it.
    pub after_revocation: u64,
    /// Browser and operating system, as far as they are known.
    pub agent: user_agent::UserAgent,
    /// The id of the device.
    #[serde(rename = "browser")]
    pub device_id: String,
    /// Whether the device was not recognised for this user at sign-in.
    #[serde(rename = "new_browser")]
    pub unrecognised_device: bool,
    /// When its user had signed in before, in any browser, if that is known.
    pub previous_sign_in: Option<Timestamp>,
    /// Kept for later versions.
    #[serde(flatten)]
    pub later: LaterFields,
}

impl SessionRecord {
    /// The verified phone number, masked; empty if there is none. It is what applications get, and
    /// never another identifier, which upstream does not verify.
    pub fn masked_phone(&self) -> &str {
        match &self.profile_phone {
            Some(phone) => phone,
            // The number was typed, and proved by the code that was sent to it.
            None if is_phone_mask(&self.masked) => &self.masked,
            None => "",
        }
    }

    /// How long ago the person entered a code, by our clock. That of upstream, which says
    /// `auth_time`, may differ.
    pub fn code_age(&self, now: Timestamp) -> Duration {
        now.since(self.created_at)
    }
}

/// A session that has not ended.
#[derive(Clone, Debug)]
pub struct ActiveSession {
    /// The key of its record.
    pub key: Key,
    pub(super) version: u64,
    /// Its stored data.
    pub record: Arc<SessionRecord>,
    /// The key of its user under its issuer.
    pub owner: Digest,
    /// When it ends without activity; never later than `expires_at`.
    pub idle_expires_at: Timestamp,
    /// When it ends although it is active.
    pub expires_at: Timestamp,
}

/// The key of the session whose token has this hash.
pub(super) fn session_key(id: Digest) -> Key {
    Key {
        kind: RecordKind::Session,
        id,
    }
}
