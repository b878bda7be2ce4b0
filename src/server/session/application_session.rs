//! Sessions of applications on other hosts.
//!
//! Each belongs to a session of the sign-in, its parent, and holds only the parent's key. When the
//! parent ends, it ends too at the next request, and extending it extends the parent.
//!
//! Its token is derived from the parent's token and the origin. So a session has one for each
//! application, however often and however concurrently it is requested, and the store cannot be
//! filled with them. A record without an active parent authenticates nobody, and expires with the
//! parent's absolute timeout.

use serde::{Deserialize, Serialize};

use crate::server::crypto::hash::Digest;
use crate::server::crypto::opaque_token::Token;
use crate::server::session::{ActiveSession, Sessions};
use crate::server::store::{Key, Precondition, RecordKind, StoreError};

/// The associated data of encrypted records.
const CONTEXT: &[u8] = b"latchkey application session v1";

/// An application's session. It is stored encrypted.
#[derive(Serialize, Deserialize)]
struct ApplicationSession {
    /// The origin that it was issued to.
    origin: String,
    /// The id of its parent.
    parent: Digest,
}

impl Sessions {
    /// The active parent of an application's session, if that was issued to this `origin` (RFC
    /// 6454, as browsers write it). Does not count as activity.
    ///
    /// # Errors
    /// The store's; it does not mean that nobody is signed in.
    pub async fn find_application(
        &self,
        token: &Token,
        origin: &str,
    ) -> Result<Option<ActiveSession>, StoreError> {
        let key = key(token);
        let Some(record) = self.store.get(key, self.clock.now()).await? else {
            return Ok(None);
        };
        let Some(session): Option<ApplicationSession> =
            self.keys.decrypt_record(CONTEXT, &key.id, &record.bytes)
        else {
            tracing::warn!(
                ?key,
                "an application's session cannot be decrypted; was secrets.key changed?"
            );
            return Ok(None);
        };
        if session.origin != origin {
            return Ok(None);
        }
        self.find_by_id(session.parent).await
    }

    /// Creates the session of an application, unless it exists.
    pub(super) async fn create_application_session(
        &self,
        token: &Token,
        origin: &str,
        parent: &ActiveSession,
    ) -> Result<(), StoreError> {
        let session = ApplicationSession {
            origin: origin.to_owned(),
            parent: parent.key.id,
        };
        let key = key(token);
        let sealed = self.keys.encrypt_record(CONTEXT, &key.id, &session)?;
        let now = self.clock.now();
        self.store
            .put(key, None, Precondition::Any, sealed, parent.expires_at, now)
            .await
            .map(|_| ())
    }
}

/// Derives the token of a session for an application. It discloses neither the session's own token
/// nor that of another application.
pub(super) fn application_token(origin: &str, session: &Token) -> Digest {
    session.derive(format!("latchkey application v1\n{origin}").as_bytes())
}

fn key(token: &Token) -> Key {
    Key {
        kind: RecordKind::ApplicationSession,
        id: token.hash(),
    }
}
