//! The operator's dashboard on the operations listener.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::Request;
use http::header::{AUTHORIZATION, HOST};
use latchkey::server::settings::{Secret, Settings};
use metrics_exporter_prometheus::PrometheusBuilder;

use crate::support::browser::oneshot;
use crate::support::{KNOWN_PHONE, TestApp, TestResponse, different_code, minutes, seconds};

fn operations(app: &TestApp) -> Router {
    app.product
        .operations(PrometheusBuilder::new().build_recorder().handle())
}

async fn get_operations(router: Router, path: &str, authorization: Option<&str>) -> TestResponse {
    let mut request = Request::get(path).header(HOST, "127.0.0.1:9464");
    if let Some(value) = authorization {
        request = request.header(AUTHORIZATION, value);
    }
    TestResponse::read(
        oneshot(router, request.body(Body::empty()).unwrap()).await,
        || seconds(0),
    )
    .await
}

pub async fn get_dashboard(app: &TestApp, path: &str) -> TestResponse {
    get_operations(operations(app), path, None).await
}

/// The figure above a label of the dashboard.
fn figure(page: &str, name: &str) -> String {
    let after = page
        .split_once(&format!("<dt>{name}</dt><dd>"))
        .unwrap_or_else(|| panic!("{name} in {page}"))
        .1;
    after.split_once('<').unwrap().0.to_owned()
}

#[tokio::test]
async fn the_dashboard_shows_sends_sign_ins_and_refusals_by_country() {
    let app = TestApp::start().await;
    let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
    browser
        .submit_code(&different_code(&code))
        .await
        .assert_code_refused();
    browser.submit_code(&code).await.assert_next("/account");
    app.wait_for_sends().await;
    let page = get_dashboard(&app, "/console").await;
    assert_eq!(page.status, 200);
    for (name, value) in [
        ("sends", "1"),
        ("sign-ins", "1"),
        ("sign-ins per 100 sends", "100"),
        ("wrong codes", "1"),
    ] {
        assert_eq!(figure(&page.body, name), value, "{name}");
    }
    assert!(page.body.contains("passcode: refused"), "{}", page.body);
    assert!(
        page.body.contains(
            r#"<th scope="row">GB</th><td>1</td><td>1</td><td>100</td><td>0</td><td>0 %</td>"#
        ),
        "{}",
        page.body
    );
    assert!(page.body.matches("<polyline").count() == 4 && !page.body.contains("<script"));
    app.advance(minutes(61)).await;
    assert_eq!(
        figure(&get_dashboard(&app, "/console").await.body, "sends"),
        "0",
        "an hour later"
    );
    assert_eq!(
        figure(
            &get_dashboard(&app, "/console?range=day").await.body,
            "sends"
        ),
        "1",
        "the day still has it"
    );
    app.advance(minutes(24 * 60)).await;
    assert_eq!(
        figure(
            &get_dashboard(&app, "/console?range=day").await.body,
            "sends"
        ),
        "0",
        "a day later"
    );
}

#[tokio::test]
async fn the_dashboard_marks_nearly_exhausted_limits() {
    let app = TestApp::with_settings(|settings| settings.guard.service_hourly = 1).await;
    app.start_sign_in(KNOWN_PHONE).await;
    let page = get_dashboard(&app, "/console").await.body;
    let row = page
        .split("<tr")
        .find(|row| row.contains("sends_hour"))
        .unwrap();
    assert!(
        row.contains("alarm") && row.contains("value=\"1\""),
        "{row}"
    );
    let row = page
        .split("<tr")
        .find(|row| row.contains("sends_day"))
        .unwrap();
    assert!(!row.contains("alarm"), "{row}");
}

#[tokio::test]
async fn the_dashboard_lists_locked_numbers_by_hash() {
    let app = TestApp::start_with_user().await;
    for _ in 0..2 {
        let mut browser = app.browser();
        browser.request_code(KNOWN_PHONE).await;
        browser.submit_wrong_code(KNOWN_PHONE).await;
        browser.submit_wrong_code(KNOWN_PHONE).await;
        app.advance(seconds(31)).await;
    }
    let lock = app.audit.events_named("authn_login_lock").pop().unwrap();
    let page = get_dashboard(&app, "/console").await.body;
    assert!(
        page.contains(lock["subject"]["identifier"].as_str().unwrap()),
        "{page}"
    );
    assert!(
        !page.contains(KNOWN_PHONE) && !page.contains(&KNOWN_PHONE[1..]),
        "L2: no number"
    );
    app.advance(minutes(60)).await;
    assert!(
        !get_dashboard(&app, "/console")
            .await
            .body
            .contains("<code>"),
        "the lock is over"
    );
}

#[tokio::test]
async fn h10_the_dashboard_requires_the_bearer_token() {
    let with_token = |settings: &mut Settings| {
        settings.operations.bearer_token = Some(Secret::new("a-token-of-sixteen"));
    };
    let app: Arc<TestApp> = TestApp::with_settings(with_token).await;
    let router = operations(&app);
    for (authorization, status) in [
        (None, 401),
        (Some("Bearer a-token-of-sixteen"), 200),
        (Some("bearer a-token-of-sixteen"), 200),
        // any:a-token-of-sixteen
        (Some("Basic YW55OmEtdG9rZW4tb2Ytc2l4dGVlbg=="), 200),
        // any:wrong
        (Some("Basic YW55Ondyb25n"), 401),
        (Some("Basic !!!"), 401),
        (Some("Bearer "), 401),
        (Some("a-token-of-sixteen"), 401),
    ] {
        let response = get_operations(router.clone(), "/console", authorization).await;
        assert_eq!(response.status, status, "{authorization:?}");
        assert_eq!(response.header("www-authenticate").is_some(), status == 401);
    }
    let page = get_operations(
        router,
        "/console?range=nonsense",
        Some("Bearer a-token-of-sixteen"),
    )
    .await;
    assert_eq!(page.status, 200);
    let policy = page.header("content-security-policy").unwrap();
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-") && !policy.contains("unsafe"),
        "{policy}"
    );
}
