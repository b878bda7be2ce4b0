//! Restoring a backup.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use latchkey::server::store::redb::{OpenRedbError, RedbOptions, RedbStore, RestoreError};
use latchkey::server::store::{Precondition, Store};
use latchkey::server::system::clock::Clock;

use super::{TestFolder, keys, mode, restore};
use crate::builders::{at, charge, digest, flow, person, session, ticket};
use crate::calls::used;
use crate::model::{agrees, histories};
use crate::redb::open;

#[test]
fn it_agrees_with_the_model_through_backups_and_restores() {
    histories(48, 120, async |history| {
        let folder = TestFolder::new();
        let reopen = async |store: Arc<dyn Store>| {
            store
                .back_up(&folder.backup, true, &keys(), at(0))
                .await
                .unwrap();
            // Whatever comes after the backup is undone by the restore.
            store
                .put(
                    flow("later"),
                    Some(digest("owner 0")),
                    Precondition::Any,
                    vec![],
                    at(9999),
                    at(0),
                )
                .await
                .unwrap();
            store
                .reset(&person("a"), &["sends", "tries", "failures"], at(0))
                .await
                .unwrap();
            drop(store);
            let (_, aside) = restore(&folder.backup, &folder.store, true, at(0)).unwrap();
            fs::remove_file(aside.unwrap()).unwrap();
            Arc::new(open(&folder.store)) as Arc<dyn Store>
        };
        agrees(Arc::new(open(&folder.store)), reopen, history).await;
    });
}

#[tokio::test]
async fn two_restores_in_one_second_keep_both_old_stores() {
    let folder = TestFolder::filled().await;
    let mut kept = Vec::new();
    for _ in 0..2 {
        let (_, aside) = restore(&folder.backup, &folder.store, true, at(9)).unwrap();
        kept.push(aside.unwrap());
    }
    assert!(
        kept[0] != kept[1] && kept.iter().all(|path| path.is_file()),
        "{kept:?}"
    );
}

#[tokio::test]
async fn what_is_restored_is_the_moment_of_the_backup_and_the_old_store_is_kept() {
    let folder = TestFolder::filled().await;
    let store = open(&folder.store);
    store.delete(session("1")).await.unwrap();
    store
        .put(
            session("new"),
            None,
            Precondition::Absent,
            vec![],
            at(1000),
            at(5),
        )
        .await
        .unwrap();
    store
        .reserve(ticket(2), &person("a"), &[charge("x", 3, 5)], at(5))
        .await
        .unwrap();
    store.close().unwrap();

    assert!(matches!(
        restore(&folder.backup, &folder.store, false, at(9)),
        Err(RestoreError::Exists(_))
    ));
    let (found, aside) = restore(&folder.backup, &folder.store, true, at(9)).unwrap();
    assert_eq!(found.summary.taken_at, at(3));
    let (restored, old) = (open(&folder.store), open(&aside.unwrap()));
    for (store, gone, new, expected) in [(&restored, false, false, 1), (&old, true, true, 4)] {
        assert_eq!(
            store.get(session("1"), at(9)).await.unwrap().is_none(),
            gone
        );
        assert_eq!(
            store.get(session("new"), at(9)).await.unwrap().is_some(),
            new
        );
        assert_eq!(used(store, "x", 9).await, expected);
    }
    assert_eq!(mode(&folder.store), 0o600);
    // Where there is no store, nothing has to be told.
    let elsewhere = folder.path("other/data/store.redb");
    restore(&folder.backup, &elsewhere, false, at(9)).unwrap();
    assert_eq!(
        open(&elsewhere)
            .keys_by_owner(digest("0"), at(9))
            .await
            .unwrap()
            .len(),
        3
    );
}

#[tokio::test]
async fn a_store_in_use_is_not_replaced() {
    let folder = TestFolder::filled().await;
    let store = open(&folder.store);
    assert!(matches!(
        restore(&folder.backup, &folder.store, true, at(9)),
        Err(RestoreError::InUse(_))
    ));
    assert!(store.get(session("1"), at(9)).await.unwrap().is_some());
    assert_eq!(folder.names(), ["backup", "store.redb"]);
}

/// The backup is a pipe, so that the test decides how long reading it takes.
#[tokio::test]
async fn no_server_begins_on_a_place_that_a_backup_is_about_to_take() {
    let folder = TestFolder::filled().await;
    let sound = fs::read(&folder.backup).unwrap();
    let pipe = folder.path("pipe");
    let made = std::process::Command::new("mkfifo")
        .arg(&pipe)
        .status()
        .unwrap();
    assert!(made.success());
    for is_there in [true, false] {
        if !is_there {
            fs::remove_file(&folder.store).unwrap();
        }
        let restoring = {
            let (pipe, store) = (pipe.clone(), folder.store.clone());
            std::thread::spawn(move || restore(&pipe, &store, is_there, at(9)))
        };
        let new = folder.path("store.redb.restoring");
        let clock = Clock::system();
        while !new.exists() {
            clock.sleep(Duration::from_millis(1)).await;
        }
        let begun = RedbStore::open(&folder.store, RedbOptions::default());
        assert!(
            matches!(begun, Err(OpenRedbError::InUse(_))),
            "{is_there}: {begun:?}"
        );
        let second = restore(&folder.backup, &folder.store, true, at(9));
        assert!(
            matches!(second, Err(RestoreError::InUse(_))),
            "{is_there}: {second:?}"
        );
        fs::write(&pipe, &sound).unwrap();
        let (_, aside) = restoring.join().unwrap().unwrap();
        assert_eq!(aside.is_some(), is_there);
        let store = open(&folder.store);
        assert!(
            store.get(session("1"), at(9)).await.unwrap().is_some(),
            "what is there is the backup"
        );
        store.close().unwrap();
        aside.map(fs::remove_file).transpose().unwrap();
    }
    assert_eq!(folder.names(), ["backup", "pipe", "store.redb"]);
}

#[tokio::test]
async fn a_place_without_a_store_is_as_before_when_there_is_nothing_to_restore() {
    let folder = TestFolder::filled().await;
    fs::remove_file(&folder.store).unwrap();
    assert!(restore(&folder.path("none"), &folder.store, false, at(9)).is_err());
    assert_eq!(folder.names(), ["backup"]);
    // Broken off by a crash: an empty file is no store, and nothing has to be told.
    fs::write(&folder.store, "").unwrap();
    let (_, aside) = restore(&folder.backup, &folder.store, false, at(9)).unwrap();
    assert_eq!(
        (aside, folder.names()),
        (None, vec!["backup".to_owned(), "store.redb".to_owned()])
    );
    assert_eq!(mode(&folder.store), 0o600);
}
