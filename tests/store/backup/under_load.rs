//! Backups of a store that is in use, or is closed meanwhile.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use latchkey::server::store::redb::RedbStore;
use latchkey::server::store::{BackupError, Store, StoreError};
use latchkey::server::system::clock::{Clock, Stopwatch};

use super::{TestFolder, keys, put, restore};
use crate::builders::{at, session};
use crate::redb::open;

/// Puts session after session until told to stop, and counts those that were acknowledged.
async fn load(
    store: Arc<RedbStore>,
    stop: Arc<AtomicBool>,
    told: Arc<AtomicU32>,
    slowest: Arc<AtomicU32>,
) {
    while !stop.load(Ordering::Relaxed) {
        let number = told.load(Ordering::Relaxed);
        let watch = Stopwatch::start();
        put(&*store, number).await;
        let took = u32::try_from(watch.elapsed().as_millis()).unwrap();
        slowest.fetch_max(took, Ordering::Relaxed);
        told.store(number + 1, Ordering::Relaxed);
    }
}

/// `LATCHKEY_BACKUP_SESSIONS` sets how many are there; 5,000 without it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_under_load_holds_everything_told_of_before_it_began_and_keeps_nobody_waiting() {
    let sessions =
        std::env::var("LATCHKEY_BACKUP_SESSIONS").map_or(5000, |number| number.parse().unwrap());
    let folder = TestFolder::new();
    let store = Arc::new(open(&folder.store));
    for first in (0..sessions).step_by(500) {
        let puts = (first..sessions.min(first + 500)).map(|number| put(&*store, number));
        futures_util::future::join_all(puts).await;
    }
    let size = |path: &Path| fs::metadata(path).unwrap().len();
    let before = size(&folder.store);
    let (stop, told, slowest) = (
        Arc::default(),
        Arc::new(AtomicU32::new(sessions)),
        Arc::default(),
    );
    let loading = tokio::spawn(load(
        store.clone(),
        Arc::clone(&stop),
        told.clone(),
        Arc::clone(&slowest),
    ));
    let mut told_before = told.load(Ordering::Relaxed);
    while told_before < sessions + 20 {
        Clock::system().sleep(Duration::from_millis(1)).await;
        told_before = told.load(Ordering::Relaxed);
    }
    slowest.store(0, Ordering::Relaxed);
    let watch = Stopwatch::start();
    let contents = store
        .back_up(&folder.backup, false, &keys(), at(1))
        .await
        .unwrap();
    let took = watch.elapsed();
    let (told_after, waited) = (
        told.load(Ordering::Relaxed),
        slowest.load(Ordering::Relaxed),
    );
    stop.store(true, Ordering::Relaxed);
    loading.await.unwrap();
    println!(
        "{sessions} sessions, {} KiB: backed up in {} ms to {} KiB; meanwhile {} puts, the \
         slowest {waited} ms, and the file grew by {} KiB",
        before >> 10,
        took.as_millis(),
        contents.bytes >> 10,
        told_after - told_before,
        (size(&folder.store) - before) >> 10,
    );
    assert!(
        u64::from(told_before) <= contents.sessions
            && contents.sessions <= u64::from(told_after) + 1
    );
    assert!(told_after > told_before, "writers stood still");
    assert!(
        u128::from(waited) <= 500 + took.as_millis() / 4,
        "a put waited for {waited} ms of {}",
        took.as_millis()
    );

    store.close().unwrap();
    restore(&folder.backup, &folder.store, true, at(2)).unwrap();
    let restored = open(&folder.store);
    for number in 0..told_before {
        assert!(
            restored
                .get(session(&number.to_string()), at(2))
                .await
                .unwrap()
                .is_some(),
            "{number}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_closed_meanwhile_leaves_no_half_backup() {
    let folder = TestFolder::new();
    let store = Arc::new(open(&folder.store));
    let puts = (0..3000).map(|number| put(&*store, number));
    futures_util::future::join_all(puts).await;
    let backing_up = {
        let (store, file) = (store.clone(), folder.backup.clone());
        tokio::spawn(async move { store.back_up(&file, false, &keys(), at(1)).await })
    };
    while !folder.names().iter().any(|name| name.contains("partial")) && !backing_up.is_finished() {
        Clock::system().sleep(Duration::from_micros(100)).await;
    }
    let again = store
        .back_up(&folder.path("second"), false, &keys(), at(1))
        .await;
    store.close().unwrap();
    match backing_up.await.unwrap() {
        Ok(contents) => assert_eq!(contents.sessions, 3000, "it was faster"),
        Err(error) => {
            assert!(
                matches!(error, BackupError::Store(StoreError::Unavailable(_))),
                "{error:?}"
            );
            assert!(
                matches!(again, Err(BackupError::AlreadyRunning)),
                "{again:?}"
            );
            assert_eq!(folder.names(), ["store.redb"]);
        }
    }
}
