//! A backup shows one moment, whole; and nothing is replaced by less than that.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use latchkey::domain::timestamp::Timestamp;
use latchkey::server::crypto::backup_keys::BackupKeys;
use latchkey::server::crypto::hash::sha256;
use latchkey::server::crypto::key_ring::{KeyRing, SecretKey};
use latchkey::server::store::redb::{
    self, CheckedBackup, OpenRedbError, RedbOptions, RedbStore, RestoreError, RestoreOptions,
};
use latchkey::server::store::{
    BackupAuthentication, BackupError, Precondition, PutOutcome, ReservationOutcome, Store,
    StoreError,
};
use latchkey::server::system::clock::{Clock, Stopwatch};
use latchkey::server::system::random::Random;
use tempfile::TempDir;

use crate::builders::{at, charge, digest, flow, person, session, ticket};
use crate::calls::{reserve_one, used};
use crate::model::{agrees, histories};
use crate::redb::open;

/// The length of the authentication code at the end of a backup.
const CODE: usize = "hmac 1\n".len() + 16 + 32;
/// The length of the checksum before it.
const CHECKSUM: usize = 32;

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

/// A folder with the store in it, and the names of things beside it.
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
        let place = Self::new();
        let store = open(&place.store);
        for number in 0..50 {
            put(&store, number).await;
        }
        reserve_one(&store, 1, 5).await.unwrap();
        store
            .back_up(&place.backup, false, &keys(), at(3))
            .await
            .unwrap();
        store.close().unwrap();
        place
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

#[test]
fn it_agrees_with_the_model_through_backups_and_restores() {
    histories(48, 120, async |history| {
        let place = TestFolder::new();
        let reopen = async |store: Arc<dyn Store>| {
            store
                .back_up(&place.backup, true, &keys(), at(0))
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
            let (_, aside) = restore(&place.backup, &place.store, true, at(0)).unwrap();
            fs::remove_file(aside.unwrap()).unwrap();
            Arc::new(open(&place.store)) as Arc<dyn Store>
        };
        agrees(Arc::new(open(&place.store)), reopen, history).await;
    });
}

#[tokio::test]
async fn a_backup_is_private_sound_and_says_what_is_in_it() {
    let place = TestFolder::filled().await;
    assert_eq!(place.names(), ["backup", "store.redb"]);
    assert_eq!(
        fs::metadata(&place.backup).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let before = fs::read(&place.backup).unwrap();
    let found = inspect(&place.backup).unwrap();
    assert!(
        fs::read(&place.backup).unwrap() == before,
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
    assert_eq!(place.names(), ["backup", "store.redb"]);
}

#[tokio::test]
async fn two_restores_in_one_second_keep_both_old_stores() {
    let place = TestFolder::filled().await;
    let mut kept = Vec::new();
    for _ in 0..2 {
        let (_, aside) = restore(&place.backup, &place.store, true, at(9)).unwrap();
        kept.push(aside.unwrap());
    }
    assert!(
        kept[0] != kept[1] && kept.iter().all(|path| path.is_file()),
        "{kept:?}"
    );
}

#[tokio::test]
async fn what_is_restored_is_the_moment_of_the_backup_and_the_old_store_is_kept() {
    let place = TestFolder::filled().await;
    let store = open(&place.store);
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
        restore(&place.backup, &place.store, false, at(9)),
        Err(RestoreError::Exists(_))
    ));
    let (found, aside) = restore(&place.backup, &place.store, true, at(9)).unwrap();
    assert_eq!(found.summary.taken_at, at(3));
    let (restored, old) = (open(&place.store), open(&aside.unwrap()));
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
    assert_eq!(
        fs::metadata(&place.store).unwrap().permissions().mode() & 0o777,
        0o600
    );
    // Where there is no store, nothing has to be told.
    let elsewhere = place.folder.path().join("other/data/store.redb");
    restore(&place.backup, &elsewhere, false, at(9)).unwrap();
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
async fn a_backup_takes_no_file_from_anybody_unless_told() {
    let place = TestFolder::filled().await;
    let store = open(&place.store);
    let before = fs::read(&place.backup).unwrap();
    assert!(matches!(
        store.back_up(&place.backup, false, &keys(), at(4)).await,
        Err(BackupError::Exists(_))
    ));
    assert!(fs::read(&place.backup).unwrap() == before);
    for name in [
        place.store.clone(),
        place.folder.path().join(".").join("store.redb"),
    ] {
        assert!(matches!(
            store.back_up(&name, true, &keys(), at(4)).await,
            Err(BackupError::IsStoreFile(_))
        ));
    }
    let missing = place.folder.path().join("missing/backup");
    let error = store
        .back_up(&missing, false, &keys(), at(4))
        .await
        .unwrap_err();
    assert!(
        matches!(error, BackupError::File { .. }) && error.to_string().contains("missing/backup"),
        "{error}"
    );
    // What a backup left that was broken off is in nobody's way.
    fs::write(place.folder.path().join("backup.partial"), "half").unwrap();
    let contents = store
        .back_up(&place.backup, true, &keys(), at(4))
        .await
        .unwrap();
    assert_eq!((contents.taken_at, contents.sessions), (at(4), 50));
    assert_eq!(place.names(), ["backup", "store.redb"]);
    assert!(matches!(
        RedbStore::in_memory(RedbOptions::default())
            .unwrap()
            .back_up(&place.backup, false, &keys(), at(4))
            .await,
        Err(BackupError::Exists(_))
    ));
}

#[tokio::test]
async fn a_store_in_use_is_not_replaced() {
    let place = TestFolder::filled().await;
    let store = open(&place.store);
    assert!(matches!(
        restore(&place.backup, &place.store, true, at(9)),
        Err(RestoreError::InUse(_))
    ));
    assert!(store.get(session("1"), at(9)).await.unwrap().is_some());
    assert_eq!(place.names(), ["backup", "store.redb"]);
}

/// The backup is a pipe, so that the test decides how long reading it takes.
#[tokio::test]
async fn no_server_begins_on_a_place_that_a_backup_is_about_to_take() {
    let place = TestFolder::filled().await;
    let sound = fs::read(&place.backup).unwrap();
    let pipe = place.folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo")
        .arg(&pipe)
        .status()
        .unwrap();
    assert!(made.success());
    for is_there in [true, false] {
        if !is_there {
            fs::remove_file(&place.store).unwrap();
        }
        let restoring = {
            let (pipe, store) = (pipe.clone(), place.store.clone());
            std::thread::spawn(move || restore(&pipe, &store, is_there, at(9)))
        };
        let new = place.folder.path().join("store.redb.restoring");
        let clock = Clock::system();
        while !new.exists() {
            clock.sleep(Duration::from_millis(1)).await;
        }
        let begun = RedbStore::open(&place.store, RedbOptions::default());
        assert!(
            matches!(begun, Err(OpenRedbError::InUse(_))),
            "{is_there}: {begun:?}"
        );
        let second = restore(&place.backup, &place.store, true, at(9));
        assert!(
            matches!(second, Err(RestoreError::InUse(_))),
            "{is_there}: {second:?}"
        );
        fs::write(&pipe, &sound).unwrap();
        let (_, aside) = restoring.join().unwrap().unwrap();
        assert_eq!(aside.is_some(), is_there);
        let store = open(&place.store);
        assert!(
            store.get(session("1"), at(9)).await.unwrap().is_some(),
            "what is there is the backup"
        );
        store.close().unwrap();
        aside.map(fs::remove_file).transpose().unwrap();
    }
    assert_eq!(place.names(), ["backup", "pipe", "store.redb"]);
}

#[tokio::test]
async fn a_place_without_a_store_is_as_before_when_there_is_nothing_to_restore() {
    let place = TestFolder::filled().await;
    fs::remove_file(&place.store).unwrap();
    assert!(
        restore(
            &place.folder.path().join("none"),
            &place.store,
            false,
            at(9)
        )
        .is_err()
    );
    assert_eq!(place.names(), ["backup"]);
    // Broken off by a crash: an empty file is no store, and nothing has to be told.
    fs::write(&place.store, "").unwrap();
    let (_, aside) = restore(&place.backup, &place.store, false, at(9)).unwrap();
    assert_eq!(
        (aside, place.names()),
        (None, vec!["backup".to_owned(), "store.redb".to_owned()])
    );
    assert_eq!(
        fs::metadata(&place.store).unwrap().permissions().mode() & 0o777,
        0o600
    );
}

#[tokio::test]
async fn a_backup_that_is_not_whole_replaces_nothing() {
    let place = TestFolder::filled().await;
    let (store, sound) = (
        fs::read(&place.store).unwrap(),
        fs::read(&place.backup).unwrap(),
    );
    let mut damaged = vec![
        Vec::new(),
        b"x".to_vec(),
        vec![0; 100_000],
        b"SQLite format 3".repeat(1000),
        store.clone(),
    ];
    damaged.push([&sound[..], b"x"].concat());
    let without_code = sound.len() - CODE;
    damaged.extend(
        (0..without_code)
            .step_by(97)
            .chain(without_code + 1..sound.len())
            .map(|length| sound[..length].to_vec()),
    );
    let random = Random::seeded(2);
    for round in 0..200 {
        let mut bytes = sound.clone();
        // Lengths and tags at the beginning hurt most.
        let reach = if round % 2 == 0 {
            200
        } else {
            bytes.len() as u64
        };
        let place = random.below(reach) as usize;
        bytes[place] ^= 1 << random.below(8);
        damaged.push(bytes);
    }
    for (number, bytes) in damaged.iter().enumerate() {
        fs::write(&place.backup, bytes).unwrap();
        for refused in [
            inspect(&place.backup).err(),
            restore(&place.backup, &place.store, true, at(9)).err(),
        ] {
            let refused = refused.unwrap_or_else(|| panic!("damage {number} was not noticed"));
            assert!(
                matches!(
                    refused,
                    RestoreError::Backup(_) | RestoreError::ForgedOrDamaged { .. }
                ),
                "damage {number}: {refused:?}"
            );
            assert!(
                refused
                    .to_string()
                    .contains(&*place.backup.to_string_lossy()),
                "{refused}"
            );
        }
        assert!(
            fs::read(&place.store).unwrap() == store,
            "damage {number}: the store was touched"
        );
        assert_eq!(place.names(), ["backup", "store.redb"], "damage {number}");
    }
    let missing =
        restore(&place.folder.path().join("none"), &place.store, true, at(0)).unwrap_err();
    assert!(matches!(missing, RestoreError::File { .. }), "{missing:?}");
}

/// With a checksum that fits, as a forger would make it, and the code that was there.
fn with_new_checksum(backup: &[u8]) -> Vec<u8> {
    let (rows, code) = backup.split_at(backup.len() - CODE);
    let rows = &rows[..rows.len() - CHECKSUM];
    [rows, &sha256(rows), code].concat()
}

#[tokio::test]
async fn a_forged_backup_is_refused_by_a_restore_and_by_a_check_whatever_is_accepted() {
    let place = TestFolder::filled().await;
    let (store, sound) = (
        fs::read(&place.store).unwrap(),
        fs::read(&place.backup).unwrap(),
    );
    let end = sound.len() - CODE - CHECKSUM;
    let other = {
        let place = TestFolder::filled().await;
        let store = open(&place.store);
        put(&store, 99).await;
        store
            .back_up(&place.backup, true, &keys(), at(3))
            .await
            .unwrap();
        fs::read(&place.backup).unwrap()
    };
    // The time, a version and the last byte of the last row; then the code of another backup.
    let header = "latchkey backup 1\n".len() + 8;
    let mut forged: Vec<Vec<u8>> = [header + 7, header + 8 + 2 + 32 + 7, end - 17 - 1]
        .iter()
        .map(|at| {
            let mut bytes = sound.clone();
            bytes[*at] ^= 1;
            with_new_checksum(&bytes)
        })
        .collect();
    forged.push([&sound[..sound.len() - CODE], &other[other.len() - CODE..]].concat());
    assert!(with_new_checksum(&sound) == sound);
    for (number, bytes) in forged.iter().enumerate() {
        fs::write(&place.backup, bytes).unwrap();
        let options = RestoreOptions {
            replace: true,
            accept_unauthenticated: true,
        };
        for refused in [
            inspect(&place.backup).err(),
            restore(&place.backup, &place.store, true, at(9)).err(),
            redb::restore(&place.backup, &place.store, options, &keys(), at(9)).err(),
        ] {
            let refused = refused.unwrap_or_else(|| panic!("forgery {number} was not noticed"));
            assert!(
                refused
                    .to_string()
                    .contains("is forged or damaged: its authentication code"),
                "forgery {number}: {refused}"
            );
        }
        assert!(fs::read(&place.store).unwrap() == store, "touched");
        assert_eq!(place.names(), ["backup", "store.redb"]);
    }
}

#[tokio::test]
async fn a_backup_that_nothing_authenticates_is_restored_only_on_demand() {
    let place = TestFolder::filled().await;
    let sound = fs::read(&place.backup).unwrap();
    let before = fs::read(&place.store).unwrap();
    let other = BackupKeys::derive(&[8; 32].into()).unwrap();
    let stripped = sound[..sound.len() - CODE].to_vec();
    for (bytes, keys, found) in [
        (&stripped, keys(), "no authentication code"),
        (&sound, other, "by a key (fingerprint "),
        (&sound, BackupKeys::default(), "by a key (fingerprint "),
    ] {
        fs::write(&place.backup, bytes).unwrap();
        let checked = redb::inspect(&place.backup, &keys).unwrap();
        assert_ne!(checked.authentication, BackupAuthentication::Authentic);
        let mut options = RestoreOptions {
            replace: true,
            accept_unauthenticated: false,
        };
        let refused = redb::restore(&place.backup, &place.store, options, &keys, at(9));
        let refused = refused.unwrap_err().to_string();
        assert!(
            refused.contains(found) && refused.contains("--accept-unauthenticated"),
            "{refused}"
        );
        assert!(fs::read(&place.store).unwrap() == before, "touched");
        assert_eq!(place.names(), ["backup", "store.redb"]);

        options.accept_unauthenticated = true;
        let elsewhere = place.folder.path().join("other/store.redb");
        redb::restore(&place.backup, &elsewhere, options, &keys, at(9)).unwrap();
        assert!(
            open(&elsewhere)
                .get(session("1"), at(9))
                .await
                .unwrap()
                .is_some()
        );
        fs::remove_dir_all(elsewhere.parent().unwrap()).unwrap();
    }
}

#[tokio::test]
async fn a_backup_stays_authentic_after_a_key_rotation() {
    let place = TestFolder::filled().await;
    let (new, old) = (SecretKey::new([8; 32]), SecretKey::new([7; 32]));
    let rotated = BackupKeys::derive(&KeyRing::new(new, vec![old])).unwrap();
    let checked = redb::inspect(&place.backup, &rotated).unwrap();
    assert_eq!(checked.authentication, BackupAuthentication::Authentic);
    let store = open(&place.store);
    store
        .back_up(&place.backup, true, &rotated, at(4))
        .await
        .unwrap();
    let checked = redb::inspect(&place.backup, &keys()).unwrap();
    assert!(matches!(
        checked.authentication,
        BackupAuthentication::OtherKey(_)
    ));
    let no_keys = BackupKeys::default();
    let refused = store.back_up(&place.backup, true, &no_keys, at(4)).await;
    assert!(matches!(refused, Err(BackupError::NoKey)), "{refused:?}");
    assert_eq!(place.names(), ["backup", "store.redb"]);
}

#[tokio::test]
async fn a_backup_of_a_later_schema_is_refused() {
    let place = TestFolder::filled().await;
    let mut bytes = fs::read(&place.backup).unwrap();
    bytes["latchkey backup 1\n".len() + 7] = 99;
    fs::write(&place.backup, bytes).unwrap();
    let error = inspect(&place.backup).unwrap_err();
    assert!(
        matches!(
            error,
            RestoreError::Backup(OpenRedbError::Schema { found: 99, .. })
        ),
        "{error:?}"
    );
}

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
    let place = TestFolder::new();
    let store = Arc::new(open(&place.store));
    for first in (0..sessions).step_by(500) {
        let puts = (first..sessions.min(first + 500)).map(|number| put(&*store, number));
        futures_util::future::join_all(puts).await;
    }
    let size = |path: &Path| fs::metadata(path).unwrap().len();
    let before = size(&place.store);
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
        .back_up(&place.backup, false, &keys(), at(1))
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
        (size(&place.store) - before) >> 10,
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
    restore(&place.backup, &place.store, true, at(2)).unwrap();
    let restored = open(&place.store);
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
    let place = TestFolder::new();
    let store = Arc::new(open(&place.store));
    let puts = (0..3000).map(|number| put(&*store, number));
    futures_util::future::join_all(puts).await;
    let backing_up = {
        let (store, file) = (store.clone(), place.backup.clone());
        tokio::spawn(async move { store.back_up(&file, false, &keys(), at(1)).await })
    };
    while !place.names().iter().any(|name| name.contains("partial")) && !backing_up.is_finished() {
        Clock::system().sleep(Duration::from_micros(100)).await;
    }
    let again = store
        .back_up(&place.folder.path().join("second"), false, &keys(), at(1))
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
            assert_eq!(place.names(), ["store.redb"]);
        }
    }
}

#[tokio::test]
async fn compacting_makes_the_file_small_and_loses_nothing() {
    let place = TestFolder::new();
    let store = open(&place.store);
    let puts = (0..4000).map(|number| put(&store, number));
    futures_util::future::join_all(puts).await;
    let granted = reserve_one(&store, 1, 5).await.unwrap();
    assert_eq!(granted, ReservationOutcome::Granted);
    let deletes = (50..4000).map(|number| {
        let store = &store;
        async move { store.delete(session(&number.to_string())).await.unwrap() }
    });
    futures_util::future::join_all(deletes).await;
    assert!(redb::compact(&place.store).is_err(), "it is in use");
    store.close().unwrap();
    let (before, after) = redb::compact(&place.store).unwrap();
    assert_eq!(fs::metadata(&place.store).unwrap().len(), after);
    assert!(after < before / 2, "{before} to {after}");
    let store = open(&place.store);
    assert_eq!(
        store.keys_by_owner(digest("0"), at(1)).await.unwrap().len(),
        3
    );
    assert_eq!(used(&store, "x", 1).await, 1);
}
