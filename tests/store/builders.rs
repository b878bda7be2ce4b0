//! Short functions for keys, times and charges; numbers, and nodes that share a store.

use std::sync::Arc;
use std::time::Duration;

use latchkey::domain::timestamp::Timestamp;
use latchkey::domain::{Identifier, IdentifierType};
use latchkey::server::crypto::hash::{Digest, sha256};
use latchkey::server::store::redb::{RedbOptions, RedbStore};
use latchkey::server::store::{Charge, Group, Key, RecordKind, ReservationId, Store};

use latchkey_testkit::redis_server::{RedisServer, open_default};

/// A time of day, in seconds after an arbitrary noon.
pub fn at(seconds: u64) -> Timestamp {
    Timestamp::from_secs(1_800_000_000 + seconds)
}

pub fn digest(name: &str) -> Digest {
    sha256(name.as_bytes())
}

pub fn flow(name: &str) -> Key {
    Key {
        kind: RecordKind::Flow,
        id: digest(name),
    }
}

pub fn session(name: &str) -> Key {
    Key {
        kind: RecordKind::Session,
        id: digest(name),
    }
}

pub fn person(name: &str) -> Group {
    Group::Identifier(digest(name))
}

pub fn ticket(number: u128) -> ReservationId {
    ReservationId(number.to_be_bytes())
}

/// A charge whose window is a minute.
pub fn charge(key: &str, amount: u32, limit: u32) -> Charge {
    Charge {
        key: key.to_owned(),
        amount,
        limit,
        window: Duration::from_secs(60),
        renews: false,
    }
}

/// A British number.
pub fn number(which: u64) -> Identifier {
    Identifier::canonical(
        IdentifierType::PhoneNumber,
        format!("+44740000{which:04}"),
        Some("GB".to_owned()),
    )
}

pub fn redb() -> Arc<dyn Store> {
    Arc::new(RedbStore::in_memory(RedbOptions::default()).unwrap())
}

/// Two nodes for each engine, which `node` makes. With redb they share a process, with Redis they
/// have a client each. The server must outlive them.
pub fn engines<N>(node: impl Fn(Arc<dyn Store>) -> N) -> (Vec<[N; 2]>, RedisServer) {
    let (redis, embedded) = (RedisServer::start(), redb());
    let client = || node(Arc::new(open_default(&redis.url())));
    let nodes = vec![
        [node(embedded.clone()), node(embedded)],
        [client(), client()],
    ];
    (nodes, redis)
}
