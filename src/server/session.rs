//! Who is signed in: the record behind the cookie, its expiry, the list, and its end.
//!
//! The cookie carries a random token; the record lies under the token's hash, sealed. A session ends after its idle timeout,
//! after its absolute timeout in any case, when its person or the operator says so, and when upstream no longer knows it.
//!
//! - `record`: what is known of a session, how it rests, how it is found and changed. `opened`: what was opened lately.
//! - `begin`, `renew`, `end`: its life.
//! - `check`: whether upstream still knows it.
//! - `application`, `ticket`: what hangs on it on the hosts of applications.
//! - `list`, `others`, `revocation`: many of them at once, all but one, and all.
//! - `history`, `agent`: what a person recognises their sign-ins by.

use std::sync::Arc;

use tokio_util::task::TaskTracker;

use super::audit::Audit;
use super::clock::Clock;
use super::keys::Keys;
use super::random::Random;
use super::settings;
use super::store::Store;
use super::transmit::{Identity, Transmit};
use crate::domain::Identifier;

pub mod agent;
pub mod application;
mod begin;
mod check;
mod end;
pub mod history;
pub mod list;
mod opened;
mod others;
mod record;
mod renew;
mod revocation;
pub mod ticket;

pub use history::Newcomer;
pub use list::{Listed, Listing, Which};
pub use record::{Live, Session};
pub use revocation::Newest;

/// What a new session is made from.
#[derive(Debug)]
pub struct NewSession {
    /// Whom upstream let in.
    pub identity: Identity,
    /// What the person signed in with.
    pub identifier: Identifier,
    /// Whether to stay signed in.
    pub stay: bool,
    /// Browser and system.
    pub agent: agent::Agent,
    /// What names the browser, whoever signed in with it.
    pub browser: String,
    /// Whether it was not known for this user.
    pub new_browser: bool,
    /// [`Sessions::newest_revocation`], as it was before the code was compared.
    pub after_revocation: Newest,
}

/// All sessions. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Sessions {
    store: Arc<dyn Store>,
    keys: Arc<Keys>,
    random: Random,
    clock: Clock,
    audit: Audit,
    transmit: Transmit,
    settings: Arc<settings::Session>,
    keeps_phones: bool,
    opened: opened::Opened,
    touches: renew::Touches,
    tasks: TaskTracker,
}

impl Sessions {
    /// `tasks` are waited for when the server stops.
    #[expect(clippy::too_many_arguments, reason = "the parts are wired in one place")]
    pub fn new(
        store: Arc<dyn Store>,
        keys: Arc<Keys>,
        random: Random,
        clock: Clock,
        audit: Audit,
        transmit: Transmit,
        settings: settings::Session,
        tasks: TaskTracker,
    ) -> Self {
        let (opened, touches) = (opened::Opened::default(), renew::Touches::default());
        let settings = Arc::new(settings);
        Self { store, keys, random, clock, audit, transmit, settings, keeps_phones: false, opened, touches, tasks }
    }

    /// Whether phone numbers are kept in full, for applications that are told them.
    #[must_use]
    pub fn keeping_phones(self, keeps_phones: bool) -> Self {
        Self { keeps_phones, ..self }
    }
}
