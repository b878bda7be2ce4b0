//! A cache of recently decrypted session records.
//!
//! A page causes many requests of one session, and decrypting a record costs more than reading it.
//! The cache decides nothing: the store is read every time, and an entry is used only if the stored
//! bytes are the same.

use std::collections::HashMap;
use std::mem;
use std::sync::{Arc, Mutex};

use crate::server::crypto::hash::Digest;
use crate::server::session::record::SessionRecord;
use crate::server::system::mutex::lock;

/// Records in each of the two generations. A record takes about 1.5 KB.
const GENERATION_SIZE: usize = 256;

/// Recently decrypted records, at most twice [`GENERATION_SIZE`]. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct DecryptedCache(Arc<Mutex<Generations>>);

/// When the newer generation is full it becomes the older one, and the older one is dropped.
#[derive(Debug, Default)]
struct Generations {
    newer: HashMap<Digest, CachedRecord>,
    older: HashMap<Digest, CachedRecord>,
}

#[derive(Clone, Debug)]
struct CachedRecord {
    sealed: Arc<[u8]>,
    session: Arc<SessionRecord>,
    owner: Digest,
}

impl DecryptedCache {
    /// The decrypted record of an id and its owner, if these bytes were decrypted before.
    pub(super) fn find(&self, id: &Digest, sealed: &[u8]) -> Option<(Arc<SessionRecord>, Digest)> {
        let mut generations = lock(&self.0);
        if let Some(entry) = generations.older.remove(id) {
            generations.insert(*id, entry);
        }
        let entry = generations
            .newer
            .get(id)
            .filter(|entry| *entry.sealed == *sealed)?;
        Some((entry.session.clone(), entry.owner))
    }

    /// Adds a decrypted record.
    pub(super) fn insert(
        &self,
        id: Digest,
        sealed: &[u8],
        session: Arc<SessionRecord>,
        owner: Digest,
    ) {
        lock(&self.0).insert(
            id,
            CachedRecord {
                sealed: sealed.into(),
                session,
                owner,
            },
        );
    }

    /// Removes a session that has ended.
    pub(super) fn remove(&self, id: &Digest) {
        let mut generations = lock(&self.0);
        generations.newer.remove(id);
        generations.older.remove(id);
    }
}

impl Generations {
    fn insert(&mut self, id: Digest, entry: CachedRecord) {
        if self.newer.len() >= GENERATION_SIZE {
            self.older = mem::take(&mut self.newer);
        }
        self.newer.insert(id, entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::timestamp::Timestamp;
    use crate::server::session::user_agent::UserAgent;
    use crate::server::store::format::LaterFields;
    use crate::server::transmit::SessionId;

    fn session(id: u8) -> Arc<SessionRecord> {
        let at = Timestamp::from_secs(0);
        Arc::new(SessionRecord {
            id: id.to_string(),
            upstream: SessionId::new("upstream"),
            issuer: String::new(),
            subject: String::new(),
            amr: Vec::new(),
            auth_time: at,
            pseudonym: None,
            roles: Vec::new(),
            masked: String::new(),
            profile_phone: None,
            phone: None,
            stay: false,
            created_at: at,
            last_seen_at: at,
            checked_at: at,
            asked_at: at,
            after_revocation: 0,
            agent: UserAgent::default(),
            device_id: String::new(),
            unrecognised_device: false,
            previous_sign_in: None,
            later: LaterFields::default(),
        })
    }

    #[test]
    fn an_entry_is_found_by_the_same_bytes_only() {
        let cache = DecryptedCache::default();
        cache.insert([1; 32], b"one", session(1), [9; 32]);
        let (found, owner) = cache.find(&[1; 32], b"one").unwrap();
        assert_eq!((found.id.as_str(), owner), ("1", [9; 32]));
        assert!(
            cache.find(&[1; 32], b"two").is_none(),
            "the record was changed"
        );
        assert!(cache.find(&[2; 32], b"one").is_none());
        cache.remove(&[1; 32]);
        assert!(cache.find(&[1; 32], b"one").is_none());
    }

    #[test]
    fn the_size_is_bounded_and_used_entries_stay() {
        let cache = DecryptedCache::default();
        cache.insert([0; 32], b"x", session(0), [0; 32]);
        for number in 0..10 * GENERATION_SIZE {
            let mut id = [1; 32];
            id[..8].copy_from_slice(&number.to_be_bytes());
            cache.insert(id, b"x", session(1), [0; 32]);
            assert!(cache.find(&[0; 32], b"x").is_some(), "used in every round");
        }
        let generations = cache.0.lock().unwrap();
        assert!(generations.newer.len() + generations.older.len() <= 2 * GENERATION_SIZE);
    }
}
