//! Signing keys that turn, and an endpoint that is away (requirement T5).

use std::time::Duration;

use futures_util::future::join_all;
use latchkey::server::transmit::keys::{ASK_AGAIN_AFTER, ASK_AGAIN_AFTER_FAILURE, BRIDGE_FOR, FRESH_FOR};
use latchkey::server::transmit::{Delivery, FailureKind, Flaw, TokenFault, TokenKind};
use serde_json::{Value, json};

use super::signer::{NEXT, OURS, Signer};
use super::stub::Reply;
use super::world::*;

const UNKNOWN_KEY: FailureKind = FailureKind::TokenInvalid(TokenFault { token: TokenKind::Id, flaw: Flaw::UnknownKey });

fn publish(world: &World, keys: &[Value]) {
    world.stub.always(JWKS, Reply::json(200, json!({ "keys": keys })));
}

/// Answers that carry tokens of this key, good for the next two days.
fn sign_with(world: &World, signer: &Signer) {
    let (mut id, mut access) = (id_claims(), access_claims());
    for claims in [&mut id, &mut access] {
        claims["exp"] = json!(NOW + 172_800);
    }
    world.stub.always(VERIFY, tokens(&signer.token(&id), &signer.token(&access)));
}

#[tokio::test]
async fn t5_keys_are_fetched_once_for_many_sign_ins() {
    let world = World::new().await;
    let results = join_all((0..100).map(|_| world.verify())).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(world.stub.count(JWKS), 1);
}

#[tokio::test]
async fn t5_a_rotation_costs_no_sign_in_and_one_fetch() {
    let world = World::new().await;
    world.verify().await.unwrap();
    publish(&world, &[OURS.jwk(), NEXT.jwk()]);
    sign_with(&world, &NEXT);
    let results = join_all((0..100).map(|_| world.verify())).await;
    assert!(results.iter().all(Result::is_ok));
    assert_eq!(world.stub.count(JWKS), 2);
    sign_with(&world, &OURS);
    world.verify().await.unwrap();
    assert_eq!(world.stub.count(JWKS), 2, "two live keys");
}

#[tokio::test]
async fn t5_a_key_replaced_under_its_old_name_is_found() {
    let world = World::new().await;
    world.verify().await.unwrap();
    let mut replaced = NEXT.jwk();
    replaced["kid"] = json!(OURS.kid);
    publish(&world, &[replaced]);
    let sign = |claims: Value| NEXT.sign(&OURS.header("RS256").to_string(), &claims.to_string(), "RS256");
    world.stub.always(VERIFY, tokens(&sign(id_claims()), &sign(access_claims())));
    world.verify().await.unwrap();
    assert_eq!(world.stub.count(JWKS), 2);
}

#[tokio::test]
async fn t5_unknown_keys_are_asked_for_once_in_a_while() {
    let world = World::new().await;
    world.verify().await.unwrap();
    sign_with(&world, &NEXT);
    for _ in 0..10 {
        assert_eq!(world.verify().await.unwrap_err().kind, UNKNOWN_KEY);
    }
    assert_eq!(world.stub.count(JWKS), 2);
    world.hand.advance(ASK_AGAIN_AFTER - Duration::from_secs(1));
    assert_eq!(world.verify().await.unwrap_err().kind, UNKNOWN_KEY);
    assert_eq!(world.stub.count(JWKS), 2);
    world.hand.advance(Duration::from_secs(1));
    publish(&world, &[NEXT.jwk()]);
    world.verify().await.unwrap();
    assert_eq!(world.stub.count(JWKS), 3);
}

#[tokio::test]
async fn t5_an_outage_is_bridged_with_known_keys_for_a_bounded_time() {
    let world = World::new().await;
    sign_with(&world, &OURS);
    world.verify().await.unwrap();
    world.stub.always(JWKS, Reply::text(404, "text/html", "<html>"));
    world.hand.advance(FRESH_FOR);
    world.verify().await.unwrap();
    world.stub.wait_for(JWKS, 2).await;
    world.verify().await.unwrap();
    assert_eq!(world.stub.count(JWKS), 2, "not at every sign-in");
    world.hand.advance(BRIDGE_FOR - FRESH_FOR - Duration::from_secs(1));
    world.verify().await.unwrap();
    world.stub.wait_for(JWKS, 3).await;
    world.transmit.prepare().await.unwrap();

    world.hand.advance(Duration::from_secs(1));
    let failure = world.transmit.prepare().await.unwrap_err();
    assert_eq!((failure.kind, failure.delivery), (FailureKind::NoSigningKey, Delivery::NotWritten));
    let failure = world.verify().await.unwrap_err();
    assert_eq!((failure.kind, failure.delivery), (FailureKind::NoSigningKey, Delivery::Answered));

    publish(&world, &[OURS.jwk()]);
    world.transmit.prepare().await.unwrap();
    world.verify().await.unwrap();
}

#[tokio::test]
async fn t5_a_rotation_during_an_outage_is_told_apart_from_a_forgery() {
    let world = World::new().await;
    world.verify().await.unwrap();
    world.stub.always(JWKS, Reply::text(404, "text/html", "<html>"));
    sign_with(&world, &NEXT);
    let failure = world.verify().await.unwrap_err();
    assert_eq!((failure.kind, failure.delivery), (FailureKind::NoSigningKey, Delivery::Answered));
    publish(&world, &[NEXT.jwk()]);
    world.hand.advance(ASK_AGAIN_AFTER_FAILURE);
    world.verify().await.unwrap();
}

#[tokio::test]
async fn t5_old_keys_are_renewed_while_they_serve() {
    let world = World::new().await;
    sign_with(&world, &OURS);
    world.verify().await.unwrap();
    publish(&world, &[NEXT.jwk()]);
    world.hand.advance(FRESH_FOR);
    world.verify().await.unwrap();
    world.stub.wait_for(JWKS, 2).await;
    // A key that upstream withdrew is withdrawn here, too.
    while world.verify().await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert_eq!(world.verify().await.unwrap_err().kind, UNKNOWN_KEY);
}

#[tokio::test]
async fn t5_prepare_asks_for_nothing_twice() {
    let world = World::new().await;
    for _ in 0..10 {
        world.transmit.prepare().await.unwrap();
    }
    assert_eq!((world.stub.count(TOKEN), world.stub.count(JWKS)), (1, 1));
}
