//! The embedded engine in the contract, the races and the model.

use std::path::Path;
use std::sync::Arc;

use latchkey::server::store::Store;
use latchkey::server::store::redb::{RedbOptions, RedbStore};
use tempfile::TempDir;

use crate::model::{agrees, histories};

pub fn open(path: &Path) -> RedbStore {
    RedbStore::open(path, RedbOptions::default()).unwrap()
}

fn fresh() -> (Arc<dyn Store>, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Arc::new(open(&folder.path().join("store.redb"))), folder)
}

mod contract {
    conformance!(super::fresh);
}

mod contract_in_memory {
    use super::*;

    fn fresh() -> (Arc<dyn Store>, ()) {
        (
            Arc::new(RedbStore::in_memory(RedbOptions::default()).unwrap()),
            (),
        )
    }

    conformance!(fresh);
}

mod raced {
    races!(super::fresh);
}

#[test]
fn it_agrees_with_the_model_in_memory() {
    histories(256, 150, async |history| {
        let store = RedbStore::in_memory(RedbOptions::default()).unwrap();
        agrees(Arc::new(store), async |store| store, history).await;
    });
}

#[test]
fn it_agrees_with_the_model_on_a_file_that_is_opened_again_and_again() {
    histories(48, 120, async |history| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.redb");
        let reopen = async |store| {
            drop(store);
            Arc::new(open(&path)) as Arc<dyn Store>
        };
        agrees(Arc::new(open(&path)), reopen, history).await;
    });
}
