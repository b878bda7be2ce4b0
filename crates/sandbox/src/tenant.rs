//! The tenant: everything that the endpoints share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::fault_injection::plan::FaultPlan;
use crate::keys::{KeyRing, SigningKey};
use crate::options::SandboxOptions;
use crate::random::Random;
use crate::sms_gateway::SmsGateway;
use crate::state::TenantState;
use crate::token_tampering::TamperingPlan;

/// A shared tenant.
pub type SharedTenant = Arc<Tenant>;

/// The sandbox's only tenant, with one application.
///
/// The methods lock a part of it. No lock is held across an `await`: the guards are not `Send`.
#[derive(Debug)]
pub struct Tenant {
    /// Also the base URL.
    pub issuer: String,
    /// `{app}` in messages, `app_name` in tokens.
    pub app_name: String,
    /// The link on the phone's page.
    pub application_url: Option<String>,
    pub clock: Clock,
    pub random: Random,
    pub keys: KeyRing,
    /// Cancelled when the sandbox stops.
    pub stop: CancellationToken,
    state: Mutex<TenantState>,
    fault_plan: Mutex<FaultPlan>,
    tampering_plan: Mutex<TamperingPlan>,
    sms_gateway: Mutex<Option<SmsGateway>>,
}

impl Tenant {
    /// A tenant without users.
    pub fn new(
        options: &SandboxOptions,
        issuer: String,
        key: SigningKey,
        stop: CancellationToken,
    ) -> SharedTenant {
        Arc::new(Self {
            issuer,
            app_name: options.app_name.clone(),
            application_url: options.application_url.clone(),
            clock: Clock::default(),
            random: Random::new(),
            keys: KeyRing::new(key),
            stop,
            state: Mutex::default(),
            fault_plan: Mutex::default(),
            tampering_plan: Mutex::default(),
            sms_gateway: Mutex::default(),
        })
    }

    /// Users, sessions, messages, client and policy.
    pub fn state(&self) -> MutexGuard<'_, TenantState> {
        lock(&self.state)
    }

    /// Call counts, faults and latencies.
    pub fn fault_plan(&self) -> MutexGuard<'_, FaultPlan> {
        lock(&self.fault_plan)
    }

    /// How the next tokens are tampered with.
    pub fn tampering_plan(&self) -> MutexGuard<'_, TamperingPlan> {
        lock(&self.tampering_plan)
    }

    /// The gateway that every SMS is sent to, besides the inbox.
    pub fn sms_gateway(&self) -> MutexGuard<'_, Option<SmsGateway>> {
        lock(&self.sms_gateway)
    }

    /// Restores the state at start. Signing keys stay, so issued client tokens stay valid.
    pub fn reset(&self) {
        *self.state() = TenantState::default();
        *self.fault_plan() = FaultPlan::default();
        *self.tampering_plan() = TamperingPlan::default();
        *self.sms_gateway() = None;
        self.clock.reset();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
