//! Which published keys may sign (requirement T1), and which key sets are valid.

use latchkey::server::transmit::{FailureKind, InvalidToken, TokenError, TokenKind};
use serde_json::{Value, json};

use crate::stub_server::Reply;
use crate::test_client::*;
use latchkey_testkit::forged_tokens::with_member;
use latchkey_testkit::token_signer::{ROTATED, TRUSTED, UNTRUSTED, b64};

const UNKNOWN_KEY: FailureKind = FailureKind::TokenInvalid(InvalidToken {
    token: TokenKind::Id,
    error: TokenError::UnknownKey,
});

async fn with_keys(keys: Value) -> TestClient {
    let world = TestClient::new().await;
    world
        .stub
        .always(JWKS, Reply::json(200, json!({ "keys": keys })));
    world
}

#[tokio::test]
async fn t1_a_key_of_another_purpose_or_strength_signs_nothing() {
    let numbers = [
        ("n", json!(b64(&[0xc1; 128])), "1024 bits"),
        ("n", json!(b64(&[0x7f; 255])), "2039 bits"),
        (
            "n",
            json!(b64(&[&[0; 200], &[0xc1; 128][..]].concat())),
            "1024 bits behind zeros",
        ),
        ("n", json!(b64(&[0xc1; 1025])), "8200 bits"),
        ("n", json!(""), "empty"),
        ("n", json!("+/+/"), "in the standard alphabet"),
        ("e", json!("AQ"), "1: a signature is its own message"),
        ("e", json!("Aw"), "3"),
        ("e", json!("AQAA"), "65536"),
        ("e", json!("AQAC"), "even"),
        ("e", json!("AQAAAAAAAAAB"), "longer than 64 bits"),
        ("e", json!(""), "empty"),
    ];
    let purposes = [
        ("use", json!("enc"), "for encryption"),
        ("use", json!("SIG"), "in capitals"),
        ("key_ops", json!(["sign"]), "to sign"),
        ("key_ops", json!([]), "for nothing"),
        ("key_ops", json!("verify"), "a text"),
        ("kty", json!("EC"), "of a curve"),
        ("kty", json!("oct"), "a secret"),
        ("kty", json!(null), "missing"),
        ("alg", json!("HS256"), "a secret's"),
        ("alg", json!("RSA-OAEP"), "for encryption"),
        ("alg", json!("RS512"), "not allowed"),
        ("alg", json!("none"), "none"),
        ("kid", json!(null), "missing"),
        ("kid", json!(""), "empty"),
        ("kid", json!(1), "a number"),
    ];
    for (member, value, what) in numbers.into_iter().chain(purposes) {
        let world = with_keys(json!([
            with_member(TRUSTED.jwk(), member, value),
            ROTATED.jwk()
        ]))
        .await;
        let refused = world.verify().await.unwrap_err();
        assert_eq!(refused.kind, UNKNOWN_KEY, "{member} {what}");
    }
}

#[tokio::test]
async fn t1_what_a_sound_key_may_say_of_itself() {
    for (member, value) in [
        ("alg", json!("RS256")),
        ("alg", json!(null)),
        ("use", json!(null)),
        ("key_ops", json!(["verify"])),
        ("key_ops", json!(["verify", "sign"])),
        ("x5t", json!("x")),
    ] {
        let world = with_keys(json!([with_member(TRUSTED.jwk(), member, value.clone())])).await;
        assert!(world.verify().await.is_ok(), "{member} {value}");
    }
}

#[tokio::test]
async fn t5_keys_of_one_name_are_all_tried() {
    let world =
        with_keys(json!([UNTRUSTED.jwk(), {"kty": "EC", "kid": TRUSTED.kid}, TRUSTED.jwk()])).await;
    world.verify().await.unwrap();
    assert_eq!(world.stub.count(JWKS), 1);
}

#[tokio::test]
async fn t5_one_name_may_stand_for_a_key_of_each_algorithm() {
    let [rs256, ps256] = [("RS256", TRUSTED.jwk()), ("PS256", UNTRUSTED.jwk())]
        .map(|(alg, key)| with_member(key, "alg", json!(alg)));
    let world = with_keys(json!([ps256, rs256])).await;
    world.verify().await.unwrap();
    let access = UNTRUSTED.token_with_alg("PS256", &access_claims());
    world.stub.always(
        VERIFY,
        tokens(
            &UNTRUSTED.token_with_alg("PS256", &with_member(id_claims(), "at_hash", json!(null))),
            &access,
        ),
    );
    world.verify().await.unwrap();
}

#[tokio::test]
async fn t5_an_empty_or_broken_key_set_is_no_key_set() {
    let nameless = json!({ "keys": [with_member(TRUSTED.jwk(), "kid", json!(""))] }).to_string();
    for body in [
        &nameless,
        "",
        "{}",
        "[]",
        r#"{"keys":[]}"#,
        r#"{"keys":{}}"#,
        r#"{"keys":[{"kty":"EC"}]}"#,
        "<html>",
    ] {
        let world = TestClient::new().await;
        world
            .stub
            .always(JWKS, Reply::text(200, "application/json", body));
        let refused = world.transmit.prepare().await.unwrap_err();
        assert_eq!(refused.kind, FailureKind::NoSigningKey, "{body}");
    }
}

#[tokio::test]
async fn t5_no_more_than_64_keys_are_read() {
    let mut keys = vec![ROTATED.jwk(); 64];
    keys.push(TRUSTED.jwk());
    let world = with_keys(json!(keys)).await;
    assert_eq!(world.verify().await.unwrap_err().kind, UNKNOWN_KEY);
    let world = with_keys(json!(keys[1..])).await;
    world.verify().await.unwrap();
}
