//! Durable state: records that expire, and counters that are charged before something is done.
//!
//! One contract, [`Store`], and an engine a file. Engines never look at a clock: every call brings
//! `now`, every record its `expires_at`. What is gone by its `expires_at` is not returned, whether
//! or not it has been swept.
//!
//! `now` may step back between two calls (a clock is set, two nodes differ). What had ended may
//! then count as live again until it is swept, so [`Store::sweep`] is best called with a `now` a
//! few minutes old.

pub mod backup;
pub mod metadata;
pub mod redb;
pub mod redis;

use std::fmt;
use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::derived_keys::{CannotSeal, Digest};

pub use backup::{BackupError, BackupSummary};

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum RecordKind {
    /// A sign-in under way, by hash of its cookie.
    Flow = 1,
    /// A session, by hash of its cookie.
    Session = 2,
    /// Sessions of an owner whose code came before the revocation with the number in it are dead.
    RevokedBefore = 3,
    /// A known browser of an identifier, by hash of its cookie.
    KnownBrowser = 4,
    /// A ticket to an application's host, taken once.
    Ticket = 5,
    /// A session of an application on another host, by hash of its cookie.
    Application = 7,
    /// Why a session ended, by the hash of its cookie; taken once.
    Ended = 8,
    /// When a user signed in last, and from which new browsers, by owner.
    SignIns = 9,
    /// The newest message to a test number, by keyed hash of the number; taken once.
    TestMessage = 10,
    /// What the store says of itself ([`marks`]).
    Mark = 32,
}

impl RecordKind {
    /// The kind of that number; `None` if there is none.
    pub const fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::Flow,
            2 => Self::Session,
            3 => Self::RevokedBefore,
            4 => Self::KnownBrowser,
            5 => Self::Ticket,
            7 => Self::Application,
            8 => Self::Ended,
            9 => Self::SignIns,
            10 => Self::TestMessage,
            32 => Self::Mark,
            _ => return None,
        })
    }

    /// The number that stands for it in storage; it never changes.
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// Where a record lies.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// What it is.
    pub kind: RecordKind,
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
    /// 1 for the first put of a key, one more with every put over a live record. A key whose record
    /// was deleted, taken or has expired begins at 1 again.
    pub version: u64,
    /// From then on it is gone.
    pub expires_at: Timestamp,
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Record({} bytes, v{}, until {:?})",
            self.bytes.len(),
            self.version,
            self.expires_at
        )
    }
}

/// On what condition a put takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// No live record is there.
    Absent,
    /// A live record is there, and has this version.
    Version(u64),
    /// Always.
    Any,
}

/// What a put did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PutOutcome {
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
///
/// A window keeps the end that it began with, unless a later charge renews it. A window of less
/// than a millisecond has ended when it begins, so such a charge counts nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// Which counter of the group.
    pub key: String,
    /// By how much. 0 asks only whether the counter stands above `limit`, and begins no window.
    pub amount: u32,
    /// What the counter may not exceed: the charge is refused if used + amount > limit.
    pub limit: u32,
    /// How long the window is.
    pub window: Duration,
    /// Whether the charge also puts off the end of a window that runs: it then ends `window` after
    /// its last charge. Never brings it forward.
    pub renews: bool,
}

/// Names a reservation within its group, so that it can be settled once. Random: a new one for
/// every decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReservationId(pub [u8; 16]);

/// A reservation to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReservationRequest {
    /// Its name.
    pub ticket: ReservationId,
    /// Whose counters.
    pub group: Group,
    /// All of them, or none.
    pub charges: Vec<Charge>,
}

/// What a reservation gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReservationOutcome {
    /// All charges were made.
    Granted,
    /// No charge was made.
    Refused {
        /// The first charge that would have exceeded its limit.
        which: String,
        /// When its window ends; where none runs (the amount alone is above the limit), when one
        /// begun now would.
        retry_at: Timestamp,
    },
}

/// How a reservation ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettleMode {
    /// The charges stand.
    Keep,
    /// The charges are taken back, each if its window is still the one that was charged. A counter
    /// of which no charge is left has no window any more.
    GiveBack,
    /// The charges of these counters are taken back in the same way, and the others stand.
    GiveBackOnly(Vec<String>),
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
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
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

impl From<CannotSeal> for StoreError {
    fn from(error: CannotSeal) -> Self {
        Self::Corrupt(error.to_string())
    }
}

/// Durable state. The caller brings the time; an `Ok` survives `kill -9` (redb), or is as durable
/// as the server's policy (Redis).
#[async_trait]
pub trait Store: Send + Sync + fmt::Debug {
    /// The live record of a key.
    async fn get(&self, key: Key, now: Timestamp) -> Result<Option<Record>, StoreError>;

    /// The live records of several keys, in order. Not of one moment on every engine; one round
    /// trip, or one transaction, where the engine can.
    async fn get_all(
        &self,
        keys: &[Key],
        now: Timestamp,
    ) -> Result<Vec<Option<Record>>, StoreError> {
        let mut records = Vec::with_capacity(keys.len());
        for key in keys {
            records.push(self.get(*key, now).await?);
        }
        Ok(records)
    }

    /// Puts a record, if `expect` holds. With an `owner` the key joins that owner's index and
    /// leaves any other's; a later put without one leaves it where it is.
    async fn put(
        &self,
        key: Key,
        owner: Option<Digest>,
        expect: Precondition,
        bytes: Vec<u8>,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<PutOutcome, StoreError>;

    /// Reads and deletes: of several callers one gets the record.
    async fn take(&self, key: Key, now: Timestamp) -> Result<Option<Record>, StoreError>;

    /// Deletes. A key that is not there is fine.
    async fn delete(&self, key: Key) -> Result<(), StoreError>;

    /// Deletes several, in no order: in one commit or round trip, where the engine can.
    async fn delete_all(&self, keys: &[Key]) -> Result<(), StoreError> {
        for key in keys {
            self.delete(*key).await?;
        }
        Ok(())
    }

    /// The keys put under an owner, in no order: every live one. May also name keys that are gone
    /// or have moved to another owner, so a caller reads the record before it believes it.
    async fn owned(&self, owner: Digest, now: Timestamp) -> Result<Vec<Key>, StoreError>;

    /// The live records of a kind, at most `limit`, in no order: for the operator's lists.
    async fn scan(
        &self,
        kind: RecordKind,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<(Key, Record)>, StoreError>;

    /// Makes all charges or none. No counter exceeds its limit under any race. Amounts of the same
    /// key add up.
    ///
    /// A ticket lives until it is settled or the longest of its windows ends. As long as it lives,
    /// reserving under it again is answered with [`Reserved::Granted`] and charges nothing, so a
    /// call whose answer was lost may be repeated.
    async fn reserve(
        &self,
        ticket: ReservationId,
        group: &Group,
        charges: &[Charge],
        now: Timestamp,
    ) -> Result<ReservationOutcome, StoreError>;

    /// Makes reservations one after the other, and none after the first that is refused: the
    /// answers end with it, and what was granted before it stands. In one commit, where the engine
    /// can.
    async fn reserve_in_turn(
        &self,
        wanted: &[ReservationRequest],
        now: Timestamp,
    ) -> Result<Vec<ReservationOutcome>, StoreError> {
        let mut answers = Vec::with_capacity(wanted.len());
        for one in wanted {
            answers.push(
                self.reserve(one.ticket, &one.group, &one.charges, now)
                    .await?,
            );
            if answers.last() != Some(&ReservationOutcome::Granted) {
                break;
            }
        }
        Ok(answers)
    }

    /// Ends a reservation. Idempotent: the second time, after the windows' end, and for a ticket
    /// never granted, it does nothing. A counter never falls below 0, and one that was reset is
    /// left alone.
    async fn settle(
        &self,
        ticket: ReservationId,
        group: &Group,
        how: SettleMode,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Reads counters, charges nothing. One answer a key, in order.
    async fn usage(
        &self,
        group: &Group,
        keys: &[&str],
        now: Timestamp,
    ) -> Result<Vec<Usage>, StoreError>;

    /// Sets counters to nothing: after a success, or by the operator.
    async fn reset(&self, group: &Group, keys: &[&str], now: Timestamp) -> Result<(), StoreError>;

    /// Removes up to `limit` expired records, counters and reservations; says how many went. An
    /// engine whose server collects its own rubbish may have nothing to do.
    async fn sweep(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError>;

    /// Whether it can be used now: cheap, changes nothing, for the readiness probe.
    async fn ready(&self) -> Result<(), StoreError>;

    /// Writes everything, as it is at one moment, to a new file (0600), from which it can be
    /// restored; `replace` lets that take the place of one that is there. Others read and write
    /// meanwhile.
    ///
    /// Only an engine that keeps its state in a file of its own can: others have means of theirs.
    async fn back_up(
        &self,
        _file: &Path,
        _replace: bool,
        _now: Timestamp,
    ) -> Result<BackupSummary, BackupError> {
        Err(BackupError::NotHere)
    }
}
