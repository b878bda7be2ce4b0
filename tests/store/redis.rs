//! Redis in the contract, the races and the model. The races use two clients.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use latchkey::server::store::Store;

use crate::model::{agrees, histories};
use latchkey_testkit::fault_store::FaultStore;
use latchkey_testkit::redis_server::{RedisServer, open_default, open_store, store_settings};

fn fresh() -> (Arc<dyn Store>, RedisServer) {
    let server = RedisServer::start();
    (Arc::new(open_default(&server.url())), server)
}

/// Two clients of one server.
pub fn pair(url: &str, prefix: &str) -> Arc<dyn Store> {
    let client = || Arc::new(open_store(&store_settings(url, prefix))) as Arc<dyn Store>;
    FaultStore::round_robin(vec![client(), client()])
}

mod contract {
    conformance!(super::fresh);
}

mod raced {
    races!(super::fresh);
}

mod raced_by_two_clients {
    use super::*;

    fn fresh() -> (Arc<dyn Store>, RedisServer) {
        let server = RedisServer::start();
        (pair(&server.url(), "two:"), server)
    }

    races!(fresh);
}

/// Every history has a prefix of its own; between steps the client may be another.
pub fn follows_the_model(url: &str, cases: u32, longest: usize) {
    let number = AtomicU32::new(0);
    histories(cases, longest, async |history| {
        let prefix = format!("history-{}:", number.fetch_add(1, Ordering::Relaxed));
        let reopen = async |store| {
            drop(store);
            pair(url, &prefix)
        };
        agrees(pair(url, &prefix), reopen, history).await;
    });
}

#[test]
fn it_agrees_with_the_model() {
    let server = RedisServer::start();
    follows_the_model(&server.url(), 96, 120);
}
