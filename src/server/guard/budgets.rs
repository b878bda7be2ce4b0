//! Which limits apply to a send or an attempt, and the budgets that the operator sees.

use std::time::Duration;

use crate::domain::Channel;
use crate::domain::timestamp::Timestamp;
use crate::server::crypto::hash::to_hex_128;

use crate::server::guard::limit::Limit;
use crate::server::guard::{Destination, Device, Guard, LimitKind, Network, SendKind};
use crate::server::store::{Group, StoreError, Usage};
use crate::server::system::mutex::lock;

/// How long consecutive failures are remembered after the last (requirement C7).
const FAILURES_KEPT: Duration = Duration::from_secs(400 * 86_400);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

/// The counters of an identifier that all unrecognised devices share and a success resets.
pub(super) const SHARED: [LimitKind; 10] = [
    LimitKind::Attempts,
    LimitKind::AttemptsTenant,
    LimitKind::AttemptsRemembered,
    LimitKind::Failures,
    LimitKind::FailuresAlerted,
    LimitKind::Backoff,
    LimitKind::CoolDown,
    LimitKind::NumberSendsHour,
    LimitKind::NumberSendsDay,
    LimitKind::NumberEmailsHour,
];
/// The counters of an identifier that nothing but the operator resets.
pub(super) const TOTALS: [LimitKind; 2] = [
    LimitKind::NumberSendsDayTotal,
    LimitKind::NumberEmailsDayTotal,
];
/// The counters that a recognised device has for itself and a success resets.
pub(super) const PER_DEVICE: [LimitKind; 7] = [
    LimitKind::DeviceFailures,
    LimitKind::Attempts,
    LimitKind::Backoff,
    LimitKind::CoolDown,
    LimitKind::NumberSendsHour,
    LimitKind::NumberSendsDay,
    LimitKind::NumberEmailsHour,
];
/// A send that every budget of the service is charged for.
const EVERY_SEND: SendKind = SendKind {
    channel: Channel::Email,
    creates_user: true,
};
/// How many budgets a country has.
const COUNTRY_BUDGETS: usize = 3;

/// A budget of the whole service, and how much of it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// The name of its counter, as in events.
    pub name: String,
    /// Charged in the current window.
    pub used: u32,
    /// What unrecognised devices may use. The third of a total that is reserved for recognised
    /// devices is not in it, so `used` may be more.
    pub limit: u32,
    /// When the window ends; `None` if nothing is used.
    pub resets_at: Option<Timestamp>,
    /// Whether at least `guard.alert_percent` of it is used.
    pub is_nearly_exhausted: bool,
}

impl Budget {
    /// What unrecognised devices may still use in the current window.
    pub fn remaining(&self) -> u32 {
        self.limit.saturating_sub(self.used)
    }

    /// How much is used, in percent of `limit`.
    pub fn used_percent(&self) -> u32 {
        percent(self.used, self.limit)
    }
}

impl Guard {
    /// The budgets of the whole service, for the operator.
    ///
    /// # Errors
    /// The store's.
    pub async fn service_budgets(&self, now: Timestamp) -> Result<Vec<Budget>, StoreError> {
        let mut limits = self.service_sends(None, Device::Unrecognised, EVERY_SEND);
        // Without the second channel its budgets are of no interest.
        let has_email = self.limits.get().email.is_some();
        limits.retain(|limit| has_email || !limit.kind.is_of_emails());
        self.budgets(&limits, now).await
    }

    /// The budget of each country (ISO 3166 alpha-2) of which most is used.
    ///
    /// # Errors
    /// The store's.
    pub async fn country_budgets(
        &self,
        countries: &[&str],
        now: Timestamp,
    ) -> Result<Vec<Budget>, StoreError> {
        let limits: Vec<Limit> = countries
            .iter()
            .flat_map(|country| self.country_sends(country, Device::Unrecognised))
            .collect();
        let budgets = self.budgets(&limits, now).await?;
        let most_used =
            |budgets: &[Budget]| budgets.iter().max_by_key(|one| one.used_percent()).cloned();
        Ok(budgets
            .chunks(COUNTRY_BUDGETS)
            .filter_map(most_used)
            .collect())
    }

    async fn budgets(&self, limits: &[Limit], now: Timestamp) -> Result<Vec<Budget>, StoreError> {
        let names: Vec<String> = limits.iter().map(Limit::key).collect();
        let keys: Vec<&str> = names.iter().map(String::as_str).collect();
        let usage = self.store.usage(&Group::Service, &keys, now).await?;
        let budget =
            |((limit, name), Usage { used, resets_at }): ((&Limit, String), Usage)| Budget {
                name,
                used,
                limit: limit.maximum,
                resets_at,
                is_nearly_exhausted: percent(used, limit.maximum) >= self.settings.alert_percent,
            };
        Ok(limits.iter().zip(names).zip(usage).map(budget).collect())
    }

    /// The budgets of the whole service that have become nearly exhausted since the last call.
    /// Each is returned once in its window.
    ///
    /// # Errors
    /// The store's.
    pub async fn take_budget_warnings(&self, now: Timestamp) -> Result<Vec<Budget>, StoreError> {
        let mut budgets = self.service_budgets(now).await?;
        let mut warned = lock(&self.warned);
        budgets.retain(|budget| {
            let Some(end) = budget.resets_at.filter(|_| budget.is_nearly_exhausted) else {
                return false;
            };
            warned.insert(budget.name.clone(), end) != Some(end)
        });
        Ok(budgets)
    }

    /// The limits on sends of an address.
    pub(super) fn address_sends(&self, network: &Network, kind: SendKind) -> Vec<Limit> {
        let settings = &self.settings;
        let by_host = |kind, maximum, window| {
            Limit::new(kind, maximum, window).scoped(network.host().to_string())
        };
        let mut limits = vec![
            by_host(LimitKind::SendsAddressHour, settings.address_hourly, HOUR),
            by_host(
                LimitKind::SendsAddressDayTotal,
                settings.address_daily_total,
                DAY,
            ),
        ];
        if network.is_wide() {
            let (hourly, total) = (settings.network_hourly, settings.network_daily_total);
            limits.push(Limit::new(LimitKind::SendsNetworkHour, hourly, HOUR));
            limits.push(Limit::new(LimitKind::SendsNetworkDayTotal, total, DAY));
        }
        if !kind.channel.is_sms() {
            let (hourly, total) = (
                settings.address_emails_hourly,
                settings.address_emails_daily_total,
            );
            limits.push(by_host(LimitKind::EmailsAddressHour, hourly, HOUR));
            limits.push(by_host(LimitKind::EmailsAddressDayTotal, total, DAY));
        }
        if kind.creates_user {
            let hourly = settings.address_sign_ups_hourly;
            limits.push(by_host(LimitKind::SignUpsAddressHour, hourly, HOUR));
        }
        limits
    }

    /// Granted once a day: to the first send of an address to a country.
    pub(super) fn country_mark(&self, network: &Network, destination: &Destination) -> Limit {
        Limit::new(LimitKind::CountryAddressDay, 1, DAY).scoped(format!(
            "{} {}",
            network.host(),
            destination.country
        ))
    }

    /// The limit on the number of countries that an address sends to.
    pub(super) fn address_countries(&self, network: &Network) -> Limit {
        Limit::new(
            LimitKind::CountriesAddressDay,
            self.settings.address_countries_daily,
            DAY,
        )
        .scoped(network.host().to_string())
    }

    /// The limits on sends of the whole service, the country and the number prefix. Recognised
    /// devices are charged the totals alone: their own limits bound them, and others must not
    /// exhaust what they need.
    pub(super) fn service_sends(
        &self,
        destination: Option<&Destination>,
        device: Device,
        kind: SendKind,
    ) -> Vec<Limit> {
        let settings = &self.settings;
        let total = |kind, maximum, window| Limit::new(kind, device.part_of(maximum), window);
        let mut limits = vec![
            total(LimitKind::SendsMinute, settings.service_minutely, MINUTE),
            Limit::new(LimitKind::SendsHour, settings.service_hourly, HOUR),
            Limit::new(LimitKind::SendsDay, settings.service_daily, DAY),
            total(
                LimitKind::SendsHourTotal,
                settings.service_hourly_total,
                HOUR,
            ),
            total(LimitKind::SendsDayTotal, settings.service_daily_total, DAY),
        ];
        if !kind.channel.is_sms() {
            let (hourly, day_total) = (
                settings.service_emails_hourly,
                settings.service_emails_daily_total,
            );
            limits.push(Limit::new(LimitKind::EmailsHour, hourly, HOUR));
            limits.push(total(LimitKind::EmailsDayTotal, day_total, DAY));
        }
        if kind.creates_user {
            let daily = settings.service_sign_ups_daily;
            limits.push(Limit::new(LimitKind::SignUpsDay, daily, DAY));
        }
        if let Some(destination) = destination {
            limits.extend(self.country_sends(&destination.country, device));
            let by_prefix = [
                Limit::new(LimitKind::SendsPrefixHour, settings.prefix_hourly, HOUR),
                Limit::new(LimitKind::SendsPrefixDay, settings.prefix_daily, DAY),
                total(
                    LimitKind::SendsPrefixDayTotal,
                    settings.prefix_daily_total,
                    DAY,
                ),
            ];
            limits.extend(by_prefix.map(|limit| limit.scoped(to_hex_128(&destination.prefix))));
        }
        if device != Device::Unrecognised {
            limits.retain(|limit| !limit.kind.is_of_unverified_sends());
        }
        limits
    }

    pub(super) fn country_sends(&self, country: &str, device: Device) -> [Limit; COUNTRY_BUDGETS] {
        let settings = &self.settings;
        let total = device.part_of(settings.country_daily_total);
        [
            Limit::new(LimitKind::SendsCountryHour, settings.country_hourly, HOUR),
            Limit::new(LimitKind::SendsCountryDay, settings.country_daily, DAY),
            Limit::new(LimitKind::SendsCountryDayTotal, total, DAY),
        ]
        .map(|limit| limit.scoped(country.to_owned()))
    }

    pub(super) fn identifier_sends(&self, device: Device, channel: Channel) -> Vec<Limit> {
        let settings = &self.settings;
        let cool_down = settings
            .cool_down
            .first()
            .map_or(Duration::from_secs(30), |span| span.0);
        let own = [
            Limit::new(LimitKind::CoolDown, 1, cool_down),
            Limit::new(LimitKind::NumberSendsHour, settings.number_hourly, HOUR),
            Limit::new(LimitKind::NumberSendsDay, settings.number_daily, DAY),
        ];
        let emails = [Limit::new(
            LimitKind::NumberEmailsHour,
            settings.number_emails_hourly,
            HOUR,
        )];
        let total = |kind, maximum| Limit::new(kind, device.part_of(maximum), DAY);
        let sends = total(LimitKind::NumberSendsDayTotal, settings.number_daily_total);
        let emails_total = total(
            LimitKind::NumberEmailsDayTotal,
            settings.number_emails_daily_total,
        );
        let own = own.into_iter().chain(emails);
        own.map(|limit| limit.scoped(device.counter_scope()))
            .chain([sends, emails_total])
            .filter(|limit| !channel.is_sms() || !limit.kind.is_of_emails())
            .collect()
    }

    /// The limits on attempts of an identifier.
    ///
    /// Unrecognised devices share `attempts` between two successes, or until one lockout after the
    /// last attempt. A recognised device has as many of its own. As long as the tenant may remember
    /// failures, the last attempt before its lock is reserved for recognised devices. These may
    /// cause the lock once while it lasts. `backoff` is the wait before the next attempt.
    pub(super) fn identifier_attempts(
        &self,
        device: Device,
        backoff: Option<Duration>,
    ) -> Vec<Limit> {
        let (settings, limits) = (&self.settings, self.limits.get());
        let scope = device.counter_scope();
        let (remembered, failures) = match device {
            Device::Unrecognised => (limits.unrecognised_attempts(), settings.stranger_failures),
            Device::Recognised(_) => (u32::MAX, settings.max_failures),
        };
        let backoff =
            backoff.map(|wait| Limit::new(LimitKind::Backoff, 1, wait).scoped(scope.clone()));
        let own = scope.clone().map(|scope| {
            Limit::new(LimitKind::DeviceFailures, u32::MAX, FAILURES_KEPT).scoped(scope)
        });
        let counted = [
            Limit::new(
                LimitKind::Attempts,
                limits.attempts_per_code(),
                limits.lockout(),
            )
            .scoped(scope),
            Limit::new(
                LimitKind::AttemptsTenant,
                limits.policy.max_failures,
                limits.tenant_lockout(),
            ),
            Limit::new(
                LimitKind::AttemptsRemembered,
                remembered,
                limits.failure_memory(),
            ),
            Limit::new(LimitKind::Failures, failures, FAILURES_KEPT),
        ];
        backoff
            .into_iter()
            .chain(own.into_iter().chain(counted).map(Limit::renewing))
            .collect()
    }

    /// Granted once in every run of failures.
    pub(super) fn failure_alert(&self) -> Limit {
        Limit::new(LimitKind::FailuresAlerted, 1, FAILURES_KEPT)
    }

    pub(super) fn address_attempts(&self, network: &Network) -> Limit {
        Limit::new(
            LimitKind::AttemptsAddressHour,
            self.settings.address_tries_hourly,
            HOUR,
        )
        .scoped(network.host().to_string())
    }
}

impl Device {
    /// Tells a recognised device's own counters from those that all others share.
    pub(super) fn counter_scope(self) -> Option<String> {
        match self {
            Self::Unrecognised => None,
            Self::Recognised(id) => Some(to_hex_128(&id)),
        }
    }

    /// What the device may use of a total. The last third is reserved for recognised devices.
    fn part_of(self, total: u32) -> u32 {
        match self {
            Self::Unrecognised => total - total / 3,
            Self::Recognised(_) => total,
        }
    }
}

/// A budget of 0 counts as fully used.
fn percent(used: u32, limit: u32) -> u32 {
    let percent = (u64::from(used) * 100)
        .checked_div(u64::from(limit))
        .unwrap_or(100);
    u32::try_from(percent).unwrap_or(u32::MAX)
}
