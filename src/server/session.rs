//! Sessions: the record behind the cookie, its expiry, the list of a user, and its end.
//!
//! The cookie carries a random token, and the record is stored encrypted under the token's hash. A
//! session ends after its idle timeout or its absolute timeout. It also ends when its person or the
//! operator ends it, or when upstream no longer knows it.
//!
//! - `record`: the data of a session; `session_store`: how it is found and changed;
//!   `decrypted_cache`: recently decrypted records
//! - `create`, `touch`, `terminate`: its life; `pending_touches`: activity to be written
//! - `upstream_check`: whether upstream still knows it
//! - `ticket`, `application_session`: sessions of applications on other hosts
//! - `action_limit`: how often a session or user may do something
//! - `list`: many sessions; `revocation`, `revoke_others`: their end; `revocation_epoch`: the
//!   numbers that order revocations and sign-ins
//! - `sign_in_history`, `user_agent`: by what a person recognises a sign-in; `stored_user`: what is
//!   stored about a user

use std::sync::Arc;

use tokio_util::task::TaskTracker;

use crate::domain::Identifier;
use crate::server::audit::AuditLog;
use crate::server::crypto::derived_keys::DerivedKeys;
use crate::server::settings;
use crate::server::store::Store;
use crate::server::system::clock::Clock;
use crate::server::system::random::Random;
use crate::server::transmit::{Transmit, VerifiedIdentity};

mod action_limit;
pub mod application_session;
mod create;
mod decrypted_cache;
pub mod list;
mod pending_touches;
mod record;
mod revocation;
mod revocation_epoch;
mod revoke_others;
mod session_store;
pub mod sign_in_history;
mod stored_user;
mod terminate;
pub mod ticket;
mod touch;
mod upstream_check;
pub mod user_agent;
mod verified_phone;

pub use action_limit::ActionLimit;
pub use create::CreateOutcome;
pub use list::{ListedSession, SessionListing, SessionSelector};
pub use record::{ActiveSession, SessionRecord};
pub use revocation_epoch::RevocationEpoch;
pub use sign_in_history::NewDevice;
pub use stored_user::StoredUser;

use decrypted_cache::DecryptedCache;
use pending_touches::PendingTouches;

/// What a new session is created from.
#[derive(Debug)]
pub struct NewSession {
    /// The user, as upstream's tokens describe them.
    pub identity: VerifiedIdentity,
    /// What the person signed in with.
    pub identifier: Identifier,
    /// Whether to stay signed in.
    pub stay: bool,
    /// Browser and operating system.
    pub agent: user_agent::UserAgent,
    /// The id of the device.
    pub device_id: String,
    /// Whether the device was not recognised for this user.
    pub unrecognised_device: bool,
    /// [`Sessions::revocation_epoch`], read before the code was compared.
    pub epoch: RevocationEpoch,
}

/// The session store with its rules. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Sessions {
    store: Arc<dyn Store>,
    keys: Arc<DerivedKeys>,
    random: Random,
    clock: Clock,
    audit: AuditLog,
    transmit: Transmit,
    settings: Arc<settings::SessionSettings>,
    keeps_phone_numbers: bool,
    decrypted: DecryptedCache,
    touches: PendingTouches,
    tasks: TaskTracker,
}

impl Sessions {
    /// `tasks` are awaited when the server stops.
    #[expect(
        clippy::too_many_arguments,
        reason = "the dependencies are wired in one place"
    )]
    pub fn new(
        store: Arc<dyn Store>,
        keys: Arc<DerivedKeys>,
        random: Random,
        clock: Clock,
        audit: AuditLog,
        transmit: Transmit,
        settings: settings::SessionSettings,
        tasks: TaskTracker,
    ) -> Self {
        Self {
            store,
            keys,
            random,
            clock,
            audit,
            transmit,
            settings: Arc::new(settings),
            keeps_phone_numbers: false,
            decrypted: DecryptedCache::default(),
            touches: PendingTouches::default(),
            tasks,
        }
    }

    /// Sets whether phone numbers are stored in full, for applications that receive them.
    #[must_use]
    pub fn keep_phone_numbers(self, keeps_phone_numbers: bool) -> Self {
        Self {
            keeps_phone_numbers,
            ..self
        }
    }
}
