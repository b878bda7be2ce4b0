//! `/console` on the operations listener: sends and sign-ins as charts, refusals by reason,
//! countries, budgets, open locks. For an operator at night: a page without script that renews
//! itself.
//!
//! Counts are of this process since it started (`audit::recent`); budgets are the store's, so with
//! Redis they are everybody's.

use std::sync::Arc;

use aws_lc_rs::digest;
use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Uri;
use http::header::CONTENT_SECURITY_POLICY;
use serde::Deserialize;

use crate::server::audit::{RollingCounts, Statistics, TimeRange};
use crate::server::guard::Guard;
use crate::server::system::clock::Clock;

mod chart;
mod page;

/// No script, no other address, and the one style sheet that is in the page.
fn policy(style: &str) -> String {
    let style = STANDARD.encode(digest::digest(&digest::SHA256, style.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

/// What the console looks at.
#[derive(Clone, Debug)]
pub struct Dashboard {
    /// What happened lately.
    pub recent: RollingCounts,
    /// Budgets.
    pub guard: Guard,
    /// Time.
    pub clock: Clock,
}

/// The query of the page.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    range: TimeRange,
}

/// The handler.
pub async fn console(State(console): State<Arc<Dashboard>>, uri: Uri) -> Response {
    // A range that there is not is the usual one.
    let range = Query::<Asked>::try_from_uri(&uri)
        .map(|Query(asked)| asked.range)
        .unwrap_or_default();
    let now = console.clock.now();
    let figures = Statistics::compute(&console.recent, range, now);
    let budgets = console
        .guard
        .service_budgets(now)
        .await
        .map_err(|error| error.to_string());
    let listed: Vec<&str> = figures
        .listed_countries()
        .map(|country| country.code.as_str())
        .collect();
    // What cannot be told of a country's is told of the service's, above.
    let country_budgets = console
        .guard
        .country_budgets(&listed, now)
        .await
        .unwrap_or_default();
    let locks = console.recent.locks(now);
    let view = page::View {
        range,
        now,
        figures,
        budgets,
        country_budgets,
        locks,
    };
    let style = page::STYLE.read();
    let html = page::render(&view, &style);
    ([(CONTENT_SECURITY_POLICY, policy(&style))], Html(html)).into_response()
}
