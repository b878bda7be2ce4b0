//! The tables of the file. All changes go through three functions, which keep the indexes
//! consistent.

use redb::{ReadableTable, Table, TableDefinition, WriteTransaction};

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::hash::Digest;
use crate::server::store::{Key, StoreError};

/// The number of this schema. A change that an earlier program would misread needs the next number,
/// and a migration in `open`.
pub(super) const SCHEMA: u64 = 1;
pub(super) const SCHEMA_ROW: &str = "schema";
pub(super) const META: TableDefinition<&str, u64> = TableDefinition::new("meta");

/// Kind and id.
pub(super) type RecordKey = (u8, &'static [u8; 32]);
/// Version, end, owner, bytes.
pub(super) type RecordRow = (u64, u64, Option<&'static [u8; 32]>, &'static [u8]);
/// Owner, kind and id.
type OwnerKey = (&'static [u8; 32], u8, &'static [u8; 32]);
/// End, table, key in that table.
type ExpiryKey = (u64, u8, &'static [u8]);
/// Window (the id of the reservation that started it), end, amount charged.
pub(super) type CounterRow = (&'static [u8; 16], u64, u32);
/// End; for each counter its name, the charged window and the amount.
type ReservationRow = (u64, Vec<(&'static [u8], &'static [u8; 16], u32)>);

pub(super) const RECORDS: TableDefinition<RecordKey, RecordRow> = TableDefinition::new("records");
/// Contains the record's end, so that a list need not read the records.
pub(super) const OWNERS: TableDefinition<OwnerKey, u64> = TableDefinition::new("owners");
pub(super) const COUNTERS: TableDefinition<&[u8], CounterRow> = TableDefinition::new("counters");
pub(super) const RESERVATIONS: TableDefinition<&[u8], ReservationRow> =
    TableDefinition::new("reservations");
pub(super) const EXPIRY: TableDefinition<ExpiryKey, ()> = TableDefinition::new("expiry");

pub(super) const RECORD: u8 = 1;
const COUNTER: u8 = 2;
const RESERVATION: u8 = 3;

/// A record without its bytes.
#[derive(Clone, Copy)]
pub(super) struct RecordHeader {
    pub(super) version: u64,
    pub(super) expires_at: Timestamp,
    pub(super) owner: Option<Digest>,
}

/// A stored counter; live until its window ends.
#[derive(Clone, Copy)]
pub(super) struct Counter {
    /// The reservation that started the window. A time would not distinguish two windows that
    /// started in the same millisecond.
    pub(super) window: [u8; 16],
    pub(super) ends_at: Timestamp,
    pub(super) used: u32,
}

/// The charges of a reservation.
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

/// Creates the tables.
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

    /// Whether there is anything to commit.
    pub(super) fn has_changes(&self) -> bool {
        self.changed
    }

    /// Reads the header of a record, live or not.
    pub(super) fn header(&self, key: Key) -> Result<Option<RecordHeader>, StoreError> {
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

    /// Replaces a record and its entries in the owner index and the expiry index.
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
        if let Some(header) = new.map(|(header, _)| header)
            && let Some(owner) = header.owner
        {
            self.owners
                .insert((&owner, kind, id), header.expires_at.as_millis())?;
        }
        match new {
            Some((header, bytes)) => {
                let row = (
                    header.version,
                    header.expires_at.as_millis(),
                    header.owner.as_ref(),
                    bytes,
                );
                self.records.insert((kind, id), row)?;
            }
            None => drop(self.records.remove((kind, id))?),
        }
        let row = key.to_bytes();
        self.set_expiry(
            RECORD,
            &row,
            old.map(|old| old.expires_at),
            new.map(|(header, _)| header.expires_at),
        )
    }

    /// Replaces a counter and its entry in the expiry index.
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

    /// Reads a reservation, live or not.
    pub(super) fn reservation(&self, name: &[u8]) -> Result<Option<StoredReservation>, StoreError> {
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

    /// Replaces a reservation and its entry in the expiry index.
    pub(super) fn set_reservation(
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

    /// Removes what has expired, the oldest first.
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
                    let key = Key::from_bytes(row)
                        .ok_or_else(|| StoreError::Corrupt("the key of a record".to_owned()))?;
                    let header = self.header(key)?;
                    self.set_record(key, header, None)?;
                }
                COUNTER => drop(self.counters.remove(row.as_slice())?),
                RESERVATION => drop(self.reservations.remove(row.as_slice())?),
                unknown => {
                    return Err(StoreError::Corrupt(format!(
                        "an expiry entry of kind {unknown}"
                    )));
                }
            }
            self.set_expiry(*table, row, Some(*end), None)?;
        }
        Ok(ended.len())
    }
}
