//! `/metrics`: the recorded metrics, and what is computed for each request: conversion by country,
//! budgets, locks, queues, the state of upstream, the version, and what the process uses.
//!
//! The latter are written as text in the exposition format of Prometheus. A recorder would keep
//! reporting label values that no longer exist.
//!
//! - `exposition`: the format
//! - `process`, `queues`, `upstream`: what is read from there

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;

use self::exposition::{MetricFamily, plain_gauge};
use crate::domain::timestamp::Timestamp;
use crate::server::admin::state::OperationsState;
use crate::server::audit::{RollingCounts, Statistics, TimeRange};
use crate::server::guard::Budget;

mod exposition;
mod process;
mod queues;
mod upstream;

/// The handler.
pub async fn metrics(State(state): State<Arc<OperationsState>>) -> Response {
    let now = state.clock.now();
    let text = state.metrics.render()
        + &conversion(&state.recent, now)
        + &budgets(&state, now).await
        + &locks(&state.recent, now)
        + &queues::queues(&state)
        + &upstream::upstream(&state)
        + &process::build_info()
        + &process::process(state.started_at);
    let media_type = "text/plain; version=0.0.4; charset=utf-8";
    ([(CONTENT_TYPE, media_type)], text).into_response()
}

fn conversion(recent: &RollingCounts, now: Timestamp) -> String {
    let family = MetricFamily::gauge(
        "latchkey_conversion_ratio",
        "Sign-ins per send in the last hour, by country",
    );
    Statistics::compute(recent, TimeRange::Hour, now)
        .countries
        .iter()
        .filter_map(|country| Some((country.code.as_str(), country.ratio()?)))
        .fold(family, |family, (country, ratio)| {
            family.sample(&[("country", country)], ratio)
        })
        .into_text()
}

/// Omitted if the store fails. All nodes with one Redis report the same budgets, so the label says
/// that they must not be added up.
async fn budgets(state: &OperationsState, now: Timestamp) -> String {
    let budgets = match state.guard.service_budgets(now).await {
        Ok(budgets) => budgets,
        Err(error) => {
            tracing::warn!(%error, "the budgets of the whole service could not be read");
            return String::new();
        }
    };
    let family = |name, help, value: fn(&Budget) -> u32| {
        budgets
            .iter()
            .fold(MetricFamily::gauge(name, help), |family, budget| {
                let labels = [("budget", budget.name.as_str()), ("scope", state.scope)];
                family.sample(&labels, value(budget))
            })
            .into_text()
    };
    family(
        "latchkey_budget_used",
        "Charged to a budget of the whole service",
        |budget| budget.used,
    ) + &family(
        "latchkey_budget_limit",
        "Limit of that budget for unrecognised devices",
        |budget| budget.limit,
    )
}

fn locks(recent: &RollingCounts, now: Timestamp) -> String {
    let locks = recent.locks(now);
    let locked: BTreeSet<_> = locks.iter().map(|lock| &lock.identifier).collect();
    plain_gauge(
        "latchkey_locked_numbers",
        "Numbers that a failure limit locks",
        locked.len(),
    )
}
