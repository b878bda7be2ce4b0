//! The embedded engine, run through the contract, the races and the model.

use std::path::Path;
use std::sync::Arc;

use latchkey::server::store::Store;
use latchkey::server::store::redb::{Options, RedbStore};
use proptest::test_runner::{Config, TestRunner};
use tempfile::TempDir;

use crate::model::{Step, agrees, history};
use crate::races;

pub fn open(path: &Path) -> RedbStore {
    RedbStore::open(path, Options::default()).unwrap()
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
        (Arc::new(RedbStore::in_memory(Options::default()).unwrap()), ())
    }

    conformance!(fresh);
}

macro_rules! races {
    ($($race:ident),+) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn $race() {
                let (store, _keep) = fresh();
                races::$race(store).await;
            }
        )+
    };
}

races!(
    one_of_many_takes,
    one_of_many_puts_first,
    as_many_are_granted_as_the_limit_says,
    settlements_meet_reservations,
    no_increment_is_lost
);

fn histories(cases: u32, longest: usize, run: impl AsyncFn(Vec<Step>)) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new(config)
        .run(&history(longest), |history| {
            runtime.block_on(run(history));
            Ok(())
        })
        .unwrap();
}

#[test]
fn it_agrees_with_the_model_in_memory() {
    histories(256, 150, async |history| {
        let store = RedbStore::in_memory(Options::default()).unwrap();
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
