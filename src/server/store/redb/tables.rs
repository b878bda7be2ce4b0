//! What lies in the file. Every change goes through one of three functions here, which keep the
//! indexes true.

use redb::{ReadableTable, Table, TableDefinition, WriteTransaction};

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::derived_keys::Digest;
use crate::server::store::{Key, RecordKind, StoreError};

/// The layout below. A change that an earlier program would misread takes the next number, and a
/// migration in `open`.
pub(super) const SCHEMA: u64 = 1;
pub(super) const SCHEMA_ROW: &str = "schema";
pub(super) const META: TableDefinition<&str, u64> = TableDefinition::new("meta");

/// Kind and id.
pub(super) type RecordKey = (u8, &'static [u8; 32]);
/// Version, end, owner, bytes.
pub(super) type RecordRow = (u64, u64, Option<&'static [u8; 32]>, &'static [u8]);
/// Owner, kind and id.
type OwnerKey = (&'static [u8; 32], u8, &'static [u8; 32]);
/// End, which table, key there.
type ExpiryKey = (u64, u8, &'static [u8]);
/// The window (by the ticket that began it), its end, what was charged.
pub(super) type CounterRow = (&'static [u8; 16], u64, u32);
/// End; for each counter its name, the window that was charged, how much.
type ReservationRow = (u64, Vec<(&'static [u8], &'static [u8; 16], u32)>);

pub(super) const RECORDS: TableDefinition<RecordKey, RecordRow> = TableDefinition::new("records");
/// To the record's end, so that a list need not look at the records.
pub(super) const OWNERS: TableDefinition<OwnerKey, u64> = TableDefinition::new("owners");
pub(super) const COUNTERS: TableDefinition<&[u8], CounterRow> = TableDefinition::new("counters");
pub(super) const RESERVATIONS: TableDefinition<&[u8], ReservationRow> =
    TableDefinition::new("reservations");
pub(super) const EXPIRY: TableDefinition<ExpiryKey, ()> = TableDefinition::new("expiry");

const RECORD: u8 = 1;
const COUNTER: u8 = 2;
const RESERVATION: u8 = 3;

/// All of a record but its bytes.
#[derive(Clone, Copy)]
pub(super) struct RecordHeader {
    pub(super) version: u64,
    pub(super) expires_at: Timestamp,
    pub(super) owner: Option<Digest>,
}

/// A counter as it is stored; live until its window ends.
#[derive(Clone, Copy)]
pub(super) struct Counter {
    /// The ticket that began the window. A time would not tell two windows apart that began in the
    /// same millisecond.
    pub(super) window: [u8; 16],
    pub(super) ends_at: Timestamp,
    pub(super) used: u32,
}

/// What a ticket has charged.
pub(super) struct StoredReservation {
    pub(super) expires_at: Timestamp,
    pub(super) charged: Vec<ChargedCounter>,
}

pub(super) struct ChargedCounter {
    pub(super) counter: Vec<u8>,
    pub(super) window: [u8; 16],
    pub(super) amount: u32,
}

/// The tables of one write transaction.
pub(super) struct Tables<'txn> {
    pub(super) records: Table<'txn, RecordKey, RecordRow>,
    owners: Table<'txn, OwnerKey, u64>,
    pub(super) counters: Table<'txn, &'static [u8], CounterRow>,
    reservations: Table<'txn, &'static [u8], ReservationRow>,
    expiry: Table<'txn, ExpiryKey, ()>,
    changed: bool,
}

/// Makes the tables, so that readers find them.
pub(super) fn create(transaction: &WriteTransaction) -> Result<(), redb::TableError> {
    Tables::open(transaction).map(drop)
}

impl<'txn> Tables<'txn> {
    pub(super) fn open(transaction: &'txn WriteTransaction) -> Result<Self, redb::TableError> {
        Ok(Self {
            records: transaction.open_table(RECORDS)?,
            owners: transaction.open_table(OWNERS)?,
            counters: transaction.open_table(COUNTERS)?,
            reservations: transaction.open_table(RESERVATIONS)?,
            expiry: transaction.open_table(EXPIRY)?,
            changed: false,
        })
    }

    /// Whether anything would be different after a commit.
    pub(super) fn changed(&self) -> bool {
        self.changed
    }

    /// The head of a record, live or not.
    pub(super) fn head(&self, key: Key) -> Result<Option<RecordHeader>, StoreError> {
        let row = self.records.get((key.kind.number(), &key.id))?;
        Ok(row.map(|row| {
            let (version, ends, owner, _) = row.value();
            RecordHeader {
                version,
                expires_at: Timestamp::from_millis(ends),
                owner: owner.copied(),
            }
        }))
    }

    /// Replaces a record, in its owner's index and in the expiry index too.
    pub(super) fn set_record(
        &mut self,
        key: Key,
        old: Option<RecordHeader>,
        new: Option<(RecordHeader, &[u8])>,
    ) -> Result<(), StoreError> {
        let (kind, id) = (key.kind.number(), &key.id);
        if let Some(owner) = old.and_then(|old| old.owner) {
            self.owners.remove((&owner, kind, id))?;
        }
        if let Some(head) = new.map(|(head, _)| head)
            && let Some(owner) = head.owner
        {
            self.owners
                .insert((&owner, kind, id), head.expires_at.as_millis())?;
        }
        match new {
            Some((head, bytes)) => {
                let row = (
                    head.version,
                    head.expires_at.as_millis(),
                    head.owner.as_ref(),
                    bytes,
                );
                self.records.insert((kind, id), row)?;
            }
            None => drop(self.records.remove((kind, id))?),
        }
        let row = [&[kind], id.as_slice()].concat();
        self.set_expiry(
            RECORD,
            &row,
            old.map(|old| old.expires_at),
            new.map(|(head, _)| head.expires_at),
        )
    }

    /// Replaces a counter.
    pub(super) fn set_counter(
        &mut self,
        name: &[u8],
        old: Option<Counter>,
        new: Option<Counter>,
    ) -> Result<(), StoreError> {
        match new {
            Some(new) => drop(
                self.counters
                    .insert(name, (&new.window, new.ends_at.as_millis(), new.used))?,
            ),
            None => drop(self.counters.remove(name)?),
        }
        self.set_expiry(
            COUNTER,
            name,
            old.map(|old| old.ends_at),
            new.map(|new| new.ends_at),
        )
    }

    /// What a ticket has charged, whether it is live or not.
    pub(super) fn ticket(&self, name: &[u8]) -> Result<Option<StoredReservation>, StoreError> {
        let row = self.reservations.get(name)?;
        Ok(row.map(|row| {
            let (ends, charged) = row.value();
            let charged = charged
                .into_iter()
                .map(|(counter, window, amount)| ChargedCounter {
                    counter: counter.to_vec(),
                    window: *window,
                    amount,
                });
            StoredReservation {
                expires_at: Timestamp::from_millis(ends),
                charged: charged.collect(),
            }
        }))
    }

    /// Replaces what a ticket has charged.
    pub(super) fn set_ticket(
        &mut self,
        name: &[u8],
        old: Option<Timestamp>,
        new: Option<&StoredReservation>,
    ) -> Result<(), StoreError> {
        match new {
            Some(new) => {
                let charged = new
                    .charged
                    .iter()
                    .map(|one| (one.counter.as_slice(), &one.window, one.amount));
                self.reservations
                    .insert(name, (new.expires_at.as_millis(), charged.collect()))?;
            }
            None => drop(self.reservations.remove(name)?),
        }
        self.set_expiry(RESERVATION, name, old, new.map(|new| new.expires_at))
    }

    fn set_expiry(
        &mut self,
        table: u8,
        row: &[u8],
        old: Option<Timestamp>,
        new: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.changed = true;
        if old == new {
            return Ok(());
        }
        if let Some(old) = old {
            self.expiry.remove((old.as_millis(), table, row))?;
        }
        if let Some(new) = new {
            self.expiry.insert((new.as_millis(), table, row), ())?;
        }
        Ok(())
    }

    /// Removes what has ended, the oldest first.
    pub(super) fn sweep(&mut self, now: Timestamp, limit: usize) -> Result<usize, StoreError> {
        let mut ended = Vec::new();
        for entry in self.expiry.iter()?.take(limit) {
            let (key, ()) = entry.map(|(key, unit)| (key, unit.value()))?;
            let (end, table, row) = key.value();
            if Timestamp::from_millis(end) > now {
                break;
            }
            ended.push((Timestamp::from_millis(end), table, row.to_vec()));
        }
        for (end, table, row) in &ended {
            match *table {
                RECORD => {
                    let key = record_key(row)?;
                    let head = self.head(key)?;
                    self.set_record(key, head, None)?;
                }
                COUNTER => drop(self.counters.remove(row.as_slice())?),
                RESERVATION => drop(self.reservations.remove(row.as_slice())?),
                unknown => {
                    return Err(StoreError::Corrupt(format!(
                        "an end of a thing of kind {unknown}"
                    )));
                }
            }
            self.set_expiry(*table, row, Some(*end), None)?;
        }
        Ok(ended.len())
    }
}

fn record_key(row: &[u8]) -> Result<Key, StoreError> {
    row.split_first()
        .and_then(|(kind, id)| {
            Some(Key {
                kind: RecordKind::from_number(*kind)?,
                id: id.try_into().ok()?,
            })
        })
        .ok_or_else(|| StoreError::Corrupt("the key of a record".to_owned()))
}
