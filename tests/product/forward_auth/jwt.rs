//! The signed JWT, checked as an application would: with another library, from what
//! `/.well-known/jwks.json` says.

use std::sync::Arc;

use jsonwebtoken::jwk::{JwkSet, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use latchkey::domain::timestamp::Timestamp;
use latchkey::server::settings::Secret;
use latchkey::server::settings::forward_auth::PhoneHeader;
use serde_json::Value;

use crate::forward_auth::{BESIDE, OTHER, ask_for, behind, identity};
use crate::support::{Browser, KNOWN, World, minutes, seconds};

async fn with_jwt(phone: PhoneHeader) -> (Arc<World>, Browser) {
    let world = behind(|settings| {
        settings.forward_auth.jwt = true;
        settings.forward_auth.phone = phone;
    })
    .await;
    world.upstream.roles(KNOWN, &["admin", "Zoë"]).await;
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await;
    (world, browser)
}

async fn jwt(browser: &Browser, origin: &str) -> String {
    identity(&ask_for(browser, origin, "/").await)[5].to_owned()
}

async fn key_set(world: &Arc<World>) -> JwkSet {
    serde_json::from_value(world.browser().get("/.well-known/jwks.json").await.json()).unwrap()
}

/// What an application does. The world's clock is not the machine's, so times are looked at by
/// themselves.
fn check(keys: &JwkSet, jwt: &str, audience: &str) -> Result<Value, jsonwebtoken::errors::Error> {
    let header = decode_header(jwt)?;
    let key = keys.find(header.kid.as_deref().unwrap()).unwrap();
    let mut rules = Validation::new(Algorithm::ES256);
    rules.set_audience(&[audience]);
    rules.set_issuer(&["http://127.0.0.1:3000"]);
    rules.set_required_spec_claims(&["exp", "aud", "iss", "sub"]);
    rules.validate_exp = false;
    decode::<Value>(jwt, &DecodingKey::from_jwk(key)?, &rules).map(|token| token.claims)
}

#[tokio::test]
async fn an_application_can_check_who_it_is_for() {
    let (world, mut browser) = with_jwt(PhoneHeader::Masked).await;
    let keys = key_set(&world).await;
    let session = browser.get("/api/session").await.json();
    let now = world.now().as_secs();
    for origin in [OTHER, BESIDE] {
        let jwt = jwt(&browser, origin).await;
        let header = decode_header(&jwt).unwrap();
        assert_eq!(
            (header.typ.as_deref(), header.alg),
            (Some("JWT"), Algorithm::ES256)
        );
        let claims = check(&keys, &jwt, origin).unwrap();
        let mut names: Vec<_> = claims
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "amr",
                "aud",
                "auth_time",
                "exp",
                "groups",
                "iat",
                "iss",
                "jti",
                "sid",
                "sub"
            ]
        );
        assert_eq!(claims["sub"], session["sub"]);
        assert_eq!(claims["amr"], session["amr"]);
        assert_eq!(
            claims["groups"],
            serde_json::json!(["admin", "Zoë"]),
            "as they are: only headers need escaping"
        );
        assert_eq!(
            claims["sid"],
            world.audit.events_named("session_created")[0]["session"]
        );
        assert_eq!(
            (claims["iat"].as_u64(), claims["exp"].as_u64()),
            (Some(now), Some(now + 60))
        );
        let auth_time = Timestamp::from_secs(claims["auth_time"].as_u64().unwrap());
        assert_eq!(session["auth_time"], auth_time.to_rfc3339());
        assert!(claims["jti"].as_str().unwrap().len() >= 22);
        // What is for one application says nothing to another.
        for other in [OTHER, BESIDE].into_iter().filter(|other| *other != origin) {
            assert!(check(&keys, &jwt, other).is_err());
        }
        let (signed, signature) = jwt.rsplit_once('.').unwrap();
        let forged = format!("{}.{signature}", signed.replace(&signed[40..44], "AAAA"));
        assert!(check(&keys, &forged, origin).is_err());
    }
}

#[tokio::test]
async fn the_number_is_in_it_only_where_it_is_told_in_full() {
    let (world, browser) = with_jwt(PhoneHeader::Full).await;
    let claims = check(&key_set(&world).await, &jwt(&browser, OTHER).await, OTHER).unwrap();
    assert_eq!(claims["phone_number"], KNOWN);
}

#[tokio::test]
async fn it_lives_a_minute_and_never_longer_than_the_session() {
    let (world, browser) = with_jwt(PhoneHeader::Masked).await;
    let keys = key_set(&world).await;
    let first = jwt(&browser, OTHER).await;
    world.advance(seconds(29)).await;
    assert_eq!(
        jwt(&browser, OTHER).await,
        first,
        "good for half a minute yet"
    );
    world.advance(seconds(1)).await;
    let second = jwt(&browser, OTHER).await;
    assert_ne!(second, first);
    world.advance(minutes(29)).await;
    let last = check(&keys, &jwt(&browser, OTHER).await, OTHER).unwrap();
    let [iat, exp] = ["iat", "exp"].map(|name| last[name].as_u64().unwrap());
    assert!(
        exp - iat <= 30,
        "half a minute is left of the session: {last}"
    );
    world.advance(seconds(29)).await;
    let live = jwt(&browser, OTHER).await;
    assert!(check(&keys, &live, OTHER).unwrap()["exp"].as_u64().unwrap() >= world.now().as_secs());
}

#[tokio::test]
async fn one_persons_is_never_another_persons_and_new_roles_are_in_the_next() {
    let (world, browser) = with_jwt(PhoneHeader::Masked).await;
    let keys = key_set(&world).await;
    let mut other = world.browser();
    other.sign_in("+447400777888").await;
    let [one, another] = [jwt(&browser, OTHER).await, jwt(&other, OTHER).await];
    assert_ne!(
        check(&keys, &one, OTHER).unwrap()["sub"],
        check(&keys, &another, OTHER).unwrap()["sub"]
    );

    let world = behind(|settings| {
        settings.forward_auth.jwt = true;
        settings.session.check_interval = "10s".parse().unwrap();
    })
    .await;
    world.upstream.roles(KNOWN, &["admin"]).await;
    let mut browser = world.browser();
    browser.sign_in(KNOWN).await;
    jwt(&browser, OTHER).await;
    world.upstream.roles(KNOWN, &["guest"]).await;
    world.advance(seconds(10)).await;
    let claims = check(&key_set(&world).await, &jwt(&browser, OTHER).await, OTHER).unwrap();
    assert_eq!(
        claims["groups"],
        serde_json::json!(["guest"]),
        "no older one is given out"
    );
}

#[tokio::test]
async fn the_key_set_is_public_short_lived_and_there_only_where_it_is_needed() {
    let (world, _) = with_jwt(PhoneHeader::Masked).await;
    let answer = world.browser().get("/.well-known/jwks.json").await;
    assert_eq!(
        answer.header("content-type"),
        Some("application/jwk-set+json")
    );
    assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
    let keys = answer.json();
    let key = &keys["keys"][0];
    assert_eq!(
        [&key["kty"], &key["crv"], &key["alg"], &key["use"]],
        ["EC", "P-256", "ES256", "sig"]
    );
    assert_eq!(key["d"], Value::Null);
    assert_eq!(
        key["kid"],
        key_set(&world).await.keys[0]
            .thumbprint(ThumbprintHash::SHA256)
            .unwrap()
    );

    let off = behind(|_| {}).await;
    assert_eq!(
        off.browser().get("/.well-known/jwks.json").await.status,
        404
    );
}

/// Every node signs with the same key, and a key that was turned goes on being published.
#[tokio::test]
async fn the_key_follows_from_our_own_key() {
    let (world, browser) = with_jwt(PhoneHeader::Masked).await;
    let jwt = jwt(&browser, OTHER).await;
    let node = |key: Option<Secret>, previous: Option<Secret>| {
        let settings = world.settings.clone();
        World::over(world.product.store.clone(), world.upstream.clone(), |new| {
            new.server = settings.server.clone();
            new.forward_auth = settings.forward_auth.clone();
            new.secrets.key = key.or(settings.secrets.key);
            new.secrets.previous_keys = previous.into_iter().collect();
        })
    };
    let of_sibling = key_set(&node(None, None)).await;
    assert!(check(&of_sibling, &jwt, OTHER).is_ok());

    // Turned: the new key signs, and what the old one signed can still be checked.
    let new = Secret::new("//////////////////////////////////////////8=");
    let turned = node(Some(new), world.settings.secrets.key.clone());
    let keys = key_set(&turned).await;
    assert_eq!((keys.keys.len(), &keys.keys[1]), (2, &of_sibling.keys[0]));
    assert!(check(&keys, &jwt, OTHER).is_ok());
    let browser = Browser {
        world: turned,
        ..browser
    };
    let by_new = identity(&ask_for(&browser, OTHER, "/").await)[5].to_owned();
    assert_eq!(
        decode_header(&by_new).unwrap().kid,
        keys.keys[0].common.key_id
    );
    assert!(check(&keys, &by_new, OTHER).is_ok());
}
