//! Durable state: records that expire, and counters that are charged before something is done.
//!
//! One contract, [`Store`], and an engine a file. Engines never look at a clock: every call brings `now`, every record its
//! `expires_at`. What is gone by its `expires_at` is not returned, whether or not it has been swept.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

use super::clock::Timestamp;
use super::keys::Digest;

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Kind {
    /// A sign-in under way, by hash of its cookie.
    Flow = 1,
    /// A session, by hash of its cookie.
    Session = 2,
    /// Sessions of an owner that began before the time in it are dead.
    RevokedBefore = 3,
    /// A known browser of an identifier, by hash of its cookie.
    KnownBrowser = 4,
    /// A ticket to an application's host, taken once.
    Ticket = 5,
    /// A solved proof of work, taken once.
    Work = 6,
}

/// Where a record lies.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// What it is.
    pub kind: Kind,
    /// Which one: always a hash.
    pub id: Digest,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = self.id;
        write!(f, "{:?}/{a:02x}{b:02x}{c:02x}{d:02x}…", self.kind)
    }
}

/// A record as it was found. `Debug` shows no bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// What was put.
    pub bytes: Vec<u8>,
    /// Grows by one with every put of the key.
    pub version: u64,
    /// From then on it is gone.
    pub expires_at: Timestamp,
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Record({} bytes, v{}, until {:?})", self.bytes.len(), self.version, self.expires_at)
    }
}

/// On what condition a put takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// No live record is there.
    Absent,
    /// The live record has this version.
    Version(u64),
    /// Always.
    Any,
}

/// What a put did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// The record is there, under this version.
    Stored(u64),
    /// The condition did not hold; nothing was changed.
    Conflict,
}

/// The counters that one reservation can touch together.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    /// Of a client address: the text of its widest prefix (`203.0.113.7/32`, `2001:db8::/48`).
    Address(String),
    /// Of an identifier, by keyed hash.
    Identifier(Digest),
    /// Of the whole service.
    Service,
}

/// One counter to be charged: its window begins with its first charge and ends after `window`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// Which counter of the group.
    pub key: String,
    /// By how much.
    pub amount: u32,
    /// What the counter may not exceed.
    pub limit: u32,
    /// How long the window is.
    pub window: Duration,
}

/// Names a reservation, so that it can be settled once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reservation(pub [u8; 16]);

/// What a reservation gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reserved {
    /// All charges were made.
    Granted,
    /// No charge was made.
    Refused {
        /// The first charge that would have exceeded its limit.
        which: String,
        /// When its window ends.
        retry_at: Timestamp,
    },
}

/// How a reservation ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settle {
    /// The charges stand.
    Keep,
    /// The charges are taken back, each if its window is still the one that was charged.
    GiveBack,
}

/// What stands in a counter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Charged in the window that runs; 0 when none does.
    pub used: u32,
    /// When that window ends.
    pub resets_at: Option<Timestamp>,
}

/// The store could not do what it was asked. Nothing may be concluded about the state.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It cannot be reached or opened, or its disk fails or is full.
    #[error("the store cannot be used: {0}")]
    Unavailable(String),
    /// More work waits than it will take on.
    #[error("the store is overloaded")]
    Overloaded,
    /// What it holds cannot be understood.
    #[error("the store holds something that cannot be read: {0}")]
    Corrupt(String),
}

/// Durable state. The caller brings the time; an `Ok` survives `kill -9` (redb), or is as durable as the server's policy (Redis).
#[async_trait]
pub trait Store: Send + Sync + fmt::Debug {
    /// The live record of a key.
    async fn get(&self, key: Key, now: Timestamp) -> Result<Option<Record>, StoreError>;

    /// Puts a record, if `expect` holds. With an `owner` the key joins that owner's index; a later put without one leaves it there.
    async fn put(
        &self,
        key: Key,
        owner: Option<Digest>,
        expect: Expect,
        bytes: Vec<u8>,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<Put, StoreError>;

    /// Reads and deletes: of several callers one gets the record.
    async fn take(&self, key: Key, now: Timestamp) -> Result<Option<Record>, StoreError>;

    /// Deletes. A key that is not there is fine.
    async fn delete(&self, key: Key) -> Result<(), StoreError>;

    /// The keys put under an owner. May name keys that are gone.
    async fn owned(&self, owner: Digest, now: Timestamp) -> Result<Vec<Key>, StoreError>;

    /// The live records of a kind, at most `limit`: for the operator's lists.
    async fn scan(&self, kind: Kind, limit: usize, now: Timestamp) -> Result<Vec<(Key, Record)>, StoreError>;

    /// Makes all charges or none. No counter exceeds its limit under any race.
    async fn reserve(
        &self,
        ticket: Reservation,
        group: &Group,
        charges: &[Charge],
        now: Timestamp,
    ) -> Result<Reserved, StoreError>;

    /// Ends a reservation. Idempotent: the second time, and after the windows' end, it does nothing.
    async fn settle(&self, ticket: Reservation, group: &Group, how: Settle, now: Timestamp) -> Result<(), StoreError>;

    /// Reads counters, charges nothing. One answer a key, in order.
    async fn usage(&self, group: &Group, keys: &[&str], now: Timestamp) -> Result<Vec<Usage>, StoreError>;

    /// Sets counters to nothing: after a success, or by the operator.
    async fn reset(&self, group: &Group, keys: &[&str], now: Timestamp) -> Result<(), StoreError>;

    /// Removes up to `limit` expired records, counters and reservations; says how many went.
    async fn sweep(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError>;
}
