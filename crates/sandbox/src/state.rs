//! The tenant's state: users with codes and locks, sessions, messages, client and OTP policy.
//!
//! It does no I/O and has no clock: callers pass the time.

pub mod channel;
pub mod client_registration;
pub mod contact;
pub mod inbox;
pub mod limits;
pub mod passcodes;
pub mod policy;
pub mod sessions;
pub mod user;
pub mod user_directory;

use std::collections::BTreeSet;

use client_registration::ClientRegistration;
use inbox::Inbox;
use limits::MAX_REVOKED_TOKENS;
use policy::OtpPolicy;
use sessions::Sessions;
use user_directory::UserDirectory;

/// The whole state. `/control/reset` replaces it by a new one.
#[derive(Debug, Default)]
pub struct TenantState {
    pub users: UserDirectory,
    pub sessions: Sessions,
    pub inbox: Inbox,
    pub client: ClientRegistration,
    pub policy: OtpPolicy,
    /// `iat` and `jti` of revoked access tokens.
    revoked_tokens: BTreeSet<(i64, String)>,
}

impl TenantState {
    /// Revokes an access token.
    pub fn revoke_token(&mut self, iat: i64, jti: &str) {
        self.revoked_tokens.insert((iat, jti.to_owned()));
        if self.revoked_tokens.len() > MAX_REVOKED_TOKENS {
            self.revoked_tokens.pop_first();
        }
    }

    /// Whether an access token was revoked.
    pub fn is_revoked(&self, iat: i64, jti: &str) -> bool {
        self.revoked_tokens.contains(&(iat, jti.to_owned()))
    }
}
