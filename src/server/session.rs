//! Who is signed in: the record behind the cookie, its expiry, the list, and its end.
//!
//! The cookie carries a random token; the record lies under the token's hash, sealed. A session
//! ends after its idle timeout, after its absolute timeout in any case, when its person or the
//! operator says so, and when upstream no longer knows it.
//!
//! - `record`: what is known of a session, how it rests, how it is found and changed. `opened`:
//!   what was opened lately.
//! - `begin`, `renew`, `end`: its life.
//! - `check`: whether upstream still knows it.
//! - `application`, `ticket`: what hangs on it on the hosts of applications.
//! - `list`, `others`, `revocation`: many of them at once, all but one, and all.
//! - `history`, `agent`: what a person recognises their sign-ins by.

use std::sync::Arc;

use tokio_util::task::TaskTracker;

use crate::domain::Identifier;
use crate::server::audit::Audit;
use crate::server::crypto::derived_keys::DerivedKeys;
use crate::server::settings;
use crate::server::store::Store;
use crate::server::system::clock::Clock;
use crate::server::system::random::Random;
use crate::server::transmit::{Transmit, VerifiedIdentity};

pub mod application_session;
mod create;
mod decrypted_cache;
pub mod list;
mod record;
mod revocation;
mod revoke_others;
pub mod sign_in_history;
mod terminate;
pub mod ticket;
mod touch;
mod upstream_check;
pub mod user_agent;

pub use list::{ListedSession, SessionListing, SessionSelector};
pub use record::{ActiveSession, Session};
pub use revocation::RevocationEpoch;
pub use sign_in_history::NewDevice;

/// What a new session is made from.
#[derive(Debug)]
pub struct NewSession {
    /// Whom upstream let in.
    pub identity: VerifiedIdentity,
    /// What the person signed in with.
    pub identifier: Identifier,
    /// Whether to stay signed in.
    pub stay: bool,
    /// Browser and system.
    pub agent: user_agent::UserAgent,
    /// What names the browser, whoever signed in with it.
    pub browser: String,
    /// Whether it was not known for this user.
    pub new_browser: bool,
    /// [`Sessions::newest_revocation`], as it was before the code was compared.
    pub after_revocation: RevocationEpoch,
}

/// All sessions. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Sessions {
    store: Arc<dyn Store>,
    keys: Arc<DerivedKeys>,
    random: Random,
    clock: Clock,
    audit: Audit,
    transmit: Transmit,
    settings: Arc<settings::SessionSettings>,
    keeps_phones: bool,
    opened: decrypted_cache::DecryptedCache,
    touches: touch::Touches,
    tasks: TaskTracker,
}

impl Sessions {
    /// `tasks` are waited for when the server stops.
    #[expect(
        clippy::too_many_arguments,
        reason = "the parts are wired in one place"
    )]
    pub fn new(
        store: Arc<dyn Store>,
        keys: Arc<DerivedKeys>,
        random: Random,
        clock: Clock,
        audit: Audit,
        transmit: Transmit,
        settings: settings::SessionSettings,
        tasks: TaskTracker,
    ) -> Self {
        let (opened, touches) = (
            decrypted_cache::DecryptedCache::default(),
            touch::Touches::default(),
        );
        let settings = Arc::new(settings);
        Self {
            store,
            keys,
            random,
            clock,
            audit,
            transmit,
            settings,
            keeps_phones: false,
            opened,
            touches,
            tasks,
        }
    }

    /// Whether phone numbers are kept in full, for applications that are told them.
    #[must_use]
    pub fn keeping_phones(self, keeps_phones: bool) -> Self {
        Self {
            keeps_phones,
            ..self
        }
    }
}
