//! Rate limits and abuse protection: which sends and passcode attempts are allowed, and how often.
//!
//! Everything is reserved in the store before it is done, and refunded if it certainly was not
//! done. A send reserves in a fixed order: countries of the address, address, service, identifier.
//! An attempt reserves address, then identifier. A limit's [`Disclosure`] says whether the browser
//! may learn of it (docs/auditors/disclosure.md).
//!
//! Sends have two budgets each. One counts **unverified** sends and is refunded by a sign-in, so
//! that real use is not limited. The other is a **total** that is never refunded, because an
//! attacker may own the numbers and type the codes.
//!
//! - `limit`: the kinds of limits; `budgets`: which limits apply to a send or an attempt
//! - `sends`, `attempts`: the two decisions; `backoff`: the wait after failed attempts
//! - `exhausted`: what can be refused without a write; `network`: the networks of an address
//! - `identifier_counters`: what is counted at an identifier, for the operator
//! - `limit_states`: what is used of the limits of a number, for the operator
//! - `ip_throttle`: what is refused before the store is asked
//! - `docs_test`: compares the table in docs/operators/limits.md with the code

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::hash::Digest;
use crate::server::passcode_policy::CurrentLimits;
use crate::server::settings;
use crate::server::store::{
    Group, ReservationId, ReservationOutcome, ReservationRequest, SettleMode, Store, StoreError,
};
use crate::server::system::random::Random;

mod attempts;
mod backoff;
mod budgets;
#[cfg(test)]
mod docs_test;
mod exhausted;
mod identifier_counters;
pub mod ip_throttle;
mod limit;
mod limit_states;
pub mod network;
mod sends;

pub use attempts::{AttemptDecision, AttemptReservation};
pub use budgets::Budget;
pub use exhausted::ExhaustedSendLimits;
pub use identifier_counters::CounterUse;
pub use ip_throttle::IpThrottle;
pub use limit::{Disclosure, ExhaustedLimit, LimitKind};
pub use limit_states::{LimitScope, LimitState, NumberLimits};
pub use network::Network;
pub use sends::{SendDecision, SendRecord};

use sends::SendKind;

use limit::Limit;

/// Who asks for a send or an attempt.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Keyed hash of the identifier.
    pub identifier: Digest,
    /// Of a phone number; `None` for other identifiers.
    pub destination: Option<Destination>,
    /// Whether the browser has signed in with this identifier before.
    pub device: Device,
    /// The client's address.
    pub address: IpAddr,
}

/// The country and the number prefix that a message goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// ISO 3166 alpha-2.
    pub country: String,
    /// Keyed hash of the number without its last four digits.
    pub prefix: Digest,
}

/// Whether a browser has signed in with an identifier before (OWASP: device cookies).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Device {
    /// It has not, or cannot prove it. All of these share the counters of an identifier.
    Unrecognised,
    /// It has, and has counters of its own, which others cannot exhaust.
    Recognised(Digest),
}

/// Charges in the store that can still be refunded.
#[derive(Debug, Default)]
#[must_use = "charges stay until they are refunded"]
pub struct Reservations(Vec<(ReservationId, Group)>);

/// Decides about sends and attempts by counters in the store. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Guard {
    store: Arc<dyn Store>,
    random: Random,
    settings: Arc<settings::GuardSettings>,
    limits: CurrentLimits,
    /// The budgets that the operator was warned of, and the ends of their windows.
    warned: Arc<Mutex<BTreeMap<String, Timestamp>>>,
}

/// Limits of one group, to be charged together or not at all.
struct LimitRequest {
    id: ReservationId,
    group: Group,
    limits: Vec<Limit>,
}

impl LimitRequest {
    fn new(id: ReservationId, group: Group, mut limits: Vec<Limit>) -> Self {
        // The first exhausted limit decides what the browser learns. A disclosed refusal must not
        // depend on an undisclosed limit.
        limits.sort_by_key(|limit| limit.kind.disclosure());
        Self { id, group, limits }
    }

    fn to_store_request(&self) -> ReservationRequest {
        ReservationRequest {
            id: self.id,
            group: self.group.clone(),
            charges: self.limits.iter().map(Limit::charge).collect(),
        }
    }

    fn into_reservations(self) -> Reservations {
        Reservations(vec![(self.id, self.group)])
    }

    fn exhausted(&self, counter: &str, retry_at: Timestamp) -> Result<ExhaustedLimit, StoreError> {
        let limit = self.limits.iter().find(|limit| limit.key() == counter);
        let kind = limit
            .ok_or_else(|| StoreError::Corrupt(format!("no charge of {counter}")))?
            .kind;
        Ok(ExhaustedLimit { kind, retry_at })
    }
}

impl Guard {
    /// `limits` follow the tenant's own lockout: the limit on attempts acts before it.
    pub fn new(
        store: Arc<dyn Store>,
        random: Random,
        settings: settings::GuardSettings,
        limits: CurrentLimits,
    ) -> Self {
        Self {
            store,
            random,
            settings: Arc::new(settings),
            limits,
            warned: Arc::default(),
        }
    }

    /// Makes charges final: what they were reserved for has happened.
    ///
    /// # Errors
    /// The store's; the charges are final all the same.
    pub async fn commit(&self, charged: Reservations, now: Timestamp) -> Result<(), StoreError> {
        self.settle(charged, &SettleMode::Keep, now).await
    }

    /// Takes charges back: what they were reserved for certainly did not happen.
    ///
    /// # Errors
    /// The store's; the charges then stay until their windows end.
    pub async fn refund(&self, charged: Reservations, now: Timestamp) -> Result<(), StoreError> {
        self.settle(charged, &SettleMode::Refund, now).await
    }

    /// Resets the failures, cool-down and unverified sends of an identifier after a correct
    /// passcode (requirement C9), and refunds what the `sends` of its `flow` were charged as
    /// unverified. Totals stay.
    ///
    /// `device_id` names the browser in counters from now on; `attempt` is what the attempt was
    /// charged.
    ///
    /// # Errors
    /// The store's.
    pub async fn record_success(
        &self,
        subject: &Subject,
        device_id: Digest,
        flow: Digest,
        sends: &[SendRecord],
        attempt: Reservations,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        // A device that failed too often became unrecognised, and is recognised under the same id
        // again: its own counters are reset too.
        let devices = [subject.device, Device::Recognised(device_id)];
        let own = devices.iter().flat_map(|device| {
            budgets::PER_DEVICE.map(|kind| kind.key(device.counter_scope().as_deref()))
        });
        let keys: Vec<String> = shared_counters().chain(own).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let group = Group::Identifier(subject.identifier);
        tokio::try_join!(
            self.store.reset(&group, &keys, now),
            self.commit(attempt, now),
            self.refund_unverified(subject, flow, sends, now)
        )
        .map(|_| ())
    }

    /// Resets all counters of an identifier that unrecognised devices share, for the operator.
    /// Counters of recognised devices and budgets of prefix, country and service stay.
    ///
    /// # Errors
    /// The store's.
    pub async fn unlock(&self, identifier: Digest, now: Timestamp) -> Result<(), StoreError> {
        let keys: Vec<String> = shared_counters()
            .chain(budgets::TOTALS.map(|kind| kind.key(None)))
            .collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        self.store
            .reset(&Group::Identifier(identifier), &keys, now)
            .await
    }

    async fn settle(
        &self,
        charged: Reservations,
        mode: &SettleMode,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for (ticket, group) in charged.0 {
            self.store.settle(ticket, &group, mode.clone(), now).await?;
        }
        Ok(())
    }

    fn limit_request(&self, group: Group, limits: Vec<Limit>) -> LimitRequest {
        LimitRequest::new(ReservationId(self.random.bytes()), group, limits)
    }

    /// Charges the requests in their order up to the first whose limits do not allow it. That
    /// limit is returned; the requests before it stay charged.
    async fn charge_in_turn(
        &self,
        requests: &[LimitRequest],
        now: Timestamp,
    ) -> Result<Option<ExhaustedLimit>, StoreError> {
        let wanted: Vec<_> = requests
            .iter()
            .map(LimitRequest::to_store_request)
            .collect();
        let outcomes = self.store.reserve_in_order(&wanted, now).await?;
        match requests.iter().zip(outcomes).next_back() {
            Some((request, ReservationOutcome::Refused { counter, retry_at })) => {
                request.exhausted(&counter, retry_at).map(Some)
            }
            _ => Ok(None),
        }
    }

    async fn charge(
        &self,
        request: &LimitRequest,
        now: Timestamp,
    ) -> Result<Option<ExhaustedLimit>, StoreError> {
        self.charge_in_turn(std::slice::from_ref(request), now)
            .await
    }
}

fn shared_counters() -> impl Iterator<Item = String> {
    budgets::SHARED.into_iter().map(|kind| kind.key(None))
}
