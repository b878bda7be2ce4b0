//! What is stored about one user, for the operator: to be exported or erased.

use crate::domain::Identifier;
use crate::domain::identifier_mask::MaskParts;
use crate::server::crypto::hash::Digest;
use crate::server::session::sign_in_history::{self, StoredHistory};
use crate::server::session::{ActiveSession, Sessions};
use crate::server::store::{Key, RecordKind, StoreError};

/// What is stored about a user under one issuer.
#[derive(Clone, Debug)]
pub struct StoredUser {
    /// The key of the user: a keyed hash of issuer and subject.
    pub owner: Digest,
    /// The sessions, also those that have ended and are not removed yet.
    pub sessions: Vec<ActiveSession>,
    /// The sign-in history, if there is one.
    pub history: Option<StoredHistory>,
}

impl StoredUser {
    /// By which events name the user.
    pub fn pseudonym(&self) -> Option<&str> {
        let of_history = self.history.iter().map(|history| &history.pseudonym);
        let of_sessions = self
            .sessions
            .iter()
            .map(|session| &session.record.pseudonym);
        of_history
            .chain(of_sessions)
            .flatten()
            .next()
            .map(String::as_str)
    }
}

impl Sessions {
    /// What is stored about a user (`sub`), for each issuer under which there is something.
    ///
    /// # Errors
    /// The store's.
    pub async fn stored_users_by_subject(
        &self,
        subject: &str,
    ) -> Result<Vec<StoredUser>, StoreError> {
        self.stored_users(self.owner_keys(subject)).await
    }

    /// What is stored about the users whose last sign-in was with an identifier.
    ///
    /// Histories of earlier versions do not say the identifier. So users are left out as well whose
    /// sessions show another one.
    ///
    /// # Errors
    /// The store's.
    pub async fn stored_users_by_identifier(
        &self,
        identifier: &Identifier,
    ) -> Result<Vec<StoredUser>, StoreError> {
        let key = self.keys.identifier_index(identifier);
        let mut users = self.stored_users_by_identifier_key(key).await?;
        let masked = identifier.masked();
        users.retain(|user| {
            let mut shown = user.sessions.iter().map(|session| &session.record.masked);
            user.sessions.is_empty() || shown.any(|shown| is_same_mask(shown, &masked))
        });
        Ok(users)
    }

    /// What is stored about the users whose last sign-in was with the identifier of a key. Their
    /// histories say that, because the list of a key may still name users who have signed in with
    /// another identifier since.
    ///
    /// # Errors
    /// The store's.
    pub async fn stored_users_by_identifier_key(
        &self,
        key: Digest,
    ) -> Result<Vec<StoredUser>, StoreError> {
        let listed = self.store.keys_by_owner(key, self.clock.now()).await?;
        let owners = listed
            .into_iter()
            .filter(|key| key.kind == RecordKind::SignInHistory)
            .map(|key| key.id);
        let mut users = self.stored_users(owners.collect()).await?;
        users.retain(|user| {
            let last = user.history.as_ref().and_then(|found| found.identifier_key);
            last.is_none_or(|last| last == key)
        });
        Ok(users)
    }

    /// Deletes what is stored about a user. Its sessions must have ended before.
    ///
    /// # Errors
    /// The store's.
    pub async fn forget_user(&self, user: &StoredUser) -> Result<(), StoreError> {
        let sessions = user.sessions.iter().map(|session| session.key);
        let history = user
            .history
            .iter()
            .map(|_| sign_in_history::key(user.owner));
        let keys: Vec<Key> = sessions.chain(history).collect();
        self.store.delete_all(&keys).await
    }

    async fn stored_users(&self, owners: Vec<Digest>) -> Result<Vec<StoredUser>, StoreError> {
        let mut users = Vec::new();
        for owner in owners {
            let user = StoredUser {
                owner,
                sessions: self.read_by_owner(owner).await?,
                history: self.stored_history(owner).await?,
            };
            if !user.sessions.is_empty() || user.history.is_some() {
                users.push(user);
            }
        }
        Ok(users)
    }
}

/// Whether two masks may be those of one identifier. Earlier versions showed other digits at the
/// beginning of a number, so its last two decide.
fn is_same_mask(a: &str, b: &str) -> bool {
    match (MaskParts::of(a), MaskParts::of(b)) {
        (MaskParts::PhoneNumber { ending: a }, MaskParts::PhoneNumber { ending: b }) => a == b,
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_of_earlier_versions_count_as_those_of_the_same_number() {
        for (a, b, is_same) in [
            ("+44 ••• ••• 56", "+44 ••• ••• 56", true),
            ("+41 ••• ••• 56", "+4 ••• ••• 56", true),
            ("+44 ••• ••• 56", "+44 ••• ••• 57", false),
            ("a•••@example.com", "a•••@example.com", true),
            ("a•••@example.com", "a•••@example.org", false),
            ("a•••@example.com", "b•••@example.com", false),
            ("a•••", "b•••", false),
            ("•••56", "+44 ••• ••• 56", false),
            ("", "+44 ••• ••• 56", false),
        ] {
            assert_eq!(is_same_mask(a, b), is_same, "{a} {b}");
        }
    }
}
