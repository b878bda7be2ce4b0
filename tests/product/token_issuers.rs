//! An application with signing keys and an issuer of its own, and the way there (requirements T3,
//! T4, T5).

use std::sync::Arc;

use latchkey::server::admin::admin_socket::{AdminCommand, AdminReply, SessionOwner, carry_out};
use latchkey::server::store::redb::{RedbOptions, RedbStore};
use serde_json::json;

use crate::support::{Browser, KNOWN, Upstream, World, minutes, seconds, wait_until};

const OWN: &str = "https://acme.app.example";

/// A world of the application's own issuer, over what was there before.
fn switched(store: &Arc<RedbStore>, upstream: &Arc<Upstream>, others: Vec<String>) -> Arc<World> {
    World::over(store.clone(), upstream.clone(), move |settings| {
        settings.transmit.issuer = Some(OWN.to_owned());
        settings.transmit.other_issuers = others;
    })
}

fn store() -> Arc<RedbStore> {
    Arc::new(RedbStore::in_memory(RedbOptions::default()).unwrap())
}

/// The same browser in another world.
fn moved(browser: &Browser, world: &Arc<World>) -> Browser {
    Browser {
        world: world.clone(),
        ..browser.clone()
    }
}

async fn sub(browser: &mut Browser) -> String {
    browser.get("/api/session").await.json()["sub"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn listed(world: &World, user: &str) -> usize {
    let command = AdminCommand::SessionsList {
        user: Some(user.to_owned()),
    };
    let AdminReply::Sessions(listing) = carry_out(&world.product, &command).await else {
        panic!()
    };
    listing.sessions.len()
}

#[tokio::test]
async fn t5_an_application_with_keys_of_its_own_on_another_host() {
    let upstream = Arc::new(Upstream::start().await);
    let jwks = format!(
        "{}/cis/oidc/jwks",
        upstream.base().replace("127.0.0.1", "localhost")
    );
    let world = World::over(store(), upstream.clone(), |settings| {
        settings.transmit.issuer = Some(OWN.to_owned());
        settings.transmit.jwks_url = Some(jwks.parse().unwrap());
    });
    upstream.sign_as_issuer(OWN).await;
    upstream.rotate_as(json!({ "algorithm": "PS256" })).await;
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await.next("/account");
    assert!(browser.is_signed_in().await);

    // The tenant's own issuer is no longer one of its.
    upstream.sign_as_issuer(upstream.base()).await;
    let (mut browser, code) = world.asked("+447400777999").await;
    browser.verify(&code).await.problem(401, "code_refused");
}

#[tokio::test]
async fn t4_sessions_of_both_issuers_are_one_users() {
    let (store, upstream) = (store(), Arc::new(Upstream::start().await));
    let before = World::over(store.clone(), upstream.clone(), |_| {});
    let mut old = before.browser();
    old.sign_in(KNOWN).await;
    let user = sub(&mut old).await;

    let world = switched(&store, &upstream, vec![upstream.base().to_owned()]);
    world.advance(seconds(60)).await;
    let mut old = moved(&old, &world);
    assert!(old.is_signed_in().await, "the change throws nobody out");
    // For a while tokens of both keys come.
    let mut also_old = world.browser();
    also_old.sign_in(KNOWN).await;
    upstream.sign_as_issuer(OWN).await;
    world.advance(seconds(60)).await;
    let mut new = world.browser();
    new.sign_in(KNOWN).await;
    assert_eq!(sub(&mut new).await, user);
    assert_eq!(listed(&world, &user).await, 3);
    let page = new.get("/account").await.body;
    let ends = page.matches("name=\"id\" value=\"").count();
    assert!(ends >= 2, "the person can end both others: {ends}");

    // The person ends all others, whichever issuer they began under.
    new.post("revoke-session", &[("id", "others")])
        .await
        .next("/account");
    assert!(!old.is_signed_in().await && !also_old.is_signed_in().await);
    assert!(new.is_signed_in().await);
    assert_eq!(listed(&world, &user).await, 1);
}

#[tokio::test]
async fn t4_k10_the_operator_ends_a_users_sessions_of_both_issuers() {
    let (store, upstream) = (store(), Arc::new(Upstream::start().await));
    let world = switched(&store, &upstream, vec![upstream.base().to_owned()]);
    let mut old = world.browser();
    old.sign_in(KNOWN).await;
    world.advance(seconds(60)).await;
    upstream.sign_as_issuer(OWN).await;
    let mut new = world.browser();
    new.sign_in(KNOWN).await;
    let mut other = world.browser();
    other.sign_in("+447400777888").await;
    let user = sub(&mut new).await;
    let revoke = AdminCommand::SessionsRevoke {
        whose: SessionOwner::User(user.clone()),
    };
    let answer = carry_out(&world.product, &revoke).await;
    assert!(
        matches!(answer, AdminReply::Revoked { count: 2 }),
        "{answer:?}"
    );
    assert!(!old.is_signed_in().await && !new.is_signed_in().await);
    assert!(other.is_signed_in().await);
    assert_eq!(listed(&world, &user).await, 0);
}

#[tokio::test]
async fn t4_k11_the_cap_counts_sessions_of_both_issuers() {
    let upstream = Arc::new(Upstream::start().await);
    let world = World::over(store(), upstream.clone(), |settings| {
        settings.transmit.other_issuers = vec![OWN.to_owned()];
        settings.session.max_per_user = 1;
    });
    let mut old = world.browser();
    old.sign_in(KNOWN).await;
    world.advance(seconds(60)).await;
    upstream.sign_as_issuer(OWN).await;
    let mut new = world.browser();
    new.sign_in(KNOWN).await;
    assert!(new.is_signed_in().await);
    assert!(!old.is_signed_in().await);
}

#[tokio::test]
async fn t4_a_session_of_an_issuer_that_is_no_longer_taken_is_over() {
    let (store, upstream) = (store(), Arc::new(Upstream::start().await));
    let before = World::over(store.clone(), upstream.clone(), |_| {});
    let mut old = before.browser();
    old.sign_in(KNOWN).await;
    let user = sub(&mut old).await;
    let world = switched(&store, &upstream, Vec::new());
    assert!(!moved(&old, &world).is_signed_in().await);
    assert_eq!(listed(&world, &user).await, 0);
    moved(&old, &world)
        .get("/account")
        .await
        .leads_to("/sign-in");
}

#[tokio::test]
async fn k14_a_session_goes_on_when_its_tokens_come_from_the_other_issuer() {
    let (store, upstream) = (store(), Arc::new(Upstream::start().await));
    let world = switched(&store, &upstream, vec![upstream.base().to_owned()]);
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await;
    for _ in 0..3 {
        world.advance(seconds(20 * 60)).await;
        assert!(browser.is_signed_in().await);
        browser.get("/account").await;
        // The visit is noted behind the answer's back.
        let noted = (world.now() + minutes(30)).to_rfc3339();
        wait_until("the visit to be noted", async || {
            browser.clone().get("/api/session").await.json()["idle_expires_at"] == noted.as_str()
        })
        .await;
    }
    upstream.sign_as_issuer(OWN).await;
    world.advance(seconds(20 * 60)).await;
    assert!(browser.is_signed_in().await);
    assert!(upstream.count("session_authenticate").await > 0);
    assert_eq!(world.audit.count("session_ended"), 0);
}
