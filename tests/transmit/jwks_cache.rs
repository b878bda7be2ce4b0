//! Rotated signing keys, and outages of their endpoint (requirement T5).

use std::time::Duration;

use futures_util::future::join_all;
use latchkey::server::transmit::tokens::jwks_cache::{
    FORCED_FETCH_BURST, FORCED_FETCH_INTERVAL, PAUSE_AFTER_FAILURE, REFRESH_AFTER, USABLE_FOR,
};
use latchkey::server::transmit::{DeliveryState, FailureKind, InvalidToken, TokenError, TokenKind};
use serde_json::{Value, json};

use crate::stub_server::{Reply, Stub};
use crate::test_client::*;
use latchkey_testkit::forged_tokens::{at_hash, with_member};
use latchkey_testkit::token_signer::{ROTATED, TRUSTED, TokenSigner};

const UNKNOWN_KEY: FailureKind = FailureKind::TokenInvalid(InvalidToken {
    token: TokenKind::Id,
    error: TokenError::UnknownKey,
});

fn publish(world: &TestClient, keys: &[Value]) {
    world
        .stub
        .always(JWKS, Reply::json(200, json!({ "keys": keys })));
}

/// Answers that carry tokens of this key, good for the next two days.
fn sign_with(world: &TestClient, signer: &TokenSigner) {
    sign_as(world, signer, signer.kid);
}

/// The same under a name of the test's own.
fn sign_as(world: &TestClient, signer: &TokenSigner, kid: &str) {
    let until = |claims| with_member(claims, "exp", json!(NOW + 172_800));
    let header = with_member(signer.header("RS256"), "kid", json!(kid)).to_string();
    let access = signer.sign(&header, &until(access_claims()).to_string(), "RS256");
    let id = until(with_member(id_claims(), "at_hash", json!(at_hash(&access))));
    world.stub.always(
        VERIFY,
        tokens(&signer.sign(&header, &id.to_string(), "RS256"), &access),
    );
}

/// A key under a name of the test's own.
fn named(signer: &TokenSigner, kid: &str) -> Value {
    with_member(signer.jwk(), "kid", json!(kid))
}

#[tokio::test]
async fn t5_keys_are_fetched_once_for_many_sign_ins() {
    let world = TestClient::new().await;
    let results = join_all((0..100).map(|_| world.verify())).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(world.stub.count(JWKS), 1);
}

#[tokio::test]
async fn t5_a_rotation_costs_no_sign_in_and_one_fetch() {
    let world = TestClient::new().await;
    world.verify().await.unwrap();
    publish(&world, &[TRUSTED.jwk(), ROTATED.jwk()]);
    sign_with(&world, &ROTATED);
    let results = join_all((0..100).map(|_| world.verify())).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(world.stub.count(JWKS), 2);
    sign_with(&world, &TRUSTED);
    world.verify().await.unwrap();
    assert_eq!(world.stub.count(JWKS), 2, "two live keys");
}

#[tokio::test]
async fn t5_a_key_replaced_under_its_old_name_is_found() {
    let world = TestClient::new().await;
    world.verify().await.unwrap();
    publish(&world, &[named(&ROTATED, TRUSTED.kid)]);
    sign_as(&world, &ROTATED, TRUSTED.kid);
    world.verify().await.unwrap();
    assert_eq!(world.stub.count(JWKS), 2);
}

#[tokio::test]
async fn t5_rotations_one_right_after_the_other_cost_no_sign_in() {
    let world = TestClient::new().await;
    world.verify().await.unwrap();
    for turn in 0..5 {
        let kid = format!("turn-{turn}");
        publish(&world, &[named(&ROTATED, &kid)]);
        sign_as(&world, &ROTATED, &kid);
        let results = join_all((0..20).map(|_| world.verify())).await;
        assert!(results.iter().all(Result::is_ok), "rotation {turn}");
    }
    assert_eq!(world.stub.count(JWKS), 1 + 5);
}

#[tokio::test]
async fn t5_a_rotation_while_keys_are_on_their_way_costs_no_sign_in() {
    let world = TestClient::new().await;
    world.verify().await.unwrap();
    // A fetch that upstream answers before its key turns, and that arrives after.
    let gate = std::sync::Arc::new(tokio::sync::Notify::new());
    let keys = |keys: &[Value]| Reply::json(200, json!({ "keys": keys }));
    let slow = Reply::Gate(gate.clone(), Box::new(keys(&[TRUSTED.jwk()])));
    world
        .stub
        .in_turn(JWKS, vec![slow, keys(&[TRUSTED.jwk(), ROTATED.jwk()])]);
    sign_as(&world, &ROTATED, "never-published");
    let first = world.verify();
    let second = async {
        world.stub.wait_for(JWKS, 2).await;
        sign_with(&world, &ROTATED);
        let verified = world.verify();
        let opened = async {
            world.stub.wait_for(VERIFY, 3).await;
            for _ in 0..50 {
                tokio::task::yield_now().await;
            }
            gate.notify_one();
        };
        tokio::join!(verified, opened).0
    };
    let (first, second) = tokio::join!(first, second);
    assert_eq!(first.unwrap_err().kind, UNKNOWN_KEY);
    second.unwrap();
    assert_eq!(world.stub.count(JWKS), 3);
}

#[tokio::test]
async fn t5_a_storm_of_unknown_keys_is_asked_about_a_few_times() {
    let world = TestClient::new().await;
    world.verify().await.unwrap();
    let burst = FORCED_FETCH_BURST as usize;
    let mut told = 0;
    for round in 0..10 {
        // A hundred names, of which each comes once: no memory of refused ones would help.
        let storm = (0..100).map(|each| {
            sign_as(&world, &ROTATED, &format!("storm-{round}-{each}"));
            world.verify()
        });
        told += join_all(storm)
            .await
            .iter()
            .filter(|result| matches!(result, Err(f) if f.kind == UNKNOWN_KEY))
            .count();
    }
    assert_eq!(told, 1000);
    let asked = world.stub.count(JWKS) - 1;
    assert!((1..=burst).contains(&asked), "{asked}");
    for _ in 0..burst {
        assert_eq!(world.verify().await.unwrap_err().kind, UNKNOWN_KEY);
    }
    assert_eq!(
        world.stub.count(JWKS) - 1,
        burst,
        "no more than the burst, however long it goes on"
    );

    // One is refunded each time, and a real rotation is found with it.
    world
        .hand
        .advance(FORCED_FETCH_INTERVAL - Duration::from_secs(1));
    assert_eq!(world.verify().await.unwrap_err().kind, UNKNOWN_KEY);
    assert_eq!(world.stub.count(JWKS) - 1, burst);
    world.hand.advance(Duration::from_secs(1));
    publish(&world, &[TRUSTED.jwk(), ROTATED.jwk()]);
    sign_with(&world, &ROTATED);
    world.verify().await.unwrap();
    assert_eq!(world.stub.count(JWKS) - 1, burst + 1);
    for minutes in 1..=10_u32 {
        sign_as(&world, &ROTATED, "storm");
        world.hand.advance(Duration::from_secs(60));
        for _ in 0..10 {
            assert_eq!(world.verify().await.unwrap_err().kind, UNKNOWN_KEY);
        }
        let most = (FORCED_FETCH_INTERVAL * (world.stub.count(JWKS) - burst - 2) as u32)
            <= Duration::from_secs(60) * minutes;
        assert!(
            most,
            "{} fetches after {minutes} minutes",
            world.stub.count(JWKS)
        );
    }
}

#[tokio::test]
async fn t5_a_storm_while_the_endpoint_is_away_asks_only_after_each_pause() {
    let world = TestClient::new().await;
    world.verify().await.unwrap();
    world
        .stub
        .always(JWKS, Reply::text(404, "text/html", "<html>"));
    sign_with(&world, &ROTATED);
    for round in 1..=20 {
        let results = join_all((0..20).map(|_| world.verify())).await;
        assert!(results.iter().all(Result::is_err));
        for _ in 0..3 {
            world.verify().await.unwrap_err();
        }
        assert_eq!(world.stub.count(JWKS), 1 + round);
        world.hand.advance(PAUSE_AFTER_FAILURE);
    }
    // What failed used nothing up: the rotation is found as soon as the endpoint is back.
    publish(&world, &[ROTATED.jwk()]);
    world.verify().await.unwrap();
}

#[tokio::test]
async fn t5_a_key_withdrawn_upstream_is_not_accepted_once_keys_were_fetched_again() {
    let world = TestClient::new().await;
    world.verify().await.unwrap();
    publish(&world, &[ROTATED.jwk()]);
    world.verify().await.unwrap();
    sign_with(&world, &ROTATED);
    world.verify().await.unwrap();
    sign_with(&world, &TRUSTED);
    assert_eq!(world.verify().await.unwrap_err().kind, UNKNOWN_KEY);
}

#[tokio::test]
async fn t5_two_live_keys_serve_side_by_side() {
    let world = TestClient::new().await;
    publish(&world, &[ROTATED.jwk(), TRUSTED.jwk()]);
    for _ in 0..5 {
        for signer in [&*TRUSTED, &*ROTATED] {
            sign_with(&world, signer);
            world.verify().await.unwrap();
        }
    }
    assert_eq!(world.stub.count(JWKS), 1);
}

#[tokio::test]
async fn t5_keys_of_an_application_come_from_where_the_settings_say_and_from_nowhere_else() {
    let elsewhere = Stub::start().await;
    elsewhere.always(
        "/keys",
        Reply::json(200, json!({ "keys": [TRUSTED.jwk()] })),
    );
    let url = elsewhere.base.replace("127.0.0.1", "localhost") + "/keys";
    let world = TestClient::with(|settings| {
        settings.issuer = Some("https://acme.app.example".to_owned());
        settings.jwks_url = Some(url.parse().unwrap());
    })
    .await;
    let terms = latchkey_testkit::forged_tokens::TokenTerms {
        issuer: "https://acme.app.example".to_owned(),
        ..terms()
    };
    world
        .stub
        .always(VERIFY, tokens(&terms.id(), &terms.access()));
    assert_eq!(
        world.verify().await.unwrap().issuer,
        "https://acme.app.example"
    );
    assert_eq!(
        (elsewhere.count("/keys"), elsewhere.total()),
        (1, 1),
        "it gets no call and no secret"
    );
    assert!(
        elsewhere.seen("/keys")[0]
            .headers
            .keys()
            .all(|name| name != "authorization")
    );
    assert_eq!(world.stub.count(JWKS), 0);
    sign_with(&world, &TRUSTED);
    let wrong = FailureKind::TokenInvalid(InvalidToken {
        token: TokenKind::Id,
        error: TokenError::Issuer,
    });
    assert_eq!(
        world.verify().await.unwrap_err().kind,
        wrong,
        "the tenant's issuer is no longer taken"
    );
}

#[tokio::test]
async fn t5_a_redirect_of_the_key_endpoint_is_not_followed() {
    let elsewhere = Stub::start().await;
    elsewhere.always(
        "/keys",
        Reply::json(200, json!({ "keys": [TRUSTED.jwk()] })),
    );
    let world = TestClient::new().await;
    let away =
        Reply::text(302, "text/html", "").with("location", &format!("{}/keys", elsewhere.base));
    world.stub.always(JWKS, away);
    assert_eq!(
        world.verify().await.unwrap_err().kind,
        FailureKind::NoSigningKey
    );
    assert_eq!(elsewhere.total(), 0);
}

#[tokio::test]
async fn t5_an_outage_is_bridged_with_known_keys_for_a_bounded_time() {
    let world = TestClient::new().await;
    sign_with(&world, &TRUSTED);
    world.verify().await.unwrap();
    world
        .stub
        .always(JWKS, Reply::text(404, "text/html", "<html>"));
    world.hand.advance(REFRESH_AFTER);
    world.verify().await.unwrap();
    world.stub.wait_for(JWKS, 2).await;
    world.verify().await.unwrap();
    assert_eq!(world.stub.count(JWKS), 2, "not at every sign-in");
    world
        .hand
        .advance(USABLE_FOR - REFRESH_AFTER - Duration::from_secs(1));
    world.verify().await.unwrap();
    world.stub.wait_for(JWKS, 3).await;
    world.transmit.prepare().await.unwrap();

    world.hand.advance(Duration::from_secs(1));
    let failure = world.transmit.prepare().await.unwrap_err();
    assert_failure(
        &failure,
        FailureKind::NoSigningKey,
        DeliveryState::NotWritten,
    );
    let failure = world.verify().await.unwrap_err();
    assert_failure(&failure, FailureKind::NoSigningKey, DeliveryState::Answered);

    publish(&world, &[TRUSTED.jwk()]);
    world.transmit.prepare().await.unwrap();
    world.verify().await.unwrap();
}

#[tokio::test]
async fn t5_a_rotation_during_an_outage_is_told_apart_from_a_forgery() {
    let world = TestClient::new().await;
    world.verify().await.unwrap();
    world
        .stub
        .always(JWKS, Reply::text(404, "text/html", "<html>"));
    sign_with(&world, &ROTATED);
    let failure = world.verify().await.unwrap_err();
    assert_failure(&failure, FailureKind::NoSigningKey, DeliveryState::Answered);
    publish(&world, &[ROTATED.jwk()]);
    world.hand.advance(PAUSE_AFTER_FAILURE);
    world.verify().await.unwrap();
}

#[tokio::test]
async fn t5_old_keys_are_renewed_while_they_serve() {
    let world = TestClient::new().await;
    sign_with(&world, &TRUSTED);
    world.verify().await.unwrap();
    publish(&world, &[ROTATED.jwk()]);
    world.hand.advance(REFRESH_AFTER);
    world.verify().await.unwrap();
    world.stub.wait_for(JWKS, 2).await;
    // A key that upstream withdrew is withdrawn here, too.
    for _ in 0..1000 {
        if world.verify().await.is_err() {
            break;
        }
    }
    assert_eq!(world.verify().await.unwrap_err().kind, UNKNOWN_KEY);
}

#[tokio::test]
async fn t5_prepare_asks_for_nothing_twice() {
    let world = TestClient::new().await;
    for _ in 0..10 {
        world.transmit.prepare().await.unwrap();
    }
    assert_eq!((world.stub.count(TOKEN), world.stub.count(JWKS)), (1, 1));
}
