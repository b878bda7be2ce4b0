//! Counters: charged before something is done, and given back if it was not.

use crate::domain::timestamp::Timestamp;
use crate::server::store::redis::error::read;
use crate::server::store::redis::script::{RESERVE, SETTLE, ScriptCall, USAGE};
use crate::server::store::redis::{GRACE, RedisStore};
use crate::server::store::{
    Charge, Group, ReservationId, ReservationOutcome, SettleMode, StoreError, Usage,
};

/// The field of a ticket that is its end; the others are counters.
const END: &[u8] = b"e";

impl RedisStore {
    pub(super) async fn charge(
        &self,
        ticket: ReservationId,
        group: &Group,
        charges: &[Charge],
        now: Timestamp,
    ) -> Result<ReservationOutcome, StoreError> {
        let mut counters: Vec<&str> = charges.iter().map(|charge| charge.key.as_str()).collect();
        counters.sort_unstable();
        counters.dedup();
        let names = counters.iter().map(|key| self.names.counter(group, key));
        let keys = std::iter::once(self.names.ticket(group, ticket)).chain(names);
        let mut call = RESERVE.call(keys).time(now).arg(ticket.0).number(GRACE);
        for charge in charges {
            let counter = counters.partition_point(|key| *key <= charge.key.as_str());
            call = call
                .number(counter as u64)
                .number(charge.amount)
                .number(charge.limit)
                .time(now + charge.window);
            call = call.number(u8::from(charge.renews));
        }
        // A ticket is charged once however often it comes.
        let refused: Option<(usize, u64)> = read(self.link.call(call.repeatable()).await?)?;
        let Some((which, retry_at)) = refused else {
            return Ok(ReservationOutcome::Granted);
        };
        let charge = charges.get(which);
        let charge =
            charge.ok_or_else(|| StoreError::Corrupt("a charge that was not made".to_owned()))?;
        Ok(ReservationOutcome::Refused {
            which: charge.key.clone(),
            retry_at: Timestamp::from_millis(retry_at),
        })
    }

    pub(super) async fn end(
        &self,
        ticket: ReservationId,
        group: &Group,
        how: SettleMode,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let name = self.names.ticket(group, ticket);
        let mut keys = vec![name.clone().into_bytes()];
        match how {
            SettleMode::Keep => {}
            SettleMode::GiveBack => {
                // A script must be told its keys, and the ticket knows them. It does not change
                // until it ends.
                let fields: Vec<Vec<u8>> = read(
                    self.link
                        .call(ScriptCall::command("HKEYS", &name).repeatable())
                        .await?,
                )?;
                if fields.is_empty() {
                    return Ok(());
                }
                keys.extend(fields.into_iter().filter(|field| field != END));
            }
            // What the ticket has not charged, the script leaves alone.
            SettleMode::GiveBackOnly(counters) => {
                keys.extend(
                    counters
                        .iter()
                        .map(|key| self.names.counter(group, key).into_bytes()),
                );
            }
        }
        self.link
            .call(SETTLE.call(keys).time(now).repeatable())
            .await
            .map(drop)
    }

    pub(super) async fn used(
        &self,
        group: &Group,
        keys: &[&str],
        now: Timestamp,
    ) -> Result<Vec<Usage>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let names = keys.iter().map(|key| self.names.counter(group, key));
        let found: Vec<Vec<u64>> = read(
            self.link
                .call(USAGE.call(names).time(now).repeatable())
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

    pub(super) async fn empty(&self, group: &Group, keys: &[&str]) -> Result<(), StoreError> {
        let mut names = keys.iter().map(|key| self.names.counter(group, key));
        let Some(first) = names.next() else {
            return Ok(());
        };
        let call = names.fold(ScriptCall::command("DEL", &first), ScriptCall::arg);
        self.link.call(call.repeatable()).await.map(drop)
    }
}
