//! The file of the embedded engine: rights, restarts, a full disk, and growth.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use latchkey::server::store::redb::{OpenRedbError, RedbOptions, RedbStore};
use latchkey::server::store::{
    Precondition, PutOutcome, ReservationOutcome, SettleMode, Store, StoreError,
};
use redb::{ReadableDatabase, ReadableTableMetadata};

use crate::builders::{at, charge, digest, flow, person, session, ticket};
use crate::calls::{add, reserve_one, used};
use crate::redb::open;

#[cfg(unix)]
#[test]
fn the_folder_and_the_file_are_private() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("some/data");
    drop(open(&data.join("store.redb")));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    assert_eq!(mode(&data.join("store.redb")), 0o600);
}

#[tokio::test]
async fn l6_a_file_that_was_removed_or_replaced_is_not_ready() {
    let folder = tempfile::tempdir().unwrap();
    let (path, aside) = (
        folder.path().join("store.redb"),
        folder.path().join("aside"),
    );
    let store = open(&path);
    store.probe(at(1)).await.unwrap();
    fs::rename(&path, &aside).unwrap();
    let gone = store.probe(at(2)).await.unwrap_err();
    assert!(gone.to_string().contains("removed or replaced"), "{gone}");
    fs::copy(&aside, &path).unwrap();
    assert!(store.probe(at(3)).await.is_err());
    fs::rename(&aside, &path).unwrap();
    store.probe(at(4)).await.unwrap();
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    let store = open(&path);
    store
        .put(
            session("a"),
            Some(digest("o")),
            Precondition::Any,
            b"x".to_vec(),
            at(99),
            at(0),
        )
        .await
        .unwrap();
    store
        .reserve(ticket(1), &person("a"), &[charge("x", 2, 2)], at(0))
        .await
        .unwrap();
    store.close().unwrap();

    let store = open(&path);
    assert_eq!(
        store.get(session("a"), at(1)).await.unwrap().unwrap().bytes,
        b"x"
    );
    assert_eq!(
        store.keys_by_owner(digest("o"), at(1)).await.unwrap(),
        [session("a")]
    );
    let again = store
        .reserve(ticket(2), &person("a"), &[charge("x", 1, 2)], at(1))
        .await
        .unwrap();
    assert!(matches!(again, ReservationOutcome::Refused { .. }));
    store
        .settle(ticket(1), &person("a"), SettleMode::Refund, at(1))
        .await
        .unwrap();
    assert_eq!(used(&store, "x", 1).await, 0);
}

#[tokio::test]
async fn closing_finishes_what_waits_and_takes_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    let store = Arc::new(open(&path));
    let puts: Vec<_> = (0..100)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                let key = flow(&format!("{number}"));
                store
                    .put(key, None, Precondition::Any, vec![], at(9), at(0))
                    .await
            })
        })
        .collect();
    tokio::task::yield_now().await;
    store.close().unwrap();
    let mut stored = Vec::new();
    for (number, put) in puts.into_iter().enumerate() {
        match put.await.unwrap() {
            Ok(_) => stored.push(number),
            Err(error) => assert!(matches!(error, StoreError::Unavailable(_)), "{error}"),
        }
    }
    assert!(matches!(
        store.get(flow("0"), at(0)).await,
        Err(StoreError::Unavailable(_))
    ));
    assert!(matches!(
        store.check_ready().await,
        Err(StoreError::Unavailable(_))
    ));
    store.close().unwrap();
    drop(store);

    assert!(!stored.is_empty());
    let store = open(&path);
    for number in stored {
        assert!(
            store
                .get(flow(&format!("{number}")), at(0))
                .await
                .unwrap()
                .is_some()
        );
    }
}

#[tokio::test]
async fn more_work_than_may_wait_is_refused() {
    let store = RedbStore::in_memory(RedbOptions {
        queue: 1,
        ..RedbOptions::default()
    })
    .unwrap();
    let puts = (0..200).map(|number| {
        let (key, store) = (flow(&format!("{number}")), &store);
        async move {
            store
                .put(key, None, Precondition::Any, vec![], at(9), at(0))
                .await
        }
    });
    let answers = futures_util::future::join_all(puts).await;
    assert!(answers.contains(&Err(StoreError::Overloaded)));
    assert!(answers.contains(&Ok(PutOutcome::Stored(1))));
    for (number, answer) in answers.into_iter().enumerate() {
        let found = store.get(flow(&format!("{number}")), at(0)).await.unwrap();
        assert_eq!(
            found.is_some(),
            answer.is_ok(),
            "a refused change must not be made"
        );
    }
}

const FULL: &str = "LATCHKEY_TEST_FULL_PATH";

/// The child's part of the test below: the shell that starts it limits the size of files to 1 MiB.
#[tokio::test]
async fn full_child() {
    let Ok(path) = std::env::var(FULL) else {
        return;
    };
    let store = open(&PathBuf::from(path));
    let (mut stored, mut failed) = (Vec::new(), Vec::new());
    for round in 0..80 {
        // Several at a time, so that they share transactions: those before the one that fails must
        // not be told that they stand.
        let puts = (0..8).map(|number| {
            let (key, store) = (flow(&format!("{round} {number}")), &store);
            async move {
                (
                    key,
                    store
                        .put(
                            key,
                            None,
                            Precondition::Absent,
                            vec![0; 5_000],
                            at(10),
                            at(0),
                        )
                        .await,
                )
            }
        });
        for (key, put) in futures_util::future::join_all(puts).await {
            match put {
                Ok(_) => stored.push(key),
                Err(error) => failed.push(error),
            }
        }
    }
    assert!(!failed.is_empty(), "the limit was not reached");
    assert!(
        failed
            .iter()
            .all(|error| matches!(error, StoreError::Unavailable(_))),
        "{failed:?}"
    );
    assert!(stored.len() > 8, "{}", stored.len());
    // What was acknowledged can be read although the disk is full, and the server says that it
    // lives.
    for key in stored {
        assert!(store.get(key, at(0)).await.unwrap().is_some(), "{key:?}");
    }
    store.check_ready().await.unwrap();
    // After space is freed, the store continues by itself.
    store.sweep(at(10), 1000).await.unwrap();
    store
        .put(
            flow("after"),
            None,
            Precondition::Absent,
            vec![0; 20_000],
            at(20),
            at(10),
        )
        .await
        .unwrap();
    store.close().unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn a_full_disk_is_reported_and_the_store_recovers() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    // Made beforehand, for a new file alone may take more than the limit.
    drop(open(&path));
    let size = fs::metadata(&path).unwrap().len();
    let blocks = size.max(1 << 20) / 512;
    let output = Command::new("sh")
        .args([
            "-c",
            "trap '' XFSZ; ulimit -f $1; exec \"$2\" redb_file::full_child --exact --nocapture",
            "sh",
        ])
        .arg(blocks.to_string())
        .arg(std::env::current_exe().unwrap())
        .env(FULL, &path)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}"
    );
    assert!(
        open(&path)
            .get(flow("after"), at(11))
            .await
            .unwrap()
            .is_some()
    );
}

/// Rows in every table but the one with the schema's number.
fn rows(path: &Path) -> u64 {
    use redb::TableHandle;
    let database = redb::Database::open(path).unwrap();
    let transaction = database.begin_read().unwrap();
    let tables: Vec<_> = transaction
        .list_tables()
        .unwrap()
        .filter(|table| table.name() != "meta")
        .collect();
    assert_eq!(tables.len(), 5);
    tables
        .into_iter()
        .map(|table| {
            transaction
                .open_untyped_table(table)
                .unwrap()
                .len()
                .unwrap()
        })
        .sum()
}

#[tokio::test]
async fn nothing_is_left_of_what_has_gone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    let store = open(&path);
    for name in ["taken", "deleted", "replaced", "moved", "expired"] {
        for (owner, end) in [("o", 10), ("p", 20)] {
            store
                .put(
                    session(name),
                    Some(digest(owner)),
                    Precondition::Any,
                    vec![],
                    at(end),
                    at(0),
                )
                .await
                .unwrap();
        }
    }
    assert_eq!(
        store.keys_by_owner(digest("o"), at(0)).await.unwrap(),
        [],
        "the index of redb is exact"
    );
    store.take(session("taken"), at(0)).await.unwrap();
    store.delete(session("deleted")).await.unwrap();
    assert_eq!(
        store.keys_by_owner(digest("p"), at(0)).await.unwrap().len(),
        3
    );
    store
        .put(
            session("replaced"),
            None,
            Precondition::Any,
            vec![],
            at(50),
            at(30),
        )
        .await
        .unwrap();
    assert_eq!(store.keys_by_owner(digest("p"), at(30)).await.unwrap(), []);
    reserve_one(&store, 1, 5).await.unwrap();
    reserve_one(&store, 2, 5).await.unwrap();
    store
        .settle(ticket(1), &person("a"), SettleMode::Refund, at(0))
        .await
        .unwrap();
    // Two records that ended at 20, one at 50; a counter and a ticket that ended at 60.
    assert_eq!(store.sweep(at(20), 100).await, Ok(2));
    assert_eq!(store.sweep(at(60), 2).await, Ok(2));
    assert_eq!(store.sweep(at(60), 2).await, Ok(1));
    assert_eq!(store.sweep(at(60), 2).await, Ok(0));
    drop(store);
    assert_eq!(rows(&path), 0);
}

#[tokio::test]
async fn what_changes_nothing_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    let store = open(&path);
    store
        .put(flow("a"), None, Precondition::Any, vec![], at(99), at(0))
        .await
        .unwrap();
    reserve_one(&store, 1, 1).await.unwrap();
    let before = fs::read(&path).unwrap();
    store
        .put(flow("a"), None, Precondition::Absent, vec![], at(99), at(0))
        .await
        .unwrap();
    store.take(flow("b"), at(0)).await.unwrap();
    store.delete(flow("b")).await.unwrap();
    reserve_one(&store, 1, 1).await.unwrap();
    reserve_one(&store, 2, 1).await.unwrap();
    store
        .reserve(ticket(3), &person("a"), &[charge("x", 0, 1)], at(0))
        .await
        .unwrap();
    store
        .settle(ticket(2), &person("a"), SettleMode::Refund, at(0))
        .await
        .unwrap();
    store.reset(&person("a"), &["none"], at(0)).await.unwrap();
    store.sweep(at(1), 10).await.unwrap();
    store.check_ready().await.unwrap();
    assert!(fs::read(&path).unwrap() == before, "the file was written");
    store.delete(flow("a")).await.unwrap();
    assert!(fs::read(&path).unwrap() != before);
}

#[tokio::test]
async fn the_file_does_not_grow_for_ever() {
    const CYCLES: u64 = 40;
    const RECORDS: u128 = 300;
    const BYTES: usize = 400;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    let store = open(&path);
    let mut largest = 0;
    for cycle in 0..CYCLES {
        let (now, end) = (at(cycle * 100), at(cycle * 100 + 50));
        let work = (0..RECORDS).map(|number| {
            let (store, name) = (&store, format!("{cycle} {number}"));
            async move {
                let owner = Some(digest(&name));
                store
                    .put(
                        session(&name),
                        owner,
                        Precondition::Any,
                        vec![0; BYTES],
                        end,
                        now,
                    )
                    .await
                    .unwrap();
                store
                    .reserve(ticket(number), &person(&name), &[charge("x", 1, 5)], now)
                    .await
                    .unwrap();
            }
        });
        futures_util::future::join_all(work).await;
        while store.sweep(at(cycle * 100 + 99), 200).await.unwrap() > 0 {}
        largest = largest.max(fs::metadata(&path).unwrap().len());
    }
    // The records' own bytes alone, had they stayed.
    let put = CYCLES * RECORDS as u64 * BYTES as u64;
    assert!(largest < put / 2, "{largest} of {put} bytes");
}

#[tokio::test]
async fn a_file_that_is_damaged_after_a_clean_close_is_still_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    let store = open(&path);
    for number in 0..50 {
        let bytes = vec![number; 2000];
        let key = flow(&number.to_string());
        let put = store.put(key, None, Precondition::Any, bytes, at(99), at(0));
        put.await.unwrap();
    }
    store.close().unwrap();
    drop(store);
    // Opened and closed without a change: the note on the close is made again.
    for _ in 0..2 {
        open(&path).close().unwrap();
    }
    let sound = fs::read(&path).unwrap();
    let mut refused = 0;
    for page in (4096..sound.len()).step_by(16 * 4096) {
        let mut damaged = sound.clone();
        let end = (page + 64).min(damaged.len());
        damaged[page..end].iter_mut().for_each(|byte| *byte ^= 0x5a);
        fs::write(&path, &damaged).unwrap();
        match RedbStore::open(&path, RedbOptions::default()) {
            Ok(store) => store.close().unwrap(),
            Err(error) => {
                assert!(matches!(error, OpenRedbError::Corrupt { .. }), "{error}");
                refused += 1;
            }
        }
        fs::write(&path, &sound).unwrap();
        open(&path).close().unwrap();
    }
    assert!(refused > 0, "none of the pages was in use");
}

#[tokio::test]
async fn only_a_call_that_changes_something_makes_a_commit() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("store.redb"));
    let before = store.commit_count();
    store.check_ready().await.unwrap();
    assert_eq!(store.take(flow("none"), at(0)).await, Ok(None));
    assert_eq!(store.commit_count(), before);
    add(&store, flow("a")).await.unwrap();
    assert_eq!(store.commit_count(), before + 1);
}
