//! The operator sees every decision of the guard: in events, `/metrics` and `/console`, by country
//! and without personal data (requirements L1, L2, S4).
//!
//! - `decisions`: what was decided about codes, in metrics and on the dashboard.
//! - `series`: which series there are, and what labels they have.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use http::Request;
use http::header::HOST;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusRecorder};

use crate::support::browser::oneshot;
use crate::support::{TestApp, TestResponse, different_code, seconds};

mod decisions;
mod series;

/// A recorder of this test's thread, on which its app runs alone.
fn recorder() -> PrometheusRecorder {
    PrometheusBuilder::new().build_recorder()
}

async fn get_operations(app: &TestApp, recorder: &PrometheusRecorder, path: &str) -> String {
    let router = app.product.operations(recorder.handle());
    let request = Request::get(path)
        .header(HOST, "127.0.0.1:9464")
        .body(Body::empty())
        .unwrap();
    let response = TestResponse::read(oneshot(router, request).await, || seconds(0)).await;
    assert_eq!(response.status, 200, "{path}");
    response.body
}

/// Every sample of a scrape, by name and labels.
async fn scrape(app: &TestApp, recorder: &PrometheusRecorder) -> BTreeMap<String, f64> {
    let text = get_operations(app, recorder, "/metrics").await;
    let samples = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    samples
        .map(|line| line.rsplit_once(' ').unwrap())
        .map(|(name, value)| (name.to_owned(), value.parse().unwrap()))
        .collect()
}

/// How often an event was counted.
fn event_count(samples: &BTreeMap<String, f64>, labels: [&str; 3]) -> f64 {
    let [event, outcome, country] = labels;
    // These are about codes, and no code here comes by e-mail.
    let has_code = event.starts_with("otp_") || event.starts_with("authn_login");
    let channel = if has_code { "sms" } else { "" };
    let name = format!(
        "latchkey_audit_events_total\
         {{event=\"{event}\",outcome=\"{outcome}\",country=\"{country}\",channel=\"{channel}\"}}"
    );
    samples.get(&name).copied().unwrap_or_default()
}

/// Two users in Germany, of whom one signs in; an attack on France; and refusals of each kind.
async fn cause_events(app: &Arc<TestApp>) -> Vec<String> {
    let german = ["+4915112345678", "+4915212345678"];
    for phone in german {
        app.upstream.set_user_status(phone, "Active").await;
    }
    let mut person = app.browser();
    person.start(german[0]).await;
    let code = app.upstream.newest_code(german[0]).await;
    person
        .submit_code(&different_code(&code))
        .await
        .assert_code_refused();
    person.submit_code(&code).await.assert_next("/account");
    app.browser().start(german[1]).await;
    // Withheld by the number's cool-down.
    app.browser().start(german[1]).await;
    let mut phones: Vec<String> = german.map(str::to_owned).to_vec();
    for number in 0..4 {
        let phone = format!("+3361{number}345678");
        app.upstream.set_user_status(&phone, "Active").await;
        // The fourth reaches the country's limit.
        let response = app.browser().request_code(&phone).await;
        assert_eq!(response.status, if number < 3 { 200 } else { 429 });
        phones.push(phone);
    }
    app.browser()
        .request_code("+7 912 345 67 89")
        .await
        .assert_problem(422, "country_not_served");
    app.browser()
        .request_code("+1 900 555 0123")
        .await
        .assert_problem(422, "invalid_phone");
    let flood = app.browser();
    for _ in 0..=app.settings.guard.address_requests_at_once {
        app.call(flood.form("verify-code", &[("code", "123456")]))
            .await;
    }
    app.wait_for_sends().await;
    phones
}

async fn app() -> Arc<TestApp> {
    TestApp::with_settings(|settings| {
        settings.guard.country_hourly = 3;
        settings.guard.address_requests_at_once = 5;
    })
    .await
}
