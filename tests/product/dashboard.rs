//! The operator's page on the operations listener.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::Request;
use http::header::{AUTHORIZATION, HOST};
use latchkey::server::settings::{Secret, Settings};
use metrics_exporter_prometheus::PrometheusBuilder;

use crate::support::browser::oneshot;
use crate::support::{Answer, KNOWN, World, different_code, minutes, seconds};

fn operations(world: &World) -> Router {
    world
        .product
        .operations(PrometheusBuilder::new().build_recorder().handle())
}

async fn ask(router: Router, path: &str, authorization: Option<&str>) -> Answer {
    let mut request = Request::get(path).header(HOST, "127.0.0.1:9464");
    if let Some(value) = authorization {
        request = request.header(AUTHORIZATION, value);
    }
    Answer::read(
        oneshot(router, request.body(Body::empty()).unwrap()).await,
        || seconds(0),
    )
    .await
}

async fn console(world: &World, path: &str) -> Answer {
    ask(operations(world), path, None).await
}

/// The figure above a name in the row of numbers.
fn number(page: &str, name: &str) -> String {
    let after = page
        .split_once(&format!("<dt>{name}</dt><dd>"))
        .unwrap_or_else(|| panic!("{name} in {page}"))
        .1;
    after.split_once('<').unwrap().0.to_owned()
}

#[tokio::test]
async fn shows_sends_sign_ins_and_refusals_with_their_countries() {
    let world = World::start().await;
    let (mut browser, code) = world.asked(KNOWN).await;
    browser
        .verify(&different_code(&code))
        .await
        .problem(401, "code_refused");
    browser.verify(&code).await.next("/account");
    world.settled().await;
    let page = console(&world, "/console").await;
    assert_eq!(page.status, 200);
    for (name, value) in [
        ("sends", "1"),
        ("sign-ins", "1"),
        ("sign-ins per 100 sends", "100"),
        ("wrong codes", "1"),
    ] {
        assert_eq!(number(&page.body, name), value, "{name}");
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
    world.advance(minutes(61)).await;
    assert_eq!(
        number(&console(&world, "/console").await.body, "sends"),
        "0",
        "an hour later"
    );
    assert_eq!(
        number(&console(&world, "/console?range=day").await.body, "sends"),
        "1",
        "the day still has it"
    );
    world.advance(minutes(24 * 60)).await;
    assert_eq!(
        number(&console(&world, "/console?range=day").await.body, "sends"),
        "0",
        "a day later"
    );
}

#[tokio::test]
async fn shows_budgets_and_what_is_nearly_spent() {
    let world = World::with(|settings| settings.guard.service_hourly = 1).await;
    world.asked(KNOWN).await;
    let page = console(&world, "/console").await.body;
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
async fn shows_locked_numbers_by_hash_until_they_are_free() {
    let world = World::start().await;
    world.upstream.user(KNOWN, "Active").await;
    for _ in 0..2 {
        let mut browser = world.browser();
        browser.ask(KNOWN).await;
        browser.guess(KNOWN).await;
        browser.guess(KNOWN).await;
        world.advance(seconds(31)).await;
    }
    let lock = world.audit.events_named("authn_login_lock").pop().unwrap();
    let page = console(&world, "/console").await.body;
    assert!(
        page.contains(lock["subject"]["identifier"].as_str().unwrap()),
        "{page}"
    );
    assert!(
        !page.contains(KNOWN) && !page.contains(&KNOWN[1..]),
        "L2: no number"
    );
    world.advance(minutes(60)).await;
    assert!(
        !console(&world, "/console").await.body.contains("<code>"),
        "the lock is over"
    );
}

#[tokio::test]
async fn h10_is_admitted_like_the_rest_of_the_listener() {
    let with_token = |settings: &mut Settings| {
        settings.operations.bearer_token = Some(Secret::new("a-token-of-sixteen"));
    };
    let world: Arc<World> = World::with(with_token).await;
    let router = operations(&world);
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
        let answer = ask(router.clone(), "/console", authorization).await;
        assert_eq!(answer.status, status, "{authorization:?}");
        assert_eq!(answer.header("www-authenticate").is_some(), status == 401);
    }
    let page = ask(
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
