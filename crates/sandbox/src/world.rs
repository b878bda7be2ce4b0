//! What a tenant remembers: users with their codes and locks, sessions, messages, how the client
//! proves itself, and the policy over them.
//! No I/O and no clock: every call brings the moment.

pub mod client;
pub mod directory;
pub mod inbox;
pub mod passcode;
pub mod policy;
pub mod sessions;
pub mod user;

use std::collections::BTreeSet;

use client::Client;
use directory::Directory;
use inbox::Inbox;
use policy::Policy;
use sessions::Sessions;

/// Users at most; creating more is answered 429.
pub const MAX_USERS: usize = 250_000;
/// Sessions at most; the oldest are forgotten first.
pub const MAX_SESSIONS: usize = 250_000;
/// Messages that the inbox keeps; the oldest are forgotten first.
pub const MAX_MESSAGES: usize = 10_000;
/// Revoked access tokens that are remembered; the oldest issued are forgotten first.
pub const MAX_REVOKED: usize = 10_000;

/// All of it; `/control/reset` puts a new one in its place.
#[derive(Debug, Default)]
pub struct World {
    /// Who there is.
    pub users: Directory,
    /// Who is signed in.
    pub sessions: Sessions,
    /// What was sent.
    pub inbox: Inbox,
    /// How the application proves itself.
    pub client: Client,
    /// The rules of one-time codes.
    pub policy: Policy,
    revoked: BTreeSet<(i64, String)>,
}

impl World {
    /// Revokes the access token with this `iat` and `jti`.
    pub fn revoke(&mut self, iat: i64, jti: &str) {
        self.revoked.insert((iat, jti.to_owned()));
        if self.revoked.len() > MAX_REVOKED {
            self.revoked.pop_first();
        }
    }

    /// Whether the access token with this `iat` and `jti` was revoked.
    pub fn is_revoked(&self, iat: i64, jti: &str) -> bool {
        self.revoked.contains(&(iat, jti.to_owned()))
    }
}
