//! The kinds of limits, and a limit as it applies to one request.
//!
//! A kind says itself whether a browser may learn of it, and what a sign-in does to its counter.

use std::time::Duration;

use crate::server::store::Charge;
use crate::server::system::clock::Timestamp;

/// Whether a browser may learn that a limit refused it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Disclosure {
    /// The refusal is shown, with the time to wait.
    Disclosed,
    /// The refusal looks like success (a send) or a wrong code (an attempt). Otherwise anyone could
    /// see that a number's owner exists, or when they sign in.
    Undisclosed,
}

/// What a limit counts. Its name in snake case is the key of its counter in the store and its name
/// in events and metrics, so it never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum LimitKind {
    // Counted by client address.
    SendsAddressHour,
    SendsAddressDayTotal,
    SendsNetworkHour,
    SendsNetworkDayTotal,
    SignUpsAddressHour,
    /// Marks that the address has sent to a country; not a limit by itself.
    CountryAddressDay,
    CountriesAddressDay,
    #[strum(serialize = "tries_address_hour")]
    AttemptsAddressHour,

    // Counted for the whole service.
    SendsMinute,
    SendsHour,
    SendsDay,
    SendsHourTotal,
    SendsDayTotal,
    SignUpsDay,
    SendsCountryHour,
    SendsCountryDay,
    SendsCountryDayTotal,
    SendsPrefixHour,
    SendsPrefixDay,
    SendsPrefixDayTotal,

    // Counted by identifier.
    CoolDown,
    #[strum(serialize = "sends_hour")]
    NumberSendsHour,
    #[strum(serialize = "sends_day")]
    NumberSendsDay,
    #[strum(serialize = "sends_day_total")]
    NumberSendsDayTotal,
    #[strum(serialize = "tries")]
    Attempts,
    #[strum(serialize = "tries_tenant")]
    AttemptsTenant,
    #[strum(serialize = "tries_remembered")]
    AttemptsRemembered,
    Failures,
    /// Marks that a run of failures was audit-logged; not a limit by itself.
    FailuresAlerted,
    #[strum(serialize = "browser_failures")]
    DeviceFailures,
    #[strum(serialize = "delay")]
    Backoff,
}

impl LimitKind {
    /// Its name in events and metrics.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Whether a browser may learn that this limit refused it.
    pub fn disclosure(self) -> Disclosure {
        let is_by_prefix =
            matches!(self, Self::SendsPrefixHour | Self::SendsPrefixDay | Self::SendsPrefixDayTotal);
        if is_by_prefix || self.is_by_identifier() {
            Disclosure::Undisclosed
        } else {
            Disclosure::Disclosed
        }
    }

    pub(super) fn is_by_identifier(self) -> bool {
        matches!(
            self,
            Self::CoolDown
                | Self::NumberSendsHour
                | Self::NumberSendsDay
                | Self::NumberSendsDayTotal
                | Self::Attempts
                | Self::AttemptsTenant
                | Self::AttemptsRemembered
                | Self::Failures
                | Self::FailuresAlerted
                | Self::DeviceFailures
                | Self::Backoff
        )
    }

    /// Whether it counts unverified sends of an address or the service: a sign-in refunds them.
    pub(super) fn is_of_unverified_sends(self) -> bool {
        matches!(
            self,
            Self::SendsAddressHour
                | Self::SendsNetworkHour
                | Self::SendsHour
                | Self::SendsDay
                | Self::SendsCountryHour
                | Self::SendsCountryDay
                | Self::SendsPrefixHour
                | Self::SendsPrefixDay
        )
    }

    /// The key of its counter; `scope` tells it from other counters of the same kind.
    pub(super) fn key(self, scope: Option<&str>) -> String {
        match scope {
            Some(scope) => format!("{} {scope}", self.name()),
            None => self.name().to_owned(),
        }
    }
}

/// A limit of one network, country, number range, device, or of the whole service.
#[derive(Clone, Debug)]
pub(super) struct Limit {
    pub kind: LimitKind,
    pub maximum: u32,
    pub window: Duration,
    /// Whether the window ends so long after the last charge; otherwise after the first.
    pub renews: bool,
    scope: Option<String>,
}

impl Limit {
    pub(super) fn new(kind: LimitKind, maximum: u32, window: Duration) -> Self {
        Self { kind, maximum, window, renews: false, scope: None }
    }

    /// Of one network, country, number range or device.
    pub(super) fn scoped(self, scope: impl Into<Option<String>>) -> Self {
        Self { scope: scope.into(), ..self }
    }

    pub(super) fn renewing(self) -> Self {
        Self { renews: true, ..self }
    }

    pub(super) fn key(&self) -> String {
        self.kind.key(self.scope.as_deref())
    }

    pub(super) fn charge(&self) -> Charge {
        Charge {
            key: self.key(),
            amount: 1,
            limit: self.maximum,
            window: self.window,
            renews: self.renews,
        }
    }
}

/// A limit that does not allow another send or attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExhaustedLimit {
    /// Which limit.
    pub kind: LimitKind,
    /// When to try again.
    pub retry_at: Timestamp,
}
