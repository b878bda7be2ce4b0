//! Forged tokens: each is refused for its own reason (requirements T1, T2, T3). Valid tokens are
//! tried too, because a validator that refuses everything would pass otherwise.

use std::collections::HashSet;

use latchkey::domain::{Identifier, IdentifierType};
use latchkey::server::transmit::{
    DeliveryState, FailureKind, InvalidToken, SessionId, TokenError, TokenKind,
};
use serde_json::{Value, json};

use crate::stub_server::Reply;
use crate::test_client::*;
use latchkey_testkit::forged_tokens::{self, with_member};
use latchkey_testkit::token_signer::{ROTATED, TRUSTED};

#[tokio::test]
async fn t1_t2_t3_every_forged_token_is_refused_for_its_own_reason() {
    let world = TestClient::new().await;
    let cases = forged_tokens::all();
    for case in &cases {
        let (id, access) = (case.forge)(&terms());
        world.stub.always(VERIFY, tokens(&id, &access));
        let before = world.stub.count(VERIFY);
        let name = &case.name;
        match world.verify().await {
            Ok(_) => panic!("{name}: accepted"),
            Err(failure) => {
                let fault = InvalidToken {
                    token: case.token,
                    error: case.flaw,
                };
                assert_eq!(failure.kind, FailureKind::TokenInvalid(fault), "{name}");
                assert_eq!(failure.delivery, DeliveryState::Answered, "{name}");
                let shown = format!("{failure} {failure:?}");
                assert!(
                    !shown.contains("eyJ") && !shown.contains(PHONE),
                    "{name}: {shown}"
                );
            }
        }
        assert_eq!(world.stub.count(VERIFY), before + 1, "{name}");
    }
    assert!(
        world.stub.count(JWKS) <= 1 + 5,
        "no case asks for keys more often than tokens may"
    );
    println!("{} forged tokens", cases.len());
}

#[test]
fn the_corpus_is_as_large_as_is_said_and_names_each_case_once() {
    let cases = forged_tokens::all();
    let names: HashSet<_> = cases.iter().map(|case| &case.name).collect();
    assert_eq!(names.len(), cases.len());
    assert!(cases.len() >= 400, "{}", cases.len());
}

/// Every reason there is, save those of an answer that lacks a token, is found by some case.
#[test]
fn the_corpus_knows_every_flaw() {
    let cases = forged_tokens::all();
    let mut missing = Vec::new();
    for flaw in [
        TokenError::TooLarge,
        TokenError::Encrypted,
        TokenError::Malformed,
        TokenError::Duplicate,
        TokenError::Algorithm,
        TokenError::Type,
        TokenError::Header,
        TokenError::KeyIdMissing,
        TokenError::UnknownKey,
        TokenError::Signature,
        TokenError::Missing("iss"),
        TokenError::Missing("sub"),
        TokenError::Missing("aud"),
        TokenError::Missing("tid"),
        TokenError::Missing("exp"),
        TokenError::Missing("iat"),
        TokenError::Missing("auth_time"),
        TokenError::WrongUse,
        TokenError::Issuer,
        TokenError::Audience,
        TokenError::ClientId,
        TokenError::Tenant,
        TokenError::Expired,
        TokenError::NotYetValid,
        TokenError::IssuedInFuture,
        TokenError::Subject,
        TokenError::AccessTokenHash,
        TokenError::AuthTime,
        TokenError::Method,
        TokenError::Missing("amr"),
        TokenError::PhoneNumber,
    ] {
        if !cases.iter().any(|case| case.flaw == flaw) {
            missing.push(flaw);
        }
    }
    assert_eq!(missing, []);
}

#[tokio::test]
async fn t1_valid_tokens_of_both_algorithms_are_accepted() {
    let world = TestClient::new().await;
    let terms = terms();
    let id_with =
        |name: &str, value: Value| TRUSTED.token(&with_member(terms.id_claims(), name, value));
    let bare = |claims: Value| {
        TRUSTED.sign(
            &json!({"alg": "RS256", "kid": TRUSTED.kid}).to_string(),
            &claims.to_string(),
            "RS256",
        )
    };
    let typed = |typ: &str, claims: Value| {
        TRUSTED.sign(
            &with_member(TRUSTED.header("RS256"), "typ", json!(typ)).to_string(),
            &claims.to_string(),
            "RS256",
        )
    };
    let with_id = |access: String| (terms.id_matching(&access), access);
    let ps256 = TRUSTED.token_with_alg("PS256", &terms.access_claims());
    let ps256_id = TRUSTED.token_with_alg(
        "PS256",
        &with_member(
            terms.id_claims(),
            "at_hash",
            json!(forged_tokens::at_hash(&ps256)),
        ),
    );
    let of_a_resource = with_member(terms.access_claims(), "aud", json!("https://r"));
    for (name, (id, access)) in [
        ("RS256", (terms.id(), terms.access())),
        ("PS256", (ps256_id, ps256)),
        ("no typ", with_id(bare(terms.access_claims()))),
        ("at+jwt", with_id(typed("at+jwt", terms.access_claims()))),
        (
            "application/at+jwt",
            with_id(typed("application/AT+JWT", terms.access_claims())),
        ),
        ("jwt", (typed("jwt", terms.id_claims()), terms.access())),
        (
            "access of a resource",
            with_id(TRUSTED.token(&of_a_resource)),
        ),
        (
            "no at_hash",
            (id_with("at_hash", json!(null)), terms.access()),
        ),
        (
            "aud in a list",
            (id_with("aud", json!([CLIENT])), terms.access()),
        ),
        ("azp", (id_with("azp", json!(CLIENT)), terms.access())),
        (
            "client_id without scope",
            (id_with("client_id", json!(CLIENT)), terms.access()),
        ),
        (
            "fractions",
            (id_with("exp", json!(NOW as f64 + 0.5)), terms.access()),
        ),
        (
            "expired within the skew",
            (id_with("exp", json!(NOW - 59)), terms.access()),
        ),
        (
            "issued within the skew",
            (id_with("iat", json!(NOW + 60)), terms.access()),
        ),
        (
            "valid within the skew",
            (id_with("nbf", json!(NOW + 60)), terms.access()),
        ),
        (
            "authenticated within the skew",
            (id_with("auth_time", json!(NOW + 60)), terms.access()),
        ),
        (
            "authenticated as the flow began",
            (id_with("auth_time", json!(NOW - 160)), terms.access()),
        ),
        (
            "no number",
            (id_with("phone_number", json!(null)), terms.access()),
        ),
        (
            "unknown claims",
            (id_with("custom_data", json!({"a": [1]})), terms.access()),
        ),
        (
            "sms among other methods",
            (id_with("amr", json!(["pwd", "sms", "mfa"])), terms.access()),
        ),
        (
            "sms and entries that are no text",
            (id_with("amr", json!([7, "sms", null])), terms.access()),
        ),
        ("longest sub", {
            let terms = forged_tokens::TokenTerms {
                sub: "x".repeat(255),
                ..terms.clone()
            };
            (terms.id(), terms.access())
        }),
    ] {
        world.stub.always(VERIFY, tokens(&id, &access));
        let identity = world.verify().await;
        assert!(identity.is_ok(), "{name}: {:?}", identity.err());
    }
    assert_eq!(world.stub.count(JWKS), 1);
}

#[tokio::test]
async fn t3_an_answer_without_one_of_its_parts_is_refused() {
    let world = TestClient::new().await;
    let whole =
        json!({"access_token": terms().access(), "id_token": terms().id(), "session_id": "s"});
    for (name, kind) in [
        (
            "id_token",
            FailureKind::TokenInvalid(InvalidToken {
                token: TokenKind::Id,
                error: TokenError::Absent,
            }),
        ),
        (
            "access_token",
            FailureKind::TokenInvalid(InvalidToken {
                token: TokenKind::Access,
                error: TokenError::Absent,
            }),
        ),
        ("session_id", FailureKind::NotUnderstood),
    ] {
        world.stub.always(
            VERIFY,
            Reply::json(200, with_member(whole.clone(), name, json!(null))),
        );
        assert_eq!(world.verify().await.unwrap_err().kind, kind, "{name}");
    }
    for id in [String::new(), "s".repeat(1025)] {
        world.stub.always(
            VERIFY,
            Reply::json(200, with_member(whole.clone(), "session_id", json!(id))),
        );
        assert_eq!(
            world.verify().await.unwrap_err().kind,
            FailureKind::NotUnderstood
        );
    }
    // An answer of two minds, too.
    let text = whole.to_string();
    for name in ["id_token", "access_token", "session_id"] {
        let twice = text.replacen('{', &format!("{{\"{name}\":\"x\","), 1);
        world
            .stub
            .always(VERIFY, Reply::text(200, "application/json", &twice));
        assert_eq!(
            world.verify().await.unwrap_err().kind,
            FailureKind::NotUnderstood,
            "{name}"
        );
    }
}

#[tokio::test]
async fn t3_another_kind_of_identifier_is_not_compared_with_the_number() {
    let world = TestClient::new().await;
    let email = Identifier::canonical(IdentifierType::Email, "ada@example.com".into(), None);
    let id = TRUSTED.token(&with_member(
        id_claims(),
        "phone_number_verified",
        json!(true),
    ));
    world.stub.always(VERIFY, tokens(&id, &terms().access()));
    let identity = world.verify_as(&email).await.unwrap();
    assert_eq!(identity.phone_number.as_deref(), Some(PHONE));
}

#[tokio::test]
async fn t3_a_token_is_about_the_user_whose_id_was_typed() {
    let world = TestClient::new().await;
    let claims = id_claims();
    let own = claims["sub"].as_str().unwrap().to_owned();
    let of = |id: &str| Identifier::canonical(IdentifierType::UserId, id.to_owned(), None);
    assert_eq!(world.verify_as(&of(&own)).await.unwrap().subject, own);
    let failure = world.verify_as(&of("u-other")).await.unwrap_err();
    let fault = InvalidToken {
        token: TokenKind::Id,
        error: TokenError::Subject,
    };
    assert_eq!(failure.kind, FailureKind::TokenInvalid(fault));
}

#[tokio::test]
async fn t3_the_method_is_that_of_a_channel_of_the_flow() {
    use latchkey::domain::Channel::{Email, Sms};

    let world = TestClient::new().await;
    for (channels, amr, is_accepted) in [
        (&[Sms][..], json!(["sms"]), true),
        (&[Sms], json!(["eotp"]), false),
        (&[Email], json!(["eotp"]), true),
        (&[Email], json!(["sms"]), false),
        (&[Email], json!(["eml"]), false),
        (&[Sms, Email], json!(["sms"]), true),
        (&[Sms, Email], json!(["eotp"]), true),
        (&[Sms, Email], json!(["pwd"]), false),
        (&[Sms, Email], json!([]), false),
        (&[], json!(["sms"]), false),
    ] {
        let id = TRUSTED.token(&with_member(id_claims(), "amr", amr.clone()));
        world.stub.always(VERIFY, tokens(&id, &terms().access()));
        let identity = world.verify_by(channels).await;
        assert_eq!(identity.is_ok(), is_accepted, "{channels:?} {amr}");
        if let Ok(identity) = identity {
            assert_eq!(json!(identity.amr), amr, "as the token says");
        }
    }
}

#[tokio::test]
async fn t3_without_a_tenant_in_the_settings_tid_is_not_checked() {
    let world = TestClient::with(|settings| settings.tenant_id = None).await;
    let id = TRUSTED.token(&with_member(id_claims(), "tid", json!("tenant-2")));
    world.stub.always(VERIFY, tokens(&id, &terms().access()));
    world.verify().await.unwrap();
}

#[tokio::test]
async fn t3_tokens_of_every_accepted_issuer_are_accepted_and_of_no_other() {
    const OWN: &str = "https://acme.app.example";
    let world = TestClient::with(|settings| settings.other_issuers = vec![OWN.to_owned()]).await;
    let of = |issuer: &str| forged_tokens::TokenTerms {
        issuer: issuer.to_owned(),
        ..terms()
    };
    for issuer in [ISSUER, OWN] {
        world
            .stub
            .always(VERIFY, tokens(&of(issuer).id(), &of(issuer).access()));
        assert_eq!(
            world.verify().await.unwrap().issuer,
            issuer,
            "as the token says"
        );
    }
    assert_eq!(world.transmit.issuers(), [ISSUER, OWN]);
    let refused = |token, error| FailureKind::TokenInvalid(InvalidToken { token, error });
    let third = of("https://evil.example");
    world
        .stub
        .always(VERIFY, tokens(&third.id(), &third.access()));
    assert_eq!(
        world.verify().await.unwrap_err().kind,
        refused(TokenKind::Id, TokenError::Issuer)
    );
    // Each by itself is good; together they are of two sign-ins.
    let access = of(OWN).access();
    world
        .stub
        .always(VERIFY, tokens(&of(ISSUER).id_matching(&access), &access));
    assert_eq!(
        world.verify().await.unwrap_err().kind,
        refused(TokenKind::Access, TokenError::OtherIssuer)
    );
}

#[tokio::test]
async fn t2_the_tokens_of_a_session_check_are_looked_at_as_closely() {
    let world = TestClient::new().await;
    let session = || SessionId::new("session-1");
    // A session has no flow to compare the moment, the method or the number with.
    let of_a_flow = [
        TokenError::AuthTime,
        TokenError::Missing("auth_time"),
        TokenError::Missing("amr"),
        TokenError::Method,
        TokenError::PhoneNumber,
    ];
    for case in forged_tokens::all()
        .iter()
        .filter(|case| !of_a_flow.contains(&case.flaw))
    {
        let (id, access) = (case.forge)(&terms());
        world.stub.always(SESSION, tokens(&id, &access));
        let checked = world.transmit.authenticate_session(&session(), "u-1").await;
        let refused = FailureKind::TokenInvalid(InvalidToken {
            token: case.token,
            error: case.flaw,
        });
        assert_eq!(
            checked.map_err(|failure| failure.kind),
            Err(refused),
            "{}",
            case.name
        );
    }
    // A user of another session, by two good tokens.
    let other = forged_tokens::TokenTerms {
        sub: "u-2".to_owned(),
        ..terms()
    };
    world
        .stub
        .always(SESSION, tokens(&other.id(), &other.access()));
    let refused = FailureKind::TokenInvalid(InvalidToken {
        token: TokenKind::Access,
        error: TokenError::Subject,
    });
    let checked = world.transmit.authenticate_session(&session(), "u-1").await;
    assert_eq!(checked.map_err(|failure| failure.kind), Err(refused));
}

#[tokio::test]
async fn t1_a_key_that_names_its_algorithm_serves_no_other() {
    for (serves, signed) in [("PS256", "RS256"), ("RS256", "PS256")] {
        let world = TestClient::new().await;
        let key = with_member(TRUSTED.jwk(), "alg", json!(serves));
        world.stub.always(
            JWKS,
            Reply::json(200, json!({ "keys": [key, ROTATED.jwk()] })),
        );
        let access = TRUSTED.token_with_alg(signed, &access_claims());
        world.stub.always(
            VERIFY,
            tokens(&TRUSTED.token_with_alg(signed, &id_claims()), &access),
        );
        let unknown = FailureKind::TokenInvalid(InvalidToken {
            token: TokenKind::Id,
            error: TokenError::UnknownKey,
        });
        assert_eq!(
            world.verify().await.unwrap_err().kind,
            unknown,
            "{signed} by a key for {serves}"
        );
    }
}
