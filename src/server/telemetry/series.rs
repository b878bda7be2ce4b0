//! Counters and histograms whose labels are known in advance exist from the start, with the value
//! 0. Prometheus sees no increase in a series that begins with 1, so the first failure would raise
//! no alert.
//!
//! Audit events have too many combinations of labels for that. Requests by route are registered by
//! `http::request_metrics`, which knows the routes.

use metrics::{counter, gauge, histogram};
use strum::VariantNames;

use crate::server::transmit::{FailureKind, Operation};

/// Counters without a label.
const PLAIN: [&str; 2] = [
    "latchkey_recent_events_dropped_total",
    "latchkey_sms_gateway_unauthorized_total",
];

/// Counters with one label, and all its values.
const BY_ONE_LABEL: [(&str, &str, &[&str]); 7] = [
    (
        "latchkey_webhooks_total",
        "outcome",
        &["delivered", "retried", "dropped"],
    ),
    (
        "latchkey_upstream_request_ids_total",
        "outcome",
        &["returned", "missing", "not_requested"],
    ),
    (
        "latchkey_connections_closed_total",
        "reason",
        &["address_limit", "first_head_timeout", "malformed_request"],
    ),
    (
        "latchkey_forward_auth_total",
        "outcome",
        &[
            "allowed",
            "preflight",
            "not_signed_in",
            "code_too_old",
            "code_not_by_sms",
            "forbidden",
            "misdirected",
            "claimed_identity",
            "too_long",
            "unavailable",
        ],
    ),
    (
        "latchkey_repeated_cookies_total",
        "cookie",
        &[
            "session",
            "flow",
            "device",
            "flash",
            "return_url",
            "probe",
            "application",
            "application_nonce",
        ],
    ),
    (
        "latchkey_log_lines_dropped_total",
        "log",
        &["audit", "application"],
    ),
    (
        "latchkey_log_write_failures_total",
        "log",
        &["audit", "application"],
    ),
];

/// The operations of a store (`store::metered`).
const STORE_OPERATIONS: [&str; 14] = [
    "check_ready",
    "count",
    "delete",
    "get",
    "keys_by_owner",
    "probe",
    "put",
    "reserve",
    "reset",
    "scan",
    "settle",
    "sweep",
    "take",
    "usage",
];
/// The kinds of its errors.
const STORE_ERRORS: [&str; 3] = ["unavailable", "overloaded", "corrupt"];

/// Gauges without a label whose first value comes late.
const PLAIN_GAUGES: [&str; 1] = ["latchkey_upstream_clock_skew_seconds"];

/// Makes the counters and histograms of the current recorder exist.
pub fn start_at_zero() {
    for name in PLAIN {
        counter!(name).increment(0);
    }
    for name in PLAIN_GAUGES {
        gauge!(name).set(0.0);
    }
    for (name, label, values) in BY_ONE_LABEL {
        for value in values {
            counter!(name, label => *value).increment(0);
        }
    }
    for operation in STORE_OPERATIONS {
        for kind in STORE_ERRORS {
            let name = "latchkey_store_errors_total";
            counter!(name, "operation" => operation, "kind" => kind).increment(0);
        }
        // Registered, it is exported without values.
        let _ = histogram!("latchkey_store_call_duration_seconds", "operation" => operation);
    }
    for operation in Operation::ALL {
        for outcome in ["ok"].iter().chain(FailureKind::VARIANTS) {
            let labels = [("operation", operation.as_str()), ("outcome", *outcome)];
            counter!("latchkey_upstream_calls_total", &labels).increment(0);
        }
        let name = "latchkey_upstream_call_duration_seconds";
        let _ = histogram!(name, "operation" => operation.as_str());
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_operation_of_the_store_has_its_errors_counted_from_the_start() {
        let source = include_str!("../store/metered.rs");
        let measured: BTreeSet<&str> = source
            .split("measure(\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        assert_eq!(measured, STORE_OPERATIONS.into());
    }

    #[test]
    fn the_reference_names_every_value_of_a_label() {
        let reference = include_str!("../../../docs/operators/metrics.md");
        for (name, label, values) in BY_ONE_LABEL {
            let entry = reference
                .split("\n- `")
                .find(|entry| entry.starts_with(name));
            let entry = entry.unwrap_or_default();
            for value in values.iter().chain([&label]) {
                // The list of the logs is in the first of two entries.
                let is_named = entry.contains(&format!("`{value}`")) || label == "log";
                assert!(is_named, "{name}: {value}");
            }
        }
    }
}
