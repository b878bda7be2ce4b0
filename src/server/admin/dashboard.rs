//! `/console`: the dashboard, with sends and sign-ins as charts, refusals by reason, countries,
//! budgets, locks and the passcode policy. The page has no script and reloads itself.
//!
//! The counts are of this process since it started (`audit::rolling_counts`). The budgets are of
//! the store, so with Redis they are those of all nodes.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest;
use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Uri;
use http::header::CONTENT_SECURITY_POLICY;
use serde::Deserialize;

use crate::server::admin::state::OperationsState;
use crate::server::audit::{Statistics, TimeRange};
use crate::server::system::clock::Elapsed;

mod chart;
mod page;
mod passcode_policy;

use passcode_policy::PolicyView;

/// How long the page waits for upstream.
const UPSTREAM_TIMEOUT: Duration = Duration::from_secs(1);

/// Allows no script, no other origin, and the one inline style sheet.
fn policy(style: &str) -> String {
    let style = STANDARD.encode(digest::digest(&digest::SHA256, style.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    )
}

/// The query of the page.
#[derive(Debug, Default, Deserialize)]
struct DashboardQuery {
    #[serde(default)]
    range: TimeRange,
}

/// The handler.
pub async fn dashboard(State(state): State<Arc<OperationsState>>, uri: Uri) -> Response {
    // An unknown range falls back to the default.
    let range = Query::<DashboardQuery>::try_from_uri(&uri)
        .map(|Query(query)| query.range)
        .unwrap_or_default();
    let (recent, guard, now) = (&state.recent, &state.guard, state.clock.now());
    let statistics = Statistics::compute(recent, range, now);
    let budgets = guard.service_budgets(now).await;
    let countries: Vec<&str> = statistics
        .listed_countries()
        .map(|country| country.code.as_str())
        .collect();
    // If this fails, so did the budgets of the service, whose table shows the error.
    let country_budgets = guard.country_budgets(&countries, now).await;
    let store = state.readiness.store().await.err();
    let upstream = state
        .clock
        .timeout(UPSTREAM_TIMEOUT, state.transmit.prepare());
    let upstream = match upstream.await {
        Ok(prepared) => prepared.err().map(|failure| failure.to_string()),
        Err(Elapsed) => Some("upstream: no response yet".to_owned()),
    };
    let passcodes = PolicyView {
        status: state.tenant_policy.status(),
        limits: state.tenant_policy.limits().get(),
    };
    let faults = [store.map(|error| error.to_string()), upstream];
    let faults = faults
        .into_iter()
        .flatten()
        .chain(passcodes.status.alerts());
    let style = page::STYLE.read();
    let view = page::DashboardView {
        range,
        now,
        faults: faults.collect(),
        policy: passcodes,
        budgets: budgets.map_err(|error| error.to_string()),
        country_budgets: country_budgets.unwrap_or_default(),
        locks: recent.locks(now),
        statistics,
    };
    let html = page::render(&view, &style);
    ([(CONTENT_SECURITY_POLICY, policy(&style))], Html(html)).into_response()
}
