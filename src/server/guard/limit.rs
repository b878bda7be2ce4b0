//! The kinds of limits, and a limit as it applies to one request.
//!
//! A kind says itself whether a browser may learn of it, and what a sign-in does to its counter.

use std::time::Duration;

use crate::domain::LimitReason;
use crate::domain::timestamp::Timestamp;
use crate::server::store::Charge;

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
    /// Unverified sends of an address.
    SendsAddressHour,
    /// All sends of an address.
    SendsAddressDayTotal,
    /// Unverified sends of an IPv6 /48.
    SendsNetworkHour,
    /// All sends of an IPv6 /48.
    SendsNetworkDayTotal,
    /// Sign-ups of an address.
    SignUpsAddressHour,
    /// Unverified codes by e-mail of an address.
    EmailsAddressHour,
    /// All codes by e-mail of an address.
    EmailsAddressDayTotal,
    /// Marks that the address has sent to a country; not a limit by itself.
    CountryAddressDay,
    /// Countries that an address sends to.
    CountriesAddressDay,
    /// Passcode attempts of an address.
    #[strum(serialize = "tries_address_hour")]
    AttemptsAddressHour,

    // Counted for the whole service.
    /// All sends in a minute.
    SendsMinute,
    /// Unverified sends in an hour.
    SendsHour,
    /// Unverified sends in a day.
    SendsDay,
    /// All sends in an hour.
    SendsHourTotal,
    /// All sends in a day.
    SendsDayTotal,
    /// Unverified codes by e-mail in an hour.
    EmailsHour,
    /// All codes by e-mail in a day.
    EmailsDayTotal,
    /// Sign-ups in a day.
    SignUpsDay,
    /// Unverified sends to a country in an hour.
    SendsCountryHour,
    /// Unverified sends to a country in a day.
    SendsCountryDay,
    /// All sends to a country in a day.
    SendsCountryDayTotal,
    /// Unverified sends to a number prefix in an hour.
    SendsPrefixHour,
    /// Unverified sends to a number prefix in a day.
    SendsPrefixDay,
    /// All sends to a number prefix in a day.
    SendsPrefixDayTotal,

    // Counted by identifier.
    /// The wait after a send.
    CoolDown,
    /// Sends since the last sign-in, in an hour.
    #[strum(serialize = "sends_hour")]
    NumberSendsHour,
    /// Sends since the last sign-in, in a day.
    #[strum(serialize = "sends_day")]
    NumberSendsDay,
    /// All sends in a day.
    #[strum(serialize = "sends_day_total")]
    NumberSendsDayTotal,
    /// Codes by e-mail since the last sign-in, in an hour.
    NumberEmailsHour,
    /// All codes by e-mail in a day.
    NumberEmailsDayTotal,
    /// Attempts until the next success or the end of a lockout.
    #[strum(serialize = "tries")]
    Attempts,
    /// Attempts by which the tenant's own lockout would begin.
    #[strum(serialize = "tries_tenant")]
    AttemptsTenant,
    /// Attempts as long as the tenant may remember failures.
    #[strum(serialize = "tries_remembered")]
    AttemptsRemembered,
    /// Consecutive failures.
    Failures,
    /// Marks that a run of failures was audit-logged; not a limit by itself.
    FailuresAlerted,
    /// Consecutive failures of a recognised device.
    #[strum(serialize = "browser_failures")]
    DeviceFailures,
    /// The wait after failed attempts.
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
        let is_by_prefix = matches!(
            self,
            Self::SendsPrefixHour | Self::SendsPrefixDay | Self::SendsPrefixDayTotal
        );
        if is_by_prefix || self.is_by_identifier() {
            Disclosure::Undisclosed
        } else {
            Disclosure::Disclosed
        }
    }

    /// What a page says that the limit counts; none if a browser may not learn of the limit.
    pub fn reason(self) -> Option<LimitReason> {
        match self {
            Self::SendsAddressHour
            | Self::SendsAddressDayTotal
            | Self::SendsNetworkHour
            | Self::SendsNetworkDayTotal
            | Self::SignUpsAddressHour
            | Self::EmailsAddressHour
            | Self::EmailsAddressDayTotal
            | Self::CountryAddressDay
            | Self::CountriesAddressDay
            | Self::AttemptsAddressHour => Some(LimitReason::Network),
            Self::SendsMinute
            | Self::SendsHour
            | Self::SendsDay
            | Self::SendsHourTotal
            | Self::SendsDayTotal
            | Self::EmailsHour
            | Self::EmailsDayTotal
            | Self::SignUpsDay => Some(LimitReason::Service),
            Self::SendsCountryHour | Self::SendsCountryDay | Self::SendsCountryDayTotal => {
                Some(LimitReason::Country)
            }
            Self::SendsPrefixHour
            | Self::SendsPrefixDay
            | Self::SendsPrefixDayTotal
            | Self::CoolDown
            | Self::NumberSendsHour
            | Self::NumberSendsDay
            | Self::NumberSendsDayTotal
            | Self::NumberEmailsHour
            | Self::NumberEmailsDayTotal
            | Self::Attempts
            | Self::AttemptsTenant
            | Self::AttemptsRemembered
            | Self::Failures
            | Self::FailuresAlerted
            | Self::DeviceFailures
            | Self::Backoff => None,
        }
    }

    pub(super) fn is_by_identifier(self) -> bool {
        matches!(
            self,
            Self::CoolDown
                | Self::NumberSendsHour
                | Self::NumberSendsDay
                | Self::NumberSendsDayTotal
                | Self::NumberEmailsHour
                | Self::NumberEmailsDayTotal
                | Self::Attempts
                | Self::AttemptsTenant
                | Self::AttemptsRemembered
                | Self::Failures
                | Self::FailuresAlerted
                | Self::DeviceFailures
                | Self::Backoff
        )
    }

    /// Whether it counts codes by e-mail alone.
    pub(super) fn is_of_emails(self) -> bool {
        matches!(
            self,
            Self::EmailsAddressHour
                | Self::EmailsAddressDayTotal
                | Self::EmailsHour
                | Self::EmailsDayTotal
                | Self::NumberEmailsHour
                | Self::NumberEmailsDayTotal
        )
    }

    /// Whether it counts unverified sends of an address or the service: a sign-in refunds them.
    pub(super) fn is_of_unverified_sends(self) -> bool {
        matches!(
            self,
            Self::SendsAddressHour
                | Self::SendsNetworkHour
                | Self::EmailsAddressHour
                | Self::EmailsHour
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

/// A limit of one network, country, number prefix, device, or of the whole service.
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
        Self {
            kind,
            maximum,
            window,
            renews: false,
            scope: None,
        }
    }

    /// Of one network, country, number prefix or device.
    pub(super) fn scoped(self, scope: impl Into<Option<String>>) -> Self {
        Self {
            scope: scope.into(),
            ..self
        }
    }

    pub(super) fn is_scoped(&self) -> bool {
        self.scope.is_some()
    }

    pub(super) fn renewing(self) -> Self {
        Self {
            renews: true,
            ..self
        }
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
