//! What is in a store's file, and whether all of it fits together.

use redb::{Database, ReadTransaction, ReadableDatabase, ReadableTable, ReadableTableMetadata};

use super::records::{FIRST, LAST};
use super::tables::{COUNTERS, EXPIRY, META, OWNERS, RECORDS, RESERVATIONS, TAKEN_AT_ROW, expires};
use crate::server::clock::Timestamp;
use crate::server::store::{Contents, Kind, StoreError};

/// Counts. The size of the file is left to the caller.
pub(super) fn of(database: &Database) -> Result<Contents, StoreError> {
    let reading = database.begin_read()?;
    let taken_at = reading.open_table(META)?.get(TAKEN_AT_ROW)?.map(|row| Timestamp::from_millis(row.value()));
    let records = reading.open_table(RECORDS)?;
    let session = Kind::Session.number();
    let mut sessions = 0;
    for entry in records.range((session, &FIRST)..=(session, &LAST))? {
        let (_, row) = entry?;
        let ends = Timestamp::from_millis(row.value().1);
        sessions += u64::from(taken_at.is_none_or(|taken_at| taken_at < ends));
    }
    let counters = reading.open_table(COUNTERS)?.len()?;
    Ok(Contents { taken_at, sessions, records: records.len()?, counters, bytes: 0 })
}

/// Sees that every row can be read and stands in the indexes that it must, and that nothing else does.
pub(super) fn check(database: &Database) -> Result<(), StoreError> {
    let reading = database.begin_read()?;
    let expiries = Expiries::open(&reading)?;
    let owners = reading.open_table(OWNERS)?;
    let mut owned = 0;
    let records = reading.open_table(RECORDS)?;
    for entry in records.iter()? {
        let (key, row) = entry?;
        let ((kind, id), (_, ends, owner, _)) = (key.value(), row.value());
        if Kind::from_number(kind).is_none() {
            return Err(StoreError::Corrupt(format!("a record of kind {kind}")));
        }
        expiries.has(ends, expires::RECORD, &[&[kind], id.as_slice()].concat())?;
        if let Some(owner) = owner {
            owned += 1;
            if owners.get((owner, kind, id))?.is_none_or(|found| found.value() != ends) {
                return Err(unfit("the index of owners"));
            }
        }
    }
    let counters = reading.open_table(COUNTERS)?;
    for entry in counters.iter()? {
        let (name, row) = entry?;
        expiries.has(row.value().1, expires::COUNTER, name.value())?;
    }
    let reservations = reading.open_table(RESERVATIONS)?;
    for entry in reservations.iter()? {
        let (name, row) = entry?;
        expiries.has(row.value().0, expires::RESERVATION, name.value())?;
    }
    if owners.len()? != owned {
        return Err(unfit("the index of owners"));
    }
    expiries.are(records.len()? + counters.len()? + reservations.len()?)
}

struct Expiries(redb::ReadOnlyTable<super::tables::ExpiryKey, ()>);

impl Expiries {
    fn open(reading: &ReadTransaction) -> Result<Self, StoreError> {
        Ok(Self(reading.open_table(EXPIRY)?))
    }

    fn has(&self, end: u64, table: u8, row: &[u8]) -> Result<(), StoreError> {
        self.0.get((end, table, row))?.map(|_| ()).ok_or_else(|| unfit("the index of ends"))
    }

    fn are(&self, rows: u64) -> Result<(), StoreError> {
        if self.0.len()? == rows { Ok(()) } else { Err(unfit("the index of ends")) }
    }
}

fn unfit(what: &str) -> StoreError {
    StoreError::Corrupt(format!("{what} does not fit what is there"))
}
