//! The sessions of a user, and of everybody, as their person and the operator see them.

use serde::{Deserialize, Serialize};

use crate::server::audit::{EndReason, Origin};
use crate::server::crypto::derived_keys::Digest;
use crate::server::session::{ActiveSession, Sessions};
use crate::server::store::{RecordKind, StoreError};

/// Most sessions that the operator's list shows.
const LONGEST_LIST: usize = 10_000;

/// A session as the operator sees it. Times are RFC 3339.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedSession {
    /// Its public id.
    pub id: String,
    /// `sub` of its user.
    pub user: String,
    /// The identifier, masked.
    pub identifier: String,
    /// Browser and system.
    pub agent: String,
    /// Whether the browser was not known at sign-in.
    pub new_browser: bool,
    /// Whether the person chose to stay signed in.
    pub stay: bool,
    /// When it began.
    pub signed_in_at: String,
    /// When it was last active, to the minute.
    pub last_seen_at: String,
    /// When upstream last said that it lives.
    pub checked_at: String,
    /// When it ends without activity.
    pub idle_expires_at: String,
    /// When it ends in any case.
    pub expires_at: String,
}

/// Live sessions for the operator.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SessionListing {
    /// Newest first.
    pub sessions: Vec<ListedSession>,
    /// Whether there are more than one list holds.
    pub is_cut: bool,
}

/// Which sessions are to end.
#[derive(Clone, Debug)]
pub enum SessionSelector {
    /// The one with this public id.
    One(String),
    /// All but the one with this public id.
    AllBut(String),
}

impl Sessions {
    /// The live sessions of a user (`sub`), newest first; whichever issuer they began under.
    ///
    /// # Errors
    /// The store's.
    pub async fn of_user(&self, subject: &str) -> Result<Vec<ActiveSession>, StoreError> {
        let records = self.records_of(subject).await?;
        let mut sessions = self.living(records).await?;
        sort(&mut sessions);
        Ok(sessions)
    }

    /// Ends sessions of a user for their person. Says how many.
    ///
    /// # Errors
    /// The store's; some may have ended.
    pub async fn end_of_user(
        &self,
        subject: &str,
        which: &SessionSelector,
        origin: &Origin,
    ) -> Result<usize, StoreError> {
        if let SessionSelector::AllBut(_) = which {
            self.mark_others(subject).await?;
        }
        let mut sessions = self.of_user(subject).await?;
        sessions.retain(|live| match which {
            SessionSelector::One(id) => live.session.id == *id,
            SessionSelector::AllBut(id) => live.session.id != *id,
        });
        let ended = self.end_each(sessions, EndReason::Revoked, origin).await?;
        let count = ended.len();
        self.end_upstream(ended);
        Ok(count)
    }

    /// Live sessions for the operator: of one user (`sub`), or of all.
    ///
    /// # Errors
    /// The store's.
    pub async fn listing(&self, subject: Option<&str>) -> Result<SessionListing, StoreError> {
        let (mut sessions, is_cut) = match subject {
            Some(subject) => (self.of_user(subject).await?, false),
            None => self.all().await?,
        };
        sort(&mut sessions);
        Ok(SessionListing {
            sessions: sessions.iter().map(ActiveSession::listed).collect(),
            is_cut,
        })
    }

    /// Ends the session with a public id for the operator. Whether it lived.
    ///
    /// # Errors
    /// The store's.
    pub async fn revoke_one(&self, id: &str, origin: &Origin) -> Result<bool, StoreError> {
        let Some(id) = digest(id) else {
            return Ok(false);
        };
        let Some(live) = self.find_by_id(id).await? else {
            return Ok(false);
        };
        let ended = self
            .end_each(vec![live], EndReason::Operator, origin)
            .await?;
        let lived = !ended.is_empty();
        self.end_upstream(ended);
        Ok(lived)
    }

    async fn all(&self) -> Result<(Vec<ActiveSession>, bool), StoreError> {
        let page = self
            .store
            .scan(RecordKind::Session, LONGEST_LIST, self.clock.now())
            .await?;
        let is_cut = page.len() == LONGEST_LIST;
        let records = page
            .iter()
            .filter_map(|(key, record)| self.open(*key, record))
            .collect();
        Ok((self.living(records).await?, is_cut))
    }

    /// What the store has of a user, whether it lives or not.
    pub(super) async fn records_of(&self, subject: &str) -> Result<Vec<ActiveSession>, StoreError> {
        let now = self.clock.now();
        let mut records = Vec::new();
        for owner in self.owners(subject) {
            let mut keys = self.store.owned(owner, now).await?;
            keys.retain(|key| key.kind == RecordKind::Session);
            let found = self.store.get_all(&keys, now).await?;
            let opened = keys
                .into_iter()
                .zip(found)
                .filter_map(|(key, record)| self.open(key, &record?));
            records.extend(opened.filter(|live| live.owner == owner));
        }
        Ok(records)
    }
}

impl ActiveSession {
    /// What the operator sees.
    fn listed(&self) -> ListedSession {
        let session = &self.session;
        ListedSession {
            id: session.id.clone(),
            user: session.subject.clone(),
            identifier: session.masked.clone(),
            agent: session.agent.to_string(),
            new_browser: session.new_browser,
            stay: session.stay,
            signed_in_at: session.created_at.to_rfc3339(),
            last_seen_at: session.last_seen_at.to_rfc3339(),
            checked_at: session.checked_at.to_rfc3339(),
            idle_expires_at: self.idle_expires_at.to_rfc3339(),
            expires_at: self.expires_at.to_rfc3339(),
        }
    }
}

/// Newest first; those of one moment in an order of their own.
fn sort(sessions: &mut [ActiveSession]) {
    sessions.sort_by_key(|live| (std::cmp::Reverse(live.session.created_at), live.key));
}

/// The hash that a public id shows: 64 hexadecimal digits.
fn digest(id: &str) -> Option<Digest> {
    let mut hash = Digest::default();
    if id.len() != hash.len() * 2 || !id.is_ascii() {
        return None;
    }
    for (byte, digits) in hash.iter_mut().zip(id.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::crypto::derived_keys::{hexadecimal, sha256};

    #[test]
    fn a_public_id_reads_back() {
        let hash = sha256(b"a token");
        assert_eq!(digest(&hexadecimal(&hash)), Some(hash));
        for text in [
            "",
            "x",
            &"g".repeat(64),
            &"0".repeat(63),
            &"0".repeat(65),
            &"é".repeat(32),
        ] {
            assert_eq!(digest(text), None, "{text:?}");
        }
    }
}
