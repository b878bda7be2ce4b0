//! Records in Redis.

use std::collections::BTreeMap;
use std::time::Duration;

use redis::{Pipeline, Value, cmd, pipe};

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::hash::Digest;
use crate::server::store::redis::connection::MasterNode;
use crate::server::store::redis::error::parse;
use crate::server::store::redis::script::{INDEX, PUT, ScriptCall, TAKE};
use crate::server::store::redis::{EXPIRY_GRACE_MS, RedisStore, ttl_ms};
use crate::server::store::{Key, Precondition, PutOutcome, Record, RecordKind, StoreError};

/// How much longer than needed an index keeps a key, so that a used session is written there once
/// an hour.
const INDEX_MARGIN: Duration = Duration::from_secs(3600);
/// How often a put follows a record whose owner changes concurrently.
const MAX_OWNER_CHANGES: usize = 4;
/// How many keys a master scans per request: a few hundred microseconds of its time.
const SCAN_PAGE: usize = 1000;

impl RedisStore {
    pub(super) async fn get_record(
        &self,
        key: Key,
        now: Timestamp,
    ) -> Result<Option<Record>, StoreError> {
        let call = ScriptCall::command("HMGET", &self.keyspace.record(key))
            .arg("v")
            .arg("e")
            .arg("b")
            .repeatable();
        parse_live_record(self.connection.call(call).await?, now)
    }

    /// In one round trip where there is one server.
    pub(super) async fn get_records(
        &self,
        keys: &[Key],
        now: Timestamp,
    ) -> Result<Vec<Option<Record>>, StoreError> {
        let rows = match self.cluster {
            true => Vec::new(),
            false if keys.is_empty() => Vec::new(),
            false => {
                self.connection
                    .send_to_master(&MasterNode::Single, &self.hmget_pipeline(keys))
                    .await?
            }
        };
        self.read_rows(keys, rows, now).await
    }

    fn hmget_pipeline(&self, keys: &[Key]) -> Pipeline {
        let mut rows = pipe();
        for key in keys {
            rows.cmd("HMGET")
                .arg(self.keyspace.record(*key))
                .arg("v")
                .arg("e")
                .arg("b");
        }
        rows
    }

    /// Reads a record individually if its row is missing or its slot is moving.
    async fn read_rows(
        &self,
        keys: &[Key],
        rows: Vec<Value>,
        now: Timestamp,
    ) -> Result<Vec<Option<Record>>, StoreError> {
        let mut rows = rows.into_iter().map(Value::extract_error);
        let mut records = Vec::with_capacity(keys.len());
        for key in keys {
            records.push(match rows.next() {
                Some(Ok(row)) => parse_live_record(row, now)?,
                Some(Err(_)) | None => self.get_record(*key, now).await?,
            });
        }
        Ok(records)
    }

    /// The index is written before the record. If the process stops in between, the index names a
    /// missing record, which the contract allows. The other order could leave a session that its
    /// owner's list does not show.
    pub(super) async fn put_record(
        &self,
        key: Key,
        new_owner: Option<Digest>,
        precondition: Precondition,
        bytes: &[u8],
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<PutOutcome, StoreError> {
        let mut indexed: Option<(Digest, Timestamp)> = None;
        for _ in 0..MAX_OWNER_CHANGES {
            let call = PUT.call([self.keyspace.record(key)]).arg_time(now);
            let call = match precondition {
                Precondition::Absent => call.arg("absent"),
                Precondition::Any => call.arg("any"),
                Precondition::Version(version) => call.arg_number(version),
            };
            let call = call
                .arg(bytes)
                .arg_time(expires_at)
                .arg_number(ttl_ms(expires_at, now));
            let call = call.arg(new_owner.map_or(Vec::new(), |owner| owner.to_vec()));
            let call = match indexed {
                Some((owner, until)) => call.arg(owner).arg_time(until),
                None => call.arg("").arg(""),
            };
            let owner = match self.connection.call(call).await? {
                Value::Int(0) => return Ok(PutOutcome::Conflict),
                Value::BulkString(owner) => owner,
                version => return Ok(PutOutcome::Stored(parse(version)?)),
            };
            let owner = owner
                .try_into()
                .map_err(|_| StoreError::Corrupt("the owner of a record".to_owned()))?;
            let until = expires_at + INDEX_MARGIN;
            self.index(owner, key, until, now).await?;
            indexed = Some((owner, until));
        }
        Err(StoreError::Unavailable(
            "a record's owner keeps changing".to_owned(),
        ))
    }

    async fn index(
        &self,
        owner: Digest,
        key: Key,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let call = INDEX
            .call([self.keyspace.owner_index(&owner)])
            .arg_time(now)
            .arg(key.to_bytes())
            .arg_time(until);
        self.connection
            .call(call.arg_number(EXPIRY_GRACE_MS).repeatable())
            .await
            .map(drop)
    }

    pub(super) async fn take_record(
        &self,
        key: Key,
        now: Timestamp,
    ) -> Result<Option<Record>, StoreError> {
        parse_live_record(
            self.connection
                .call(TAKE.call([self.keyspace.record(key)]).arg_time(now))
                .await?,
            now,
        )
    }

    pub(super) async fn delete_record(&self, key: Key) -> Result<(), StoreError> {
        self.connection
            .call(ScriptCall::command("DEL", &self.keyspace.record(key)).repeatable())
            .await
            .map(drop)
    }

    /// In one round trip where there is one server.
    pub(super) async fn delete_records(&self, keys: &[Key]) -> Result<(), StoreError> {
        if self.cluster {
            for key in keys {
                self.delete_record(*key).await?;
            }
            return Ok(());
        }
        let mut names = keys.iter().map(|key| self.keyspace.record(*key));
        let Some(first) = names.next() else {
            return Ok(());
        };
        let call = names.fold(ScriptCall::command("DEL", &first), ScriptCall::arg);
        self.connection.call(call.repeatable()).await.map(drop)
    }

    pub(super) async fn list_keys_by_owner(
        &self,
        owner: Digest,
        now: Timestamp,
    ) -> Result<Vec<Key>, StoreError> {
        let call = ScriptCall::command("ZRANGE", &self.keyspace.owner_index(&owner));
        let call = call
            .arg(format!("({}", now.as_millis()))
            .arg("+inf")
            .arg("BYSCORE")
            .repeatable();
        let members: Vec<Vec<u8>> = parse(self.connection.call(call).await?)?;
        let keys = members.iter().map(|member| {
            Key::from_bytes(member)
                .ok_or_else(|| StoreError::Corrupt("a name in an owner's index".to_owned()))
        });
        keys.collect()
    }

    /// Scans every master, a page at a time (`SCAN`), so that others are not delayed. Finds what
    /// exists from beginning to end; a Cluster that moves slots meanwhile may hide some.
    pub(super) async fn scan_records(
        &self,
        kind: RecordKind,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<(Key, Record)>, StoreError> {
        let mut found = BTreeMap::new();
        for (node, _) in self.connection.send_to_all_masters(&cmd("PING")).await? {
            let mut cursor = 0_u64;
            while found.len() < limit {
                let (next, keys) = self.scan_page(&node, kind, cursor).await?;
                // A name may be returned twice.
                found.extend(self.read_page(&node, keys, now).await?);
                cursor = next;
                if cursor == 0 {
                    break;
                }
            }
        }
        Ok(found.into_iter().take(limit).collect())
    }

    /// Reads the ends of the records alone. A record may be counted twice while Redis resizes its
    /// table, and one is not counted while its slot moves.
    pub(super) async fn count_records(
        &self,
        kind: RecordKind,
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let mut count = 0;
        for (node, _) in self.connection.send_to_all_masters(&cmd("PING")).await? {
            let mut cursor = 0_u64;
            loop {
                let (next, keys) = self.scan_page(&node, kind, cursor).await?;
                count += self.count_page(&node, &keys, now).await?;
                cursor = next;
                if cursor == 0 {
                    break;
                }
            }
        }
        Ok(count)
    }

    async fn count_page(
        &self,
        node: &MasterNode,
        keys: &[Key],
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        if keys.is_empty() {
            return Ok(0);
        }
        let mut ends = pipe();
        for key in keys {
            ends.cmd("HMGET").arg(self.keyspace.record(*key)).arg("e");
        }
        let rows = self.connection.send_to_master(node, &ends).await?;
        let is_live = |row| match parse::<(Option<u64>,)>(row) {
            Ok((Some(end),)) => Timestamp::from_millis(end) > now,
            Ok((None,)) | Err(_) => false,
        };
        Ok(rows
            .into_iter()
            .map(is_live)
            .filter(|is_live| *is_live)
            .count())
    }

    /// The records of a kind in a part of a master's keys, and where the next part begins; 0 after
    /// the last one.
    async fn scan_page(
        &self,
        node: &MasterNode,
        kind: RecordKind,
        cursor: u64,
    ) -> Result<(u64, Vec<Key>), StoreError> {
        let mut scan = pipe();
        scan.cmd("SCAN")
            .arg(cursor)
            .arg("MATCH")
            .arg(self.keyspace.record_pattern(kind))
            .arg("COUNT")
            .arg(SCAN_PAGE);
        let page = self
            .connection
            .send_to_master(node, &scan)
            .await?
            .into_iter()
            .next()
            .unwrap_or_default();
        let (next, names): (u64, Vec<Vec<u8>>) = parse(page)?;
        let keys = names
            .iter()
            .filter_map(|name| self.keyspace.parse_record(kind, name));
        Ok((next, keys.collect()))
    }

    async fn read_page(
        &self,
        node: &MasterNode,
        keys: Vec<Key>,
        now: Timestamp,
    ) -> Result<Vec<(Key, Record)>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        // A moving slot fails the whole pipeline.
        let rows = self
            .connection
            .send_to_master(node, &self.hmget_pipeline(&keys))
            .await
            .unwrap_or_default();
        let records = self.read_rows(&keys, rows, now).await?;
        Ok(keys
            .into_iter()
            .zip(records)
            .filter_map(|(key, record)| Some((key, record?)))
            .collect())
    }
}

/// Parses a record and drops it if it has expired.
fn parse_live_record(row: Value, now: Timestamp) -> Result<Option<Record>, StoreError> {
    if row == Value::Nil {
        return Ok(None);
    }
    let row: (Option<u64>, Option<u64>, Option<Vec<u8>>) = parse(row)?;
    match row {
        (None, None, None) => Ok(None),
        (Some(version), Some(ends), Some(bytes)) => {
            let expires_at = Timestamp::from_millis(ends);
            let record = Record {
                bytes,
                version,
                expires_at,
            };
            Ok(record.live_at(now))
        }
        _ => Err(StoreError::Corrupt(
            "a record with missing fields".to_owned(),
        )),
    }
}
