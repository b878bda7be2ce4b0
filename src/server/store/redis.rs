//! The shared engine: Redis 7 or newer, Valkey, or a Cluster of them, for several nodes behind one
//! address.
//!
//! - `open`: from settings to a client; what can be wrong with them.
//! - `link`: the connection that all calls share, its deadlines, and what is sent again.
//! - `greeting`: what a server must say of itself before it is used.
//! - `call`: commands and scripts; `*.lua`: the scripts. `names`: what keys are called.
//! - `records`, `counters`: the contract. `explain`: errors, in its words. `inspect`: for `latchkey
//!   check`.
//!
//! Every decision is one script on keys of one slot, and so atomic. A record is a hash under its
//! own name; a group's counters and tickets share a hash tag. Only the owner's index lies in
//! another slot than the records that it names.
//!
//! Time comes with every call, as the contract says. The server's own expiry is rubbish collection
//! and nothing more: it is set as a length of time, so that the server's clock does not matter, and
//! takes things [`GRACE`] after they have ended, so that nodes whose clocks differ by less agree.
//! It collects all there is, so that sweeping has nothing to do.

mod connection;
mod counters;
mod error;
mod handshake;
mod inspect;
mod keyspace;
mod open;
mod records;
mod script;

use std::fmt;

use async_trait::async_trait;
use redis::cmd;

use crate::server::store::{
    Charge, Digest, Group, Key, Precondition, PutOutcome, Record, RecordKind, ReservationId,
    ReservationOutcome, SettleMode, Store, StoreError, Timestamp, Usage,
};
use connection::SharedConnection;
use error::read;
use handshake::{ServerInfo, hello};
pub use inspect::RedisFinding;
use keyspace::Keyspace;
use open::Client;
pub use open::{Certificates, OpenRedisError, RedisOptions};

/// How long after its end a thing is still there, in milliseconds.
const GRACE: u64 = 300_000;
/// Longest time for which anything is kept, in milliseconds: what has a later end would overflow
/// the server's clock.
const LONGEST: u64 = 1_000_000_000_000_000;

/// For how long the server keeps what ends at a time, in milliseconds.
fn keep(expires_at: Timestamp, now: Timestamp) -> u64 {
    expires_at
        .as_millis()
        .saturating_sub(now.as_millis())
        .saturating_add(GRACE)
        .min(LONGEST)
}

/// A store that several nodes share. An `Ok` is as durable as the server's policy.
pub struct RedisStore {
    link: SharedConnection,
    names: Keyspace,
    cluster: bool,
}

impl RedisStore {
    /// Sets the store up. Nothing is connected before the first call, and a server that is not
    /// there yet is no error: calls fail until it is.
    ///
    /// # Errors
    /// [`OpenError`] if a certificate is of no use.
    pub fn open(options: &RedisOptions) -> Result<Self, OpenRedisError> {
        let (client, names) = (Client::new(options)?, Keyspace::new(&options.prefix));
        let cluster = client.is_cluster();
        let link = SharedConnection::new(
            client,
            names.clone(),
            options.timeout,
            options.max_in_flight,
        );
        Ok(Self {
            link,
            names,
            cluster,
        })
    }

    async fn is_ready(&self) -> Result<(), StoreError> {
        if !self.cluster {
            let answers = self.link.everywhere(&hello()).await?;
            return answers
                .into_iter()
                .try_for_each(|(_, answer)| ServerInfo::read(answer)?.is_master());
        }
        let mut information = cmd("CLUSTER");
        information.arg("INFO");
        for (node, answer) in self.link.everywhere(&information).await? {
            if !read::<String>(answer)?.contains("cluster_state:ok") {
                return Err(StoreError::Unavailable(format!(
                    "{node:?} says that the Cluster is not whole"
                )));
            }
        }
        Ok(())
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisStore({:?})", self.names)
    }
}

#[async_trait]
impl Store for RedisStore {
    async fn get(&self, key: Key, now: Timestamp) -> Result<Option<Record>, StoreError> {
        self.find(key, now).await
    }

    async fn get_all(
        &self,
        keys: &[Key],
        now: Timestamp,
    ) -> Result<Vec<Option<Record>>, StoreError> {
        self.find_all(keys, now).await
    }

    async fn put(
        &self,
        key: Key,
        owner: Option<Digest>,
        expect: Precondition,
        bytes: Vec<u8>,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<PutOutcome, StoreError> {
        self.store(key, owner, expect, &bytes, expires_at, now)
            .await
    }

    async fn take(&self, key: Key, now: Timestamp) -> Result<Option<Record>, StoreError> {
        self.remove(key, now).await
    }

    async fn delete(&self, key: Key) -> Result<(), StoreError> {
        self.forget(key).await
    }

    async fn delete_all(&self, keys: &[Key]) -> Result<(), StoreError> {
        self.forget_all(keys).await
    }

    async fn owned(&self, owner: Digest, now: Timestamp) -> Result<Vec<Key>, StoreError> {
        self.of_owner(owner, now).await
    }

    async fn scan(
        &self,
        kind: RecordKind,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<(Key, Record)>, StoreError> {
        self.list(kind, limit, now).await
    }

    async fn reserve(
        &self,
        ticket: ReservationId,
        group: &Group,
        charges: &[Charge],
        now: Timestamp,
    ) -> Result<ReservationOutcome, StoreError> {
        self.charge(ticket, group, charges, now).await
    }

    async fn settle(
        &self,
        ticket: ReservationId,
        group: &Group,
        how: SettleMode,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.end(ticket, group, how, now).await
    }

    async fn usage(
        &self,
        group: &Group,
        keys: &[&str],
        now: Timestamp,
    ) -> Result<Vec<Usage>, StoreError> {
        self.used(group, keys, now).await
    }

    async fn reset(&self, group: &Group, keys: &[&str], _now: Timestamp) -> Result<(), StoreError> {
        self.empty(group, keys).await
    }

    /// Nothing to do: the server collects records, counters and tickets after their end, and
    /// whoever writes an owner's index drops from it what has ended.
    async fn sweep(&self, _now: Timestamp, _limit: usize) -> Result<usize, StoreError> {
        Ok(0)
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.is_ready().await
    }
}
