//! Records that were opened lately: a page brings many requests of one session, and to open a
//! record costs more than to find it.
//!
//! Nothing is decided here. The store is asked every time, and only what rests there to the byte is
//! taken as opened before.

use std::collections::HashMap;
use std::mem;
use std::sync::{Arc, Mutex};

use crate::server::crypto::derived_keys::Digest;
use crate::server::session::Session;
use crate::server::system::mutex::lock;

/// Records in each of the two halves. Each takes about 1.5 KB.
const HALF: usize = 256;

/// Records that were opened lately, at most twice [`HALF`].
#[derive(Clone, Debug, Default)]
pub(super) struct DecryptedCache(Arc<Mutex<Halves>>);

/// When the newer half is full it becomes the older one, and what was the older one is forgotten.
#[derive(Debug, Default)]
struct Halves {
    newer: HashMap<Digest, Entry>,
    older: HashMap<Digest, Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    sealed: Arc<[u8]>,
    session: Arc<Session>,
    owner: Digest,
}

impl DecryptedCache {
    /// What the record of that id holds, if these very bytes were opened before; its session and
    /// its owner.
    pub(super) fn find(&self, id: &Digest, sealed: &[u8]) -> Option<(Arc<Session>, Digest)> {
        let mut halves = lock(&self.0);
        if let Some(entry) = halves.older.remove(id) {
            halves.keep(*id, entry);
        }
        let entry = halves
            .newer
            .get(id)
            .filter(|entry| *entry.sealed == *sealed)?;
        Some((entry.session.clone(), entry.owner))
    }

    /// Remembers what was opened.
    pub(super) fn keep(&self, id: Digest, sealed: &[u8], session: Arc<Session>, owner: Digest) {
        lock(&self.0).keep(
            id,
            Entry {
                sealed: sealed.into(),
                session,
                owner,
            },
        );
    }

    /// Forgets a session that has ended.
    pub(super) fn forget(&self, id: &Digest) {
        let mut halves = lock(&self.0);
        halves.newer.remove(id);
        halves.older.remove(id);
    }
}

impl Halves {
    fn keep(&mut self, id: Digest, entry: Entry) {
        if self.newer.len() >= HALF {
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
    use crate::server::transmit::SessionId;

    fn session(id: u8) -> Arc<Session> {
        let at = Timestamp::from_secs(0);
        Arc::new(Session {
            id: id.to_string(),
            upstream: SessionId::new("upstream"),
            issuer: String::new(),
            subject: String::new(),
            amr: Vec::new(),
            auth_time: at,
            roles: Vec::new(),
            masked: String::new(),
            phone: None,
            stay: false,
            created_at: at,
            last_seen_at: at,
            checked_at: at,
            asked_at: at,
            after_revocation: 0,
            agent: UserAgent::default(),
            browser: String::new(),
            new_browser: false,
            previous_sign_in: None,
        })
    }

    #[test]
    fn only_the_same_bytes_are_taken_as_opened() {
        let opened = DecryptedCache::default();
        opened.keep([1; 32], b"one", session(1), [9; 32]);
        let (found, owner) = opened.find(&[1; 32], b"one").unwrap();
        assert_eq!((found.id.as_str(), owner), ("1", [9; 32]));
        assert!(
            opened.find(&[1; 32], b"two").is_none(),
            "it was changed since"
        );
        assert!(opened.find(&[2; 32], b"one").is_none());
        opened.forget(&[1; 32]);
        assert!(opened.find(&[1; 32], b"one").is_none());
    }

    #[test]
    fn it_never_grows_beyond_its_two_halves_and_keeps_what_is_in_use() {
        let opened = DecryptedCache::default();
        opened.keep([0; 32], b"x", session(0), [0; 32]);
        for number in 0..10 * HALF {
            let mut id = [1; 32];
            id[..8].copy_from_slice(&number.to_be_bytes());
            opened.keep(id, b"x", session(1), [0; 32]);
            assert!(opened.find(&[0; 32], b"x").is_some(), "used all the time");
        }
        let halves = opened.0.lock().unwrap();
        assert!(halves.newer.len() + halves.older.len() <= 2 * HALF);
    }
}
