//! The one value that every door shares.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::Options;
use crate::clock::Clock;
use crate::gateway::Gateway;
use crate::http::controls::Controls;
use crate::keys::{KeyRing, SigningKey};
use crate::random::Random;
use crate::tokens::lie::Lies;
use crate::world::World;

/// A handle to the tenant.
pub type Shared = Arc<Tenant>;

/// The stand-in's tenant: one application, its users, its keys, its time.
#[derive(Debug)]
pub struct Tenant {
    /// Base URL and issuer.
    pub issuer: String,
    /// `{app}` in messages, `app_name` in tokens.
    pub app_name: String,
    /// Where the phone's page links back to.
    pub application_url: Option<String>,
    /// Its time.
    pub clock: Clock,
    /// Its generator.
    pub random: Random,
    /// Its keys.
    pub keys: KeyRing,
    /// Cancelled when the stand-in stops.
    pub stop: CancellationToken,
    world: Mutex<World>,
    controls: Mutex<Controls>,
    lies: Mutex<Lies>,
    gateway: Mutex<Option<Gateway>>,
}

impl Tenant {
    /// A tenant without users.
    pub fn new(
        options: &Options,
        issuer: String,
        key: SigningKey,
        stop: CancellationToken,
    ) -> Shared {
        Arc::new(Self {
            issuer,
            app_name: options.app_name.clone(),
            application_url: options.application_url.clone(),
            clock: Clock::default(),
            random: Random::new(),
            keys: KeyRing::new(key),
            stop,
            world: Mutex::default(),
            controls: Mutex::default(),
            lies: Mutex::default(),
            gateway: Mutex::default(),
        })
    }

    /// What is remembered. Never held across an `await`: the guard is not `Send`.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts, faults and latencies. Never held across an `await` either.
    pub fn controls(&self) -> MutexGuard<'_, Controls> {
        self.controls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How tokens lie. Never held across an `await` either.
    pub fn lies(&self) -> MutexGuard<'_, Lies> {
        self.lies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who is handed every SMS besides the inbox. Never held across an `await` either.
    pub fn gateway(&self) -> MutexGuard<'_, Option<Gateway>> {
        self.gateway.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// As at start: no users, sessions, messages, client keys, counts, faults, lies, gateway; the
    /// default policy; the system's time. Signing keys stay, and with them the client tokens that
    /// are out.
    pub fn reset(&self) {
        *self.world() = World::default();
        *self.controls() = Controls::default();
        *self.lies() = Lies::default();
        *self.gateway() = None;
        self.clock.reset();
    }
}
