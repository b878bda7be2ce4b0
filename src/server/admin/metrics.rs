//! `/metrics`: the recorded metrics, and what is computed for each request: conversion by country,
//! budgets, locks, the version, and what the process uses.
//!
//! The gauges are written as text in the exposition format of Prometheus. A recorder would keep
//! reporting label values that no longer exist.

use std::collections::BTreeSet;
use std::fmt::{Display, Write as _};
use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;

use crate::domain::timestamp::Timestamp;
use crate::server::admin::state::OperationsState;
use crate::server::audit::{RollingCounts, Statistics, TimeRange};
use crate::server::guard::Guard;
use crate::server::system::process_usage::ProcessUsage;

/// The handler.
pub async fn metrics(State(state): State<Arc<OperationsState>>) -> Response {
    let gauges = gauges(&state.recent, &state.guard, state.clock.now()).await
        + &plain_gauge(
            "latchkey_store_queue_length",
            "Calls to the store that wait or run",
            state.store.queue_length(),
        )
        + &plain_gauge(
            "latchkey_upstream_request_ids_requested",
            "Whether the tenant is asked for request IDs (1) or not (0)",
            usize::from(state.transmit.requests_ids()),
        )
        + &build_info()
        + &process(state.started_at);
    let media_type = "text/plain; version=0.0.4; charset=utf-8";
    let text = state.metrics.render() + &gauges;
    ([(CONTENT_TYPE, media_type)], text).into_response()
}

/// The computed gauges. Budgets are omitted if the store fails.
async fn gauges(recent: &RollingCounts, guard: &Guard, now: Timestamp) -> String {
    let mut text = String::new();
    let ratios = Statistics::compute(recent, TimeRange::Hour, now).countries;
    let ratios = ratios
        .iter()
        .filter_map(|country| Some((country.code.as_str(), country.ratio()?)));
    gauge(
        &mut text,
        "latchkey_conversion_ratio",
        "Sign-ins per send in the last hour, by country",
        "country",
        ratios,
    );
    match guard.service_budgets(now).await {
        Ok(budgets) => {
            let used = budgets
                .iter()
                .map(|budget| (budget.name.as_str(), budget.used));
            gauge(
                &mut text,
                "latchkey_budget_used",
                "Charged to a budget of the whole service",
                "budget",
                used,
            );
            let limits = budgets
                .iter()
                .map(|budget| (budget.name.as_str(), budget.limit));
            gauge(
                &mut text,
                "latchkey_budget_limit",
                "Limit of that budget for unrecognised devices",
                "budget",
                limits,
            );
        }
        Err(error) => {
            tracing::warn!(%error, "the budgets of the whole service could not be read")
        }
    }
    let locks = recent.locks(now);
    let locked = locks
        .iter()
        .map(|lock| &lock.identifier)
        .collect::<BTreeSet<_>>()
        .len();
    text + &plain_gauge(
        "latchkey_locked_numbers",
        "Numbers that a failure limit locks",
        locked,
    )
}

/// The version, as a label.
fn build_info() -> String {
    let mut text = String::new();
    let version = std::iter::once((env!("CARGO_PKG_VERSION"), 1));
    let help = "The version that runs, as a label";
    gauge(&mut text, "latchkey_build_info", help, "version", version);
    text
}

/// What the process uses, by the names that Prometheus's own libraries give it.
fn process(started_at: Timestamp) -> String {
    let mut text = plain_gauge(
        "process_start_time_seconds",
        "When the server started, in seconds since 1970",
        started_at.as_secs(),
    );
    let Some(usage) = ProcessUsage::read() else {
        return text;
    };
    text += &plain(
        "counter",
        "process_cpu_seconds_total",
        "Time on processors, in seconds",
        usage.cpu_seconds,
    );
    for (name, help, value) in [
        (
            "process_resident_memory_bytes",
            "Memory in use",
            usage.resident_bytes,
        ),
        (
            "process_virtual_memory_bytes",
            "Address space",
            usage.virtual_bytes,
        ),
        ("process_threads", "Threads", usage.threads),
        (
            "process_open_fds",
            "Open file descriptors",
            usage.open_descriptors,
        ),
    ] {
        text += &plain_gauge(name, help, value);
    }
    if let Some(max) = usage.max_descriptors {
        text += &plain_gauge("process_max_fds", "The limit of file descriptors", max);
    }
    text
}

/// A gauge without labels.
fn plain_gauge(name: &str, help: &str, value: impl Display) -> String {
    plain("gauge", name, help, value)
}

/// A metric without labels.
fn plain(kind: &str, name: &str, help: &str, value: impl Display) -> String {
    format!("# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n")
}

/// Writes a gauge. Label values are limit names and country codes, which need no escaping.
fn gauge<'a, V: Display>(
    text: &mut String,
    name: &str,
    help: &str,
    label: &str,
    values: impl Iterator<Item = (&'a str, V)>,
) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
    for (value_of, value) in values {
        let _ = writeln!(text, "{name}{{{label}=\"{value_of}\"}} {value}");
    }
}
