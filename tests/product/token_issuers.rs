//! An application with signing keys and an issuer of its own, and the migration to them
//! (requirements T3, T4, T5).

use std::sync::Arc;

use latchkey::server::admin::commands::{AdminCommand, AdminReply, SessionOwner, run_command};
use latchkey::server::store::redb::{RedbOptions, RedbStore};
use serde_json::json;

use crate::support::{Browser, KNOWN_PHONE, TestApp, Upstream, minutes, seconds, wait_until};

const OWN: &str = "https://acme.app.example";

/// An app with the application's own issuer and an existing store.
fn switched(store: &Arc<RedbStore>, upstream: &Arc<Upstream>, others: Vec<String>) -> Arc<TestApp> {
    TestApp::with_store(store.clone(), upstream.clone(), move |settings| {
        settings.transmit.issuer = Some(OWN.to_owned());
        settings.transmit.other_issuers = others;
    })
}

fn store() -> Arc<RedbStore> {
    Arc::new(RedbStore::in_memory(RedbOptions::default()).unwrap())
}

/// The same browser with another app.
fn moved(browser: &Browser, app: &Arc<TestApp>) -> Browser {
    Browser {
        app: app.clone(),
        ..browser.clone()
    }
}

async fn listed(app: &TestApp, user: &str) -> usize {
    let command = AdminCommand::SessionsList {
        user: Some(user.to_owned()),
    };
    let AdminReply::Sessions(listing) = run_command(&app.product.admin_services(), &command).await
    else {
        panic!()
    };
    listing.sessions.len()
}

#[tokio::test]
async fn t5_sign_in_works_with_an_application_issuer_and_jwks_host() {
    let upstream = Arc::new(Upstream::start().await);
    let jwks = format!(
        "{}/cis/oidc/jwks",
        upstream.base_url().replace("127.0.0.1", "localhost")
    );
    let app = TestApp::with_store(store(), upstream.clone(), |settings| {
        settings.transmit.issuer = Some(OWN.to_owned());
        settings.transmit.jwks_url = Some(jwks.parse().unwrap());
    });
    upstream.sign_as_issuer(OWN).await;
    upstream
        .rotate_keys_with(json!({ "algorithm": "PS256" }))
        .await;
    let mut browser = app.browser();
    browser.sign_in(KNOWN_PHONE).await.assert_next("/account");
    assert!(browser.is_signed_in().await);

    // The tenant's own issuer is no longer accepted.
    upstream.sign_as_issuer(upstream.base_url()).await;
    let (mut browser, code) = app.start_sign_in("+447400777999").await;
    browser.submit_code(&code).await.assert_code_refused();
}

#[tokio::test]
async fn t4_sessions_of_both_issuers_belong_to_one_user() {
    let (store, upstream) = (store(), Arc::new(Upstream::start().await));
    let before = TestApp::with_store(store.clone(), upstream.clone(), |_| {});
    let mut old = before.browser();
    old.sign_in(KNOWN_PHONE).await;
    let user = old.user_id().await;

    let app = switched(&store, &upstream, vec![upstream.base_url().to_owned()]);
    app.advance(seconds(60)).await;
    let mut old = moved(&old, &app);
    assert!(old.is_signed_in().await, "the change must not end sessions");
    // During the migration, tokens of both keys arrive.
    let mut also_old = app.signed_in().await;
    upstream.sign_as_issuer(OWN).await;
    app.advance(seconds(60)).await;
    let mut new = app.signed_in().await;
    assert_eq!(new.user_id().await, user);
    assert_eq!(listed(&app, &user).await, 3);
    let page = new.get("/account").await.body;
    let ends = page.matches("name=\"id\" value=\"").count();
    assert!(ends >= 2, "the person can end both others: {ends}");

    // The user ends all other sessions, whichever issuer they started under.
    new.post("revoke-session", &[("id", "others")])
        .await
        .assert_next("/account");
    assert!(!old.is_signed_in().await && !also_old.is_signed_in().await);
    assert!(new.is_signed_in().await);
    assert_eq!(listed(&app, &user).await, 1);
}

#[tokio::test]
async fn t4_k10_the_operator_ends_a_users_sessions_of_both_issuers() {
    let (store, upstream) = (store(), Arc::new(Upstream::start().await));
    let app = switched(&store, &upstream, vec![upstream.base_url().to_owned()]);
    let mut old = app.signed_in().await;
    app.advance(seconds(60)).await;
    upstream.sign_as_issuer(OWN).await;
    let mut new = app.signed_in().await;
    let mut other = app.browser();
    other.sign_in("+447400777888").await;
    let user = new.user_id().await;
    let revoke = AdminCommand::SessionsRevoke {
        owner: SessionOwner::User(user.clone()),
    };
    let response = run_command(&app.product.admin_services(), &revoke).await;
    assert!(
        matches!(response, AdminReply::Revoked { count: 2 }),
        "{response:?}"
    );
    assert!(!old.is_signed_in().await && !new.is_signed_in().await);
    assert!(other.is_signed_in().await);
    assert_eq!(listed(&app, &user).await, 0);
}

#[tokio::test]
async fn t4_k11_the_session_limit_counts_both_issuers() {
    let upstream = Arc::new(Upstream::start().await);
    let app = TestApp::with_store(store(), upstream.clone(), |settings| {
        settings.transmit.other_issuers = vec![OWN.to_owned()];
        settings.session.max_per_user = 1;
    });
    let mut old = app.signed_in().await;
    app.advance(seconds(60)).await;
    upstream.sign_as_issuer(OWN).await;
    let mut new = app.signed_in().await;
    assert!(new.is_signed_in().await);
    assert!(!old.is_signed_in().await);
}

#[tokio::test]
async fn t4_sessions_of_a_removed_issuer_end() {
    let (store, upstream) = (store(), Arc::new(Upstream::start().await));
    let before = TestApp::with_store(store.clone(), upstream.clone(), |_| {});
    let mut old = before.browser();
    old.sign_in(KNOWN_PHONE).await;
    let user = old.user_id().await;
    let app = switched(&store, &upstream, Vec::new());
    assert!(!moved(&old, &app).is_signed_in().await);
    assert_eq!(listed(&app, &user).await, 0);
    moved(&old, &app)
        .get("/account")
        .await
        .assert_redirect("/sign-in");
}

#[tokio::test]
async fn k14_the_upstream_check_accepts_tokens_of_the_other_issuer() {
    let (store, upstream) = (store(), Arc::new(Upstream::start().await));
    let app = switched(&store, &upstream, vec![upstream.base_url().to_owned()]);
    let mut browser = app.signed_in().await;
    for _ in 0..3 {
        app.advance(seconds(20 * 60)).await;
        assert!(browser.is_signed_in().await);
        browser.get("/account").await;
        // The visit is recorded after the response.
        let expected = (app.now() + minutes(30)).to_rfc3339();
        wait_until("the visit to be stored", async || {
            browser.clone().get("/api/session").await.json()["idle_expires_at"] == expected.as_str()
        })
        .await;
    }
    upstream.sign_as_issuer(OWN).await;
    app.advance(seconds(20 * 60)).await;
    assert!(browser.is_signed_in().await);
    assert!(upstream.call_count("session_authenticate").await > 0);
    assert_eq!(app.audit.count("session_ended"), 0);
}
