//! The state that the handlers of the operations listener share.

use std::sync::Arc;

use metrics_exporter_prometheus::PrometheusHandle;

use crate::server::audit::RollingCounts;
use crate::server::guard::Guard;
use crate::server::settings::OperationsSettings;
use crate::server::store::Store;
use crate::server::system::clock::Clock;
use crate::server::transmit::Transmit;

/// The state of the operations listener.
#[derive(Debug)]
pub struct OperationsState {
    /// Known hosts and the bearer token.
    pub settings: OperationsSettings,
    /// Checked by `/readyz`.
    pub store: Arc<dyn Store>,
    /// Checked by `/readyz`.
    pub transmit: Transmit,
    /// Rendered by `/metrics`.
    pub metrics: PrometheusHandle,
    /// Counts of recent events, of this process alone.
    pub recent: RollingCounts,
    /// Tells what is used of the budgets.
    pub guard: Guard,
    /// Time.
    pub clock: Clock,
}
