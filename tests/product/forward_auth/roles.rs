//! Who may enter: roles, what upstream says, what keeps a session alive, and a store that cannot
//! say.

use std::sync::Arc;

use latchkey::server::settings::{SessionActivity, Settings};
use latchkey::server::wiring::open_store;

use crate::forward_auth::forwarded_request::roles;
use crate::forward_auth::{BESIDE, OTHER, PAGE, PROXY, ask, ask_for, behind, forwarded, identity};
use crate::support::{KNOWN, Upstream, World, minutes, seconds};

const MOVE: [(&str, &str); 3] = [
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-user", "?1"),
    PAGE,
];
const POLL: [(&str, &str); 2] = [("sec-fetch-mode", "cors"), ("accept", "application/json")];

#[tokio::test]
async fn one_of_the_roles_is_needed_where_roles_are_asked_for() {
    let world =
        behind(|settings| settings.forward_auth.require = roles(OTHER, &["admin", "staff"])).await;
    for (number, has, enters) in [
        (1, &["admin"][..], true),
        (2, &["guest", "staff"], true),
        (3, &[], false),
        (4, &["guest"], false),
        (5, &["Admin", "staff2", "admin,staff"], false),
    ] {
        let phone = format!("+4474001234{number:02}");
        world.upstream.roles(&phone, has).await;
        let mut browser = world.browser();
        browser.sign_in(&phone).await;
        let answer = ask_for(&browser, OTHER, "/").await;
        if enters {
            assert_eq!(identity(&answer)[2], has.join(","));
        } else {
            answer.problem(403, "forbidden");
            assert_eq!(answer.location(), "", "signing in again would not help");
            assert!(
                crate::forward_auth::IDENTITY
                    .iter()
                    .all(|name| answer.header(name).is_none())
            );
        }
        identity(&ask_for(&browser, BESIDE, "/").await);
        // Not signed in comes before not allowed.
        ask_for(&world.browser(), OTHER, "/")
            .await
            .problem(401, "not_signed_in");
    }
    let refused = world.audit.events_named("authz_fail");
    assert_eq!(refused.len(), 3);
    assert_eq!(refused[0]["application"], OTHER);
}

#[tokio::test]
async fn a_person_without_the_role_reads_so_in_words() {
    let world = behind(|settings| settings.forward_auth.require = roles(OTHER, &["admin"])).await;
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await;
    let headers = [&forwarded(OTHER, "/")[..], &MOVE].concat();
    let answer = ask(&browser, PROXY, "/forward-auth?redirect=true", &headers).await;
    assert_eq!(answer.status, 403);
    assert!(
        answer.body.contains("Your account may not open this."),
        "{}",
        answer.body
    );
}

#[tokio::test]
async fn roles_follow_upstream() {
    let world = behind(|settings| {
        settings.forward_auth.require = roles(OTHER, &["admin"]);
        settings.session.idle_timeout = "12h".parse().unwrap();
    })
    .await;
    world.upstream.roles(KNOWN, &["admin"]).await;
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await;
    identity(&ask_for(&browser, OTHER, "/").await);
    world.upstream.roles(KNOWN, &["guest"]).await;
    world.advance(minutes(60)).await;
    ask_for(&browser, OTHER, "/")
        .await
        .problem(403, "forbidden");
}

#[tokio::test]
async fn k14_a_user_disabled_upstream_is_out_after_the_check_interval() {
    let world = behind(|settings| settings.session.idle_timeout = "12h".parse().unwrap()).await;
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await;
    world.upstream.user(KNOWN, "Disabled").await;
    // Asked up to a fifth of the hour early.
    world.advance(minutes(47)).await;
    identity(&ask_for(&browser, OTHER, "/").await);
    world.advance(minutes(13)).await;
    ask_for(&browser, OTHER, "/")
        .await
        .problem(401, "not_signed_in");
    assert_eq!(world.upstream.count("session_authenticate").await, 1);
}

#[tokio::test]
async fn k6_a_page_that_polls_keeps_no_session_alive_and_a_person_does() {
    let world = behind(|_| {}).await;
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await;
    let expires = |world: &World| (world.now() + minutes(30)).to_rfc3339();
    let at_first = expires(&world);
    for _ in 0..4 {
        let headers = [&forwarded(OTHER, "/poll")[..], &POLL].concat();
        let answer = ask(&browser, PROXY, "/forward-auth", &headers).await;
        assert_eq!(identity(&answer)[4], at_first);
        world.advance(minutes(7)).await;
    }
    let headers = [&forwarded(OTHER, "/page")[..], &MOVE].concat();
    let answer = ask(&browser, PROXY, "/forward-auth", &headers).await;
    assert_eq!(
        identity(&answer)[4],
        expires(&world),
        "the move itself counts"
    );
    until_noted(&world, &browser, &expires(&world)).await;
    for _ in 0..4 {
        world.advance(minutes(7)).await;
        identity(
            &ask(
                &browser,
                PROXY,
                "/forward-auth",
                &[&forwarded(OTHER, "/poll")[..], &POLL].concat(),
            )
            .await,
        );
    }
    world.advance(minutes(2)).await;
    ask_for(&browser, OTHER, "/")
        .await
        .problem(401, "not_signed_in");
}

#[tokio::test]
async fn k6_every_request_counts_where_the_operator_wants_it() {
    let world = behind(|settings| settings.session.activity = SessionActivity::Request).await;
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await;
    for _ in 0..4 {
        world.advance(minutes(20)).await;
        let expires = (world.now() + minutes(30)).to_rfc3339();
        let headers = [&forwarded(OTHER, "/poll")[..], &POLL].concat();
        assert_eq!(
            identity(&ask(&browser, PROXY, "/forward-auth", &headers).await)[4],
            expires
        );
        until_noted(&world, &browser, &expires).await;
    }
}

/// Activity is written behind the answer.
async fn until_noted(world: &Arc<World>, browser: &crate::forward_auth::Browser, expires: &str) {
    let headers = [&forwarded(OTHER, "/poll")[..], &POLL].concat();
    crate::support::wait_until("the note", async || {
        let mut browser = browser.clone();
        browser.world = world.clone();
        let session = browser.get("/api/session").await;
        session.status == 200 && session.json()["idle_expires_at"] == expires
    })
    .await;
    assert_eq!(
        identity(&ask(browser, PROXY, "/forward-auth", &headers).await)[4],
        expires
    );
}

/// A server that refuses connections, with a cookie that may be somebody's.
#[tokio::test]
async fn a_store_that_cannot_say_is_503_and_never_401() {
    let mut nowhere = Settings::default();
    nowhere.store.url = "redis://127.0.0.1:1".to_owned();
    let world = World::over(
        open_store(&nowhere).unwrap(),
        Arc::new(Upstream::start().await),
        |settings| {
            settings.server.trusted_proxies = vec!["192.0.2.1/32".parse().unwrap()];
            settings.forward_auth.origins = vec![OTHER.parse().unwrap()];
        },
    );
    let mut browser = world.browser();
    browser
        .cookies
        .insert("latchkey".to_owned(), "A".repeat(43));
    for more in [&[][..], &MOVE, &POLL] {
        let headers = [&forwarded(OTHER, "/")[..], more].concat();
        let answer = ask(&browser, PROXY, "/forward-auth?redirect=true", &headers).await;
        assert_eq!((answer.status.as_u16(), answer.location()), (503, ""));
        assert!(
            crate::forward_auth::IDENTITY
                .iter()
                .all(|name| answer.header(name).is_none())
        );
    }
    world.advance(seconds(1)).await;
    ask_for(&world.browser(), OTHER, "/")
        .await
        .problem(401, "not_signed_in");
}
