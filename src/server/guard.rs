//! Who may ask for what, how often.
//!
//! A decision is at most three reservations in a fixed order: address, service, identifier. Limits by address and by the whole
//! service may be told to the browser; limits by identifier act silently, or a stranger could see that its owner exists.
//! Everything is reserved before it is done, and given back if it surely was not done.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::clock::Timestamp;
use super::keys::Digest;
use super::random::Random;
use super::settings;
use super::store::{Charge, Group, Reservation, Reserved, Settle, Store, StoreError, Usage, Wanted};

pub mod address;

pub use address::Network;

/// How long consecutive failures are remembered after the first (requirement C7).
const FAILURES_KEPT: Duration = Duration::from_secs(400 * 86_400);
/// The counters of an identifier that strangers can fill and a success empties.
const STRANGERS: [&str; 6] = ["tries", "tries_tenant", "failures", "cool_down", "sends_hour", "sends_day"];
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

/// Who asks, as far as the guard cares.
#[derive(Clone, Debug)]
pub struct Asker {
    /// Keyed hash of the identifier.
    pub identifier: Digest,
    /// Whether the browser has signed in with this identifier before.
    pub standing: Standing,
    /// The client's address.
    pub address: IpAddr,
}

/// Whether a browser has signed in with an identifier before (OWASP: device cookies).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It has not, or cannot show it. All strangers share the counters of an identifier.
    Stranger,
    /// It has. Strangers cannot use its counters up.
    Known(Digest),
}

/// Whether a code may be sent.
#[derive(Debug)]
pub enum Admission {
    /// Yes; to be settled when the outcome is known.
    Granted(Granted),
    /// No, by a limit of the identifier: it must look as if it were sent.
    Withheld {
        /// Which limit.
        limit: String,
    },
    /// No, by a limit that may be told.
    Refused {
        /// Which limit.
        limit: String,
        /// When to try again.
        retry_at: Timestamp,
    },
}

/// Whether an address may try passcodes.
#[derive(Debug)]
pub enum AddressAdmission {
    /// Yes.
    Granted,
    /// No; it may be told.
    Refused {
        /// Which limit.
        limit: String,
        /// When to try again.
        retry_at: Timestamp,
    },
}

/// Whether a passcode of an identifier may be tried.
#[derive(Debug)]
pub enum TryAdmission {
    /// Yes; to be given back if it never reached upstream.
    Granted(Granted),
    /// No: it must look like a wrong code.
    Silent {
        /// Which limit.
        limit: String,
        /// When it ends, for the operator.
        retry_at: Timestamp,
    },
}

/// Reservations that stand.
#[derive(Debug, Default)]
#[must_use = "charges stand until they are given back"]
pub struct Granted(Vec<(Reservation, Group)>);

/// A budget and what is used of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Which one, as in events.
    pub name: String,
    /// Charged in the window that runs.
    pub used: u32,
    /// What may be charged.
    pub limit: u32,
    /// When the window ends; none runs where nothing is used.
    pub resets_at: Option<Timestamp>,
}

/// The limits, over the store.
#[derive(Clone, Debug)]
pub struct Guard {
    store: Arc<dyn Store>,
    random: Random,
    limits: Arc<settings::Guard>,
    tries: u32,
    tenant_failures: u32,
    tenant_lockout: Duration,
}

impl Guard {
    /// `transmit` says how the tenant locks: our own limit of tries acts before it.
    pub fn new(store: Arc<dyn Store>, random: Random, limits: settings::Guard, transmit: &settings::Transmit) -> Self {
        Self {
            store,
            random,
            limits: Arc::new(limits),
            tries: transmit.tries_per_code(),
            tenant_failures: transmit.otp_max_failures,
            tenant_lockout: transmit.otp_lockout.0,
        }
    }

    /// Whether a code may be sent. `creates_user`: the send is preceded by the creation of a user, which has a budget of its own.
    ///
    /// # Errors
    /// The store's; nothing may be sent then.
    pub async fn admit_send(&self, asker: &Asker, creates_user: bool, now: Timestamp) -> Result<Admission, StoreError> {
        if !self.limits.enabled {
            return Ok(Admission::Granted(Granted::default()));
        }
        let network = Network::of(asker.address);
        // What the service says must be said also of an identifier that is limited, so it is asked before.
        let wanted = [
            self.wanted(network.group(), self.address_sends(&network, creates_user)),
            self.wanted(Group::Service, self.service_sends(creates_user)),
            self.wanted(Group::Identifier(asker.identifier), self.identifier_sends(asker.standing).into()),
        ];
        let mut answers = self.store.reserve_in_turn(&wanted, now).await?;
        let asked = answers.len();
        // The address stays charged whatever comes next: a flood of refused requests is a flood.
        let [_, service, identifier] = wanted.map(|wanted| (wanted.ticket, wanted.group));
        match answers.pop() {
            Some(Reserved::Refused { which, .. }) if asked == 3 => {
                self.give_back(Granted(vec![service]), now).await?;
                Ok(Admission::Withheld { limit: which })
            }
            Some(Reserved::Refused { which, retry_at }) => Ok(Admission::Refused { limit: which, retry_at }),
            _ => Ok(Admission::Granted(Granted(vec![identifier, service]))),
        }
    }

    /// Whether an address may try a passcode at all, whosever it is: asked for every try, so that it says nothing of a number.
    ///
    /// # Errors
    /// The store's; nothing may be tried then.
    pub async fn admit_address_try(&self, address: IpAddr, now: Timestamp) -> Result<AddressAdmission, StoreError> {
        if !self.limits.enabled {
            return Ok(AddressAdmission::Granted);
        }
        let network = Network::of(address);
        let key = format!("tries_address_hour {}", network.host());
        let charge = charge(&key, self.limits.address_tries_hourly, HOUR);
        let charged = self.charge(&mut Granted::default(), network.group(), vec![charge], now).await?;
        Ok(match charged {
            Ok(()) => AddressAdmission::Granted,
            Err((limit, retry_at)) => AddressAdmission::Refused { limit, retry_at },
        })
    }

    /// Whether a passcode of an identifier may be tried. Reserved before anything is compared.
    ///
    /// # Errors
    /// The store's; nothing may be tried then.
    pub async fn admit_try(&self, asker: &Asker, now: Timestamp) -> Result<TryAdmission, StoreError> {
        let mut granted = Granted::default();
        let group = Group::Identifier(asker.identifier);
        Ok(match self.charge(&mut granted, group, self.tries(asker.standing), now).await? {
            Ok(()) => TryAdmission::Granted(granted),
            Err((limit, retry_at)) => TryAdmission::Silent { limit, retry_at },
        })
    }

    /// Lets charges stand for good: what they were for has happened.
    ///
    /// # Errors
    /// The store's; the charges stand all the same.
    pub async fn keep(&self, granted: Granted, now: Timestamp) -> Result<(), StoreError> {
        self.settle(granted, Settle::Keep, now).await
    }

    /// Takes charges back: what they were for surely did not happen.
    ///
    /// # Errors
    /// The store's; the charges then stand until their windows end.
    pub async fn give_back(&self, granted: Granted, now: Timestamp) -> Result<(), StoreError> {
        self.settle(granted, Settle::GiveBack, now).await
    }

    async fn settle(&self, granted: Granted, how: Settle, now: Timestamp) -> Result<(), StoreError> {
        for (ticket, group) in granted.0 {
            self.store.settle(ticket, &group, how.clone(), now).await?;
        }
        Ok(())
    }

    /// A correct passcode: failures, cool-down and unverified sends of the identifier are forgotten (requirement C9); the
    /// total of its sends stays. `attempt` is what the try was charged.
    ///
    /// # Errors
    /// The store's.
    pub async fn succeeded(
        &self,
        identifier: Digest,
        standing: Standing,
        attempt: Granted,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let own = [standing.key("cool_down"), standing.key("sends_hour"), standing.key("sends_day")];
        let keys: Vec<&str> = STRANGERS.into_iter().chain(own.iter().map(String::as_str)).collect();
        let group = Group::Identifier(identifier);
        tokio::try_join!(self.store.reset(&group, &keys, now), self.keep(attempt, now)).map(|_| ())
    }

    /// The operator's: forgets all counters of an identifier that strangers can fill.
    ///
    /// # Errors
    /// The store's.
    pub async fn unlock(&self, identifier: Digest, now: Timestamp) -> Result<(), StoreError> {
        let keys: Vec<&str> = STRANGERS.into_iter().chain(["sends_day_total"]).collect();
        self.store.reset(&Group::Identifier(identifier), &keys, now).await
    }

    /// What the whole service has used of its budgets, for the operator.
    ///
    /// # Errors
    /// The store's.
    pub async fn service_budgets(&self, now: Timestamp) -> Result<Vec<Budget>, StoreError> {
        let charges = self.service_sends(true);
        let keys: Vec<&str> = charges.iter().map(|charge| charge.key.as_str()).collect();
        let usage = self.store.usage(&Group::Service, &keys, now).await?;
        Ok(charges
            .iter()
            .zip(usage)
            .map(|(charge, Usage { used, resets_at })| Budget {
                name: charge.key.clone(),
                used,
                limit: charge.limit,
                resets_at,
            })
            .collect())
    }

    async fn charge(
        &self,
        granted: &mut Granted,
        group: Group,
        charges: Vec<Charge>,
        now: Timestamp,
    ) -> Result<Result<(), (String, Timestamp)>, StoreError> {
        let Wanted { ticket, group, charges } = self.wanted(group, charges);
        Ok(match self.store.reserve(ticket, &group, &charges, now).await? {
            Reserved::Granted => {
                granted.0.push((ticket, group));
                Ok(())
            }
            Reserved::Refused { which, retry_at } => Err((which, retry_at)),
        })
    }

    fn wanted(&self, group: Group, charges: Vec<Charge>) -> Wanted {
        Wanted { ticket: Reservation(self.random.bytes()), group, charges }
    }

    fn address_sends(&self, network: &Network, creates_user: bool) -> Vec<Charge> {
        let host = network.host();
        let mut charges = vec![charge(&format!("sends_address_hour {host}"), self.limits.address_hourly, HOUR)];
        if network.is_wide() {
            charges.push(charge("sends_network_hour", self.limits.network_hourly, HOUR));
        }
        if creates_user {
            charges.push(charge(&format!("sign_ups_address_hour {host}"), self.limits.address_sign_ups_hourly, HOUR));
        }
        charges
    }

    /// Two budgets: one that a success gives back, so that real use is not limited, and one that nothing gives back.
    fn identifier_sends(&self, standing: Standing) -> [Charge; 4] {
        // The last third is kept for browsers that have signed in before: strangers cannot use up the whole day.
        let total = match standing {
            Standing::Stranger => self.limits.number_daily_total - self.limits.number_daily_total / 3,
            Standing::Known(_) => self.limits.number_daily_total,
        };
        let cool_down = self.limits.cool_down.first().map_or(Duration::from_secs(30), |span| span.0);
        [
            charge(&standing.key("cool_down"), 1, cool_down),
            charge(&standing.key("sends_hour"), self.limits.number_hourly, HOUR),
            charge(&standing.key("sends_day"), self.limits.number_daily, DAY),
            charge("sends_day_total", total, DAY),
        ]
    }

    fn service_sends(&self, creates_user: bool) -> Vec<Charge> {
        let mut charges = vec![
            charge("sends_minute", self.limits.service_minutely, Duration::from_secs(60)),
            charge("sends_hour", self.limits.service_hourly, HOUR),
            charge("sends_day", self.limits.service_daily, DAY),
        ];
        if creates_user {
            charges.push(charge("sign_ups_day", self.limits.service_sign_ups_daily, DAY));
        }
        charges
    }

    /// Strangers share `tries` between two successes or within one lock; the tenant's last try is kept for a known browser.
    fn tries(&self, standing: Standing) -> Vec<Charge> {
        let tenant = charge("tries_tenant", self.tenant_failures, self.tenant_lockout);
        match standing {
            Standing::Stranger => vec![
                charge("tries", self.tries, self.tenant_lockout),
                tenant,
                charge("failures", self.limits.stranger_failures, FAILURES_KEPT),
            ],
            Standing::Known(_) => vec![tenant, charge("failures", self.limits.max_failures, FAILURES_KEPT)],
        }
    }
}

impl Standing {
    /// A counter's key: strangers share one, a known browser has its own.
    fn key(self, counter: &str) -> String {
        match self {
            Self::Stranger => counter.to_owned(),
            Self::Known(browser) => format!("{counter} {}", super::audit::hex(&browser)),
        }
    }
}

fn charge(key: &str, limit: u32, window: Duration) -> Charge {
    Charge { key: key.to_owned(), amount: 1, limit, window, renews: false }
}

/// A limit's name without the address or browser in it: for events and metrics.
pub fn limit_name(key: &str) -> String {
    key.split(' ').next().unwrap_or_default().to_owned()
}
