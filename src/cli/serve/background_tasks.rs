//! What the server does beside answering.

use std::sync::Arc;
use std::time::Duration;

use latchkey::server::store::Store;
use latchkey::server::system::clock::Clock;
use latchkey::server::transmit::Transmit;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio_util::sync::CancellationToken;

/// How often what has expired is removed, and how much of it at once.
const SWEEP_INTERVAL: Duration = Duration::from_secs(15);
const SWEEP_LIMIT: usize = 1_000;
/// How often what was measured is summed up.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);
/// Clocks may step back a little: what has expired is removed a while later.
const SWEEP_DELAY: Duration = Duration::from_secs(300);

/// Removes what has expired.
pub async fn sweep(store: Arc<dyn Store>, clock: Clock, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            () = clock.sleep(SWEEP_INTERVAL) => {}
        }
        // In steps, so that others get at the store in between.
        loop {
            match store
                .sweep(clock.now().saturating_sub(SWEEP_DELAY), SWEEP_LIMIT)
                .await
            {
                Ok(removed) if removed < SWEEP_LIMIT => break,
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, "what has expired could not be removed");
                    break;
                }
            }
        }
    }
}

/// Without this, what is measured piles up until somebody asks for `/metrics`.
pub async fn tidy(metrics: PrometheusHandle, clock: Clock, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            () = clock.sleep(UPKEEP_INTERVAL) => metrics.run_upkeep(),
        }
    }
}

/// The first person does not wait for what can be had before.
pub async fn warm(transmit: Transmit) {
    if let Err(failure) = transmit.prepare().await {
        tracing::error!(%failure, "upstream is not ready; it is asked again when somebody signs in, and by /readyz");
    }
}
