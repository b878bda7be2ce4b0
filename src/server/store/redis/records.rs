//! Records: put on a condition, take once, list by owner and by kind.

use std::collections::BTreeMap;
use std::time::Duration;

use redis::{Pipeline, Value, cmd, pipe};

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::derived_keys::Digest;
use crate::server::store::redis::connection::Node;
use crate::server::store::redis::error::read;
use crate::server::store::redis::keyspace::{member, read_member};
use crate::server::store::redis::script::{INDEX, PUT, ScriptCall, TAKE};
use crate::server::store::redis::{GRACE, RedisStore, keep};
use crate::server::store::{Key, Precondition, PutOutcome, Record, RecordKind, StoreError};

/// How much longer than it must an index names a key, so that a session that is used needs it
/// written once an hour.
const AHEAD: Duration = Duration::from_secs(3600);
/// How often a put looks for the owner of a record that others keep giving away.
const OWNERS: usize = 4;
/// How many keys a master looks at before it answers: a few hundred microseconds of its time.
const PAGE: usize = 1000;

impl RedisStore {
    pub(super) async fn find(
        &self,
        key: Key,
        now: Timestamp,
    ) -> Result<Option<Record>, StoreError> {
        let call = ScriptCall::command("HMGET", &self.names.record(key))
            .arg("v")
            .arg("e")
            .arg("b")
            .repeatable();
        live(self.link.call(call).await?, now)
    }

    /// In one round trip, where one server has them all.
    pub(super) async fn find_all(
        &self,
        keys: &[Key],
        now: Timestamp,
    ) -> Result<Vec<Option<Record>>, StoreError> {
        let rows = match self.cluster {
            true => Vec::new(),
            false if keys.is_empty() => Vec::new(),
            false => self.link.at(&Node::Only, &self.rows(keys)).await?,
        };
        self.read_rows(keys, rows, now).await
    }

    fn rows(&self, keys: &[Key]) -> Pipeline {
        let mut rows = pipe();
        for key in keys {
            rows.cmd("HMGET")
                .arg(self.names.record(*key))
                .arg("v")
                .arg("e")
                .arg("b");
        }
        rows
    }

    /// What is not among the rows, or moves just now, is looked for where it is by then.
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
                Some(Ok(row)) => live(row, now)?,
                Some(Err(_)) | None => self.find(*key, now).await?,
            });
        }
        Ok(records)
    }

    /// The index is written before the record, never after: whoever stops in between leaves a name
    /// of nothing, which the contract allows, and not a session that its owner's list does not
    /// show.
    pub(super) async fn store(
        &self,
        key: Key,
        joins: Option<Digest>,
        expect: Precondition,
        bytes: &[u8],
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<PutOutcome, StoreError> {
        let mut indexed: Option<(Digest, Timestamp)> = None;
        for _ in 0..OWNERS {
            let call = PUT.call([self.names.record(key)]).time(now);
            let call = match expect {
                Precondition::Absent => call.arg("absent"),
                Precondition::Any => call.arg("any"),
                Precondition::Version(version) => call.number(version),
            };
            let call = call
                .arg(bytes)
                .time(expires_at)
                .number(keep(expires_at, now));
            let call = call.arg(joins.map_or(Vec::new(), |owner| owner.to_vec()));
            let call = match indexed {
                Some((owner, until)) => call.arg(owner).time(until),
                None => call.arg("").arg(""),
            };
            let owner = match self.link.call(call).await? {
                Value::Int(0) => return Ok(PutOutcome::Conflict),
                Value::BulkString(owner) => owner,
                version => return Ok(PutOutcome::Stored(read(version)?)),
            };
            let owner = owner
                .try_into()
                .map_err(|_| StoreError::Corrupt("the owner of a record".to_owned()))?;
            let until = expires_at + AHEAD;
            self.index(owner, key, until, now).await?;
            indexed = Some((owner, until));
        }
        Err(StoreError::Unavailable(
            "a record changes its owner all the time".to_owned(),
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
            .call([self.names.owner(&owner)])
            .time(now)
            .arg(member(key))
            .time(until);
        self.link
            .call(call.number(GRACE).repeatable())
            .await
            .map(drop)
    }

    pub(super) async fn remove(
        &self,
        key: Key,
        now: Timestamp,
    ) -> Result<Option<Record>, StoreError> {
        live(
            self.link
                .call(TAKE.call([self.names.record(key)]).time(now))
                .await?,
            now,
        )
    }

    pub(super) async fn forget(&self, key: Key) -> Result<(), StoreError> {
        self.link
            .call(ScriptCall::command("DEL", &self.names.record(key)).repeatable())
            .await
            .map(drop)
    }

    /// In one round trip, where one server has them all.
    pub(super) async fn forget_all(&self, keys: &[Key]) -> Result<(), StoreError> {
        if self.cluster {
            for key in keys {
                self.forget(*key).await?;
            }
            return Ok(());
        }
        let mut names = keys.iter().map(|key| self.names.record(*key));
        let Some(first) = names.next() else {
            return Ok(());
        };
        let call = names.fold(ScriptCall::command("DEL", &first), ScriptCall::arg);
        self.link.call(call.repeatable()).await.map(drop)
    }

    pub(super) async fn of_owner(
        &self,
        owner: Digest,
        now: Timestamp,
    ) -> Result<Vec<Key>, StoreError> {
        let call = ScriptCall::command("ZRANGE", &self.names.owner(&owner));
        let call = call
            .arg(format!("({}", now.as_millis()))
            .arg("+inf")
            .arg("BYSCORE")
            .repeatable();
        let members: Vec<Vec<u8>> = read(self.link.call(call).await?)?;
        let keys = members.iter().map(|member| {
            read_member(member)
                .ok_or_else(|| StoreError::Corrupt("a name in an owner's index".to_owned()))
        });
        keys.collect()
    }

    /// Walks through every master, a page at a time (`SCAN`), so that nobody else waits long. What
    /// is there from beginning to end is found; a Cluster that moves slots meanwhile may hide some.
    pub(super) async fn list(
        &self,
        kind: RecordKind,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<(Key, Record)>, StoreError> {
        let mut found = BTreeMap::new();
        for (node, _) in self.link.everywhere(&cmd("PING")).await? {
            let mut cursor = 0_u64;
            while found.len() < limit {
                let mut scan = pipe();
                scan.cmd("SCAN")
                    .arg(cursor)
                    .arg("MATCH")
                    .arg(self.names.all_records(kind))
                    .arg("COUNT")
                    .arg(PAGE);
                let page = self
                    .link
                    .at(&node, &scan)
                    .await?
                    .into_iter()
                    .next()
                    .unwrap_or_default();
                let (next, names): (u64, Vec<Vec<u8>>) = read(page)?;
                // A name may come twice.
                let keys = names
                    .iter()
                    .filter_map(|name| self.names.read_record(kind, name));
                found.extend(self.page(&node, keys.collect(), now).await?);
                cursor = next;
                if cursor == 0 {
                    break;
                }
            }
        }
        Ok(found.into_iter().take(limit).collect())
    }

    async fn page(
        &self,
        node: &Node,
        keys: Vec<Key>,
        now: Timestamp,
    ) -> Result<Vec<(Key, Record)>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        // A slot that moves just now makes all of them fail.
        let rows = self
            .link
            .at(node, &self.rows(&keys))
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

/// The record of a row, if it lives.
fn live(row: Value, now: Timestamp) -> Result<Option<Record>, StoreError> {
    if row == Value::Nil {
        return Ok(None);
    }
    let row: (Option<u64>, Option<u64>, Option<Vec<u8>>) = read(row)?;
    match row {
        (None, None, None) => Ok(None),
        (Some(version), Some(ends), Some(bytes)) => {
            let expires_at = Timestamp::from_millis(ends);
            Ok((now < expires_at).then_some(Record {
                bytes,
                version,
                expires_at,
            }))
        }
        _ => Err(StoreError::Corrupt(
            "a record without all of its fields".to_owned(),
        )),
    }
}
