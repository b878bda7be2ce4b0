//! What the server holds of upstream: its breakers, client token, signing keys and passcode policy.

use crate::domain::timestamp::Timestamp;
use crate::server::admin::metrics::exposition::{MetricFamily, plain_gauge};
use crate::server::admin::state::OperationsState;
use crate::server::passcode_policy::TenantPasscodePolicy;
use crate::server::settings::PolicySource;
use crate::server::transmit::{Operation, Transmit};

/// All of it.
pub fn upstream(state: &OperationsState) -> String {
    let transmit = &state.transmit;
    breakers(transmit)
        + &credentials(transmit)
        + &plain_gauge(
            "latchkey_upstream_request_ids_requested",
            "Whether the tenant is asked for request IDs (1) or not (0)",
            u8::from(transmit.requests_ids()),
        )
        + &policy(&state.tenant_policy)
}

fn breakers(transmit: &Transmit) -> String {
    let family = MetricFamily::gauge(
        "latchkey_upstream_breaker_open",
        "Whether the last calls of an operation failed, so that it is called again only as a probe",
    );
    let tripped = |operation: Operation| u8::from(transmit.has_tripped(operation));
    Operation::ALL
        .iter()
        .fold(family, |family, operation| {
            let labels = [("operation", operation.as_str())];
            family.sample(&labels, tripped(*operation))
        })
        .into_text()
}

/// Times, from which Prometheus computes ages; 0 if there is none.
fn credentials(transmit: &Transmit) -> String {
    let seconds = |time: Option<Timestamp>| time.map_or(0, Timestamp::as_secs);
    plain_gauge(
        "latchkey_upstream_client_token_expiry_timestamp_seconds",
        "When the client access token expires, in seconds since 1970; 0 without one",
        seconds(transmit.client_token_expiry()),
    ) + &plain_gauge(
        "latchkey_upstream_keys_fetched_timestamp_seconds",
        "When the signing keys were fetched, in seconds since 1970; 0 before the first time",
        seconds(transmit.keys_fetched_at()),
    )
}

/// The policy in force. The label says where a value is from.
fn policy(policy: &TenantPasscodePolicy) -> String {
    let limits = policy.limits().get();
    let in_force = &limits.policy;
    let value = |name, help: &str, value: f64, source: PolicySource| {
        MetricFamily::gauge(name, help)
            .sample(&[("source", source.into())], value)
            .into_text()
    };
    #[expect(clippy::cast_precision_loss, reason = "a code has at most 8 digits")]
    let length = in_force.length as f64;
    value(
        "latchkey_passcode_length_digits",
        "Digits of a code",
        length,
        limits.length_source,
    ) + &value(
        "latchkey_passcode_lifetime_seconds",
        "How long the tenant accepts a code",
        in_force.lifetime.as_secs_f64(),
        limits.lifetime_source,
    ) + &value(
        "latchkey_passcode_max_failures",
        "Failures after which the tenant locks a user",
        in_force.max_failures.into(),
        limits.max_failures_source,
    ) + &value(
        "latchkey_passcode_lockout_seconds",
        "How long the tenant locks a user",
        in_force.lockout.as_secs_f64(),
        limits.lockout_source,
    )
}
