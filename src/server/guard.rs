//! Who may ask for what, how often.
//!
//! A send reserves in a fixed order: the country of the address, the address, the service, the
//! identifier; a try: the address, the identifier. Limits by address, by country and by the whole
//! service may be told to the browser; limits by identifier and by number prefix act silently, or a
//! stranger could see that its owner exists. Everything is reserved before it is done, and given
//! back if it surely was not done.
//!
//! Sends have two budgets each: one of **unverified** sends, which a sign-in gives back, so that
//! real use is not limited; and a **total**, which nothing gives back, since whoever pumps messages
//! may own the numbers and type the codes.
//!
//! - `sends`, `tries`: the two decisions; `budgets`: which counters they charge; `delay`: how long
//!   to wait between failures
//! - `spent`: what is refused before anything is written; `address`: which networks an address is
//!   counted under; `flood`: what is refused before the store is asked
//! - `defaults`: the table in docs/sign-in.md is tested against the code

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::derived_keys::Digest;
use crate::server::settings;
use crate::server::store::{
    Charge, Group, ReservationId, ReservationOutcome, ReservationRequest, SettleMode, Store,
    StoreError,
};
use crate::server::system::random::Random;

mod attempts;
mod backoff;
mod budgets;
#[cfg(test)]
mod docs_test;
mod exhausted;
pub mod ip_throttle;
pub mod network;
mod sends;

pub use attempts::{AttemptDecision, AttemptReservation};
pub use budgets::Budget;
pub use exhausted::{ExhaustedLimit, ExhaustedSendLimits};
pub use ip_throttle::IpThrottle;
pub use network::Network;
pub use sends::{SendDecision, SendRecord};

/// Who asks, as far as the guard cares.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Keyed hash of the identifier.
    pub identifier: Digest,
    /// Where a phone number is at home and what is near it; nothing for other identifiers.
    pub region: Option<Region>,
    /// Whether the browser has signed in with this identifier before.
    pub standing: Device,
    /// The client's address.
    pub address: IpAddr,
}

/// Where a phone number is at home, and what is near it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// ISO 3166 alpha-2.
    pub country: String,
    /// Keyed hash of the number without its last four digits.
    pub prefix: Digest,
}

/// Whether a browser has signed in with an identifier before (OWASP: device cookies).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Device {
    /// It has not, or cannot show it. All strangers share the counters of an identifier.
    Stranger,
    /// It has. Strangers cannot use its counters up.
    Known(Digest),
}

impl Device {
    /// A counter's key: strangers share one, a known browser has its own.
    fn key(self, counter: &str) -> String {
        match self {
            Self::Stranger => counter.to_owned(),
            Self::Known(browser) => format!("{counter} {}", crate::server::audit::hex(&browser)),
        }
    }
}

/// Reservations that stand.
#[derive(Debug, Default)]
#[must_use = "charges stand until they are given back"]
pub struct Reservations(Vec<(ReservationId, Group)>);

/// The limits, over the store.
#[derive(Clone, Debug)]
pub struct Guard {
    store: Arc<dyn Store>,
    random: Random,
    limits: Arc<settings::GuardSettings>,
    tries: u32,
    tenant_failures: u32,
    tenant_lockout: Duration,
    tenant_memory: Duration,
    /// The windows of budgets that the operator was told of.
    alerted: Arc<Mutex<BTreeMap<String, Timestamp>>>,
}

impl Guard {
    /// `transmit` says how the tenant locks: our own limit of tries acts before it.
    pub fn new(
        store: Arc<dyn Store>,
        random: Random,
        limits: settings::GuardSettings,
        transmit: &settings::TransmitSettings,
    ) -> Self {
        Self {
            store,
            random,
            limits: Arc::new(limits),
            tries: transmit.tries_per_code(),
            tenant_failures: transmit.otp_max_failures,
            tenant_lockout: transmit.otp_lockout.0,
            tenant_memory: transmit.failure_memory(),
            alerted: Arc::default(),
        }
    }

    /// Lets charges stand for good: what they were for has happened.
    ///
    /// # Errors
    /// The store's; the charges stand all the same.
    pub async fn keep(&self, granted: Reservations, now: Timestamp) -> Result<(), StoreError> {
        self.settle(granted, &SettleMode::Keep, now).await
    }

    /// Takes charges back: what they were for surely did not happen.
    ///
    /// # Errors
    /// The store's; the charges then stand until their windows end.
    pub async fn give_back(&self, granted: Reservations, now: Timestamp) -> Result<(), StoreError> {
        self.settle(granted, &SettleMode::GiveBack, now).await
    }

    /// A correct passcode: failures, cool-down and unverified sends of the identifier are forgotten
    /// (requirement C9), and so is what the `sends` of its `flow` were charged as unverified;
    /// totals stay. `browser` is what the browser is called in counters from now on; `attempt` is
    /// what the try was charged.
    ///
    /// # Errors
    /// The store's.
    pub async fn succeeded(
        &self,
        asker: &Subject,
        browser: Digest,
        flow: Digest,
        sends: &[SendRecord],
        attempt: Reservations,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        // Also of a stranger's: it may have been known before it failed too often, and be called
        // the same again.
        let own = [asker.standing, Device::Known(browser)];
        let own: Vec<String> = own
            .iter()
            .flat_map(|standing| budgets::OWN.map(|counter| standing.key(counter)))
            .collect();
        let keys: Vec<&str> = budgets::STRANGERS
            .into_iter()
            .chain(own.iter().map(String::as_str))
            .collect();
        let group = Group::Identifier(asker.identifier);
        let reset = self.store.reset(&group, &keys, now);
        tokio::try_join!(
            reset,
            self.keep(attempt, now),
            self.verified(asker, flow, sends, now)
        )
        .map(|_| ())
    }

    /// The operator's: forgets all counters of an identifier that strangers can fill. What known
    /// browsers have for themselves stays, and so do the budgets of prefix, country and service.
    ///
    /// # Errors
    /// The store's.
    pub async fn unlock(&self, identifier: Digest, now: Timestamp) -> Result<(), StoreError> {
        let keys: Vec<&str> = budgets::STRANGERS
            .into_iter()
            .chain(["sends_day_total"])
            .collect();
        self.store
            .reset(&Group::Identifier(identifier), &keys, now)
            .await
    }

    async fn settle(
        &self,
        granted: Reservations,
        how: &SettleMode,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for (ticket, group) in granted.0 {
            self.store.settle(ticket, &group, how.clone(), now).await?;
        }
        Ok(())
    }

    fn wanted(&self, group: Group, charges: Vec<Charge>) -> ReservationRequest {
        ReservationRequest {
            ticket: ReservationId(self.random.bytes()),
            group,
            charges,
        }
    }

    async fn charge(
        &self,
        group: Group,
        charges: Vec<Charge>,
        now: Timestamp,
    ) -> Result<Result<Reservations, ExhaustedLimit>, StoreError> {
        let ReservationRequest {
            ticket,
            group,
            charges,
        } = self.wanted(group, charges);
        Ok(
            match self.store.reserve(ticket, &group, &charges, now).await? {
                ReservationOutcome::Granted => Ok(Reservations(vec![(ticket, group)])),
                ReservationOutcome::Refused {
                    which: limit,
                    retry_at,
                } => Err(ExhaustedLimit { limit, retry_at }),
            },
        )
    }
}

/// A limit's name without the address, country or browser in it: for events and metrics.
pub fn limit_name(key: &str) -> String {
    key.split(' ').next().unwrap_or_default().to_owned()
}
