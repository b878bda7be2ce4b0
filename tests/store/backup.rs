//! Backups and their restoration: a backup contains one moment completely, and only a complete and
//! authentic one replaces a store.

mod authentication;
mod damage;
mod making;
mod restoring;
mod under_load;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use latchkey::domain::timestamp::Timestamp;
use latchkey::server::crypto::backup_keys::BackupKeys;
use latchkey::server::store::redb::{self, CheckedBackup, RestoreError, RestoreOptions};
use latchkey::server::store::{Precondition, PutOutcome, Store};
use tempfile::TempDir;

use crate::builders::{at, digest, session};
use crate::calls::reserve_one;
use crate::redb::open;

fn keys() -> BackupKeys {
    BackupKeys::derive(&[7; 32].into()).unwrap()
}

fn inspect(backup: &Path) -> Result<CheckedBackup, RestoreError> {
    redb::inspect(backup, &keys())
}

fn restore(
    backup: &Path,
    store: &Path,
    replace: bool,
    now: Timestamp,
) -> Result<(CheckedBackup, Option<PathBuf>), RestoreError> {
    let options = RestoreOptions {
        replace,
        ..RestoreOptions::default()
    };
    redb::restore(backup, store, options, &keys(), now)
}

/// A folder for a store and its backup.
struct TestFolder {
    folder: TempDir,
    store: PathBuf,
    backup: PathBuf,
}

impl TestFolder {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (store, backup) = (
            folder.path().join("store.redb"),
            folder.path().join("backup"),
        );
        Self {
            folder,
            store,
            backup,
        }
    }

    /// With something in each table, and a backup of it.
    async fn filled() -> Self {
        let folder = Self::new();
        let store = open(&folder.store);
        for number in 0..50 {
            put(&store, number).await;
        }
        reserve_one(&store, 1, 5).await.unwrap();
        store
            .back_up(&folder.backup, false, &keys(), at(3))
            .await
            .unwrap();
        store.close().unwrap();
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

async fn put(store: &dyn Store, number: u32) {
    let (key, owner) = (
        session(&number.to_string()),
        digest(&(number / 3).to_string()),
    );
    let stored = store
        .put(
            key,
            Some(owner),
            Precondition::Any,
            vec![7; 400],
            at(1000),
            at(0),
        )
        .await
        .unwrap();
    assert!(matches!(stored, PutOutcome::Stored(_)));
}

fn mode(file: &Path) -> u32 {
    fs::metadata(file).unwrap().permissions().mode() & 0o777
}
