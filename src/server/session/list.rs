//! Lists of sessions: of a user, and of everybody for the operator.

use serde::{Deserialize, Serialize};

use crate::server::audit::{EndReason, EventSource};
use crate::server::crypto::hash::Digest;
use crate::server::session::{ActiveSession, Sessions};
use crate::server::store::{RecordKind, StoreError};

/// Most sessions in the operator's list.
const MAX_LISTED: usize = 10_000;

/// A session as the operator sees it. Times are RFC 3339.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedSession {
    /// The public id.
    pub id: String,
    /// `sub` of its user.
    pub user: String,
    /// The identifier, masked.
    pub identifier: String,
    /// Browser and operating system, if known.
    pub agent: Option<String>,
    /// Whether the device was not recognised at sign-in.
    #[serde(rename = "new_browser")]
    pub unrecognised_device: bool,
    /// Whether the person chose to stay signed in.
    pub stay: bool,
    /// When it was created.
    pub signed_in_at: String,
    /// When it was last active, to the minute.
    pub last_seen_at: String,
    /// When upstream last confirmed it.
    pub checked_at: String,
    /// When it ends without activity.
    pub idle_expires_at: String,
    /// When it ends although it is active.
    pub expires_at: String,
}

/// Active sessions for the operator.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SessionListing {
    /// Newest first.
    pub sessions: Vec<ListedSession>,
    /// Whether there are more sessions than the list holds.
    pub is_cut: bool,
}

/// Which sessions of a user to end.
#[derive(Clone, Debug)]
pub enum SessionSelector {
    /// The one with this public id.
    One(String),
    /// All but the one with this public id.
    AllBut(String),
}

impl Sessions {
    /// The active sessions of a user (`sub`) under any issuer, newest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn list_by_user(&self, subject: &str) -> Result<Vec<ActiveSession>, StoreError> {
        let records = self.read_by_user(subject).await?;
        let mut sessions = self.retain_active(records).await?;
        sort_newest_first(&mut sessions);
        Ok(sessions)
    }

    /// Ends sessions of a user at their request. Returns how many.
    ///
    /// # Errors
    /// The store's; some may have ended.
    pub async fn terminate_for_user(
        &self,
        subject: &str,
        selector: &SessionSelector,
        origin: &EventSource,
    ) -> Result<usize, StoreError> {
        if let SessionSelector::AllBut(_) = selector {
            self.record_revoke_others(subject).await?;
        }
        let mut sessions = self.list_by_user(subject).await?;
        sessions.retain(|session| match selector {
            SessionSelector::One(id) => session.record.id == *id,
            SessionSelector::AllBut(id) => session.record.id != *id,
        });
        let ended = self
            .terminate_each(sessions, EndReason::Revoked, origin)
            .await?;
        let count = ended.len();
        self.log_out_upstream(ended);
        Ok(count)
    }

    /// Ends every session of a user that exists now. Returns how many.
    ///
    /// # Errors
    /// The store's; some may have ended.
    pub async fn terminate_all_of(
        &self,
        subject: &str,
        reason: EndReason,
        origin: &EventSource,
    ) -> Result<usize, StoreError> {
        let sessions = self.list_by_user(subject).await?;
        let ended = self.terminate_each(sessions, reason, origin).await?;
        let count = ended.len();
        self.log_out_upstream(ended);
        Ok(count)
    }

    /// Active sessions for the operator: of one user (`sub`), or of all.
    ///
    /// # Errors
    /// The store's.
    pub async fn list_for_operator(
        &self,
        subject: Option<&str>,
    ) -> Result<SessionListing, StoreError> {
        let (mut sessions, is_cut) = match subject {
            Some(subject) => (self.list_by_user(subject).await?, false),
            None => self.list_all().await?,
        };
        sort_newest_first(&mut sessions);
        Ok(SessionListing {
            sessions: sessions.iter().map(ActiveSession::to_listed).collect(),
            is_cut,
        })
    }

    /// Ends the session with a public id for the operator. Returns whether it was active.
    ///
    /// # Errors
    /// The store's.
    pub async fn revoke_by_id(&self, id: &str, origin: &EventSource) -> Result<bool, StoreError> {
        let Some(id) = parse_public_id(id) else {
            return Ok(false);
        };
        let Some(session) = self.find_by_id(id).await? else {
            return Ok(false);
        };
        let ended = self
            .terminate_each(vec![session], EndReason::Operator, origin)
            .await?;
        let was_active = !ended.is_empty();
        self.log_out_upstream(ended);
        Ok(was_active)
    }

    async fn list_all(&self) -> Result<(Vec<ActiveSession>, bool), StoreError> {
        let page = self
            .store
            .scan(RecordKind::Session, MAX_LISTED, self.clock.now())
            .await?;
        let is_cut = page.len() == MAX_LISTED;
        let records = page
            .iter()
            .filter_map(|(key, record)| self.decrypt(*key, record))
            .collect();
        Ok((self.retain_active(records).await?, is_cut))
    }

    /// All stored sessions of a user, also ended ones.
    pub(super) async fn read_by_user(
        &self,
        subject: &str,
    ) -> Result<Vec<ActiveSession>, StoreError> {
        let mut records = Vec::new();
        for owner in self.owner_keys(subject) {
            records.extend(self.read_by_owner(owner).await?);
        }
        Ok(records)
    }

    /// All stored sessions of a user under one issuer, also ended ones.
    pub(super) async fn read_by_owner(
        &self,
        owner: Digest,
    ) -> Result<Vec<ActiveSession>, StoreError> {
        let now = self.clock.now();
        let mut keys = self.store.keys_by_owner(owner, now).await?;
        keys.retain(|key| key.kind == RecordKind::Session);
        let found = self.store.get_all(&keys, now).await?;
        let opened = keys
            .into_iter()
            .zip(found)
            .filter_map(|(key, record)| self.decrypt(key, &record?));
        Ok(opened.filter(|session| session.owner == owner).collect())
    }
}

impl ActiveSession {
    /// The session as the operator sees it.
    pub fn to_listed(&self) -> ListedSession {
        let record = &self.record;
        ListedSession {
            id: record.id.clone(),
            user: record.subject.clone(),
            identifier: record.masked.clone(),
            agent: record.agent.describe(),
            unrecognised_device: record.unrecognised_device,
            stay: record.stay,
            signed_in_at: record.created_at.to_rfc3339(),
            last_seen_at: record.last_seen_at.to_rfc3339(),
            checked_at: record.checked_at.to_rfc3339(),
            idle_expires_at: self.idle_expires_at.to_rfc3339(),
            expires_at: self.expires_at.to_rfc3339(),
        }
    }
}

/// Sorts by creation time, and then by key, so that the order is stable.
fn sort_newest_first(sessions: &mut [ActiveSession]) {
    sessions.sort_by_key(|session| (std::cmp::Reverse(session.record.created_at), session.key));
}

/// Parses a public id: the hash of the token in 64 hexadecimal digits.
fn parse_public_id(id: &str) -> Option<Digest> {
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
    use crate::server::crypto::hash::{sha256, to_hex};

    #[test]
    fn a_public_id_is_parsed_as_it_is_written() {
        let hash = sha256(b"a token");
        assert_eq!(parse_public_id(&to_hex(&hash)), Some(hash));
        for text in [
            "",
            "x",
            &"g".repeat(64),
            &"0".repeat(63),
            &"0".repeat(65),
            &"é".repeat(32),
        ] {
            assert_eq!(parse_public_id(text), None, "{text:?}");
        }
    }
}
