//! Short forms of the store's calls. Times are seconds after `at(0)`, records are flows, and
//! reservations and counters are those of one person.

use latchkey::domain::timestamp::Timestamp;
use latchkey::server::store::{
    Charge, Key, Precondition, PutOutcome, ReservationOutcome, SettleMode, Store, StoreError, Usage,
};

use crate::builders::{at, charge, digest, flow, person, ticket};

/// Puts a new record that lives for a minute.
pub async fn add(store: &dyn Store, key: Key) -> Result<PutOutcome, StoreError> {
    let bytes = b"x".to_vec();
    let put = store.put(key, None, Precondition::Absent, bytes, at(60), at(0));
    put.await
}

pub async fn put(
    store: &dyn Store,
    name: &str,
    expect: Precondition,
    text: &str,
    end: u64,
    now: u64,
) -> PutOutcome {
    put_at(store, flow(name), expect, text, at(end), at(now)).await
}

pub async fn put_at(
    store: &dyn Store,
    key: Key,
    expect: Precondition,
    text: &str,
    end: Timestamp,
    now: Timestamp,
) -> PutOutcome {
    let put = store.put(key, None, expect, text.into(), end, now);
    put.await.unwrap()
}

pub async fn put_owned(
    store: &dyn Store,
    key: Key,
    owner: &str,
    expect: Precondition,
    text: &str,
    end: u64,
    now: u64,
) -> PutOutcome {
    let owner = Some(digest(owner));
    let put = store.put(key, owner, expect, text.into(), at(end), at(now));
    put.await.unwrap()
}

pub async fn text(store: &dyn Store, name: &str, now: u64) -> Option<String> {
    text_at(store, flow(name), at(now)).await
}

pub async fn text_at(store: &dyn Store, key: Key, now: Timestamp) -> Option<String> {
    let record = store.get(key, now).await.unwrap();
    record.map(|record| String::from_utf8(record.bytes).unwrap())
}

pub async fn keys_by_owner(store: &dyn Store, owner: &str, now: u64) -> Vec<Key> {
    store.keys_by_owner(digest(owner), at(now)).await.unwrap()
}

pub async fn reserve(
    store: &dyn Store,
    number: u128,
    charges: &[Charge],
    now: u64,
) -> ReservationOutcome {
    let group = person("a");
    let reserved = store.reserve(ticket(number), &group, charges, at(now));
    reserved.await.unwrap()
}

/// Reserves one of `limit` at the beginning.
pub async fn reserve_one(
    store: &dyn Store,
    number: u128,
    limit: u32,
) -> Result<ReservationOutcome, StoreError> {
    let (group, charges) = (person("a"), [charge("x", 1, limit)]);
    let reserved = store.reserve(ticket(number), &group, &charges, at(0));
    reserved.await
}

pub async fn settle(store: &dyn Store, number: u128, mode: SettleMode, now: u64) {
    let group = person("a");
    let settled = store.settle(ticket(number), &group, mode, at(now));
    settled.await.unwrap();
}

pub async fn used(store: &dyn Store, key: &str, now: u64) -> u32 {
    let usage = store.usage(&person("a"), &[key], at(now)).await.unwrap();
    usage[0].used
}

pub fn usage(used: u32, resets_at: u64) -> Usage {
    Usage {
        used,
        resets_at: Some(at(resets_at)),
    }
}

pub fn refused(counter: &str, retry_at: u64) -> ReservationOutcome {
    refused_until(counter, at(retry_at))
}

pub fn refused_until(counter: &str, retry_at: Timestamp) -> ReservationOutcome {
    ReservationOutcome::Refused {
        counter: counter.to_owned(),
        retry_at,
    }
}

pub trait MapUsed {
    fn map_used(&self) -> Vec<u32>;
}

impl MapUsed for Vec<Usage> {
    fn map_used(&self) -> Vec<u32> {
        self.iter().map(|usage| usage.used).collect()
    }
}
