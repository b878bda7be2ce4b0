//! What is not counted but looked up when `/metrics` is asked: conversion by country, budgets,
//! locks. As text (the exposition format of Prometheus), so that what is no longer there is no
//! longer said.

use std::collections::BTreeSet;
use std::fmt::{Display, Write as _};

use crate::domain::timestamp::Timestamp;
use crate::server::audit::{RollingCounts, Statistics, TimeRange};
use crate::server::guard::Guard;

/// The text to be added to what was counted. Budgets are left out where the store cannot say.
pub(super) async fn render(recent: &RollingCounts, guard: &Guard, now: Timestamp) -> String {
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
                "What strangers may charge to it",
                "budget",
                limits,
            );
        }
        Err(error) => {
            tracing::warn!(%error, "the budgets of the whole service could not be looked at")
        }
    }
    let locks = recent.locks(now);
    let locked = locks
        .iter()
        .map(|lock| &lock.identifier)
        .collect::<BTreeSet<_>>()
        .len();
    let _ = writeln!(
        text,
        "# HELP latchkey_locked_numbers Numbers at which a limit of failures holds\n\
         # TYPE latchkey_locked_numbers gauge\nlatchkey_locked_numbers {locked}"
    );
    text
}

/// Names of ours and codes of countries: nothing in them must be escaped.
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
