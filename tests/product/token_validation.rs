//! Tokens that lie and keys that turn, as the person and the operator see them (requirements T1,
//! T2, T3, T5).

use std::sync::Arc;

use futures_util::future::join_all;
use latchkey::server::transmit::TokenError;
use latchkey::server::transmit::tokens::jwks_cache::{BRIDGE_FOR, FRESH_FOR};
use latchkey_sandbox::{CLIENT_ID, TENANT_ID};
use serde_json::json;

use crate::support::{Answer, KNOWN, World, different_code, seconds};
use latchkey_testkit::forged_tokens::{self, ForgedToken, TokenTerms};
use latchkey_testkit::log_capture::process_logs;
use latchkey_testkit::token_signer::TRUSTED;

/// What can be seen of an answer: status, names of headers and cookies, and every byte of the body.
fn seen(answer: &Answer) -> (u16, Vec<String>, Vec<String>, String) {
    let mut headers: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
    headers.sort();
    let cookies = answer
        .cookies()
        .iter()
        .filter_map(|line| line.split('=').next())
        .map(str::to_owned)
        .collect();
    (
        answer.status.as_u16(),
        headers,
        cookies,
        answer.body.clone(),
    )
}

/// What a wrong code is answered with.
async fn wrong_code(world: &Arc<World>, phone: &str) -> Answer {
    let (mut browser, code) = world.asked(phone).await;
    browser.verify(&different_code(&code)).await
}

/// A number of the test's own.
fn number(index: usize) -> String {
    format!("+4474001{index:05}")
}

/// Forges a case for somebody who signs in now, and lets upstream answer with it.
async fn answer_with(world: &Arc<World>, case: &ForgedToken, phone: &str) {
    let terms = TokenTerms {
        issuer: world.upstream.base().to_owned(),
        client: CLIENT_ID.to_owned(),
        tenant: TENANT_ID.to_owned(),
        sub: "u-1".to_owned(),
        phone: phone.to_owned(),
        now: world.now().as_secs(),
    };
    let (id, access) = (case.forge)(&terms);
    let body = json!({ "access_token": access, "id_token": id, "session_id": "s", "token_type": "Bearer", "expires_in": 3600 });
    world
        .upstream
        .set_fault(json!({ "operation": "otp_authenticate", "kind": "status", "status": 200, "body": body }))
        .await;
}

#[tokio::test]
async fn t1_t2_t3_every_forged_token_looks_like_a_wrong_code_and_is_named_to_the_operator() {
    let world = World::with(|settings| settings.guard.enabled = false).await;
    let wrong = wrong_code(&world, KNOWN).await;
    wrong.problem(401, "code_refused");
    // Upstream's keys are now those that the forged tokens are measured by.
    let keys = json!({ "operation": "jwks", "kind": "status", "status": 200, "body": { "keys": [TRUSTED.jwk()] } });
    world.upstream.set_fault(keys).await;
    world.advance(FRESH_FOR).await;
    let cases = forged_tokens::all();
    for (index, case) in cases.iter().enumerate() {
        let (name, phone) = (&case.name, number(index));
        let (mut browser, code) = world.asked(&phone).await;
        answer_with(&world, case, &phone).await;
        let before = world.upstream.count("otp_authenticate").await;
        let answer = browser.verify(&code).await;
        assert_eq!(seen(&answer), seen(&wrong), "{name}");
        assert_eq!(answer.took, wrong.took, "{name}");
        assert_eq!(
            world.upstream.count("otp_authenticate").await,
            before + 1,
            "{name}"
        );
        assert!(!browser.is_signed_in().await, "{name}");
        let told = world.audit.events_named("authn_login_fail").pop().unwrap();
        let fault = TokenError {
            token: case.token,
            flaw: case.flaw,
        };
        assert_eq!(told["reason"], "invalid_token", "{name}");
        assert_eq!(
            told["detail"],
            format!("otp_authenticate: token refused: {fault}"),
            "{name}"
        );
    }
    assert_eq!(world.audit.count("session_created"), 0);
    let log = process_logs().text();
    for case in &cases {
        let fault = TokenError {
            token: case.token,
            flaw: case.flaw,
        };
        assert!(
            log.contains(&format!(
                "upstream call failed: otp_authenticate: token refused: {fault}"
            )),
            "{}",
            case.name
        );
    }
    assert!(!log.contains("eyJ"), "no token in the log");
    println!("{} forged tokens, one answer", cases.len());
}

#[tokio::test]
async fn t1_t3_a_tenant_that_lies_is_not_believed_before_it_is_honest_again() {
    let lies = [
        (
            json!({ "token": "id", "signature": "none" }),
            "ID token: algorithm not allowed",
        ),
        (
            json!({ "token": "id", "signature": "hs256" }),
            "ID token: algorithm not allowed",
        ),
        (
            json!({ "token": "id", "signature": "foreign" }),
            "ID token: wrong signature",
        ),
        (
            json!({ "token": "access", "signature": "stripped" }),
            "access token: wrong signature",
        ),
        (
            json!({ "token": "id", "header": { "kid": "k" } }),
            "ID token: unknown signing key",
        ),
        (
            json!({ "token": "id", "header": { "kid": null } }),
            "ID token: no key id",
        ),
        (
            json!({ "token": "access", "header": { "jku": "http://a" } }),
            "access token: header member not allowed",
        ),
        (
            json!({ "token": "id", "claims": { "aud": "another" } }),
            "ID token: wrong audience",
        ),
        (
            json!({ "token": "id", "claims": { "exp": null } }),
            "ID token: no `exp` claim",
        ),
        (
            json!({ "token": "id", "claims": { "phone_number": "+447400999999" } }),
            "ID token: another phone number",
        ),
        (
            json!({ "token": "access", "claims": { "sub": "somebody" } }),
            "access token: another subject",
        ),
        (
            json!({ "token": "access", "claims": { "tid": "another" } }),
            "access token: wrong tenant",
        ),
        (
            json!({ "token": "id", "claims": { "at_hash": "x" } }),
            "ID token: made out for another access token",
        ),
    ];
    let world = World::with(|settings| settings.guard.enabled = false).await;
    let wrong = wrong_code(&world, KNOWN).await;
    for (index, (lie, flaw)) in lies.into_iter().enumerate() {
        let phone = number(index);
        let (mut browser, code) = world.asked(&phone).await;
        world.upstream.lie(lie.clone()).await;
        let answer = browser.verify(&code).await;
        assert_eq!(seen(&answer), seen(&wrong), "{lie}");
        let detail = world.audit.events_named("authn_login_fail").pop().unwrap()["detail"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(detail.ends_with(flaw), "{lie}: {detail}");
        // The code is spent; the next one works as soon as tokens are true.
        world
            .upstream
            .lie(json!({ "token": lie["token"], "times": 0 }))
            .await;
        world.advance(seconds(60)).await;
        browser.ask(&phone).await.next("/code");
        let code = world.upstream.code(&phone).await;
        browser.verify(&code).await.next("/account");
    }
}

async fn signs_in(world: &Arc<World>, phone: &str, case: &str) {
    let (mut browser, code) = world.asked(phone).await;
    let answer = browser.verify(&code).await;
    assert_eq!(answer.status, 200, "{case}: {}", answer.body);
    assert!(browser.is_signed_in().await, "{case}");
}

#[tokio::test]
async fn t5_rotations_between_sign_ins_fail_none() {
    let world = World::with(|settings| settings.guard.enabled = false).await;
    signs_in(&world, &number(0), "before").await;
    let ways = [
        json!({}),
        json!({ "algorithm": "PS256" }),
        json!({ "algorithm": "PS256", "keep_old": false }),
        json!({ "algorithm": "RS256", "keep_old": false }),
        json!({ "algorithm": "RS256" }),
    ];
    for (index, how) in ways.into_iter().enumerate() {
        world.upstream.rotate_as(how.clone()).await;
        signs_in(&world, &number(index + 1), &how.to_string()).await;
    }
    assert_eq!(
        world.upstream.count("jwks").await,
        6,
        "one fetch a rotation"
    );
    assert_eq!(world.audit.count("authn_login_fail"), 0);
}

#[tokio::test]
async fn t5_rotations_during_sign_ins_fail_none() {
    let world = World::with(|settings| settings.guard.enabled = false).await;
    let mut waiting = Vec::new();
    for index in 0..24 {
        waiting.push(world.asked(&number(index)).await);
    }
    // Keys turn while answers are held back, so that tokens of several keys arrive mingled.
    world
        .upstream
        .latency("otp_authenticate", "correct", 30)
        .await;
    for batch in waiting.chunks_mut(8) {
        let sign_ins = join_all(batch.iter_mut().map(|(browser, code)| {
            let request = browser.form("verify-code", &[("code", code)]);
            world.begin(request)
        }));
        let (answers, ()) = tokio::join!(sign_ins, world.upstream.rotate());
        for answer in answers {
            let answer = answer.unwrap();
            assert_eq!(answer.status, 200, "{}", answer.body);
        }
    }
    assert_eq!(world.audit.count("session_created"), 24);
    assert!(world.upstream.count("jwks").await <= 1 + 3 + 3);
}

#[tokio::test]
async fn t5_an_outage_of_the_key_endpoint_is_bridged_for_a_day_and_no_longer() {
    let world = World::with(|settings| settings.guard.enabled = false).await;
    signs_in(&world, &number(0), "before").await;
    world.upstream.fault("jwks", "reset", None).await;
    signs_in(&world, &number(1), "keys in hand").await;
    world.advance(FRESH_FOR).await;
    signs_in(&world, &number(2), "old keys").await;
    world.advance(BRIDGE_FOR - FRESH_FOR - seconds(60)).await;
    signs_in(&world, &number(3), "very old keys").await;
    world.advance(seconds(60)).await;
    world.upstream.user(&number(4), "Active").await;
    let sent = world.upstream.count("otp_send").await;
    world
        .browser()
        .ask(&number(4))
        .await
        .problem(503, "unavailable");
    assert_eq!(
        world.upstream.count("otp_send").await,
        sent,
        "no code is sent that could not be checked"
    );
    world.upstream.fault("jwks", "reset", Some(0)).await;
    world.advance(seconds(60)).await;
    signs_in(&world, &number(5), "after").await;
}

#[tokio::test]
async fn t5_a_key_that_is_used_before_it_is_published_is_waited_for_without_a_storm() {
    let world = World::with(|settings| settings.guard.enabled = false).await;
    signs_in(&world, &number(0), "before").await;
    world.upstream.rotate_as(json!({ "publish": false })).await;
    let wrong = wrong_code(&world, KNOWN).await.json();
    for index in 1..=10 {
        let (mut browser, code) = world.asked(&number(index)).await;
        assert_eq!(browser.verify(&code).await.json(), wrong);
    }
    let fetched = world.upstream.count("jwks").await;
    assert!(fetched <= 1 + 5 + 1, "{fetched}");
    world.upstream.rotate().await;
    world.advance(seconds(30)).await;
    signs_in(&world, &number(11), "after").await;
}
