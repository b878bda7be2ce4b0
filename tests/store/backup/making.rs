//! Making a backup, and compacting the store's file.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;

use latchkey::server::store::redb::{self, RedbOptions, RedbStore};
use latchkey::server::store::{BackupAuthentication, BackupError, ReservationOutcome, Store};

use super::{TestFolder, inspect, keys, mode, put};
use crate::builders::{at, digest, session};
use crate::calls::{reserve_one, used};
use crate::redb::open;

#[tokio::test]
async fn a_backup_is_private_sound_and_says_what_is_in_it() {
    let folder = TestFolder::filled().await;
    assert_eq!(folder.names(), ["backup", "store.redb"]);
    assert_eq!(mode(&folder.backup), 0o600);
    let before = fs::read(&folder.backup).unwrap();
    let found = inspect(&folder.backup).unwrap();
    assert!(
        fs::read(&folder.backup).unwrap() == before,
        "looking changed it"
    );
    let contents = found.summary;
    assert_eq!(
        (
            contents.taken_at,
            contents.sessions,
            contents.records,
            contents.counters
        ),
        (at(3), 50, 50, 1)
    );
    assert_eq!(contents.bytes, before.len() as u64);
    assert_eq!(found.keys, None);
    assert_eq!(found.authentication, BackupAuthentication::Authentic);
    assert_eq!(folder.names(), ["backup", "store.redb"]);
}

#[tokio::test]
async fn a_backup_takes_no_file_from_anybody_unless_told() {
    let folder = TestFolder::filled().await;
    let store = open(&folder.store);
    let before = fs::read(&folder.backup).unwrap();
    assert!(matches!(
        store.back_up(&folder.backup, false, &keys(), at(4)).await,
        Err(BackupError::Exists(_))
    ));
    assert!(fs::read(&folder.backup).unwrap() == before);
    for name in [folder.store.clone(), folder.path("./store.redb")] {
        assert!(matches!(
            store.back_up(&name, true, &keys(), at(4)).await,
            Err(BackupError::IsStoreFile(_))
        ));
    }
    let missing = folder.path("missing/backup");
    let error = store
        .back_up(&missing, false, &keys(), at(4))
        .await
        .unwrap_err();
    assert!(
        matches!(error, BackupError::File { .. }) && error.to_string().contains("missing/backup"),
        "{error}"
    );
    // What a backup left that was broken off is in nobody's way.
    fs::write(folder.path("backup.partial"), "half").unwrap();
    let contents = store
        .back_up(&folder.backup, true, &keys(), at(4))
        .await
        .unwrap();
    assert_eq!((contents.taken_at, contents.sessions), (at(4), 50));
    assert_eq!(folder.names(), ["backup", "store.redb"]);
    assert!(matches!(
        RedbStore::in_memory(RedbOptions::default())
            .unwrap()
            .back_up(&folder.backup, false, &keys(), at(4))
            .await,
        Err(BackupError::Exists(_))
    ));
}

#[tokio::test]
async fn compacting_makes_the_file_small_and_loses_nothing() {
    let folder = TestFolder::new();
    let store = open(&folder.store);
    let puts = (0..4000).map(|number| put(&store, number));
    futures_util::future::join_all(puts).await;
    let granted = reserve_one(&store, 1, 5).await.unwrap();
    assert_eq!(granted, ReservationOutcome::Granted);
    let deletes = (50..4000).map(|number| {
        let store = &store;
        async move { store.delete(session(&number.to_string())).await.unwrap() }
    });
    futures_util::future::join_all(deletes).await;
    assert!(redb::compact(&folder.store).is_err(), "it is in use");
    store.close().unwrap();
    let (before, after) = redb::compact(&folder.store).unwrap();
    assert_eq!(fs::metadata(&folder.store).unwrap().len(), after);
    assert!(after < before / 2, "{before} to {after}");
    let store = open(&folder.store);
    assert_eq!(
        store.keys_by_owner(digest("0"), at(1)).await.unwrap().len(),
        3
    );
    assert_eq!(used(&store, "x", 1).await, 1);
}

#[tokio::test]
async fn a_backup_replaces_nothing_but_a_backup() {
    let place = TestFolder::filled().await;
    let store = open(&place.store);
    let path = |name: &str| place.folder.path().join(name);
    fs::write(path("key"), "a secret key\n").unwrap();
    fs::write(path("short"), "latchkey backup").unwrap();
    fs::create_dir(path("folder")).unwrap();
    symlink(path("key"), path("link")).unwrap();
    // A link, so that a fault replaces no device of the machine.
    symlink("/dev/null", path("device")).unwrap();
    let _socket = UnixListener::bind(path("socket")).unwrap();
    let replace = async |path: &Path| store.back_up(path, true, &keys(), at(4)).await;
    for name in ["key", "short", "folder", "link", "device", "socket"] {
        let error = replace(&path(name)).await.unwrap_err();
        assert!(
            matches!(error, BackupError::NotABackup(_)),
            "{name}: {error}"
        );
        assert!(!error.is_temporary());
    }
    assert_eq!(fs::read(path("key")).unwrap(), b"a secret key\n");

    fs::write(path("empty"), "").unwrap();
    for name in ["empty", "new", "backup"] {
        replace(&path(name)).await.unwrap();
        inspect(&path(name)).unwrap();
    }
}
