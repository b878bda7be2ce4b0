//! Damaged and unknown files are refused.

use std::fs;

use latchkey::server::store::redb::{OpenRedbError, RestoreError};
use latchkey::server::system::random::Random;

use super::authentication::CODE;
use super::{TestFolder, inspect, restore};
use crate::builders::at;

#[tokio::test]
async fn a_backup_that_is_not_whole_replaces_nothing() {
    let folder = TestFolder::filled().await;
    let (store, sound) = (
        fs::read(&folder.store).unwrap(),
        fs::read(&folder.backup).unwrap(),
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
        let index = random.below(reach) as usize;
        bytes[index] ^= 1 << random.below(8);
        damaged.push(bytes);
    }
    for (number, bytes) in damaged.iter().enumerate() {
        fs::write(&folder.backup, bytes).unwrap();
        for refused in [
            inspect(&folder.backup).err(),
            restore(&folder.backup, &folder.store, true, at(9)).err(),
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
                    .contains(&*folder.backup.to_string_lossy()),
                "{refused}"
            );
        }
        assert!(
            fs::read(&folder.store).unwrap() == store,
            "damage {number}: the store was touched"
        );
        assert_eq!(folder.names(), ["backup", "store.redb"], "damage {number}");
    }
    let missing = restore(&folder.path("none"), &folder.store, true, at(0)).unwrap_err();
    assert!(matches!(missing, RestoreError::File { .. }), "{missing:?}");
}

#[tokio::test]
async fn a_backup_of_a_later_schema_is_refused() {
    let folder = TestFolder::filled().await;
    let mut bytes = fs::read(&folder.backup).unwrap();
    bytes["latchkey backup 1\n".len() + 7] = 99;
    fs::write(&folder.backup, bytes).unwrap();
    let error = inspect(&folder.backup).unwrap_err();
    assert!(
        matches!(
            error,
            RestoreError::Backup(OpenRedbError::Schema { found: 99, .. })
        ),
        "{error:?}"
    );
}
