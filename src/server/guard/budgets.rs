//! Which counters a decision charges, and up to what limit.
//!
//! A counter's key begins with the name that events and metrics show; what follows a space tells it
//! from others of its name.

use std::time::Duration;

use crate::domain::timestamp::Timestamp;
use crate::server::audit::hex;
use crate::server::guard::{Device, Guard, Network, Region};
use crate::server::store::{Charge, Group, StoreError, Usage};
use crate::server::system::mutex::lock;

/// How long consecutive failures are remembered after the last (requirement C7).
const FAILURES_KEPT: Duration = Duration::from_secs(400 * 86_400);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

/// The counters of an identifier that strangers can fill and a success empties.
pub(super) const STRANGERS: [&str; 9] = [
    "tries",
    "tries_tenant",
    "tries_remembered",
    "failures",
    "failures_alerted",
    "delay",
    "cool_down",
    "sends_hour",
    "sends_day",
];
/// The counters that a known browser has for itself.
pub(super) const OWN: [&str; 6] = [
    "browser_failures",
    "tries",
    "delay",
    "cool_down",
    "sends_hour",
    "sends_day",
];
/// How many budgets a country has.
const COUNTRY_BUDGETS: usize = 3;
/// The beginning of the counters of number prefixes, which act silently.
pub(super) const PREFIX: &str = "sends_prefix";

/// A budget of the whole service and what is used of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Which one, as in events.
    pub name: String,
    /// Charged in the window that runs.
    pub used: u32,
    /// What strangers may charge: of a total not the third that is kept for known browsers, which
    /// may so use more than this.
    pub limit: u32,
    /// When the window ends; none runs where nothing is used.
    pub resets_at: Option<Timestamp>,
    /// Whether `guard.alert_percent` of it, or more, is used.
    pub nearly_spent: bool,
}

impl Budget {
    /// What strangers may still charge in the window that runs.
    pub fn left(&self) -> u32 {
        self.limit.saturating_sub(self.used)
    }

    /// How much is used, in percent of what strangers may.
    pub fn used_percent(&self) -> u32 {
        percent(self.used, self.limit)
    }
}

impl Guard {
    /// What the whole service has used of its budgets, for the operator.
    ///
    /// # Errors
    /// The store's.
    pub async fn service_budgets(&self, now: Timestamp) -> Result<Vec<Budget>, StoreError> {
        self.budgets(&self.service_sends(None, Device::Stranger, true), now)
            .await
    }

    /// What was sent to the numbers of each of these countries (ISO 3166 alpha-2): the budget of
    /// which most is used.
    ///
    /// # Errors
    /// The store's.
    pub async fn country_budgets(
        &self,
        countries: &[&str],
        now: Timestamp,
    ) -> Result<Vec<Budget>, StoreError> {
        let charges: Vec<Charge> = countries
            .iter()
            .flat_map(|country| self.country_sends(country, Device::Stranger))
            .collect();
        let mut budgets = self.budgets(&charges, now).await?.into_iter();
        let tightest = |_: &&str| {
            budgets
                .by_ref()
                .take(COUNTRY_BUDGETS)
                .max_by_key(Budget::used_percent)
        };
        Ok(countries.iter().filter_map(tightest).collect())
    }

    async fn budgets(&self, charges: &[Charge], now: Timestamp) -> Result<Vec<Budget>, StoreError> {
        let keys: Vec<&str> = charges.iter().map(|charge| charge.key.as_str()).collect();
        let usage = self.store.usage(&Group::Service, &keys, now).await?;
        let budget = |(charge, Usage { used, resets_at }): (&Charge, Usage)| Budget {
            name: charge.key.clone(),
            used,
            limit: charge.limit,
            resets_at,
            nearly_spent: percent(used, charge.limit) >= self.limits.alert_percent,
        };
        Ok(charges.iter().zip(usage).map(budget).collect())
    }

    /// The budgets of the whole service that have become nearly spent since this was last asked,
    /// each once a window.
    ///
    /// # Errors
    /// The store's.
    pub async fn newly_nearly_spent(&self, now: Timestamp) -> Result<Vec<Budget>, StoreError> {
        let mut budgets = self.service_budgets(now).await?;
        let mut alerted = lock(&self.alerted);
        budgets.retain(|budget| {
            let Some(end) = budget.resets_at.filter(|_| budget.nearly_spent) else {
                return false;
            };
            alerted.insert(budget.name.clone(), end) != Some(end)
        });
        Ok(budgets)
    }

    /// What the creation of a user costs besides comes last.
    pub(super) fn address_sends(&self, network: &Network, creates_user: bool) -> Vec<Charge> {
        let limits = &self.limits;
        let host = network.host();
        let mut charges = vec![
            charge(&network.sends_hour(), limits.address_hourly, HOUR),
            charge(
                &format!("sends_address_day_total {host}"),
                limits.address_daily_total,
                DAY,
            ),
        ];
        if network.is_wide() {
            charges.push(charge(
                Network::WIDE_SENDS_HOUR,
                limits.network_hourly,
                HOUR,
            ));
            charges.push(charge(
                "sends_network_day_total",
                limits.network_daily_total,
                DAY,
            ));
        }
        if creates_user {
            charges.push(charge(
                &format!("sign_ups_address_hour {host}"),
                limits.address_sign_ups_hourly,
                HOUR,
            ));
        }
        charges
    }

    /// Granted once a day: to the first send of an address to a country.
    pub(super) fn country_seen(&self, network: &Network, region: &Region) -> Charge {
        charge(
            &format!("country_address_day {} {}", network.host(), region.country),
            1,
            DAY,
        )
    }

    /// The countries of an address.
    pub(super) fn address_countries(&self, network: &Network) -> Charge {
        charge(
            &format!("countries_address_day {}", network.host()),
            self.limits.address_countries_daily,
            DAY,
        )
    }

    /// Those of `address_sends` that a sign-in gives back.
    pub(super) fn address_unverified(&self, network: &Network) -> Vec<String> {
        vec![network.sends_hour(), Network::WIDE_SENDS_HOUR.to_owned()]
    }

    /// What may be told comes before what acts silently. Known browsers are charged the totals
    /// alone: their own sends bound them, and strangers must not use up what they need.
    pub(super) fn service_sends(
        &self,
        region: Option<&Region>,
        standing: Device,
        creates_user: bool,
    ) -> Vec<Charge> {
        let limits = &self.limits;
        let mut charges = vec![
            charge(
                "sends_minute",
                standing.share_of(limits.service_minutely),
                MINUTE,
            ),
            charge("sends_hour", limits.service_hourly, HOUR),
            charge("sends_day", limits.service_daily, DAY),
            charge(
                "sends_hour_total",
                standing.share_of(limits.service_hourly_total),
                HOUR,
            ),
            charge(
                "sends_day_total",
                standing.share_of(limits.service_daily_total),
                DAY,
            ),
        ];
        if creates_user {
            charges.push(charge("sign_ups_day", limits.service_sign_ups_daily, DAY));
        }
        if let Some(region) = region {
            charges.extend(self.country_sends(&region.country, standing));
            charges.extend([
                charge(&region.prefix_key("hour"), limits.prefix_hourly, HOUR),
                charge(&region.prefix_key("day"), limits.prefix_daily, DAY),
                charge(
                    &region.prefix_key("day_total"),
                    standing.share_of(limits.prefix_daily_total),
                    DAY,
                ),
            ]);
        }
        if standing != Device::Stranger {
            let unverified = self.service_unverified(region);
            charges.retain(|charge| !unverified.contains(&charge.key));
        }
        charges
    }

    fn country_sends(&self, country: &str, standing: Device) -> [Charge; COUNTRY_BUDGETS] {
        let limits = &self.limits;
        [
            charge(
                &format!("sends_country_hour {country}"),
                limits.country_hourly,
                HOUR,
            ),
            charge(
                &format!("sends_country_day {country}"),
                limits.country_daily,
                DAY,
            ),
            charge(
                &format!("sends_country_day_total {country}"),
                standing.share_of(limits.country_daily_total),
                DAY,
            ),
        ]
    }

    /// Those of `service_sends` that a sign-in gives back.
    pub(super) fn service_unverified(&self, region: Option<&Region>) -> Vec<String> {
        let mut keys = vec!["sends_hour".to_owned(), "sends_day".to_owned()];
        if let Some(region) = region {
            let country = ["sends_country_hour", "sends_country_day"]
                .map(|name| format!("{name} {}", region.country));
            keys.extend(country);
            keys.extend([region.prefix_key("hour"), region.prefix_key("day")]);
        }
        keys
    }

    pub(super) fn identifier_sends(&self, standing: Device) -> Vec<Charge> {
        let cool_down = self
            .limits
            .cool_down
            .first()
            .map_or(Duration::from_secs(30), |span| span.0);
        vec![
            charge(&standing.key("cool_down"), 1, cool_down),
            charge(&standing.key("sends_hour"), self.limits.number_hourly, HOUR),
            charge(&standing.key("sends_day"), self.limits.number_daily, DAY),
            charge(
                "sends_day_total",
                standing.share_of(self.limits.number_daily_total),
                DAY,
            ),
        ]
    }

    /// Strangers share `tries` between two successes or until one lock after the last of them, and
    /// a known browser has as many of its own. As long as the tenant may remember failures, its
    /// last try before the lock is kept for a known browser, which itself may bring the lock about
    /// once while it lasts. `delay` is how long the next try has to wait after this one.
    pub(super) fn tries(&self, standing: Device, delay: Option<Duration>) -> Vec<Charge> {
        let limits = &self.limits;
        let (of_memory, failures) = match standing {
            Device::Stranger => (
                self.tenant_failures.saturating_sub(1),
                limits.stranger_failures,
            ),
            Device::Known(_) => (u32::MAX, limits.max_failures),
        };
        let own = match standing {
            Device::Stranger => None,
            Device::Known(_) => Some(charge(
                &standing.key("browser_failures"),
                u32::MAX,
                FAILURES_KEPT,
            )),
        };
        let counted = [
            charge(&standing.key("tries"), self.tries, self.tenant_lockout),
            charge("tries_tenant", self.tenant_failures, self.tenant_lockout),
            charge("tries_remembered", of_memory, self.tenant_memory),
            charge("failures", failures, FAILURES_KEPT),
        ];
        let delay = delay.map(|delay| charge(&standing.key("delay"), 1, delay));
        delay
            .into_iter()
            .chain(own.into_iter().chain(counted).map(remembered))
            .collect()
    }

    /// Granted once to every run of failures.
    pub(super) fn alert(&self) -> Charge {
        charge("failures_alerted", 1, FAILURES_KEPT)
    }

    pub(super) fn address_tries(&self, network: &Network) -> Charge {
        charge(
            &format!("tries_address_hour {}", network.host()),
            self.limits.address_tries_hourly,
            HOUR,
        )
    }
}

impl Device {
    /// What may be used of a total. The last third is kept for browsers that have signed in before.
    fn share_of(self, total: u32) -> u32 {
        match self {
            Self::Stranger => total - total / 3,
            Self::Known(_) => total,
        }
    }
}

impl Network {
    const WIDE_SENDS_HOUR: &'static str = "sends_network_hour";

    fn sends_hour(&self) -> String {
        format!("sends_address_hour {}", self.host())
    }
}

impl Region {
    fn prefix_key(&self, window: &str) -> String {
        format!("{PREFIX}_{window} {}", hex(&self.prefix))
    }

    /// The counters of its number prefix.
    pub(super) fn prefix_keys(&self) -> Vec<String> {
        ["hour", "day", "day_total"]
            .map(|window| self.prefix_key(window))
            .into()
    }
}

/// A limit of nothing is always spent.
fn percent(used: u32, limit: u32) -> u32 {
    let percent = (u64::from(used) * 100)
        .checked_div(u64::from(limit))
        .unwrap_or(100);
    u32::try_from(percent).unwrap_or(u32::MAX)
}

fn charge(key: &str, limit: u32, window: Duration) -> Charge {
    Charge {
        key: key.to_owned(),
        amount: 1,
        limit,
        window,
        renews: false,
    }
}

/// The window ends so long after the last charge, not after the first.
fn remembered(charge: Charge) -> Charge {
    Charge {
        renews: true,
        ..charge
    }
}
