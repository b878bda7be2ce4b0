//! The example in Rust that verifies JWTs accepts those that Latchkey would issue and refuses every
//! other. The examples in other languages are tested in `end2end/tests/http/verify-jwt.spec.ts`.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use latchkey::server::system::clock::Clock;
use serde_json::{Value, json};

mod verify {
    include!("../../../examples/verify-jwt/verify.rs");
}

const ISSUER: &str = "https://id.example.com";
const AUDIENCE: &str = "https://app.example.com";

/// A key to sign with, and the set that holds its public half.
fn key(id: &str) -> (EncodingKey, JwkSet) {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let document = pair.to_pkcs8v1().unwrap();
    let point = pair.public_key().as_ref();
    let [x, y] = [&point[1..33], &point[33..]].map(|number| BASE64URL.encode(number));
    let jwk = json!({ "kty": "EC", "crv": "P-256", "alg": "ES256", "kid": id, "x": x, "y": y });
    let keys = serde_json::from_value(json!({ "keys": [jwk] })).unwrap();
    (EncodingKey::from_ec_der(document.as_ref()), keys)
}

/// By the machine's clock, which the example reads.
fn now() -> u64 {
    Clock::system().now().as_secs()
}

/// The claims that Latchkey issues, with one member changed or removed.
fn claims(name: &str, value: Option<Value>) -> Value {
    let mut claims = json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "alice", "groups": ["staff"],
        "iat": now(), "exp": now() + 60,
    });
    let members = claims.as_object_mut().unwrap();
    members.remove(name);
    members.extend(value.map(|value| (name.to_owned(), value)));
    claims
}

fn sign(key: &EncodingKey, id: Option<&str>, claims: &Value) -> String {
    let mut header = Header::new(Algorithm::ES256);
    header.kid = id.map(str::to_owned);
    encode(&header, claims, key).unwrap()
}

#[test]
fn the_example_accepts_a_valid_jwt_and_refuses_every_other() {
    let (listed, keys) = key("listed");
    let (unlisted, _) = key("listed");
    let is_valid = |jwt: &str| verify::verify(jwt, &keys, ISSUER, AUDIENCE);
    let valid = sign(&listed, Some("listed"), &claims("jti", None));
    let accepted = is_valid(&valid).unwrap();
    assert_eq!(
        (&*accepted.sub, &*accepted.groups),
        ("alice", &["staff".to_owned()][..])
    );

    for (name, value) in [
        ("aud", None),
        ("aud", Some(json!("https://other.example.com"))),
        ("aud", Some(json!([]))),
        ("iss", None),
        ("iss", Some(json!("https://evil.example"))),
        ("exp", None),
        ("exp", Some(json!(now() - 1))),
        ("exp", Some(json!("soon"))),
        ("sub", None),
        ("sub", Some(json!(null))),
    ] {
        let jwt = sign(&listed, Some("listed"), &claims(name, value.clone()));
        assert!(is_valid(&jwt).is_err(), "{name} {value:?}");
    }
    for (what, key, id) in [
        ("another key", &unlisted, Some("listed")),
        ("an unlisted ID", &listed, Some("unlisted")),
        ("no ID", &listed, None),
    ] {
        assert!(
            is_valid(&sign(key, id, &claims("jti", None))).is_err(),
            "{what}"
        );
    }

    let parts: Vec<&str> = valid.split('.').collect();
    let [head, body, signature] = parts[..] else {
        panic!("{valid}");
    };
    let part = |value: Value| BASE64URL.encode(value.to_string());
    let none = part(json!({ "alg": "none", "kid": "listed" }));
    let hash = part(json!({ "alg": "HS256", "kid": "listed" }));
    let root = part(claims("sub", Some(json!("root"))));
    for jwt in [
        String::new(),
        "root".to_owned(),
        "..".to_owned(),
        format!("{head}.{body}"),
        format!("{head}.{body}."),
        format!("{valid}.{signature}"),
        format!("{none}.{body}."),
        format!("{none}.{body}.{signature}"),
        format!("{hash}.{body}.{signature}"),
        format!("{head}.{root}.{signature}"),
        format!("{head}.{body}.{}", &signature[..40]),
        format!("{head}.{body}.{}", BASE64URL.encode([0; 64])),
    ] {
        assert!(is_valid(&jwt).is_err(), "{jwt}");
    }
}
