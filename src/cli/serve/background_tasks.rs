//! Background tasks of the server.

use std::sync::Arc;
use std::time::Duration;

use latchkey::server::audit::RecentEvents;
use latchkey::server::passcode_policy::TenantPasscodePolicy;
use latchkey::server::session::Sessions;
use latchkey::server::store::Store;
use latchkey::server::system::clock::Clock;
use latchkey::server::transmit::Transmit;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio_util::sync::CancellationToken;

/// How often expired records are deleted, and how many in one step.
const SWEEP_INTERVAL: Duration = Duration::from_secs(15);
const SWEEP_LIMIT: usize = 1_000;
/// How often sessions are counted: an index of the store is read for that, in about 20 ms for
/// 100,000 sessions.
const SESSION_COUNT_INTERVAL: Duration = Duration::from_secs(120);
/// How often recorded metrics are aggregated.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);
/// How often upstream is asked again for what a sign-in needs.
const UPSTREAM_RETRY_INTERVAL: Duration = Duration::from_secs(10);
/// Expired records are kept this long, because clocks may step back.
const SWEEP_DELAY: Duration = Duration::from_secs(300);

/// Deletes expired records.
pub async fn delete_expired(store: Arc<dyn Store>, clock: Clock, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            () = clock.sleep(SWEEP_INTERVAL) => {}
        }
        // In steps, so that requests get access to the store in between.
        loop {
            match store
                .sweep(clock.now().saturating_sub(SWEEP_DELAY), SWEEP_LIMIT)
                .await
            {
                Ok(removed) if removed < SWEEP_LIMIT => break,
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, "expired records could not be deleted");
                    break;
                }
            }
        }
    }
}

/// Counts the sessions for `/metrics`. A failure leaves the last count: that the store fails is a
/// metric of its own.
pub async fn count_sessions(
    sessions: Sessions,
    scope: &'static str,
    clock: Clock,
    stop: CancellationToken,
) {
    let gauge = metrics::gauge!("latchkey_sessions_active", "scope" => scope);
    loop {
        match sessions.count_active().await {
            // A gauge is a number of 64 bits with 53 of precision.
            #[expect(clippy::cast_precision_loss, reason = "nobody has 2^53 sessions")]
            Ok(count) => gauge.set(count as f64),
            Err(error) => tracing::warn!(%error, "the sessions could not be counted"),
        }
        tokio::select! {
            () = stop.cancelled() => break,
            () = clock.sleep(SESSION_COUNT_INTERVAL) => {}
        }
    }
}

/// Aggregates recorded metrics, which otherwise accumulate until `/metrics` is requested.
pub async fn maintain_metrics(metrics: PrometheusHandle, clock: Clock, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            () = clock.sleep(UPKEEP_INTERVAL) => metrics.run_upkeep(),
        }
    }
}

/// Keeps the tenant's passcode policy up to date.
pub async fn maintain_policy(policy: TenantPasscodePolicy, stop: CancellationToken) {
    tokio::select! {
        () = policy.maintain() => {}
        () = stop.cancelled() => {}
    }
}

/// Stores the recent events of numbers.
pub async fn save_recent_events(events: RecentEvents, stop: CancellationToken) {
    tokio::select! {
        () = events.maintain() => {}
        () = stop.cancelled() => {}
    }
}

/// Fetches client token and signing keys, so that the first sign-in does not wait for them. Tries
/// again until both are there.
pub async fn prepare_upstream(transmit: Transmit, clock: Clock, stop: CancellationToken) {
    let prepared = async {
        let mut is_logged = false;
        while let Err(failure) = transmit.prepare().await {
            if !is_logged {
                tracing::error!(%failure, "upstream is not ready; it is asked again");
                is_logged = true;
            }
            clock.sleep(UPSTREAM_RETRY_INTERVAL).await;
        }
    };
    tokio::select! {
        () = prepared => {}
        () = stop.cancelled() => {}
    }
}
