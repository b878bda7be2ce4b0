//! Tokens that lie: every one is refused, with its reason (requirements T1, T2, T3). Each case changes one thing in a pair
//! that is believed otherwise.

use latchkey::domain::{Identifier, IdentifierType};
use latchkey::server::random::Random;
use latchkey::server::transmit::{Delivery, FailureKind, Flaw, TokenFault, TokenKind};
use serde_json::{Value, json};

use super::signer::{FOREIGN, OURS, b64};
use super::stub::Reply;
use super::world::*;

const ID: TokenKind = TokenKind::Id;
const ACCESS: TokenKind = TokenKind::Access;

/// A case: its name, the ID token, the access token, and which of them is refused for what.
type Case = (String, String, String, TokenKind, Flaw);

fn good_id() -> String {
    OURS.token(&id_claims())
}

fn good_access() -> String {
    OURS.token(&access_claims())
}

/// Claims with one changed; `null` takes it away.
fn changed(mut claims: Value, name: &str, value: Value) -> Value {
    match value {
        Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
        value => claims[name] = value,
    }
    claims
}

/// The case of a forged ID token beside a good access token.
fn id(name: &str, token: String, flaw: Flaw) -> Case {
    (name.to_owned(), token, good_access(), ID, flaw)
}

/// The reverse.
fn access(name: &str, token: String, flaw: Flaw) -> Case {
    (name.to_owned(), good_id(), token, ACCESS, flaw)
}

async fn check(world: &World, cases: Vec<Case>) {
    for (name, id, access, token, flaw) in cases {
        world.stub.always(VERIFY, tokens(&id, &access));
        let before = world.stub.count(VERIFY);
        match world.verify().await {
            Ok(_) => panic!("{name}: believed"),
            Err(failure) => {
                assert_eq!(failure.kind, FailureKind::TokenInvalid(TokenFault { token, flaw }), "{name}");
                assert_eq!(failure.delivery, Delivery::Answered, "{name}");
                assert!(!format!("{failure} {failure:?}").contains("eyJ"), "{name}: a token in the error");
            }
        }
        assert_eq!(world.stub.count(VERIFY), before + 1, "{name}");
    }
}

#[tokio::test]
async fn t1_true_tokens_of_both_algorithms_are_believed() {
    let world = World::new().await;
    let ps256 = |claims: Value| OURS.sign(&OURS.header("PS256").to_string(), &claims.to_string(), "PS256");
    let bare = json!({"alg": "RS256", "kid": OURS.kid}).to_string();
    let rfc9068 = json!({"alg": "RS256", "kid": OURS.kid, "typ": "at+jwt"}).to_string();
    let at_jwt = OURS.sign(&rfc9068, &access_claims().to_string(), "RS256");
    for (name, id, access) in [
        ("RS256", good_id(), good_access()),
        ("PS256", ps256(id_claims()), ps256(access_claims())),
        ("no typ", OURS.sign(&bare, &id_claims().to_string(), "RS256"), good_access()),
        ("at+jwt", good_id(), at_jwt),
        ("aud in a list", OURS.token(&changed(id_claims(), "aud", json!([CLIENT]))), good_access()),
        ("azp", OURS.token(&changed(id_claims(), "azp", json!(CLIENT))), good_access()),
        ("fractions", OURS.token(&changed(id_claims(), "exp", json!(NOW as f64 + 0.5))), good_access()),
        ("within the skew", OURS.token(&changed(id_claims(), "exp", json!(NOW - 59))), good_access()),
        ("issued within the skew", OURS.token(&changed(id_claims(), "iat", json!(NOW + 60))), good_access()),
        ("no number", OURS.token(&changed(id_claims(), "phone_number", json!(null))), good_access()),
        ("unknown claims", OURS.token(&changed(id_claims(), "custom_data", json!({"a": [1]}))), good_access()),
        ("access of a resource", good_id(), OURS.token(&changed(access_claims(), "aud", json!("https://r")))),
    ] {
        world.stub.always(VERIFY, tokens(&id, &access));
        let identity = world.verify().await;
        assert!(identity.is_ok(), "{name}: {:?}", identity.err());
    }
}

#[tokio::test]
async fn t1_a_key_that_names_its_algorithm_serves_no_other() {
    let world = World::new().await;
    let mut key = OURS.jwk();
    key["alg"] = json!("PS256");
    world.stub.always(JWKS, Reply::json(200, json!({ "keys": [key] })));
    check(&world, vec![id("RS256 by a PS256 key", good_id(), Flaw::UnknownKey)]).await;
}

#[tokio::test]
async fn t1_other_algorithms_and_false_signatures_are_refused() {
    let world = World::new().await;
    let by = |alg: &str, with: &str, signer: &super::signer::Signer| {
        signer.sign(&OURS.header(alg).to_string(), &id_claims().to_string(), with)
    };
    let (head, rest) = good_id().split_once('.').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let (claims, signature) = rest.split_once('.').unwrap();
    let other_claims = b64(changed(id_claims(), "sub", json!("u-2")).to_string().as_bytes());
    check(
        &world,
        vec![
            id("alg none", by("none", "none", &OURS), Flaw::Algorithm),
            id("alg nOnE", by("nOnE", "none", &OURS), Flaw::Algorithm),
            id("RS256 unsigned", by("RS256", "none", &OURS), Flaw::Signature),
            id("HS256 by the public key", by("HS256", "HS256 by DER", &OURS), Flaw::Algorithm),
            id("HS256 by the JWK", by("HS256", "HS256 by JWK", &OURS), Flaw::Algorithm),
            id("RS256 in name, HMAC in truth", by("RS256", "HS256 by DER", &OURS), Flaw::Signature),
            id("RS512", by("RS512", "RS512", &OURS), Flaw::Algorithm),
            id("ES256", by("ES256", "none", &OURS), Flaw::Algorithm),
            id("rs256", by("rs256", "RS256", &OURS), Flaw::Algorithm),
            id("RS256 in name, PS256 in truth", by("RS256", "PS256", &OURS), Flaw::Signature),
            id("PS256 in name, RS256 in truth", by("PS256", "RS256", &OURS), Flaw::Signature),
            id("a foreign key under our name", by("RS256", "RS256", &FOREIGN), Flaw::Signature),
            id("claims of another", format!("{head}.{other_claims}.{signature}"), Flaw::Signature),
            id("signature cut", format!("{head}.{claims}.{}", &signature[..340]), Flaw::Signature),
            id("signature padded", format!("{head}.{claims}.{signature}=="), Flaw::Signature),
            access("an access token by a foreign key", FOREIGN.token(&access_claims()), Flaw::Signature),
        ],
    )
    .await;
}

#[tokio::test]
async fn t2_a_token_does_not_choose_its_key() {
    let world = World::new().await;
    let with = |member: &str, value: Value, signer: &super::signer::Signer| {
        let header = changed(OURS.header("RS256"), member, value);
        signer.sign(&header.to_string(), &id_claims().to_string(), "RS256")
    };
    let url = json!(format!("{}/evil", world.stub.base));
    world.stub.always("/evil", Reply::json(200, json!({"keys": [FOREIGN.jwk()]})));
    check(
        &world,
        vec![
            id("jwk", with("jwk", FOREIGN.jwk(), &FOREIGN), Flaw::Header),
            id("jwk, well signed", with("jwk", OURS.jwk(), &OURS), Flaw::Header),
            id("jku", with("jku", url.clone(), &FOREIGN), Flaw::Header),
            id("x5u", with("x5u", url, &FOREIGN), Flaw::Header),
            id("crit", with("crit", json!(["exp"]), &OURS), Flaw::Header),
            id("b64", with("b64", json!(false), &OURS), Flaw::Header),
            id("no kid", with("kid", json!(null), &OURS), Flaw::KeyIdMissing),
            id("empty kid", with("kid", json!(""), &OURS), Flaw::KeyIdMissing),
            id("kid a number", with("kid", json!(1), &OURS), Flaw::KeyIdMissing),
            id("long kid", with("kid", json!("k".repeat(257)), &OURS), Flaw::KeyIdMissing),
            id("wrong kid", with("kid", json!("key-9"), &OURS), Flaw::UnknownKey),
            id("kid a path", with("kid", json!("../../etc/passwd"), &OURS), Flaw::UnknownKey),
            id("typ of a logout token", with("typ", json!("logout+jwt"), &OURS), Flaw::Type),
            id("typ at+jwt on an ID token", with("typ", json!("at+jwt"), &OURS), Flaw::Type),
            id("typ no text", with("typ", json!(["JWT"]), &OURS), Flaw::Type),
        ],
    )
    .await;
    assert_eq!(world.stub.count("/evil"), 0);
}

#[tokio::test]
async fn t3_every_claim_of_the_id_token_is_checked() {
    let world = World::new().await;
    let case = |name: &str, value: Value, flaw| {
        id(&format!("{name} = {value}"), OURS.token(&changed(id_claims(), name, value)), flaw)
    };
    check(
        &world,
        vec![
            case("iss", json!("https://userid.example/"), Flaw::Issuer),
            case("iss", json!(null), Flaw::Missing("iss")),
            case("iss", json!([ISSUER]), Flaw::Malformed),
            case("aud", json!("client-2"), Flaw::Audience),
            case("aud", json!("userid-api"), Flaw::Audience),
            case("aud", json!([CLIENT, "client-2"]), Flaw::Audience),
            case("aud", json!([]), Flaw::Audience),
            case("aud", json!(null), Flaw::Missing("aud")),
            case("azp", json!("client-2"), Flaw::Audience),
            case("tid", json!("tenant-2"), Flaw::Tenant),
            case("tid", json!(null), Flaw::Missing("tid")),
            case("sub", json!(""), Flaw::Missing("sub")),
            case("sub", json!(null), Flaw::Missing("sub")),
            case("sub", json!("x".repeat(256)), Flaw::Missing("sub")),
            case("exp", json!(NOW - 60), Flaw::Expired),
            case("exp", json!(0), Flaw::Expired),
            case("exp", json!(null), Flaw::Missing("exp")),
            case("exp", json!("never"), Flaw::Malformed),
            case("exp", json!(-1), Flaw::Malformed),
            case("exp", json!(1e300), Flaw::Malformed),
            case("nbf", json!(NOW + 61), Flaw::NotYetValid),
            case("iat", json!(NOW + 61), Flaw::IssuedInFuture),
            case("iat", json!(null), Flaw::Missing("iat")),
            case("auth_time", json!(NOW - 161), Flaw::AuthTime),
            case("auth_time", json!(NOW + 61), Flaw::AuthTime),
            case("auth_time", json!(null), Flaw::Missing("auth_time")),
            case("phone_number", json!("+447400123457"), Flaw::PhoneNumber),
            case("phone_number", json!("447400123456"), Flaw::PhoneNumber),
            case("phone_number", json!(""), Flaw::PhoneNumber),
            case("phone_number", json!({"value": PHONE}), Flaw::Malformed),
        ],
    )
    .await;
}

#[tokio::test]
async fn t3_every_claim_of_the_access_token_is_checked() {
    let world = World::new().await;
    let case = |name: &str, value: Value, flaw| {
        access(&format!("{name} = {value}"), OURS.token(&changed(access_claims(), name, value)), flaw)
    };
    check(
        &world,
        vec![
            case("iss", json!("https://evil.example"), Flaw::Issuer),
            case("iss", json!(null), Flaw::Missing("iss")),
            case("client_id", json!("client-2"), Flaw::ClientId),
            case("client_id", json!(null), Flaw::WrongUse),
            case("tid", json!("tenant-2"), Flaw::Tenant),
            case("tid", json!(null), Flaw::Missing("tid")),
            case("sub", json!("u-2"), Flaw::Subject),
            case("sub", json!(null), Flaw::Missing("sub")),
            case("exp", json!(NOW - 60), Flaw::Expired),
            case("exp", json!(null), Flaw::Missing("exp")),
            case("nbf", json!(NOW + 61), Flaw::NotYetValid),
            case("iat", json!(NOW + 61), Flaw::IssuedInFuture),
            case("iat", json!(null), Flaw::Missing("iat")),
        ],
    )
    .await;
}

#[tokio::test]
async fn t3_one_token_cannot_stand_in_for_the_other() {
    let world = World::new().await;
    let access_for_us = changed(changed(access_claims(), "aud", json!(CLIENT)), "auth_time", json!(NOW));
    check(
        &world,
        vec![
            ("swapped".to_owned(), good_access(), good_id(), ID, Flaw::WrongUse),
            id("access token twice", good_access(), Flaw::WrongUse),
            access("ID token twice", good_id(), Flaw::WrongUse),
            id("an access token whose audience is ours", OURS.token(&access_for_us), Flaw::WrongUse),
        ],
    )
    .await;
}

#[tokio::test]
async fn t3_what_is_no_token_is_refused() {
    let world = World::new().await;
    let header = OURS.header("RS256").to_string();
    let claims = id_claims().to_string();
    let twice = |name: &str, value: Value| format!("{}, \"{name}\": {value}}}", &claims[..claims.len() - 1]);
    let signed = |header: &str, claims: &str| OURS.sign(header, claims, "RS256");
    let good = good_id();
    let dots: Vec<_> = good.match_indices('.').map(|(at, _)| at).collect();
    check(
        &world,
        vec![
            id("empty", String::new(), Flaw::Malformed),
            id("dots", "..".into(), Flaw::Malformed),
            id("header alone", good[..dots[0]].into(), Flaw::Malformed),
            id("without signature", good[..dots[1]].into(), Flaw::Malformed),
            id("truncated in the claims", good[..dots[0] + 20].into(), Flaw::Malformed),
            id("truncated in the signature", good[..good.len() - 20].into(), Flaw::Signature),
            id("four parts", format!("{good}.x"), Flaw::Malformed),
            id("encrypted", "a.b.c.d.e".into(), Flaw::Encrypted),
            id("bad base64", format!("%{}", &good[1..]), Flaw::Malformed),
            id("standard base64", format!("+/{}", &good[2..]), Flaw::Malformed),
            id("a space before", format!(" {good}"), Flaw::Malformed),
            id("no UTF-8 harm", format!("é{good}"), Flaw::Malformed),
            id("huge", format!("{good}{}", "A".repeat(65_536)), Flaw::TooLarge),
            id("header no object", signed("[]", &claims), Flaw::Malformed),
            id("header and more", signed(&format!("{header} {{}}"), &claims), Flaw::Malformed),
            id("claims no object", signed(&header, "\"x\""), Flaw::Malformed),
            id("claims no JSON", signed(&header, "{"), Flaw::Malformed),
            id("deep claims", signed(&header, &format!("{{\"a\":{}", "[".repeat(5_000))), Flaw::Malformed),
            id("sub twice", signed(&header, &twice("sub", json!("u-1"))), Flaw::Duplicate),
            id("exp twice", signed(&header, &twice("exp", json!(NOW + 9))), Flaw::Duplicate),
            id("an unread claim twice", signed(&header, &twice("acr", json!("x"))), Flaw::Duplicate),
            id("alg twice", signed(&header.replacen('{', "{\"alg\":\"none\",", 1), &claims), Flaw::Duplicate),
            access("empty access token", String::new(), Flaw::Malformed),
            access("huge access token", "a".repeat(70_000), Flaw::TooLarge),
        ],
    )
    .await;
}

#[tokio::test]
async fn t3_an_answer_without_one_of_its_parts_is_refused() {
    let world = World::new().await;
    let whole = json!({"access_token": good_access(), "id_token": good_id(), "session_id": "s"});
    for (name, kind) in [
        ("id_token", FailureKind::TokenInvalid(TokenFault { token: ID, flaw: Flaw::Absent })),
        ("access_token", FailureKind::TokenInvalid(TokenFault { token: ACCESS, flaw: Flaw::Absent })),
        ("session_id", FailureKind::NotUnderstood),
    ] {
        world.stub.always(VERIFY, Reply::json(200, changed(whole.clone(), name, json!(null))));
        assert_eq!(world.verify().await.unwrap_err().kind, kind, "{name}");
    }
    world.stub.always(VERIFY, Reply::json(200, changed(whole, "session_id", json!(""))));
    assert_eq!(world.verify().await.unwrap_err().kind, FailureKind::NotUnderstood);
}

#[tokio::test]
async fn t3_another_kind_of_identifier_is_not_compared_with_the_number() {
    let world = World::new().await;
    let email = Identifier::canonical(IdentifierType::Email, "ada@example.com".into(), None);
    let identity = world.verify_as(&email).await.unwrap();
    assert_eq!(identity.phone_number.as_deref(), Some(PHONE));
}

#[tokio::test]
async fn t3_without_a_tenant_in_the_settings_tid_is_not_checked() {
    let world = World::with(|settings| settings.tenant_id = None).await;
    let id = OURS.token(&changed(id_claims(), "tid", json!("tenant-2")));
    world.stub.always(VERIFY, tokens(&id, &good_access()));
    world.verify().await.unwrap();
}

#[tokio::test]
async fn t1_no_mutation_of_a_true_token_is_believed() {
    const MUTATIONS: usize = 3_000;
    let world = World::new().await;
    let random = Random::seeded(42);
    let (id, access) = (good_id(), good_access());
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=";
    for round in 0..MUTATIONS {
        let (mut forged_id, mut forged_access) = (id.clone().into_bytes(), access.clone().into_bytes());
        let token = if round % 2 == 0 { &mut forged_id } else { &mut forged_access };
        let at = random.below(token.len() as u64) as usize;
        let byte = alphabet[random.below(alphabet.len() as u64) as usize];
        match random.below(3) {
            0 => token[at] = if token[at] == byte { b'*' } else { byte },
            1 => drop(token.remove(at)),
            _ => token.insert(at, byte),
        }
        let (forged_id, forged_access) =
            (String::from_utf8(forged_id).unwrap(), String::from_utf8(forged_access).unwrap());
        world.stub.always(VERIFY, tokens(&forged_id, &forged_access));
        let failure = world.verify().await.unwrap_err();
        assert!(matches!(failure.kind, FailureKind::TokenInvalid(_)), "{forged_id} {forged_access}: {failure}");
    }
    world.stub.always(VERIFY, tokens(&id, &access));
    world.verify().await.unwrap();
}
