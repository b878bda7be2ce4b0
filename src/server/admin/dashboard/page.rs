//! The HTML of the dashboard.

use leptos::prelude::*;

use crate::domain::timestamp::Timestamp;
use crate::embedded::{Embedded, embedded};
use crate::server::admin::dashboard::chart::{ChartLine, chart};
use crate::server::admin::dashboard::passcode_policy::{self, PolicyView};
use crate::server::audit::TimeRange;
use crate::server::audit::rolling_counts::NumberLock;
use crate::server::audit::statistics::{CountryStatistics, Statistics, conversion, sum};
use crate::server::guard::Budget;

/// The style sheet; the Content-Security-Policy allows it by its hash.
pub const STYLE: Embedded = embedded!("dashboard.css");
/// How often the page reloads itself, in seconds.
const RELOAD_SECONDS: u32 = 10;

/// What the page shows.
#[derive(Debug)]
pub struct DashboardView {
    /// The time range of the statistics.
    pub range: TimeRange,
    /// The current time.
    pub now: Timestamp,
    /// The statistics.
    pub statistics: Statistics,
    /// What is wrong with store, upstream and policy, with its cause.
    pub faults: Vec<String>,
    /// The passcode policy.
    pub policy: PolicyView,
    /// The budgets of the whole service, or the error that prevents it.
    pub budgets: Result<Vec<Budget>, String>,
    /// The most used budget of each listed country; empty if the store failed.
    pub country_budgets: Vec<Budget>,
    /// Locks in force.
    pub locks: Vec<NumberLock>,
}

/// The whole document.
pub fn render(view: &DashboardView, style: &str) -> String {
    let owner = Owner::new();
    let html = owner.with(|| document(view, style).to_html());
    owner.unset_with_forced_cleanup();
    format!("<!DOCTYPE html>{html}")
}

fn document(view: &DashboardView, style: &str) -> AnyView {
    let Statistics {
        sends,
        sign_ins,
        failures,
        limited,
        ..
    } = &view.statistics;
    let sent = [
        ChartLine {
            name: "sends",
            counts: sends,
        },
        ChartLine {
            name: "sign-ins",
            counts: sign_ins,
        },
    ];
    let refused = [
        ChartLine {
            name: "wrong codes",
            counts: failures,
        },
        ChartLine {
            name: "limited",
            counts: limited,
        },
    ];
    let now = view.now.to_rfc3339();
    let links = TimeRange::ALL.map(|range| {
        let current = (range == view.range).then_some("true");
        let name = range.name();
        view! { <a href=format!("?range={name}") aria-current=current>{format!("last {name}")}</a> }
    });
    view! {
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <title>"Latchkey console"</title>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="dark"/>
                <meta http-equiv="refresh" content=RELOAD_SECONDS.to_string()/>
                <style inner_html=style.to_owned()></style>
            </head>
            <body>
                <header>
                    <h1>"Latchkey"</h1>
                    <nav aria-label="Range of time">{links.collect_view()}</nav>
                    <p>{format!("{now} · reloaded every {RELOAD_SECONDS} s")}</p>
                </header>
                <main>
                    {faults(&view.faults)}
                    {numbers(&view.statistics)}
                    <div class="charts">
                        {chart("Sends and sign-ins", &sent, view.range, view.now)}
                        {chart("Refused", &refused, view.range, view.now)}
                    </div>
                    <div class="tables">
                        {budgets(&view.budgets, view.now)}
                        {locks(&view.locks, view.now)}
                        {countries(&view.statistics, &view.country_budgets)}
                        {reasons(&view.statistics.reasons)}
                        {table(
                            "Passcode policy",
                            &["rule", "value", "source"],
                            passcode_policy::rows(&view.policy, view.now),
                        )}
                    </div>
                </main>
            </body>
        </html>
    }
    .into_any()
}

fn faults(faults: &[String]) -> AnyView {
    let faults = faults.iter().cloned();
    let line = |fault| view! { <p class="alarm" role="alert">{fault}</p> };
    faults.map(line).collect_view().into_any()
}

fn numbers(statistics: &Statistics) -> AnyView {
    let (sends, sign_ins) = (sum(&statistics.sends), sum(&statistics.sign_ins));
    let facts = [
        ("sends", sends.to_string(), false),
        ("sign-ins", sign_ins.to_string(), false),
        (
            "sign-ins per 100 sends",
            percent(conversion(sends, sign_ins)),
            false,
        ),
        ("sessions started", statistics.sessions.to_string(), false),
        ("wrong codes", sum(&statistics.failures).to_string(), false),
        ("limited", sum(&statistics.limited).to_string(), false),
        (
            "sends failed upstream",
            statistics.failed_sends.to_string(),
            statistics.failed_sends > 0,
        ),
    ];
    // Only where codes come by e-mail too.
    let by_email = [
        ("sends by email", statistics.email_sends),
        ("sign-ins by email", statistics.email_sign_ins),
    ];
    let by_email = by_email.into_iter().filter(|(_, count)| *count > 0);
    let by_email = by_email.map(|(name, count)| (name, count.to_string(), false));
    let facts = facts
        .into_iter()
        .chain(by_email)
        .map(|(name, value, alarm)| {
            view! { <div class:alarm=alarm><dt>{name}</dt><dd>{value}</dd></div> }
        });
    view! { <dl class="numbers">{facts.collect_view()}</dl> }.into_any()
}

fn budgets(budgets: &Result<Vec<Budget>, String>, now: Timestamp) -> AnyView {
    let rows = match budgets {
        Err(cause) => {
            view! { <tr class="alarm"><td colspan="5">{cause.clone()}</td></tr> }.into_any()
        }
        Ok(budgets) => budgets
            .iter()
            .map(|one| budget(one, now))
            .collect_view()
            .into_any(),
    };
    table(
        "Budgets of the whole service",
        &["budget", "used", "of", "left", "resets"],
        rows,
    )
}

fn budget(budget: &Budget, now: Timestamp) -> AnyView {
    let is_nearly_exhausted = budget.is_nearly_exhausted;
    let resets = budget
        .resets_at
        .map(|end| remaining(end, now))
        .unwrap_or_default();
    view! {
        <tr class:alarm=is_nearly_exhausted>
            <th scope="row">{budget.name.clone()}</th>
            <td>
                <meter min="0" max=budget.limit.to_string() value=budget.used.to_string()></meter>
                {budget.used}
            </td>
            <td>{budget.limit}</td>
            <td>{budget.remaining()}</td>
            <td>{resets}</td>
        </tr>
    }
    .into_any()
}

fn locks(locks: &[NumberLock], now: Timestamp) -> AnyView {
    let rows = locks.iter().map(|lock| {
        view! {
            <tr>
                <th scope="row"><code>{lock.identifier.clone()}</code></th>
                <td>{lock.country.clone()}</td>
                <td>{lock.limit.clone()}</td>
                <td>{remaining(lock.until, now)}</td>
            </tr>
        }
    });
    table(
        "Numbers that are locked",
        &["number (hash)", "country", "limit", "free"],
        rows.collect_view().into_any(),
    )
}

fn countries(statistics: &Statistics, budgets: &[Budget]) -> AnyView {
    let budgets = budgets.iter().map(Some).chain(std::iter::repeat(None));
    let rows = statistics
        .listed_countries()
        .zip(budgets)
        .map(|(row, budget)| country(row, budget));
    let heads = [
        "country",
        "sends",
        "sign-ins",
        "per 100",
        "refused",
        "budget used",
    ];
    table("Countries", &heads, rows.collect_view().into_any())
}

fn country(country: &CountryStatistics, budget: Option<&Budget>) -> AnyView {
    let is_nearly_exhausted = budget.is_some_and(|budget| budget.is_nearly_exhausted);
    let used = budget.map_or_else(
        || "-".to_owned(),
        |budget| format!("{} %", budget.used_percent()),
    );
    view! {
        <tr class:alarm=is_nearly_exhausted>
            <th scope="row">{country.code.clone()}</th>
            <td>{country.sends}</td>
            <td>{country.sign_ins}</td>
            <td>{percent(country.conversion())}</td>
            <td>{country.refused}</td>
            <td>{used}</td>
        </tr>
    }
    .into_any()
}

fn reasons(reasons: &[(String, u64)]) -> AnyView {
    let rows = reasons.iter().map(|(reason, count)| {
        view! { <tr><th scope="row">{reason.clone()}</th><td>{*count}</td></tr> }
    });
    table(
        "Refusals",
        &["reason", "times"],
        rows.collect_view().into_any(),
    )
}

fn table(caption: &'static str, heads: &[&'static str], rows: AnyView) -> AnyView {
    let heads: Vec<AnyView> = heads
        .iter()
        .map(|head| view! { <th scope="col">{*head}</th> }.into_any())
        .collect();
    view! {
        <table>
            <caption>{caption}</caption>
            <thead><tr>{heads}</tr></thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

/// The time until `time`, in the largest fitting unit.
fn remaining(time: Timestamp, now: Timestamp) -> String {
    let seconds = time.seconds_from(now);
    match seconds {
        0..120 => format!("in {seconds} s"),
        120..7200 => format!("in {} min", seconds.div_ceil(60)),
        7200..172_800 => format!("in {} h", seconds.div_ceil(3600)),
        _ => format!("in {} days", seconds.div_ceil(86_400)),
    }
}

fn percent(value: Option<u64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}
