//! The state that the handlers of the operations listener share.

use std::sync::Arc;

use metrics_exporter_prometheus::PrometheusHandle;
use url::Host;

use crate::domain::timestamp::Timestamp;
use crate::server::admin::readiness::Readiness;
use crate::server::audit::{AuditLog, RollingCounts};
use crate::server::guard::Guard;
use crate::server::passcode_policy::TenantPasscodePolicy;
use crate::server::settings::Secret;
use crate::server::sign_in::SignIn;
use crate::server::store::Store;
use crate::server::system::clock::Clock;
use crate::server::transmit::Transmit;
use crate::server::webhooks::Webhooks;

/// The state of the operations listener.
#[derive(Debug)]
pub struct OperationsState {
    /// The token that callers must present, if one is set.
    pub bearer_token: Option<Secret>,
    /// The hosts besides loopback that are answered.
    pub known_hosts: Vec<Host<String>>,
    /// Reported by `/readyz`.
    pub readiness: Readiness,
    /// Whose state the dashboard shows.
    pub transmit: Transmit,
    /// What the tenant says of its codes.
    pub tenant_policy: TenantPasscodePolicy,
    /// Whose queue is measured.
    pub store: Arc<dyn Store>,
    /// Rendered by `/metrics`.
    pub metrics: PrometheusHandle,
    /// Counts of recent events, of this process alone.
    pub recent: RollingCounts,
    /// Whose queue of sends is measured.
    pub sign_in: SignIn,
    /// Whose queue is measured; none without a receiver.
    pub webhooks: Option<Webhooks>,
    /// Whose queue is measured.
    pub audit: AuditLog,
    /// Tells what is used of the budgets.
    pub guard: Guard,
    /// The label of what is read from the store (`StoreSettings::metrics_scope`).
    pub scope: &'static str,
    /// Time.
    pub clock: Clock,
    /// When the server started.
    pub started_at: Timestamp,
}
