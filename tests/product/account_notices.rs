//! What a person is told of sign-ins and ends that may not have been theirs (requirements R6, K11).

use std::sync::Arc;

use http::Method;
use http::header::USER_AGENT;
use latchkey::server::admin::admin_socket::{AdminCommand, AdminReply, SessionOwner, carry_out};

use crate::support::{Browser, KNOWN, World, minutes, seconds};

const NEWCOMER: &str = "Signed in with a new browser";
const CHROME: &str =
    "Mozilla/5.0 (Linux; Android 16; K) AppleWebKit/537.36 Chrome/156.0 Mobile Safari/537.36";
const DAY: u64 = 24 * 60;

/// Signs in with another kind of browser.
async fn chrome(world: &Arc<World>) -> Browser {
    let mut browser = world.browser();
    browser.ask(KNOWN).await;
    let code = world.upstream.code(KNOWN).await;
    let mut request = browser.form("verify-code", &[("code", &code)]);
    request
        .headers_mut()
        .insert(USER_AGENT, CHROME.parse().unwrap());
    browser.send(request).await.next("/account");
    browser
}

async fn account(browser: &mut Browser) -> String {
    let page = browser.get("/account").await;
    assert_eq!(page.status, 200);
    page.body
}

/// What the sign-in page says to a browser whose session is over; it says so once.
async fn farewell(browser: &mut Browser) -> String {
    browser.get("/account").await.leads_to("/sign-in");
    let page = browser.get("/sign-in").await;
    assert!(page.cookie("latchkey").unwrap().contains("Max-Age=0"));
    assert!(browser.cookie("latchkey").is_none());
    let said = page
        .body
        .split("notice info")
        .nth(1)
        .unwrap()
        .split("</p>")
        .next()
        .unwrap()
        .to_owned();
    assert!(
        !browser.get("/sign-in").await.body.contains("notice info"),
        "said once"
    );
    said
}

#[tokio::test]
async fn r6_a_new_browser_is_told_of_in_the_sessions_that_were_there_before() {
    let world = World::start().await;
    let mut owner = world.browser();
    owner.sign_in(KNOWN).await;
    assert!(!account(&mut owner).await.contains(NEWCOMER), "nobody else");
    world.advance(minutes(1)).await;
    let mut stranger = chrome(&world).await;
    let page = account(&mut owner).await;
    assert!(
        page.contains(NEWCOMER) && page.contains("Chrome on Android, "),
        "{page}"
    );
    assert!(
        !account(&mut stranger).await.contains(NEWCOMER),
        "it knows of itself, and of nobody before it"
    );
    // Whoever signs out at once is told of all the same.
    stranger.post("sign-out", &[]).await;
    assert!(account(&mut owner).await.contains(NEWCOMER));
    let told = world.audit.events_named("authn_login_success");
    assert_eq!(
        told.iter()
            .map(|event| event["new_browser"].as_bool())
            .collect::<Vec<_>>(),
        [Some(true), Some(true)]
    );
}

#[tokio::test]
async fn r6_an_owner_who_was_away_learns_of_it_at_the_next_sign_in_for_a_week() {
    for (days, told) in [(1, true), (6, true), (7, false)] {
        let world = World::start().await;
        let mut owner = world.browser();
        owner.sign_in(KNOWN).await;
        owner.post("sign-out", &[]).await;
        world.advance(minutes(1)).await;
        let mut stranger = chrome(&world).await;
        stranger.post("sign-out", &[]).await;
        world.advance(minutes(days * DAY)).await;
        owner.sign_in(KNOWN).await;
        let page = account(&mut owner).await;
        assert_eq!(page.contains("Chrome on Android, "), told, "{days}");
        assert!(
            !page.contains("Firefox on Linux, "),
            "its own first sign-in is no news"
        );
    }
}

#[tokio::test]
async fn r6_another_user_is_told_nothing() {
    let world = World::start().await;
    let mut other = world.browser();
    other.sign_in("+447400777888").await;
    world.upstream.user(KNOWN, "Active").await;
    world.advance(minutes(1)).await;
    chrome(&world).await;
    assert!(!account(&mut other).await.contains(NEWCOMER));
}

#[tokio::test]
async fn r6_a_sign_in_after_a_long_absence_is_told_and_put_on_record() {
    for (days, told) in [(89, false), (90, true)] {
        let world = World::start().await;
        let mut browser = world.browser();
        browser.sign_in(KNOWN).await;
        assert!(!account(&mut browser).await.contains("Welcome back"));
        world.advance(minutes(days * DAY)).await;
        browser.sign_in(KNOWN).await;
        assert_eq!(
            account(&mut browser).await.contains("Welcome back"),
            told,
            "{days}"
        );
        let events = world.audit.events_named("authn_login_success");
        assert_eq!(events[1]["long_absent"], told);
    }
}

#[tokio::test]
async fn k11_whose_session_had_to_go_is_told_why() {
    let world = World::with(|settings| settings.session.max_per_user = 1).await;
    let (mut first, mut second) = (world.browser(), world.browser());
    first.sign_in(KNOWN).await;
    world.advance(minutes(1)).await;
    second.sign_in(KNOWN).await;
    assert!(
        second.is_signed_in().await,
        "never the one that has just begun"
    );
    assert!(
        farewell(&mut first)
            .await
            .contains("more devices than you can use at once")
    );
}

#[tokio::test]
async fn k9_k10_k6_other_ends_are_told_too() {
    let world = World::start().await;
    let (mut one, mut other) = (world.browser(), world.browser());
    one.sign_in(KNOWN).await;
    world.advance(minutes(1)).await;
    other.sign_in(KNOWN).await;
    other
        .post("revoke-session", &[("id", "others")])
        .await
        .next("/account");
    assert!(farewell(&mut one).await.contains("from another browser"));

    let sub = other.get("/api/session").await.json()["sub"]
        .as_str()
        .unwrap()
        .to_owned();
    let revoke = AdminCommand::SessionsRevoke {
        whose: SessionOwner::User(sub),
    };
    assert!(matches!(
        carry_out(&world.product, &revoke).await,
        AdminReply::Revoked { count: 1 }
    ));
    assert!(
        farewell(&mut other)
            .await
            .contains("by whoever runs this service")
    );

    world.advance(minutes(1)).await;
    one.sign_in(KNOWN).await;
    world.advance(minutes(30)).await;
    assert!(farewell(&mut one).await.contains("because you were away"));
    let ended = world.audit.events_named("session_ended");
    let ends: Vec<_> = ended
        .iter()
        .map(|event| event["by"].as_str().unwrap())
        .collect();
    assert_eq!(ends, ["revoked", "operator", "expired"]);

    // Long after that nobody knows why any more.
    one.sign_in(KNOWN).await;
    world.advance(minutes(30 + 60)).await;
    assert!(
        farewell(&mut one)
            .await
            .contains("You are not signed in any more.")
    );
}

#[tokio::test]
async fn l1_dead_cookies_are_put_on_record_and_a_flood_of_them_is_not() {
    let world = World::start().await;
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await;
    let stolen = browser.clone();
    browser.post("sign-out", &[]).await;
    stolen.clone().get("/sign-in").await;
    let used = world.audit.events_named("session_use_after_expire");
    assert_eq!(used.len(), 1);
    assert_eq!(
        used[0]["session"],
        world.audit.events_named("session_created")[0]["session"],
        "it says whose cookie it was"
    );
    let made_up = "p".repeat(42) + "A";
    for _ in 0..200 {
        let request = browser
            .request(Method::GET, "/sign-in")
            .header("cookie", format!("latchkey={made_up}"));
        world
            .call(request.body(axum::body::Body::empty()).unwrap())
            .await;
    }
    assert_eq!(world.audit.count("session_use_after_expire"), 60);
    world.advance(seconds(60)).await;
    stolen.clone().get("/sign-in").await;
    assert_eq!(
        world
            .audit
            .events_named("session_use_after_expire")
            .last()
            .unwrap()["left_out"],
        141
    );
}
