//! `/metrics`: the recorded metrics, and gauges that are computed for each request: conversion by
//! country, budgets and locks.
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

/// The handler.
pub async fn metrics(State(state): State<Arc<OperationsState>>) -> Response {
    let gauges = gauges(&state.recent, &state.guard, state.clock.now()).await
        + &plain_gauge(
            "latchkey_store_queue_length",
            "Calls to the store that wait or run",
            state.store.queue_length(),
        );
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

/// A gauge without labels.
fn plain_gauge(name: &str, help: &str, value: usize) -> String {
    format!("# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}\n")
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
