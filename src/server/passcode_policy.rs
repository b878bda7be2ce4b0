//! The passcode policy in force: what the tenant says, with the settings that override it.
//!
//! The tenant is asked at the start, every ten minutes, and when a code behaves unlike the policy.
//! A tenant that does not say leaves the last known values. They are kept in the store, so that a
//! restart does not forget them and all nodes use the same. Nothing here delays or changes a
//! response.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::domain::timestamp::Timestamp;
use crate::server::audit::{AuditLog, Event, EventSource};
use crate::server::crypto::derived_keys::DerivedKeys;
use crate::server::settings::{
    Fallback, PasscodeLimits, PolicyDifference, Settings, TenantPolicies, TenantPolicy,
    TransmitSettings,
};
use crate::server::store::{Precondition, PutOutcome, Store, StoreError};
use crate::server::system::clock::Clock;
use crate::server::system::mutex::lock;
use crate::server::transmit::{PolicyError, Transmit};

mod notices;
mod stored;

use notices::Notices;
use stored::{PolicyKey, StoredPolicy};

/// How often the tenant is asked.
pub const READ_INTERVAL: Duration = Duration::from_secs(600);
/// How soon it is asked again: after a failure that may pass, or when a code behaves unlike the
/// policy.
pub const SHORTEST_INTERVAL: Duration = Duration::from_secs(60);
/// How often a node looks for what another one was told.
pub const SHARE_INTERVAL: Duration = Duration::from_secs(20);
/// How long a start waits for the tenant.
const START_TIMEOUT: Duration = Duration::from_secs(3);

/// The limits in force. Cheap to clone; clones show the same limits.
#[derive(Clone, Debug)]
pub struct CurrentLimits(Arc<Mutex<Arc<PasscodeLimits>>>);

impl CurrentLimits {
    /// Limits that may change later.
    pub fn new(limits: PasscodeLimits) -> Self {
        Self(Arc::new(Mutex::new(Arc::new(limits))))
    }

    /// The limits now.
    pub fn get(&self) -> Arc<PasscodeLimits> {
        lock(&self.0).clone()
    }

    fn set(&self, limits: PasscodeLimits) {
        *lock(&self.0) = Arc::new(limits);
    }
}

/// What is known of the tenant's policy, for the operator.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicyStatus {
    /// What the tenant said last of codes by SMS.
    pub told: Option<TenantPolicy>,
    /// What it said last of codes by e-mail.
    pub told_of_email: Option<TenantPolicy>,
    /// Why `sign_in.fallback` is set and no code comes by e-mail.
    pub email_problem: Option<EmailProblem>,
    /// When it said so.
    pub told_at: Option<Timestamp>,
    /// Why the latest read failed.
    pub problem: Option<String>,
    /// The settings that differ from what the tenant said.
    pub differences: Vec<PolicyDifference>,
    /// Whether codes are shorter than `transmit.allow_short_codes` permits.
    pub has_refused_length: bool,
}

impl PolicyStatus {
    /// What the operator has to settle, in words.
    pub fn alerts(&self) -> Vec<String> {
        let short = self.has_refused_length.then(|| SHORT_CODES.to_owned());
        let email = self.email_problem.map(|problem| problem.to_string());
        let differences = self.differences.iter().map(ToString::to_string);
        short.into_iter().chain(email).chain(differences).collect()
    }
}

/// Why no code comes by e-mail although `sign_in.fallback` asks for it. `Display` says what an
/// operator can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailProblem {
    /// The tenant has not told its policy, so it is not known whether it sends codes by e-mail.
    #[error(
        "sign_in.fallback is email, and it is not known whether the tenant sends codes by email: \
         nobody is offered one"
    )]
    NotTold,
    /// The method is off, or its policy cannot be.
    #[error(
        "sign_in.fallback is email, and the tenant has no codes by email, or none with a policy \
         that can be: switch the method on in the portal; nobody is offered one until then"
    )]
    Off,
    /// Its codes are shorter than the settings allow.
    #[error(
        "sign_in.fallback is email, and the tenant's codes by email have fewer than 6 digits: \
         raise their length, or set transmit.allow_short_codes; nobody is offered one until then"
    )]
    ShortCodes,
}

impl EmailProblem {
    /// Why limits hold no code by e-mail where the tenant says `told`; none if they do.
    pub fn find(limits: &PasscodeLimits, told: Option<&TenantPolicies>) -> Option<Self> {
        match (limits.email, told) {
            (Some(_), _) => None,
            (None, None) => Some(Self::NotTold),
            (None, Some(told)) if told.email.is_some() => Some(Self::ShortCodes),
            (None, Some(_)) => Some(Self::Off),
        }
    }
}

/// What is wrong with a tenant whose codes are short.
pub const SHORT_CODES: &str = "the tenant sends codes of fewer than 6 digits, which are too easy \
    to guess: raise the tenant's length, or set transmit.allow_short_codes";

/// What the policy is made from.
#[expect(missing_docs, reason = "the fields are named for their types")]
#[derive(Clone, Debug)]
pub struct PasscodePolicyDeps {
    pub store: Arc<dyn Store>,
    pub keys: Arc<DerivedKeys>,
    pub transmit: Transmit,
    pub clock: Clock,
    pub audit: AuditLog,
}

/// The policy in force. Cheap to clone.
#[derive(Clone, Debug)]
pub struct TenantPasscodePolicy(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    deps: PasscodePolicyDeps,
    settings: TransmitSettings,
    fallback: Fallback,
    key: PolicyKey,
    limits: CurrentLimits,
    known: Mutex<StoredPolicy>,
    notices: Mutex<Notices>,
    /// Held by the one read in progress.
    reading: tokio::sync::Mutex<()>,
}

impl TenantPasscodePolicy {
    /// The policy of these settings, until the tenant or the store says more.
    pub fn new(settings: &Settings, deps: PasscodePolicyDeps) -> Self {
        let transmit = &settings.transmit;
        Self(Arc::new(Inner {
            deps,
            key: PolicyKey::of(transmit),
            limits: CurrentLimits::new(transmit.passcode_limits(None)),
            settings: transmit.clone(),
            fallback: settings.sign_in.fallback,
            known: Mutex::default(),
            notices: Mutex::default(),
            reading: tokio::sync::Mutex::default(),
        }))
    }

    /// The limits in force, which follow the policy.
    pub fn limits(&self) -> CurrentLimits {
        self.0.limits.clone()
    }

    /// What is known of the tenant's policy.
    pub fn status(&self) -> PolicyStatus {
        self.0.status()
    }

    /// Reads the policy before the server listens, for no longer than some seconds.
    pub async fn start(&self) {
        let clock = self.0.deps.clock.clone();
        let read = clock.timeout(START_TIMEOUT, self.0.read(Duration::ZERO));
        if read.await.is_err() {
            tracing::warn!("the tenant's passcode policy is not known yet; it is read again");
        }
    }

    /// Reads the policy if it is due, and what another node was told.
    pub async fn refresh(&self) {
        self.0.read(READ_INTERVAL).await;
    }

    /// Reads the policy in the background, because a code behaved unlike it: at most once a minute,
    /// and not while a read is in progress.
    pub fn provoke(&self) {
        let inner = self.0.clone();
        let is_recent =
            lock(&inner.known).is_asked_within(SHORTEST_INTERVAL, inner.deps.clock.now());
        if !is_recent && inner.reading.try_lock().is_ok() {
            tokio::spawn(async move { inner.read(SHORTEST_INTERVAL).await });
        }
    }

    /// Keeps the policy up to date. Never returns.
    pub async fn maintain(&self) {
        loop {
            self.0.deps.clock.sleep(SHARE_INTERVAL).await;
            self.refresh().await;
        }
    }
}

impl Inner {
    fn status(&self) -> PolicyStatus {
        let known = lock(&self.known).clone();
        let told = known.policies();
        let differences = told.map(|told| self.settings.policy_differences(&told.sms));
        let limits = self.limits.get();
        let email_problem = match self.fallback {
            Fallback::Email => EmailProblem::find(&limits, told.as_ref()),
            Fallback::Off => None,
        };
        PolicyStatus {
            told: told.map(|told| told.sms),
            told_of_email: told.and_then(|told| told.email),
            email_problem,
            told_at: known.told_at,
            problem: known.problem,
            differences: differences.unwrap_or_default(),
            has_refused_length: limits.has_refused_length(),
        }
    }

    /// Reads the policy, unless some node asked for it within `interval`.
    async fn read(&self, interval: Duration) {
        let _one_at_a_time = self.reading.lock().await;
        let now = self.deps.clock.now();
        // Without the store, this node goes by itself.
        let claimed = match self.claim(interval, now).await {
            Ok(claimed) => claimed,
            Err(error) => {
                lock(&self.notices).store_failed(&error);
                self.claim_alone(interval, now)
            }
        };
        if claimed {
            let answer = self.deps.transmit.tenant_policy().await;
            self.record(answer).await;
        }
    }

    /// Adopts what the store knows. Whether the tenant is to be asked by this node: it was asked
    /// too long ago, and no other node asks at the same time.
    async fn claim(&self, interval: Duration, now: Timestamp) -> Result<bool, StoreError> {
        let (stored, precondition) = self.key.load(&self.deps, now).await?;
        if let Some(stored) = stored {
            self.adopt(stored);
        }
        let known = lock(&self.known).clone();
        if known.is_asked_within(known.interval(interval), now) {
            return Ok(false);
        }
        let claim = known.claimed(now);
        let put = self
            .key
            .store(&self.deps, &claim, precondition, now)
            .await?;
        if put == PutOutcome::Conflict {
            return Ok(false);
        }
        *lock(&self.known) = claim;
        Ok(true)
    }

    fn claim_alone(&self, interval: Duration, now: Timestamp) -> bool {
        let mut known = lock(&self.known);
        if known.is_asked_within(known.interval(interval), now) {
            return false;
        }
        *known = known.clone().claimed(now);
        true
    }

    /// Adopts an answer and shares it with the other nodes.
    async fn record(&self, answer: Result<TenantPolicies, PolicyError>) {
        let now = self.deps.clock.now();
        let mut known = lock(&self.known).clone();
        known.is_pending = answer.as_ref().is_err_and(PolicyError::is_temporary);
        match answer {
            Ok(policies) => {
                let former = known.policies().map(|known| known.sms);
                known.update(&policies, now);
                self.log_change(former, policies.sms);
            }
            Err(error) => known.problem = Some(error.to_string()),
        }
        self.adopt(known.clone());
        let stored = self.key.store(&self.deps, &known, Precondition::Any, now);
        if let Err(error) = stored.await {
            lock(&self.notices).store_failed(&error);
        }
    }

    /// Audit-logs a change. Only the node that asked the tenant does so; the others adopt it.
    fn log_change(&self, former: Option<TenantPolicy>, policy: TenantPolicy) {
        if former == Some(policy) {
            return;
        }
        let changed = Event::PasscodePolicyChanged {
            policy: policy.into(),
            former: former.map(Into::into),
        };
        self.deps.audit.emit(&EventSource::default(), &changed);
    }

    /// Uses what is known, unless something newer is.
    fn adopt(&self, candidate: StoredPolicy) {
        let mut known = lock(&self.known);
        if candidate.asked_at < known.asked_at {
            return;
        }
        let told = candidate.policies();
        self.limits.set(match self.fallback {
            Fallback::Email => self.settings.passcode_limits_with_email(told.as_ref()),
            Fallback::Off => {
                let sms = told.as_ref().map(|told| &told.sms);
                self.settings.passcode_limits(sms)
            }
        });
        *known = candidate;
        drop(known);
        let (status, limits) = (self.status(), self.limits.get());
        lock(&self.notices).update(&status, &limits);
    }
}
