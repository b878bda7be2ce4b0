//! Counters and reservations in Redis.

use crate::domain::timestamp::Timestamp;
use crate::server::store::redis::error::parse;
use crate::server::store::redis::script::{RESERVE, SETTLE, ScriptCall, USAGE};
use crate::server::store::redis::{EXPIRY_GRACE_MS, RedisStore};
use crate::server::store::{
    Charge, Group, ReservationId, ReservationOutcome, SettleMode, StoreError, Usage,
};

/// The field of a reservation that holds its end; the others are counters.
const END: &[u8] = b"e";

impl RedisStore {
    pub(super) async fn reserve_charges(
        &self,
        id: ReservationId,
        group: &Group,
        charges: &[Charge],
        now: Timestamp,
    ) -> Result<ReservationOutcome, StoreError> {
        let mut counters: Vec<&str> = charges.iter().map(|charge| charge.key.as_str()).collect();
        counters.sort_unstable();
        counters.dedup();
        let names = counters.iter().map(|key| self.keyspace.counter(group, key));
        let keys = std::iter::once(self.keyspace.reservation(group, id)).chain(names);
        let mut call = RESERVE
            .call(keys)
            .arg_time(now)
            .arg(id.0)
            .arg_number(EXPIRY_GRACE_MS);
        for charge in charges {
            let counter = counters.partition_point(|key| *key <= charge.key.as_str());
            call = call
                .arg_number(counter as u64)
                .arg_number(charge.amount)
                .arg_number(charge.limit)
                .arg_time(now + charge.window);
            call = call.arg_number(u8::from(charge.renews));
        }
        // A reservation is charged once, however often it is sent.
        let refused: Option<(usize, u64)> = parse(self.connection.call(call.repeatable()).await?)?;
        let Some((which, retry_at)) = refused else {
            return Ok(ReservationOutcome::Granted);
        };
        let charge = charges.get(which);
        let charge = charge.ok_or_else(|| StoreError::Corrupt("an unknown charge".to_owned()))?;
        Ok(ReservationOutcome::Refused {
            counter: charge.key.clone(),
            retry_at: Timestamp::from_millis(retry_at),
        })
    }

    pub(super) async fn settle_reservation(
        &self,
        id: ReservationId,
        group: &Group,
        mode: SettleMode,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let name = self.keyspace.reservation(group, id);
        let mut keys = vec![name.clone().into_bytes()];
        match mode {
            SettleMode::Keep => {}
            SettleMode::Refund => {
                // A script must declare its keys, and the reservation lists them. They do not
                // change until it ends.
                let fields: Vec<Vec<u8>> = parse(
                    self.connection
                        .call(ScriptCall::command("HKEYS", &name).repeatable())
                        .await?,
                )?;
                if fields.is_empty() {
                    return Ok(());
                }
                keys.extend(fields.into_iter().filter(|field| field != END));
            }
            // The script ignores counters that the reservation did not charge.
            SettleMode::RefundOnly(counters) => {
                keys.extend(
                    counters
                        .iter()
                        .map(|key| self.keyspace.counter(group, key).into_bytes()),
                );
            }
        }
        self.connection
            .call(SETTLE.call(keys).arg_time(now).repeatable())
            .await
            .map(drop)
    }

    pub(super) async fn read_usage(
        &self,
        group: &Group,
        keys: &[&str],
        now: Timestamp,
    ) -> Result<Vec<Usage>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let names = keys.iter().map(|key| self.keyspace.counter(group, key));
        let found: Vec<Vec<u64>> = parse(
            self.connection
                .call(USAGE.call(names).arg_time(now).repeatable())
                .await?,
        )?;
        let usage = |counter: Vec<u64>| match counter[..] {
            [] => Ok(Usage::default()),
            [used, ends] => {
                let used =
                    u32::try_from(used).map_err(|_| StoreError::Corrupt("a counter".to_owned()))?;
                Ok(Usage {
                    used,
                    resets_at: Some(Timestamp::from_millis(ends)),
                })
            }
            _ => Err(StoreError::Corrupt("a counter".to_owned())),
        };
        found.into_iter().map(usage).collect()
    }

    pub(super) async fn reset_counters(
        &self,
        group: &Group,
        keys: &[&str],
    ) -> Result<(), StoreError> {
        let mut names = keys.iter().map(|key| self.keyspace.counter(group, key));
        let Some(first) = names.next() else {
            return Ok(());
        };
        let call = names.fold(ScriptCall::command("DEL", &first), ScriptCall::arg);
        self.connection.call(call.repeatable()).await.map(drop)
    }
}
