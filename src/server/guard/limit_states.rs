//! The limits that a number has now, for the operator: what is used of each, and which of them
//! refuses a code or an attempt.
//!
//! Limits by client address are not among them, because a number has no address.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::Channel;
use crate::domain::timestamp::Timestamp;
use crate::server::crypto::hash::Digest;
use crate::server::guard::limit::Limit;
use crate::server::guard::{Destination, Device, Guard, LimitKind, SendKind};
use crate::server::store::{Group, StoreError, Usage};

/// Any wait: the counter that is read has the end of the wait that began.
const ANY_WAIT: Duration = Duration::from_secs(1);

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum LimitScope {
    /// What all browsers do with the number that are not recognised for it, or all browsers.
    Number,
    /// What one recognised browser does with the number.
    Browser,
    /// The numbers that differ in their last four digits.
    Prefix,
    /// The country.
    Country,
    /// The whole service.
    Service,
}

impl LimitScope {
    /// Its name, as in JSON.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// A limit, and what is used of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitState {
    /// The limit.
    pub kind: LimitKind,
    /// What it counts.
    pub scope: LimitScope,
    /// The recognised device whose limit it is.
    pub device: Option<Digest>,
    /// What is used of it.
    pub used: u32,
    /// How much is allowed; none if it only counts.
    pub limit: Option<u32>,
    /// When it starts again; none if nothing is used.
    pub resets_at: Option<Timestamp>,
}

impl LimitState {
    /// Until when it refuses; none if it does not.
    pub fn refuses_until(&self) -> Option<Timestamp> {
        let is_exhausted = self.limit.is_some_and(|limit| self.used >= limit);
        self.resets_at.filter(|_| is_exhausted)
    }

    /// Whether it applies to a code by SMS; `creates_user`: to one that follows a sign-up.
    pub fn is_of_sms(&self, creates_user: bool) -> bool {
        !self.kind.is_of_emails() && (creates_user || self.kind != LimitKind::SignUpsDay)
    }

    /// What may still be used; none if it only counts.
    pub fn left(&self) -> Option<u32> {
        self.limit.map(|limit| limit.saturating_sub(self.used))
    }
}

/// The limits of a number.
#[derive(Clone, Debug, Default)]
pub struct NumberLimits {
    /// Those that every code must pass, by SMS or e-mail, or after a sign-up, in the order in which
    /// they are reserved.
    pub sends: Vec<LimitState>,
    /// Those that every attempt must pass.
    pub attempts: Vec<LimitState>,
}

impl Guard {
    /// The limits that apply to an identifier: to browsers that are not recognised, and to each of
    /// the recognised `devices`. Without a `destination` those by prefix are missing, and those of
    /// the country are those of `country`. The budget of sign-ups is among them.
    ///
    /// # Errors
    /// The store's.
    pub async fn number_limits(
        &self,
        identifier: Digest,
        devices: &[Digest],
        destination: Option<&Destination>,
        country: Option<&str>,
        now: Timestamp,
    ) -> Result<NumberLimits, StoreError> {
        let group = Group::Identifier(identifier);
        let (mut sends, mut attempts) = (Vec::new(), Vec::new());
        let known = devices.iter().map(|id| Device::Recognised(*id));
        for device in std::iter::once(Device::Unrecognised).chain(known) {
            let is_own = |limit: &Limit| device == Device::Unrecognised || limit.is_scoped();
            let mut of_sends = self.identifier_sends(device, self.channel());
            let mut of_attempts = self.identifier_attempts(device, Some(ANY_WAIT));
            of_sends.retain(is_own);
            of_attempts.retain(is_own);
            attempts.extend(self.states(&group, of_attempts, device, now).await?);
            if self.settings.enabled {
                sends.extend(self.states(&group, of_sends, device, now).await?);
            }
        }
        if self.settings.enabled {
            let kind = SendKind {
                channel: self.channel(),
                creates_user: true,
            };
            let device = Device::Unrecognised;
            let mut shared = self.service_sends(destination, device, kind);
            if let Some(country) = country.filter(|_| destination.is_none()) {
                shared.extend(self.country_sends(country, device));
            }
            let shared = self.states(&Group::Service, shared, device, now).await?;
            // They are reserved before those of the number.
            sends.splice(0..0, shared);
        }
        Ok(NumberLimits { sends, attempts })
    }

    /// The channel whose limits are all of those in use.
    fn channel(&self) -> Channel {
        match self.limits.get().email {
            Some(_) => Channel::Email,
            None => Channel::Sms,
        }
    }

    async fn states(
        &self,
        group: &Group,
        limits: Vec<Limit>,
        device: Device,
        now: Timestamp,
    ) -> Result<Vec<LimitState>, StoreError> {
        let keys: Vec<String> = limits.iter().map(Limit::key).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let usage = self.store.usage(group, &keys, now).await?;
        let state = |(limit, usage): (&Limit, Usage)| LimitState {
            kind: limit.kind,
            scope: scope_of(limit.kind, device),
            device: match device {
                Device::Recognised(id) => Some(id),
                Device::Unrecognised => None,
            },
            used: usage.used,
            limit: (limit.maximum != u32::MAX).then_some(limit.maximum),
            resets_at: usage.resets_at.filter(|_| usage.used > 0),
        };
        Ok(limits.iter().zip(usage).map(state).collect())
    }
}

fn scope_of(kind: LimitKind, device: Device) -> LimitScope {
    match kind {
        LimitKind::SendsPrefixHour | LimitKind::SendsPrefixDay | LimitKind::SendsPrefixDayTotal => {
            LimitScope::Prefix
        }
        LimitKind::SendsCountryHour
        | LimitKind::SendsCountryDay
        | LimitKind::SendsCountryDayTotal => LimitScope::Country,
        kind if !kind.is_by_identifier() => LimitScope::Service,
        _ if device == Device::Unrecognised => LimitScope::Number,
        _ => LimitScope::Browser,
    }
}
