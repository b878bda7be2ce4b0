//! An application's session is dead with its parent, whatever ended that, and passes nowhere else
//! (requirements K4 to K11, K14).

use crate::applications::*;
use latchkey::server::admin::admin_socket::{AdminCommand, SessionOwner, carry_out};

#[tokio::test]
async fn k7_signing_out_at_the_sign_in_ends_it_everywhere() {
    let world = behind(|_| {}).await;
    let mut person = entered(&world, APP).await;
    person.enter(OTHER).await;
    person.id().post("sign-out", &[]).await;
    assert!(!person.is_in(APP).await && !person.is_in(OTHER).await);
}

#[tokio::test]
async fn k9_k10_so_does_ending_it_from_elsewhere() {
    let world = behind(|_| {}).await;
    let mut person = entered(&world, APP).await;
    world.advance(seconds(1)).await;
    let mut second = world.browser();
    second.sign_in(KNOWN).await;
    second
        .post("revoke-session", &[("id", "others")])
        .await
        .next("/account");
    assert!(!person.is_in(APP).await, "by the person");

    let everybody: fn(String, String) -> SessionOwner = |_, _| SessionOwner::Everybody;
    for of in [
        everybody,
        |sub, _| SessionOwner::User(sub),
        |_, id| SessionOwner::Session(id),
    ] {
        world.advance(seconds(1)).await;
        let mut person = entered(&world, APP).await;
        let sub = person.get(&format!("{APP}/.latchkey/session")).await.json()["sub"]
            .as_str()
            .unwrap()
            .to_owned();
        let id = world
            .audit
            .events_named("authn_token_created")
            .pop()
            .unwrap()["session"]
            .as_str()
            .unwrap()
            .to_owned();
        let whose = of(sub, id);
        carry_out(
            &world.product,
            &AdminCommand::SessionsRevoke {
                whose: whose.clone(),
            },
        )
        .await;
        assert!(!person.is_in(APP).await, "by the operator: {whose:?}");
    }
}

#[tokio::test]
async fn k11_so_does_the_limit_of_sessions() {
    let world = behind(|settings| settings.session.max_per_user = 1).await;
    let mut person = entered(&world, APP).await;
    world.advance(seconds(1)).await;
    world.browser().sign_in(KNOWN).await;
    assert!(!person.is_in(APP).await);
}

#[tokio::test]
async fn k4_so_does_another_sign_in_in_the_same_browser() {
    let world = behind(|_| {}).await;
    let mut person = entered(&world, APP).await;
    world.advance(seconds(1)).await;
    person.sign_in("+447400777888").await;
    assert!(
        !person.is_in(APP).await,
        "whoever comes next does not find the other's session at the application"
    );
    person.enter(APP).await;
    let session = person.get(&format!("{APP}/.latchkey/session")).await.json();
    assert_eq!(session["phone"], "+44 ••• ••• 88");
}

#[tokio::test]
async fn k6_so_does_time() {
    let world = behind(|_| {}).await;
    let mut person = entered(&world, APP).await;
    world.advance(minutes(29)).await;
    // Asking is no activity.
    assert!(person.is_in(APP).await);
    world.advance(minutes(1)).await;
    assert!(!person.is_in(APP).await, "idle");

    let world = behind(|settings| {
        settings.session.idle_timeout = "12h".parse().unwrap();
        settings.session.check_interval = "7d".parse().unwrap();
    })
    .await;
    let mut person = entered(&world, APP).await;
    world.advance(minutes(12 * 60 - 1)).await;
    assert!(person.is_in(APP).await);
    world.advance(minutes(1)).await;
    assert!(!person.is_in(APP).await, "absolute");
}

#[tokio::test]
async fn k14_so_does_upstream() {
    let world = behind(|settings| settings.session.idle_timeout = "12h".parse().unwrap()).await;
    let mut person = entered(&world, APP).await;
    world.upstream.user(KNOWN, "Disabled").await;
    // Up to a fifth of the hour early.
    world.advance(minutes(47)).await;
    assert!(person.is_in(APP).await);
    world.advance(minutes(13)).await;
    assert!(!person.is_in(APP).await);
    assert_eq!(world.upstream.count("session_authenticate").await, 1);
    assert!(!person.id().is_signed_in().await);
}

#[tokio::test]
async fn k5_a_cookie_is_believed_only_where_it_belongs() {
    let world = behind(|_| {}).await;
    let mut person = entered(&world, APP).await;
    let token = person.on(APP).cookie("latchkey-app").unwrap().to_owned();
    let session = person.id().cookie("latchkey").unwrap().to_owned();
    let mut thief = Person::new(&world);
    for (origin, name, value) in [
        (OTHER, "latchkey-app", &token),
        (BESIDE, "latchkey-app", &token),
        (APP, "latchkey-app", &session),
        (APP, "__Host-latchkey-app", &token),
        (APP, "latchkey-app", &"p".repeat(43)),
    ] {
        thief.on(origin).cookies = [(name.to_owned(), value.clone())].into();
        assert!(!thief.is_in(origin).await, "{origin} {name}");
    }
    let origin = world.origin();
    thief.on(&origin).cookies = [
        ("latchkey".to_owned(), token.clone()),
        ("latchkey-app".to_owned(), token),
    ]
    .into();
    assert!(
        !thief.id().is_signed_in().await,
        "it opens nothing at the sign-in"
    );
    thief
        .get(&format!("{origin}/account"))
        .await
        .leads_to("/sign-in");
}
