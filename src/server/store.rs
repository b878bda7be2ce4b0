//! The store: records that expire, and counters that are charged before an action.
//!
//! [`Store`] is the contract; `redb` (embedded) and `redis` (shared) implement it. The store never
//! reads a clock: every call carries `now`, every record its `expires_at`. An expired record is
//! never returned, swept or not.
//!
//! `now` may step back between two calls, because a clock is set or two nodes differ. What had
//! expired may then count as live again until it is swept. So [`Store::sweep`] should get a `now`
//! that is a few minutes old.

pub mod backup;
pub mod format;
pub mod metadata;
pub mod metered;
pub mod redb;
pub mod redis;

use std::fmt;
use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use strum::FromRepr;

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::backup_keys::BackupKeys;
use crate::server::crypto::encryption::EncryptError;
use crate::server::crypto::hash::Digest;

pub use backup::{BackupAuthentication, BackupError, BackupSummary};

/// The kind of a record. Its number is stored and never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, FromRepr)]
#[repr(u8)]
pub enum RecordKind {
    /// A sign-in flow, by hash of its cookie.
    Flow = 1,
    /// A session, by hash of its cookie.
    Session = 2,
    /// The revocation epoch of an owner: sessions from earlier sign-ins are revoked.
    RevokedBefore = 3,
    /// A recognised device of an identifier, by hash of its cookie.
    RecognisedDevice = 4,
    /// A ticket to an application's host, redeemed once.
    Ticket = 5,
    /// A session of an application on another host, by hash of its cookie.
    ApplicationSession = 7,
    /// Why a session ended, by hash of its cookie; read once.
    EndReason = 8,
    /// The last sign-in of a user and the devices used, by owner.
    SignInHistory = 9,
    /// The newest message to a test number, by keyed hash of the number; read once.
    TestMessage = 10,
    /// What the tenant said of its passcode policy, by hash of the application.
    PasscodePolicy = 11,
    /// By which pseudonym audit events name an identifier, by keyed hash of the identifier.
    AuditPseudonym = 12,
    /// The recent events of an identifier, by keyed hash of the identifier.
    RecentEvents = 13,
    /// The identifier that a request was about, by keyed hash of the request's id.
    RequestEvents = 14,
    /// Data about the store itself ([`metadata`]).
    Metadata = 32,
}

impl RecordKind {
    /// The stored number.
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// The key of a record.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names of the fields say it")]
pub struct Key {
    pub kind: RecordKind,
    /// Which record of that kind: always a hash.
    pub id: Digest,
}

impl Key {
    /// The kind followed by the id.
    pub(crate) fn to_bytes(self) -> Vec<u8> {
        [&[self.kind.number()], self.id.as_slice()].concat()
    }

    /// Parses what [`Self::to_bytes`] returned.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (kind, id) = bytes.split_first()?;
        Some(Self {
            kind: RecordKind::from_repr(*kind)?,
            id: id.try_into().ok()?,
        })
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = self.id;
        write!(f, "{:?}/{a:02x}{b:02x}{c:02x}{d:02x}…", self.kind)
    }
}

/// A record. `Debug` hides the bytes.
#[derive(Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the fields say it")]
pub struct Record {
    pub bytes: Vec<u8>,
    /// 1 for the first put of a key, and one more for every put over a live record. Starts at 1
    /// again after the record was deleted, taken or has expired.
    pub version: u64,
    pub expires_at: Timestamp,
}

impl Record {
    /// The record, unless it has expired.
    pub(crate) fn live_at(self, now: Timestamp) -> Option<Self> {
        (now < self.expires_at).then_some(self)
    }
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

/// The condition of a put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// There is no live record.
    Absent,
    /// There is a live record with this version.
    Version(u64),
    /// No condition.
    Any,
}

/// The result of a put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PutOutcome {
    /// Stored, with this version.
    Stored(u64),
    /// The condition was not met; nothing changed.
    Conflict,
}

/// A group of counters that one reservation can charge together.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    /// The counters of a client address: its widest prefix (`203.0.113.7/32`, `2001:db8::/48`).
    Address(String),
    /// The counters of an identifier, by keyed hash.
    Identifier(Digest),
    /// The counters of the whole service.
    Service,
}

/// A charge to one counter. The counter's window starts with its first charge and ends after
/// `window`.
///
/// A window keeps its end unless a later charge renews it. A window shorter than a millisecond ends
/// as it starts, so such a charge counts nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the fields say it")]
pub struct Charge {
    /// The counter within the group.
    pub key: String,
    /// How much to add. 0 only checks whether the counter exceeds `limit`, and starts no window.
    pub amount: u32,
    /// The charge is refused if used + amount > limit.
    pub limit: u32,
    pub window: Duration,
    /// Whether the charge also extends a running window, which then ends `window` after its last
    /// charge. Never shortens it.
    pub renews: bool,
}

/// Identifies a reservation within its group, so that it is settled once. Random, new for every
/// decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReservationId(pub [u8; 16]);

/// A reservation to make.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of the fields say it")]
pub struct ReservationRequest {
    pub id: ReservationId,
    pub group: Group,
    /// Made all together or not at all.
    pub charges: Vec<Charge>,
}

/// The result of a reservation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReservationOutcome {
    /// All charges were made.
    Granted,
    /// No charge was made.
    Refused {
        /// The first counter whose limit would have been exceeded.
        counter: String,
        /// When its window ends. If no window runs (the amount alone exceeds the limit), when one
        /// started now would.
        retry_at: Timestamp,
    },
}

/// How to settle a reservation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettleMode {
    /// The charges remain.
    Keep,
    /// Each charge is refunded if its window still runs. A counter without charges has no window.
    Refund,
    /// The charges of these counters are refunded in the same way; the others remain.
    RefundOnly(Vec<String>),
}

/// The state of a counter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Charged in the running window; 0 if none runs.
    pub used: u32,
    /// When the running window ends.
    pub resets_at: Option<Timestamp>,
}

/// The store failed. The caller must not assume that the operation did or did not happen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// It cannot be reached or opened, or its disk fails or is full.
    #[error("the store cannot be used: {0}")]
    Unavailable(String),
    /// Too many operations wait already.
    #[error("the store is overloaded")]
    Overloaded,
    /// Stored data cannot be parsed.
    #[error("the store holds data that cannot be parsed: {0}")]
    Corrupt(String),
}

impl StoreError {
    /// Whether a later attempt may succeed by itself.
    pub const fn is_temporary(&self) -> bool {
        match self {
            Self::Unavailable(_) | Self::Overloaded => true,
            Self::Corrupt(_) => false,
        }
    }
}

impl From<EncryptError> for StoreError {
    fn from(error: EncryptError) -> Self {
        Self::Corrupt(error.to_string())
    }
}

/// Durable state. An `Ok` survives `kill -9` (redb), or is as durable as the server's policy
/// (Redis).
#[async_trait]
pub trait Store: Send + Sync + fmt::Debug {
    /// Reads a live record.
    async fn get(&self, key: Key, now: Timestamp) -> Result<Option<Record>, StoreError>;

    /// Reads the live records of several keys, in order: in one round trip or transaction where the
    /// engine can. The result is not one snapshot on every engine.
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

    /// Stores a record if `precondition` is met. With an `owner` the key moves to that owner's
    /// index; a later put without one leaves it there.
    async fn put(
        &self,
        key: Key,
        owner: Option<Digest>,
        precondition: Precondition,
        bytes: Vec<u8>,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<PutOutcome, StoreError>;

    /// Reads and deletes a record. If several callers race, one gets it.
    async fn take(&self, key: Key, now: Timestamp) -> Result<Option<Record>, StoreError>;

    /// Deletes a record, if there is one.
    async fn delete(&self, key: Key) -> Result<(), StoreError>;

    /// Deletes several records, in any order: in one commit or round trip where the engine can.
    async fn delete_all(&self, keys: &[Key]) -> Result<(), StoreError> {
        for key in keys {
            self.delete(*key).await?;
        }
        Ok(())
    }

    /// Lists every live key of an owner, in any order. The list may also name keys that are gone or
    /// have another owner, so the caller must read the record.
    async fn keys_by_owner(&self, owner: Digest, now: Timestamp) -> Result<Vec<Key>, StoreError>;

    /// Lists at most `limit` live records of a kind, in any order. For the operator's lists.
    async fn scan(
        &self,
        kind: RecordKind,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<(Key, Record)>, StoreError>;

    /// Counts the live records of a kind. It reads the whole index, so it is for a background task
    /// that runs rarely. Records that change meanwhile may be counted or not.
    async fn count(&self, kind: RecordKind, now: Timestamp) -> Result<usize, StoreError> {
        Ok(self.scan(kind, usize::MAX, now).await?.len())
    }

    /// Makes all charges or none. No counter exceeds its limit under any race. Amounts for the same
    /// counter add up.
    ///
    /// A reservation lives until it is settled or the longest of its windows ends. Until then,
    /// repeating it returns [`ReservationOutcome::Granted`] and charges nothing, so a call whose
    /// response was lost may be repeated.
    async fn reserve(
        &self,
        id: ReservationId,
        group: &Group,
        charges: &[Charge],
        now: Timestamp,
    ) -> Result<ReservationOutcome, StoreError>;

    /// Makes reservations in order and stops after the first refusal, which is the last outcome
    /// returned. Earlier ones remain. In one commit where the engine can.
    async fn reserve_in_order(
        &self,
        requests: &[ReservationRequest],
        now: Timestamp,
    ) -> Result<Vec<ReservationOutcome>, StoreError> {
        let mut outcomes = Vec::with_capacity(requests.len());
        for request in requests {
            outcomes.push(
                self.reserve(request.id, &request.group, &request.charges, now)
                    .await?,
            );
            if outcomes.last() != Some(&ReservationOutcome::Granted) {
                break;
            }
        }
        Ok(outcomes)
    }

    /// Settles a reservation. Idempotent: does nothing the second time, after the windows' end, or
    /// for an unknown reservation. Never takes a counter below 0 and leaves a reset counter alone.
    async fn settle(
        &self,
        id: ReservationId,
        group: &Group,
        mode: SettleMode,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Reads counters without charging them. One result for each key, in order.
    async fn usage(
        &self,
        group: &Group,
        keys: &[&str],
        now: Timestamp,
    ) -> Result<Vec<Usage>, StoreError>;

    /// Resets counters to zero: after a success, or by the operator.
    async fn reset(&self, group: &Group, keys: &[&str], now: Timestamp) -> Result<(), StoreError>;

    /// Removes up to `limit` expired records, counters and reservations, and returns how many. Does
    /// nothing where the server expires keys itself.
    async fn sweep(&self, now: Timestamp, limit: usize) -> Result<usize, StoreError>;

    /// Checks that the store can be reached. Cheap and without side effects.
    async fn check_ready(&self) -> Result<(), StoreError>;

    /// Checks that the store takes what every sign-in needs: writes a record of no use, which
    /// expires soon. A store that can be read may still refuse that, because its disk or memory is
    /// full, or it lacks replicas or a right.
    async fn probe(&self, now: Timestamp) -> Result<(), StoreError> {
        self.check_ready().await?;
        self.put(
            metadata::probe_key(0),
            None,
            Precondition::Any,
            vec![0; metadata::PROBE_SIZE],
            now + metadata::PROBE_LIFETIME,
            now,
        )
        .await
        .map(|_| ())
    }

    /// How many calls wait or run.
    fn queue_length(&self) -> usize;

    /// How many calls may wait or run. Further ones get [`StoreError::Overloaded`].
    fn queue_capacity(&self) -> usize;

    /// Writes a snapshot of everything to a new file (0600); `replace` allows overwriting a file.
    /// Reads and writes continue meanwhile. The newest of the `keys` authenticates it.
    ///
    /// Only for an engine that keeps its data in its own file.
    async fn back_up(
        &self,
        _file: &Path,
        _replace: bool,
        _keys: &BackupKeys,
        _now: Timestamp,
    ) -> Result<BackupSummary, BackupError> {
        Err(BackupError::Unsupported)
    }
}
