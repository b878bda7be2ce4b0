//! Builds the server from its settings, one builder function per concern.

use std::sync::Arc;

use axum::Router;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio_util::task::TaskTracker;

use crate::domain::timestamp::Timestamp;
use crate::server::admin::commands::AdminServices;
use crate::server::admin::operations;
use crate::server::admin::readiness::Readiness;
use crate::server::admin::state::OperationsState;
use crate::server::audit::AuditLog;
use crate::server::crypto::backup_keys::BackupKeys;
use crate::server::crypto::derived_keys::DerivedKeys;
use crate::server::crypto::key_ring::KeyRing;
use crate::server::crypto::secret_key;
use crate::server::http::{self, AppState};
use crate::server::passcode_policy::TenantPasscodePolicy;
use crate::server::settings::Settings;
use crate::server::sms_gateway::Gateway;
use crate::server::store::Store;
use crate::server::store::metered::MeteredStore;
use crate::server::system::clock::Clock;
use crate::server::system::drain::Drain;
use crate::server::system::random::Random;
use crate::server::test_numbers::TestNumbers;
use crate::server::transmit::Transmit;
use crate::server::webhooks::Webhooks;

mod operations_token;
mod services;
mod startup_error;
mod store;
mod upstream;

pub use operations_token::{OperationsTokens, read_operations_tokens};
pub use startup_error::StartupError;
pub use store::{open_existing_store, open_store};
pub use upstream::{build_client, read_client_key};

/// The server, ready to listen.
#[derive(Debug)]
pub struct Product {
    /// The state of the public HTTP server.
    pub state: Arc<AppState>,
    /// The store.
    pub store: Arc<dyn Store>,
    /// The keys that authenticate backups.
    pub backup_keys: BackupKeys,
    /// The upstream client.
    pub transmit: Transmit,
    /// What the tenant says of its codes.
    pub tenant_policy: TenantPasscodePolicy,
    /// The SMS gateway, if it is on.
    pub gateway: Option<Gateway>,
    /// The numbers whose messages are shown to the operator.
    pub test_numbers: TestNumbers,
    /// Sends webhooks, if there is a receiver.
    pub webhooks: Option<Webhooks>,
    /// Whether the server is about to stop.
    pub drain: Drain,
    operations_tokens: OperationsTokens,
    started_at: Timestamp,
    tasks: TaskTracker,
}

/// What tests replace: time, randomness, and the audit log.
#[derive(Clone, Debug)]
pub struct Deps {
    /// Time.
    pub clock: Clock,
    /// Randomness.
    pub random: Random,
    /// The audit log.
    pub audit: AuditLog,
}

/// What most services are built from.
#[derive(Clone, Debug)]
struct Foundation {
    store: Arc<dyn Store>,
    keys: Arc<DerivedKeys>,
    clock: Clock,
    random: Random,
    audit: AuditLog,
    /// Tasks that outlive their response, and are awaited at shutdown.
    tasks: TaskTracker,
}

impl Product {
    /// Builds the server over the store that the settings name.
    ///
    /// # Errors
    /// [`StartupError`].
    pub fn open(settings: Settings, deps: Deps) -> Result<Self, StartupError> {
        // The key is read first, so that no store is created without one.
        let ring = secret_key::read_or_create(&settings, &deps.random)?;
        let store = open_store(&settings)?;
        Self::build(store, &ring, settings, deps)
    }

    /// Builds the server over an open store.
    ///
    /// # Errors
    /// [`StartupError`].
    pub fn over(
        store: Arc<dyn Store>,
        settings: Settings,
        deps: Deps,
    ) -> Result<Self, StartupError> {
        let ring = secret_key::read_or_create(&settings, &deps.random)?;
        Self::build(store, &ring, settings, deps)
    }

    fn build(
        store: Arc<dyn Store>,
        ring: &KeyRing,
        settings: Settings,
        deps: Deps,
    ) -> Result<Self, StartupError> {
        let Deps {
            clock,
            random,
            audit,
        } = deps;
        let foundation = Foundation {
            keys: Arc::new(DerivedKeys::derive(ring, random.clone())?),
            store: MeteredStore::over(store),
            clock,
            random,
            audit,
            tasks: TaskTracker::new(),
        };
        let transmit = build_client(
            &settings,
            foundation.clock.clone(),
            foundation.random.clone(),
        )?;
        let operations_tokens = read_operations_tokens(&settings.operations)?;
        let tenant_policy = services::tenant_policy(&foundation, &settings, &transmit);
        let test_numbers = services::test_numbers(&foundation, &settings, &tenant_policy);
        let gateway = services::sms_gateway(&foundation, &settings, &test_numbers)?;
        let webhooks = Webhooks::start(
            &settings.webhooks,
            foundation.audit.notices(),
            foundation.clock.clone(),
            foundation.random.clone(),
        )?;
        let state = services::app_state(&foundation, settings, &transmit, &tenant_policy, ring)?;
        Ok(Self {
            state: Arc::new(state),
            store: foundation.store,
            backup_keys: BackupKeys::derive(ring)?,
            transmit,
            tenant_policy,
            gateway,
            test_numbers,
            webhooks,
            drain: Drain::default(),
            operations_tokens,
            started_at: foundation.clock.now(),
            tasks: foundation.tasks,
        })
    }

    /// The public HTTP server.
    pub fn router(&self) -> Router {
        self.drain
            .close_connections(http::router(self.state.clone()))
    }

    /// The operations listener; `/metrics` renders `metrics`.
    pub fn operations(&self, metrics: PrometheusHandle) -> Router {
        let state = &self.state;
        let admin = self.operations_tokens.admin.clone();
        let admin = admin.map(|token| (token, self.admin_services()));
        let operations = OperationsState {
            bearer_token: self.operations_tokens.bearer.clone(),
            known_hosts: state.settings.operations.known_hosts(),
            readiness: Readiness::new(self.store.clone(), state.clock.clone(), self.drain.clone()),
            transmit: self.transmit.clone(),
            tenant_policy: self.tenant_policy.clone(),
            store: self.store.clone(),
            metrics,
            recent: state.audit.recent().clone(),
            sign_in: state.services.sign_in.clone(),
            webhooks: self.webhooks.clone(),
            audit: state.audit.clone(),
            guard: state.services.sign_in.deps().guard.clone(),
            scope: state.settings.store.metrics_scope(),
            clock: state.clock.clone(),
            started_at: self.started_at,
        };
        operations::router(Arc::new(operations), admin)
    }

    /// What the operator's commands act on.
    pub fn admin_services(&self) -> AdminServices {
        let state = &self.state;
        AdminServices {
            sign_in: state.services.sign_in.clone(),
            sessions: state.services.sessions.clone(),
            store: self.store.clone(),
            backup_keys: self.backup_keys.clone(),
            test_numbers: self.test_numbers.clone(),
            clock: state.clock.clone(),
            audit: state.audit.clone(),
        }
    }

    /// Stores the events of numbers that wait for that.
    pub async fn save_recent_events(&self) {
        let deps = self.state.services.sign_in.deps();
        deps.recent_events.save().await;
    }

    /// Sends all queued messages, waits for background tasks, and stores recent events.
    /// Last, webhooks are sent.
    ///
    /// The caller closes the store, and the gateway last: a message that is sent here may be
    /// delivered through it.
    pub async fn close(&self) {
        self.state.services.sign_in.close().await;
        self.tasks.close();
        self.tasks.wait().await;
        self.save_recent_events().await;
        if let Some(webhooks) = &self.webhooks {
            webhooks.close().await;
        }
    }
}
