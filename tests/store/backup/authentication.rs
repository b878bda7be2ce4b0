//! Forged backups, and those that no key of the settings authenticates.

use std::fs;

use latchkey::server::crypto::backup_keys::BackupKeys;
use latchkey::server::crypto::hash::sha256;
use latchkey::server::crypto::key_ring::{KeyRing, SecretKey};
use latchkey::server::store::redb::{self, RestoreOptions};
use latchkey::server::store::{BackupAuthentication, BackupError, Store};

use super::{TestFolder, inspect, keys, put, restore};
use crate::builders::{at, session};
use crate::redb::open;

/// The length of the authentication code at the end of a backup.
pub const CODE: usize = "hmac 1\n".len() + 16 + 32;
/// The length of the checksum before it.
const CHECKSUM: usize = 32;

/// With a checksum that fits, as a forger would make it, and the code that was there.
fn with_new_checksum(backup: &[u8]) -> Vec<u8> {
    let (rows, code) = backup.split_at(backup.len() - CODE);
    let rows = &rows[..rows.len() - CHECKSUM];
    [rows, &sha256(rows), code].concat()
}

#[tokio::test]
async fn a_forged_backup_is_refused_by_a_restore_and_by_a_check_whatever_is_accepted() {
    let folder = TestFolder::filled().await;
    let (store, sound) = (
        fs::read(&folder.store).unwrap(),
        fs::read(&folder.backup).unwrap(),
    );
    let end = sound.len() - CODE - CHECKSUM;
    let other = {
        let folder = TestFolder::filled().await;
        let store = open(&folder.store);
        put(&store, 99).await;
        store
            .back_up(&folder.backup, true, &keys(), at(3))
            .await
            .unwrap();
        fs::read(&folder.backup).unwrap()
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
        fs::write(&folder.backup, bytes).unwrap();
        let options = RestoreOptions {
            replace: true,
            accept_unauthenticated: true,
        };
        for refused in [
            inspect(&folder.backup).err(),
            restore(&folder.backup, &folder.store, true, at(9)).err(),
            redb::restore(&folder.backup, &folder.store, options, &keys(), at(9)).err(),
        ] {
            let refused = refused.unwrap_or_else(|| panic!("forgery {number} was not noticed"));
            assert!(
                refused
                    .to_string()
                    .contains("is forged or damaged: its authentication code"),
                "forgery {number}: {refused}"
            );
        }
        assert!(fs::read(&folder.store).unwrap() == store, "touched");
        assert_eq!(folder.names(), ["backup", "store.redb"]);
    }
}

#[tokio::test]
async fn a_backup_that_nothing_authenticates_is_restored_only_on_demand() {
    let folder = TestFolder::filled().await;
    let sound = fs::read(&folder.backup).unwrap();
    let before = fs::read(&folder.store).unwrap();
    let other = BackupKeys::derive(&[8; 32].into()).unwrap();
    let stripped = sound[..sound.len() - CODE].to_vec();
    for (bytes, keys, found) in [
        (&stripped, keys(), "no authentication code"),
        (&sound, other, "by a key (fingerprint "),
        (&sound, BackupKeys::default(), "by a key (fingerprint "),
    ] {
        fs::write(&folder.backup, bytes).unwrap();
        let checked = redb::inspect(&folder.backup, &keys).unwrap();
        assert_ne!(checked.authentication, BackupAuthentication::Authentic);
        let mut options = RestoreOptions {
            replace: true,
            accept_unauthenticated: false,
        };
        let refused = redb::restore(&folder.backup, &folder.store, options, &keys, at(9));
        let refused = refused.unwrap_err().to_string();
        assert!(
            refused.contains(found) && refused.contains("--accept-unauthenticated"),
            "{refused}"
        );
        assert!(fs::read(&folder.store).unwrap() == before, "touched");
        assert_eq!(folder.names(), ["backup", "store.redb"]);

        options.accept_unauthenticated = true;
        let elsewhere = folder.path("other/store.redb");
        redb::restore(&folder.backup, &elsewhere, options, &keys, at(9)).unwrap();
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
    let folder = TestFolder::filled().await;
    let (new, old) = (SecretKey::new([8; 32]), SecretKey::new([7; 32]));
    let rotated = BackupKeys::derive(&KeyRing::new(new, vec![old])).unwrap();
    let checked = redb::inspect(&folder.backup, &rotated).unwrap();
    assert_eq!(checked.authentication, BackupAuthentication::Authentic);
    let store = open(&folder.store);
    store
        .back_up(&folder.backup, true, &rotated, at(4))
        .await
        .unwrap();
    let checked = redb::inspect(&folder.backup, &keys()).unwrap();
    assert!(matches!(
        checked.authentication,
        BackupAuthentication::OtherKey(_)
    ));
    let no_keys = BackupKeys::default();
    let refused = store.back_up(&folder.backup, true, &no_keys, at(4)).await;
    assert!(matches!(refused, Err(BackupError::NoKey)), "{refused:?}");
    assert_eq!(folder.names(), ["backup", "store.redb"]);
}
