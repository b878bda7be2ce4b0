//! The sessions of applications on other hosts.
//!
//! Each hangs on a session of ours, its parent, and holds nothing but where that lies: whatever
//! ends the parent (its person, the operator, time, upstream, another sign-in) ends it at the next
//! request, and extending it extends the parent.
//!
//! Its token follows from the parent's token and the origin. So a session has one of them for each
//! application, however often and from however many tabs at once it is asked for, and the store
//! cannot be filled with them. A record whose parent has died opens nothing; it is swept when the
//! parent would have ended in any case.

use serde::{Deserialize, Serialize};

use crate::server::crypto::derived_keys::Digest;
use crate::server::crypto::opaque_token::Token;
use crate::server::session::{ActiveSession, Sessions};
use crate::server::store::{Key, Precondition, RecordKind, StoreError};

/// What the seal of a record is bound to.
const CONTEXT: &[u8] = b"latchkey application session v1";

/// An application's session. It rests sealed.
#[derive(Serialize, Deserialize)]
struct ApplicationSession {
    /// The origin that it was made for.
    origin: String,
    /// Where its parent lies.
    parent: Digest,
}

impl Sessions {
    /// The live parent of the session that an application's cookie names, if it was made for that
    /// `origin` (RFC 6454, as browsers write it). Does not count as activity.
    ///
    /// # Errors
    /// The store's; nothing may be concluded then, in particular not that nobody is signed in.
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
            self.keys.open_record(CONTEXT, &key.id, &record.bytes)
        else {
            tracing::warn!(
                ?key,
                "an application's session cannot be read: sealed with another key?"
            );
            return Ok(None);
        };
        if session.origin != origin {
            return Ok(None);
        }
        self.find_by_id(session.parent).await
    }

    /// Begins the session of an application, or finds it begun.
    pub(super) async fn begin_application(
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
        let sealed = self.keys.seal_record(CONTEXT, &key.id, &session)?;
        let now = self.clock.now();
        self.store
            .put(key, None, Precondition::Any, sealed, parent.expires_at, now)
            .await
            .map(|_| ())
    }
}

/// The token of a session at an application: who knows it knows neither the session's own nor that
/// of another application.
pub(super) fn token_at(origin: &str, session: &Token) -> Digest {
    session.derive(format!("latchkey application v1\n{origin}").as_bytes())
}

fn key(token: &Token) -> Key {
    Key {
        kind: RecordKind::Application,
        id: token.hash(),
    }
}
