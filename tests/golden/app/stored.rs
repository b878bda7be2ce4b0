//! What is stored: records, metadata and backups.

use std::path::Path;

use latchkey::domain::timestamp::Timestamp;
use latchkey::server::audit::{Event, EventSource};
use latchkey::server::crypto::backup_keys::BackupKeys;
use latchkey::server::crypto::derived_keys::IndexPurpose;
use latchkey::server::store::redb::{RestoreError, RestoreOptions, inspect, restore};
use latchkey::server::store::{Key, Precondition, RecordKind, metadata};

use super::TestApp;
use super::config::ID;

impl TestApp {
    /// Whether the store was last used with these keys; `None` for a new store.
    pub async fn has_these_keys(&self) -> Option<bool> {
        let mark = metadata::read_key_fingerprints(&*self.store)
            .await
            .unwrap()?;
        Some(
            mark.find_mismatch(&self.product.state.services.keys)
                .is_none(),
        )
    }

    pub async fn last_use(&self) -> u64 {
        metadata::read_last_use(&*self.store)
            .await
            .unwrap()
            .unwrap()
            .as_millis()
    }

    /// Writes the time of the last use, as the binary does every few minutes.
    pub async fn mark_use(&self) {
        metadata::write_last_use(&*self.store, self.clock.now())
            .await
            .unwrap();
    }

    /// Writes the store metadata and the audit events of a start and a stop, as the binary does.
    pub async fn mark(&self) {
        let keys = &self.product.state.services.keys;
        metadata::write_key_fingerprints(&*self.store, None, keys, self.clock.now())
            .await
            .unwrap();
        metadata::write_last_use(&*self.store, self.clock.now())
            .await
            .unwrap();
        let audit = |event: &Event| {
            self.product
                .state
                .audit
                .emit(&EventSource::default(), event)
        };
        let public_url = ID.to_owned();
        audit(&Event::Startup {
            version: "0",
            public_url,
            store: "redb",
            sandbox: false,
        });
        audit(&self.product.test_numbers.startup_event().unwrap());
        audit(&Event::Shutdown);
    }

    /// The keyed hashes of a value, by purpose.
    pub fn indexes(&self, value: &[u8]) -> Vec<(&'static str, [u8; 32])> {
        let keys = &self.product.state.services.keys;
        [
            ("identifier", IndexPurpose::Identifier),
            ("owner", IndexPurpose::Owner),
            ("form", IndexPurpose::Form),
            ("device", IndexPurpose::Device),
            ("delivery", IndexPurpose::Delivery),
        ]
        .map(|(name, index)| (name, keys.index(index, value)))
        .to_vec()
    }

    /// The bytes and the expiry of a record. `kind` is its number in storage.
    pub async fn record(&self, kind: u8, id: [u8; 32]) -> Option<(Vec<u8>, u64)> {
        let key = Key {
            kind: RecordKind::from_repr(kind).unwrap(),
            id,
        };
        let record = self.store.get(key, self.clock.now()).await.unwrap()?;
        Some((record.bytes, record.expires_at.as_millis()))
    }

    pub async fn put(&self, kind: u8, id: [u8; 32], (bytes, expires_at): (Vec<u8>, u64)) {
        let key = Key {
            kind: RecordKind::from_repr(kind).unwrap(),
            id,
        };
        let (end, now) = (Timestamp::from_millis(expires_at), self.clock.now());
        self.store
            .put(key, None, Precondition::Any, bytes, end, now)
            .await
            .unwrap();
    }

    pub async fn sweep(&self) -> usize {
        self.store.sweep(self.clock.now(), 10_000).await.unwrap()
    }
}

/// The numbers of sessions, records and counters of a backup, if it is complete.
pub fn inspected(backup: &Path) -> (u64, u64, u64) {
    let contents = inspect(backup, &BackupKeys::default()).unwrap().summary;
    (contents.sessions, contents.records, contents.counters)
}

/// Restores a backup without an authentication code, as docs/operators/backup.md says.
pub fn restored(backup: &Path, store: &Path, now: u64) {
    let (keys, now) = (BackupKeys::default(), Timestamp::from_millis(now));
    let mut options = RestoreOptions::default();
    let refused = restore(backup, store, options, &keys, now);
    assert!(matches!(refused, Err(RestoreError::Unauthenticated(_))));
    options.accept_unauthenticated = true;
    restore(backup, store, options, &keys, now).unwrap();
}
