//! The shared engine for several nodes: Redis 7 or newer, Valkey, or a Cluster.
//!
//! - `open`: from settings to a client.
//! - `connection`: the connection that all calls share, its deadlines and retries.
//! - `handshake`: what a server must report before it is used.
//! - `script`: commands and Lua scripts (`*.lua`). `keyspace`: the names of keys.
//! - `records`, `counters`: the operations of the contract. `error`: errors and what may be
//!   retried.
//! - `inspect`, `rights`: the findings of `latchkey check`.
//!
//! Every decision is one script on keys of one slot, and so atomic. A record is a hash with its own
//! key. The counters and reservations of a group share a hash tag. Only the owner index is in
//! another slot than the records that it names.
//!
//! Times come from the caller. The server's own expiry is garbage collection only. It is set as a
//! duration, so that the server's clock does not matter. It is `EXPIRY_GRACE_MS` longer, so that
//! nodes whose clocks differ by less agree. Sweeping has nothing to do.

mod connection;
mod counters;
mod error;
mod handshake;
mod inspect;
mod keyspace;
mod open;
mod records;
mod rights;
mod script;

use std::fmt;

use async_trait::async_trait;
use redis::cmd;

use crate::server::store::metadata::{PROBE_LIFETIME, PROBE_SIZE, probe_key};
use crate::server::store::{
    Charge, Digest, Group, Key, Precondition, PutOutcome, Record, RecordKind, ReservationId,
    ReservationOutcome, SettleMode, Store, StoreError, Timestamp, Usage,
};
use connection::SharedConnection;
use error::parse;
use handshake::{ServerInfo, hello_command};
use keyspace::Keyspace;
use open::Client;
pub use open::{Certificates, OpenRedisError, RedisOptions};

/// How long an expired key is kept, in milliseconds.
const EXPIRY_GRACE_MS: u64 = 300_000;
/// The longest expiry that is set, in milliseconds. A later one would overflow the server's clock.
const MAX_TTL_MS: u64 = 1_000_000_000_000_000;

/// Records that a probe writes to a Cluster. Their slots are spread evenly enough to reach each of
/// a few masters.
const CLUSTER_PROBES: u8 = 8;

/// The expiry to set for a key, in milliseconds.
fn ttl_ms(expires_at: Timestamp, now: Timestamp) -> u64 {
    expires_at
        .as_millis()
        .saturating_sub(now.as_millis())
        .saturating_add(EXPIRY_GRACE_MS)
        .min(MAX_TTL_MS)
}

/// A store that several nodes share. An `Ok` is as durable as the server's policy.
pub struct RedisStore {
    connection: SharedConnection,
    keyspace: Keyspace,
    cluster: bool,
}

impl RedisStore {
    /// Sets up the client. The first call connects. A server that is down is no error here: calls
    /// fail until it is up.
    ///
    /// # Errors
    /// [`OpenRedisError`] if the address or a certificate is invalid.
    pub fn open(options: &RedisOptions) -> Result<Self, OpenRedisError> {
        let (client, keyspace) = (Client::new(options)?, Keyspace::new(&options.prefix));
        let cluster = client.is_cluster();
        let connection = SharedConnection::new(
            client,
            keyspace.clone(),
            options.timeout,
            options.max_in_flight,
        );
        Ok(Self {
            connection,
            keyspace,
            cluster,
        })
    }

    async fn check_servers(&self) -> Result<(), StoreError> {
        if !self.cluster {
            let answers = self
                .connection
                .send_to_all_masters(&hello_command())
                .await?;
            return answers
                .into_iter()
                .try_for_each(|(_, answer)| ServerInfo::parse(answer)?.check_master());
        }
        let mut information = cmd("CLUSTER");
        information.arg("INFO");
        for (node, answer) in self.connection.send_to_all_masters(&information).await? {
            if !parse::<String>(answer)?.contains("cluster_state:ok") {
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
        write!(f, "RedisStore({:?})", self.keyspace)
    }
}

#[async_trait]
impl Store for RedisStore {
    async fn get(&self, key: Key, now: Timestamp) -> Result<Option<Record>, StoreError> {
        self.get_record(key, now).await
    }

    async fn get_all(
        &self,
        keys: &[Key],
        now: Timestamp,
    ) -> Result<Vec<Option<Record>>, StoreError> {
        self.get_records(keys, now).await
    }

    async fn put(
        &self,
        key: Key,
        owner: Option<Digest>,
        precondition: Precondition,
        bytes: Vec<u8>,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<PutOutcome, StoreError> {
        self.put_record(key, owner, precondition, &bytes, expires_at, now)
            .await
    }

    async fn take(&self, key: Key, now: Timestamp) -> Result<Option<Record>, StoreError> {
        self.take_record(key, now).await
    }

    async fn delete(&self, key: Key) -> Result<(), StoreError> {
        self.delete_record(key).await
    }

    async fn delete_all(&self, keys: &[Key]) -> Result<(), StoreError> {
        self.delete_records(keys).await
    }

    async fn keys_by_owner(&self, owner: Digest, now: Timestamp) -> Result<Vec<Key>, StoreError> {
        self.list_keys_by_owner(owner, now).await
    }

    async fn scan(
        &self,
        kind: RecordKind,
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<(Key, Record)>, StoreError> {
        self.scan_records(kind, limit, now).await
    }

    async fn reserve(
        &self,
        id: ReservationId,
        group: &Group,
        charges: &[Charge],
        now: Timestamp,
    ) -> Result<ReservationOutcome, StoreError> {
        self.reserve_charges(id, group, charges, now).await
    }

    async fn count(&self, kind: RecordKind, now: Timestamp) -> Result<usize, StoreError> {
        self.count_records(kind, now).await
    }

    async fn settle(
        &self,
        id: ReservationId,
        group: &Group,
        mode: SettleMode,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.settle_reservation(id, group, mode, now).await
    }

    async fn usage(
        &self,
        group: &Group,
        keys: &[&str],
        now: Timestamp,
    ) -> Result<Vec<Usage>, StoreError> {
        self.read_usage(group, keys, now).await
    }

    async fn reset(&self, group: &Group, keys: &[&str], _now: Timestamp) -> Result<(), StoreError> {
        self.reset_counters(group, keys).await
    }

    /// Does nothing: the server expires keys, and a write to an owner index removes expired
    /// members.
    async fn sweep(&self, _now: Timestamp, _limit: usize) -> Result<usize, StoreError> {
        Ok(0)
    }

    async fn check_ready(&self) -> Result<(), StoreError> {
        self.check_servers().await
    }

    /// In a Cluster the records are spread over the masters.
    async fn probe(&self, now: Timestamp) -> Result<(), StoreError> {
        self.check_servers().await?;
        let count = if self.cluster { CLUSTER_PROBES } else { 1 };
        let (expires_at, bytes) = (now + PROBE_LIFETIME, &[0; PROBE_SIZE]);
        for number in 0..count {
            let key = probe_key(number);
            self.put_record(key, None, Precondition::Any, bytes, expires_at, now)
                .await?;
        }
        Ok(())
    }

    fn queue_length(&self) -> usize {
        self.connection.calls_in_flight()
    }

    fn queue_capacity(&self) -> usize {
        self.connection.max_in_flight()
    }
}
