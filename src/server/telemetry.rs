//! Application logs, and the Prometheus recorder behind `/metrics`.
//!
//! - `logging`: the application log
//! - `buckets`: the buckets of request durations
//! - `series`: counters that exist from the start

use std::time::Duration;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

mod buckets;
#[cfg(test)]
mod deploy_test;
mod logging;
mod series;

use buckets::{REQUEST_DURATION, request_buckets};
pub use logging::{MessageLevel, ServerLog};
pub use series::start_at_zero;

/// The buckets of every duration but that of requests, in seconds.
const DURATION_BUCKETS: [f64; 12] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0,
];

/// Every counter, gauge and histogram that is recorded, with its help text. Gauges computed when
/// `/metrics` is read are described where they are rendered.
const METRICS: &[(&str, &str)] = &[
    (
        "latchkey_audit_events_total",
        "Audit events, including those that sampling does not write",
    ),
    (
        "latchkey_connections_closed_total",
        "Connections that a limit of the listener closed before a request",
    ),
    (
        "latchkey_connections_limit",
        "Connections that a listener may have open",
    ),
    (
        "latchkey_connections_open",
        "Open connections of a listener",
    ),
    (
        "latchkey_forward_auth_total",
        "Responses of /forward-auth by outcome",
    ),
    (
        "latchkey_http_request_duration_seconds",
        "Duration of requests to the public listener by route",
    ),
    (
        "latchkey_http_requests_total",
        "Requests to the public listener by route and class of status",
    ),
    (
        "latchkey_log_lines_dropped_total",
        "Lines of a log that did not fit into its queue",
    ),
    (
        "latchkey_log_write_failures_total",
        "Failed attempts to write a log",
    ),
    (
        "latchkey_refusal_delay_seconds",
        "Delay of the response to a refused code",
    ),
    (
        "latchkey_repeated_cookies_total",
        "Cookies of this service that came twice in a request and were ignored",
    ),
    (
        "latchkey_sessions_active",
        "Sessions whose idle time has not run out, as of the last count",
    ),
    (
        "latchkey_sms_gateway_attempt_duration_seconds",
        "Duration of requests to SMS providers",
    ),
    (
        "latchkey_passcode_policy_alert",
        "Whether something about the passcode policy is to be settled, by reason",
    ),
    (
        "latchkey_sms_gateway_attempts_total",
        "Requests to SMS providers by outcome",
    ),
    (
        "latchkey_sms_gateway_unauthorized_total",
        "Requests to the SMS gateway without its API key",
    ),
    (
        "latchkey_recent_events_dropped_total",
        "Events that `latchkey lookup` will not show, for they could not be kept",
    ),
    (
        "latchkey_store_call_duration_seconds",
        "Duration of calls to the store by operation",
    ),
    (
        "latchkey_store_commit_duration_seconds",
        "Duration of commits to the file of the embedded store, with the flush",
    ),
    (
        "latchkey_store_errors_total",
        "Failed calls to the store by operation and kind of error",
    ),
    (
        "latchkey_upstream_call_duration_seconds",
        "Duration of calls to Transmit by operation",
    ),
    (
        "latchkey_upstream_calls_total",
        "Calls to Transmit by operation and outcome",
    ),
    (
        "latchkey_webhooks_total",
        "Webhooks by outcome: delivered, sent again, or dropped",
    ),
    (
        "latchkey_upstream_clock_skew_seconds",
        "The clock of Transmit minus our own",
    ),
    (
        "latchkey_upstream_request_ids_total",
        "Codes that were sent, by whether upstream returned the request ID that binds them",
    ),
];

/// Logs or metrics could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The log filter is invalid.
    #[error("telemetry.log: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// The recorder cannot be installed.
    #[error("metrics: {0}")]
    Metrics(String),
}

/// Installs the recorder of the process, describes every metric, and starts the counters whose
/// labels are known. `delays` are the fixed response times of the settings.
///
/// # Errors
/// There is a recorder already.
pub fn install_recorder(delays: &[Duration]) -> Result<PrometheusHandle, TelemetryError> {
    let failed = |error: &dyn std::fmt::Display| TelemetryError::Metrics(error.to_string());
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(
            Matcher::Suffix("_duration_seconds".to_owned()),
            &DURATION_BUCKETS,
        )
        .and_then(|builder| {
            builder.set_buckets_for_metric(
                Matcher::Full(REQUEST_DURATION.to_owned()),
                &request_buckets(delays),
            )
        })
        .map_err(|error| failed(&error))?
        .install_recorder()
        .map_err(|error| failed(&error))?;
    for (name, help) in METRICS.iter().copied() {
        match name {
            name if name.ends_with("_total") => metrics::describe_counter!(name, help),
            name if name.ends_with("_duration_seconds") => {
                metrics::describe_histogram!(name, metrics::Unit::Seconds, help);
            }
            name => metrics::describe_gauge!(name, help),
        }
    }
    start_at_zero();
    Ok(handle)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    /// Describes every metric.
    pub(super) const METRICS_REFERENCE: &str = "docs/operators/metrics.md";

    /// What is computed when `/metrics` is read, and rendered with its own help.
    pub(super) const COMPUTED: [&str; 28] = [
        "latchkey_audit_queue_capacity",
        "latchkey_audit_queue_length",
        "latchkey_budget_limit",
        "latchkey_budget_used",
        "latchkey_build_info",
        "latchkey_conversion_ratio",
        "latchkey_locked_numbers",
        "latchkey_passcode_length_digits",
        "latchkey_passcode_lifetime_seconds",
        "latchkey_passcode_lockout_seconds",
        "latchkey_passcode_max_failures",
        "latchkey_send_queue_capacity",
        "latchkey_send_queue_length",
        "latchkey_store_queue_capacity",
        "latchkey_store_queue_length",
        "latchkey_upstream_breaker_open",
        "latchkey_upstream_client_token_expiry_timestamp_seconds",
        "latchkey_upstream_keys_fetched_timestamp_seconds",
        "latchkey_upstream_request_ids_requested",
        "latchkey_webhooks_queue_capacity",
        "latchkey_webhooks_queue_length",
        "process_cpu_seconds_total",
        "process_max_fds",
        "process_open_fds",
        "process_resident_memory_bytes",
        "process_start_time_seconds",
        "process_threads",
        "process_virtual_memory_bytes",
    ];

    /// Whether a recorded metric is one, by its name.
    pub(super) fn is_histogram(name: &str) -> bool {
        name.ends_with("_duration_seconds")
    }

    /// The contents of all files below `folder` with this extension.
    fn read_files(folder: &Path, extension: &str) -> String {
        let mut text = String::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                text += &read_files(&path, extension);
            } else if path.extension().is_some_and(|found| found == extension) {
                text += &fs::read_to_string(&path).unwrap();
            }
        }
        text
    }

    #[test]
    fn every_metric_has_help_a_row_in_the_docs_and_a_conventional_name() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let (source, docs) = (
            read_files(&root.join("src"), "rs"),
            read_files(&root.join("docs"), "md"),
        );
        let mut recorded = BTreeSet::new();
        for kind in ["counter", "gauge", "histogram"] {
            for call in source.split(&format!("metrics::{kind}!(")).skip(1) {
                let name = call.trim_start().strip_prefix('"').unwrap_or_default();
                let name = name.split('"').next().unwrap();
                let suffixes = match kind {
                    "counter" => &["_total"][..],
                    "histogram" => &["_duration_seconds"],
                    // An alert is 1 or 0, which has no unit; numbers of things have none either.
                    _ => &["_seconds", "_alert", "_open", "_limit", "_active"],
                };
                let has_suffix = suffixes.iter().any(|suffix| name.ends_with(suffix));
                assert!(name.starts_with("latchkey_") && has_suffix, "{kind} {name}");
                recorded.insert(name);
            }
        }
        let described: BTreeSet<_> = METRICS.iter().map(|(name, _)| *name).collect();
        assert_eq!(recorded, described);
        for name in described.into_iter().chain(COMPUTED) {
            assert!(docs.contains(&format!("`{name}`")), "the docs name {name}");
        }
    }
}
