//! Records, within a transaction.

use redb::{ReadTransaction, ReadableTable};

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::hash::Digest;
use crate::server::store::redb::tables::{
    EXPIRY, OWNERS, RECORD, RECORDS, RecordHeader, RecordKey, RecordRow, Tables,
};
use crate::server::store::{Key, Precondition, PutOutcome, Record, RecordKind, StoreError};

const FIRST: Digest = [0; 32];
const LAST: Digest = [u8::MAX; 32];

impl Tables<'_> {
    pub(super) fn put(
        &mut self,
        key: Key,
        owner: Option<Digest>,
        precondition: Precondition,
        bytes: &[u8],
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<PutOutcome, StoreError> {
        let old = self.header(key)?;
        let live = old.filter(|old| now < old.expires_at);
        let holds = match precondition {
            Precondition::Absent => live.is_none(),
            Precondition::Version(version) => live.is_some_and(|live| live.version == version),
            Precondition::Any => true,
        };
        if !holds {
            return Ok(PutOutcome::Conflict);
        }
        let version = live.map_or(0, |live| live.version).saturating_add(1);
        let owner = owner.or(live.and_then(|live| live.owner));
        self.set_record(
            key,
            old,
            Some((
                RecordHeader {
                    version,
                    expires_at,
                    owner,
                },
                bytes,
            )),
        )?;
        Ok(PutOutcome::Stored(version))
    }

    pub(super) fn take(&mut self, key: Key, now: Timestamp) -> Result<Option<Record>, StoreError> {
        let Some(record) = find_record(&self.records, key, now)? else {
            return Ok(None);
        };
        self.delete(key)?;
        Ok(Some(record))
    }

    pub(super) fn delete(&mut self, key: Key) -> Result<(), StoreError> {
        match self.header(key)? {
            Some(header) => self.set_record(key, Some(header), None),
            None => Ok(()),
        }
    }
}

pub(super) fn get(
    transaction: &ReadTransaction,
    key: Key,
    now: Timestamp,
) -> Result<Option<Record>, StoreError> {
    find_record(&transaction.open_table(RECORDS)?, key, now)
}

pub(super) fn get_all(
    transaction: &ReadTransaction,
    keys: &[Key],
    now: Timestamp,
) -> Result<Vec<Option<Record>>, StoreError> {
    let records = transaction.open_table(RECORDS)?;
    keys.iter()
        .map(|key| find_record(&records, *key, now))
        .collect()
}

pub(super) fn keys_by_owner(
    transaction: &ReadTransaction,
    owner: Digest,
    now: Timestamp,
) -> Result<Vec<Key>, StoreError> {
    let mut keys = Vec::new();
    for entry in transaction
        .open_table(OWNERS)?
        .range((&owner, 0, &FIRST)..=(&owner, u8::MAX, &LAST))?
    {
        let (key, ends) = entry?;
        let (_, kind, id) = key.value();
        if now < Timestamp::from_millis(ends.value()) {
            keys.push(Key {
                kind: parse_kind(kind)?,
                id: *id,
            });
        }
    }
    Ok(keys)
}

pub(super) fn scan(
    transaction: &ReadTransaction,
    kind: RecordKind,
    limit: usize,
    now: Timestamp,
) -> Result<Vec<(Key, Record)>, StoreError> {
    let number = kind.number();
    let mut found = Vec::new();
    for entry in transaction
        .open_table(RECORDS)?
        .range((number, &FIRST)..=(number, &LAST))?
    {
        if found.len() >= limit {
            break;
        }
        let (key, row) = entry?;
        if let Some(record) = to_live_record(row.value(), now) {
            found.push((
                Key {
                    kind,
                    id: *key.value().1,
                },
                record,
            ));
        }
    }
    Ok(found)
}

/// Counts in the index of ends, whose rows are a tenth of the records' size.
pub(super) fn count(
    transaction: &ReadTransaction,
    kind: RecordKind,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let (number, mut found) = (kind.number(), 0);
    let index = transaction.open_table(EXPIRY)?;
    for entry in index.range((now.as_millis() + 1, 0, &[][..])..)? {
        let (entry, ()) = entry.map(|(key, unit)| (key, unit.value()))?;
        let (_, table, key) = entry.value();
        found += usize::from(table == RECORD && key.first() == Some(&number));
    }
    Ok(found)
}

fn find_record(
    table: &impl ReadableTable<RecordKey, RecordRow>,
    key: Key,
    now: Timestamp,
) -> Result<Option<Record>, StoreError> {
    Ok(table
        .get((key.kind.number(), &key.id))?
        .and_then(|row| to_live_record(row.value(), now)))
}

fn to_live_record(
    (version, ends, _, bytes): (u64, u64, Option<&[u8; 32]>, &[u8]),
    now: Timestamp,
) -> Option<Record> {
    let expires_at = Timestamp::from_millis(ends);
    // Checked first, so that an expired record is not copied.
    (now < expires_at).then(|| Record {
        bytes: bytes.to_vec(),
        version,
        expires_at,
    })
}

fn parse_kind(number: u8) -> Result<RecordKind, StoreError> {
    RecordKind::from_repr(number)
        .ok_or_else(|| StoreError::Corrupt(format!("a record of kind {number}")))
}
