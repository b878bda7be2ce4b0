//! An application's session ends with its parent session, for whatever reason, and is valid nowhere
//! else (requirements K4 to K11, K14).

use crate::applications::*;
use latchkey::server::admin::commands::{AdminCommand, SessionOwner, run_command};

#[tokio::test]
async fn k7_sign_out_at_the_sign_in_ends_all_application_sessions() {
    let app = app_with_applications(|_| {}).await;
    let mut person = signed_in_at(&app, APP).await;
    person.open_application(OTHER).await;
    person.at_sign_in().post("sign-out", &[]).await;
    assert!(!person.is_signed_in_at(APP).await && !person.is_signed_in_at(OTHER).await);
}

#[tokio::test]
async fn k9_k10_revocation_ends_application_sessions() {
    let app = app_with_applications(|_| {}).await;
    let mut person = signed_in_at(&app, APP).await;
    app.advance(seconds(1)).await;
    let mut second = app.signed_in().await;
    second
        .post("revoke-session", &[("id", "others")])
        .await
        .assert_next("/account");
    assert!(!person.is_signed_in_at(APP).await, "by the person");

    let everybody: fn(String, String) -> SessionOwner = |_, _| SessionOwner::Everybody;
    for of in [
        everybody,
        |sub, _| SessionOwner::User(sub),
        |_, id| SessionOwner::Session(id),
    ] {
        app.advance(seconds(1)).await;
        let mut person = signed_in_at(&app, APP).await;
        let sub = person.get(&format!("{APP}/.latchkey/session")).await.json()["sub"]
            .as_str()
            .unwrap()
            .to_owned();
        let id = app.audit.events_named("authn_token_created").pop().unwrap()["session"]
            .as_str()
            .unwrap()
            .to_owned();
        let whose = of(sub, id);
        run_command(
            &app.product.admin_services(),
            &AdminCommand::SessionsRevoke {
                owner: whose.clone(),
            },
        )
        .await;
        assert!(
            !person.is_signed_in_at(APP).await,
            "by the operator: {whose:?}"
        );
    }
}

#[tokio::test]
async fn k11_the_session_limit_ends_application_sessions() {
    let app = app_with_applications(|settings| settings.session.max_per_user = 1).await;
    let mut person = signed_in_at(&app, APP).await;
    app.advance(seconds(1)).await;
    app.browser().sign_in(KNOWN_PHONE).await;
    assert!(!person.is_signed_in_at(APP).await);
}

#[tokio::test]
async fn k4_another_sign_in_in_the_same_browser_ends_application_sessions() {
    let app = app_with_applications(|_| {}).await;
    let mut person = signed_in_at(&app, APP).await;
    app.advance(seconds(1)).await;
    person.sign_in("+447400777888").await;
    assert!(
        !person.is_signed_in_at(APP).await,
        "the next user must not see the previous user's session"
    );
    person.open_application(APP).await;
    let session = person.get(&format!("{APP}/.latchkey/session")).await.json();
    assert_eq!(session["phone"], "+44 ••• ••• 88");
}

#[tokio::test]
async fn k6_timeouts_end_application_sessions() {
    let app = app_with_applications(|_| {}).await;
    let mut person = signed_in_at(&app, APP).await;
    app.advance(minutes(29)).await;
    // Reading the session is not activity.
    assert!(person.is_signed_in_at(APP).await);
    app.advance(minutes(1)).await;
    assert!(!person.is_signed_in_at(APP).await, "idle");

    let app = app_with_applications(|settings| {
        settings.session.idle_timeout = "12h".parse().unwrap();
        settings.session.check_interval = "7d".parse().unwrap();
    })
    .await;
    let mut person = signed_in_at(&app, APP).await;
    app.advance(minutes(12 * 60 - 1)).await;
    assert!(person.is_signed_in_at(APP).await);
    app.advance(minutes(1)).await;
    assert!(!person.is_signed_in_at(APP).await, "absolute");
}

#[tokio::test]
async fn k14_the_upstream_check_ends_application_sessions() {
    let app =
        app_with_applications(|settings| settings.session.idle_timeout = "12h".parse().unwrap())
            .await;
    let mut person = signed_in_at(&app, APP).await;
    app.upstream.set_user_status(KNOWN_PHONE, "Disabled").await;
    // The check may be made up to a fifth of the hour early.
    app.advance(minutes(47)).await;
    assert!(person.is_signed_in_at(APP).await);
    app.advance(minutes(13)).await;
    assert!(!person.is_signed_in_at(APP).await);
    assert_eq!(app.upstream.call_count("session_authenticate").await, 1);
    assert!(!person.at_sign_in().is_signed_in().await);
}

#[tokio::test]
async fn k5_a_cookie_is_valid_only_at_its_own_origin() {
    let app = app_with_applications(|_| {}).await;
    let mut person = signed_in_at(&app, APP).await;
    let token = person.app_cookie(APP);
    let session = person.at_sign_in().cookie("latchkey").unwrap().to_owned();
    let mut attacker = SiteBrowser::new(&app);
    for (origin, name, value) in [
        (OTHER, "latchkey-app", &token),
        (SAME_HOST, "latchkey-app", &token),
        (APP, "latchkey-app", &session),
        (APP, "__Host-latchkey-app", &token),
        (APP, "latchkey-app", &"p".repeat(43)),
    ] {
        attacker.at_origin(origin).cookies = [(name.to_owned(), value.clone())].into();
        assert!(!attacker.is_signed_in_at(origin).await, "{origin} {name}");
    }
    let origin = app.origin();
    attacker.at_origin(&origin).cookies = [
        ("latchkey".to_owned(), token.clone()),
        ("latchkey-app".to_owned(), token),
    ]
    .into();
    assert!(
        !attacker.at_sign_in().is_signed_in().await,
        "it is invalid at the sign-in"
    );
    attacker
        .get(&format!("{origin}/account"))
        .await
        .assert_redirect("/sign-in");
}
