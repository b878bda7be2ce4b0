//! Files that the embedded engine refuses: those of another user, another schema or another
//! program, and damaged ones.

use std::fs;
use std::path::Path;

use latchkey::server::store::redb::{OpenRedbError, RedbOptions, RedbStore};
use latchkey::server::store::{Precondition, PutOutcome, Store, StoreError};
use latchkey::server::system::random::Random;
use redb::TableDefinition;

use crate::builders::{at, charge, digest, flow, person, session, ticket};
use crate::calls::used;
use crate::redb::open;

#[test]
fn a_second_owner_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    let _first = open(&path);
    let error = RedbStore::open(&path, RedbOptions::default()).unwrap_err();
    assert!(matches!(error, OpenRedbError::InUse(_)), "{error:?}");
    assert!(error.to_string().contains("another process"), "{error}");
}

#[test]
fn a_later_schema_is_refused_and_left_alone() {
    const META: TableDefinition<&str, u64> = TableDefinition::new("meta");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    drop(open(&path));
    let database = redb::Database::open(&path).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction
        .open_table(META)
        .unwrap()
        .insert("schema", 99)
        .unwrap();
    transaction.commit().unwrap();
    drop(database);
    let before = fs::read(&path).unwrap();
    let error = RedbStore::open(&path, RedbOptions::default()).unwrap_err();
    assert!(
        matches!(
            error,
            OpenRedbError::Schema {
                found: 99,
                known: 1,
                ..
            }
        ),
        "{error:?}"
    );
    assert!(fs::read(&path).unwrap() == before, "the file was written");
}

#[test]
fn a_database_of_something_else_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (name, table) in [("other", "things"), ("same", "meta")] {
        let path = folder.path().join(name);
        let database = redb::Database::create(&path).unwrap();
        let transaction = database.begin_write().unwrap();
        transaction
            .open_table(TableDefinition::<u32, u32>::new(table))
            .unwrap()
            .insert(1, 1)
            .unwrap();
        transaction.commit().unwrap();
        drop(database);
        let before = fs::read(&path).unwrap();
        let error = RedbStore::open(&path, RedbOptions::default()).unwrap_err();
        assert!(matches!(error, OpenRedbError::Foreign { .. }), "{error:?}");
        assert!(fs::read(&path).unwrap() == before, "the file was written");
    }
}

#[test]
fn a_place_that_cannot_be_used_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    for path in ["file/store.redb", "file/deeper/store.redb", "."] {
        let error = RedbStore::open(&folder.path().join(path), RedbOptions::default()).unwrap_err();
        assert!(
            matches!(error, OpenRedbError::Io { .. }),
            "{path}: {error:?}"
        );
        assert!(
            error
                .to_string()
                .contains(&*folder.path().to_string_lossy()),
            "{error}"
        );
    }
}

/// A store with something in each table.
async fn filled(path: &Path) {
    let store = open(path);
    let puts = (0..200).map(|number| {
        let (key, store) = (session(&format!("{number}")), &store);
        async move {
            store
                .put(
                    key,
                    Some(digest("o")),
                    Precondition::Any,
                    vec![1; 200],
                    at(99),
                    at(0),
                )
                .await
                .unwrap()
        }
    });
    futures_util::future::join_all(puts).await;
    store
        .reserve(
            ticket(1),
            &person("a"),
            &[charge("x", 1, 5), charge("y", 1, 5)],
            at(0),
        )
        .await
        .unwrap();
}

#[tokio::test]
async fn a_damaged_file_is_reported_and_never_a_panic() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    filled(&path).await;
    let sound = fs::read(&path).unwrap();
    let mut damaged: Vec<Vec<u8>> = vec![
        b"x".to_vec(),
        vec![0; 100],
        vec![0; 100_000],
        b"redb".repeat(5000),
    ];
    for length in [
        10,
        100,
        1000,
        4096,
        5000,
        sound.len() / 2,
        sound.len() - 4096,
        sound.len() - 1,
    ] {
        damaged.push(sound[..length].to_vec());
    }
    let random = Random::seeded(1);
    for round in 0..60 {
        let mut bytes = sound.clone();
        // Half of the damage goes to the first pages, where it hurts most.
        let reach = if round % 2 == 0 {
            8192
        } else {
            bytes.len() as u64
        };
        let place = random.below(reach) as usize;
        bytes[place] ^= 1 << random.below(8);
        damaged.push(bytes);
    }
    let mut refused = 0;
    for (number, bytes) in damaged.iter().enumerate() {
        fs::write(&path, bytes).unwrap();
        match RedbStore::open(&path, RedbOptions::default()) {
            Ok(store) => {
                // The damage was to a page that is not in use.
                store.check_ready().await.unwrap();
                assert_eq!(
                    store.keys_by_owner(digest("o"), at(1)).await.unwrap().len(),
                    200,
                    "damage {number}"
                );
                assert_eq!(used(&store, "x", 1).await, 1, "damage {number}");
            }
            Err(OpenRedbError::Corrupt { .. } | OpenRedbError::Foreign { .. }) => {
                refused += 1;
                assert!(
                    fs::read(&path).unwrap() == *bytes,
                    "damage {number}: the file was written"
                );
            }
            Err(other) => panic!("damage {number}: {other:?}"),
        }
    }
    assert!(
        refused > 12,
        "only {refused} of {} were noticed",
        damaged.len()
    );
}

#[tokio::test]
async fn what_cannot_be_read_harms_nobody_else() {
    const OWNERS: TableDefinition<(&[u8; 32], u8, &[u8; 32]), u64> = TableDefinition::new("owners");
    const EXPIRY: TableDefinition<(u64, u8, &[u8]), ()> = TableDefinition::new("expiry");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.redb");
    drop(open(&path));
    let database = redb::Database::open(&path).unwrap();
    let transaction = database.begin_write().unwrap();
    transaction
        .open_table(OWNERS)
        .unwrap()
        .insert((&digest("o"), 99, &digest("x")), u64::MAX)
        .unwrap();
    transaction
        .open_table(EXPIRY)
        .unwrap()
        .insert((5, 99, b"x".as_slice()), ())
        .unwrap();
    transaction.commit().unwrap();
    drop(database);

    let store = open(&path);
    assert!(matches!(
        store.keys_by_owner(digest("o"), at(0)).await,
        Err(StoreError::Corrupt(_))
    ));
    let (before, swept, after) = tokio::join!(
        store.put(
            flow("before"),
            None,
            Precondition::Any,
            vec![],
            at(9),
            at(0)
        ),
        store.sweep(at(0), 10),
        store.put(flow("after"), None, Precondition::Any, vec![], at(9), at(0)),
    );
    assert!(matches!(swept, Err(StoreError::Corrupt(_))));
    assert_eq!(
        (before, after),
        (Ok(PutOutcome::Stored(1)), Ok(PutOutcome::Stored(1)))
    );
    drop(store);
    let store = open(&path);
    assert!(store.get(flow("before"), at(0)).await.unwrap().is_some());
    assert!(store.get(flow("after"), at(0)).await.unwrap().is_some());
}
