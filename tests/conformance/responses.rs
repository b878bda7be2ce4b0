//! What the stand-in serves, and what the client reads of it.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use latchkey::server::crypto::hash::sha256;
use serde_json::{Value, json};

use crate::client_driver::{Bench, Called, Wish, at};
use crate::compare::{flatten, misfits, put, take};
use crate::sandbox_driver::everything;
use crate::table::{Fields, Row, TABLE};
use latchkey_testkit::recording_proxy::Exchange;
use latchkey_testkit::token_signer::TRUSTED;

fn claims_of(token: &str) -> Value {
    let claims = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
}

/// Insists that all values fit and that, taken together, they have every field that is marked as
/// served.
fn all_served(what: &str, fields: &Fields, values: &[Value], is_served: impl Fn(&str) -> bool) {
    assert!(!values.is_empty(), "{what}: never seen");
    let mut seen = BTreeSet::new();
    for value in values {
        assert_eq!(misfits(fields, value), [] as [&str; 0], "{what}: {value}");
        seen.extend(flatten(fields, value).into_iter().map(|(path, _)| path));
    }
    let served: BTreeSet<String> = fields
        .keys()
        .filter(|path| is_served(path))
        .cloned()
        .collect();
    assert_eq!(seen, served, "{what}");
}

#[tokio::test]
async fn every_answer_of_the_stand_in_is_in_the_table() {
    let mut answers: BTreeMap<&str, Vec<(u16, Value)>> = BTreeMap::new();
    for seen in everything().await {
        answers
            .entry(seen.row)
            .or_default()
            .push((seen.status, seen.body));
    }
    for row in TABLE.of_sandbox() {
        let answers = answers.remove(row.name.as_str()).unwrap_or_default();
        let (good, bad): (Vec<_>, Vec<_>) = answers
            .into_iter()
            .partition(|(status, _)| *status == row.status);
        let good: Vec<Value> = good.into_iter().map(|(_, body)| body).collect();
        if row.answer.is_empty() {
            assert!(
                !good.is_empty() && good.iter().all(Value::is_null),
                "{}: an unexpected body",
                row.name
            );
        } else {
            all_served(&row.name, &row.answer, &good, |path| {
                row.in_sandbox(&row.answer[path])
            });
        }
        let refusals: Vec<_> = row.all_refusals(&TABLE).collect();
        let mut seen = BTreeSet::new();
        for (status, body) in &bad {
            let known = refusals
                .iter()
                .position(|refusal| refusal.sandbox && refusal.is(*status, body));
            seen.insert(
                known
                    .unwrap_or_else(|| panic!("{}: {status} {body} is not in the table", row.name)),
            );
        }
        for (number, refusal) in refusals
            .iter()
            .enumerate()
            .filter(|(_, refusal)| refusal.sandbox)
        {
            assert!(
                seen.contains(&number),
                "{}: {} {} never seen",
                row.name,
                refusal.status,
                refusal.code
            );
        }
    }
    assert!(
        answers.is_empty(),
        "{:?} are not rows of the stand-in",
        answers.keys()
    );
}

#[tokio::test]
async fn every_claim_of_the_stand_ins_tokens_is_in_the_table() {
    let mut tokens: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for seen in everything()
        .await
        .iter()
        .filter(|seen| seen.body["access_token"].is_string())
    {
        let kind = if seen.row == "token" {
            "client_token"
        } else {
            "access_token"
        };
        tokens
            .entry(kind)
            .or_default()
            .push(claims_of(seen.body["access_token"].as_str().unwrap()));
        if let Some(token) = seen.body["id_token"].as_str() {
            tokens.entry("id_token").or_default().push(claims_of(token));
        }
    }
    for (name, token) in &TABLE.tokens {
        all_served(name, &token.claims, &tokens[name.as_str()], |path| {
            token.claims[path].sandbox
        });
    }
}

/// A field is read if another type in its place changes what comes of the call, and not read if
/// nothing changes.
#[tokio::test]
async fn the_client_reads_the_fields_of_the_table_and_no_others() {
    let bench = Bench::new().await;
    let mut wrong = Vec::new();
    for row in TABLE.of_client() {
        let good = altered(&bench, row, |_| {}).await;
        for (path, field) in &row.answer {
            let other_type = field.kind.not();
            let (good, bad) = if path == "requestId" {
                // The other spelling would stand in for it.
                let good = altered(&bench, row, rename).await;
                let bad = move |answer: &mut Value| {
                    rename(answer);
                    put(answer, path, other_type.clone());
                };
                (good, altered(&bench, row, bad).await)
            } else {
                (
                    good.clone(),
                    altered(&bench, row, move |answer| {
                        put(answer, path, other_type.clone())
                    })
                    .await,
                )
            };
            if (bad != good) != row.reads.contains(path) {
                wrong.push(format!("{}: {path}: {bad} for {good}", row.name));
            }
        }
    }
    assert_eq!(wrong, [] as [&str; 0]);
}

/// What comes of a call whose answer is changed.
async fn altered(
    bench: &Bench,
    row: &'static Row,
    change: impl Fn(&mut Value) + Send + Sync + 'static,
) -> String {
    let alter = at(row, move |exchange| {
        if let Ok(mut answer) = serde_json::from_slice::<Value>(&exchange.response_body) {
            change(&mut answer);
            exchange.response_body = Bytes::from(answer.to_string());
        }
    });
    bench.call(row, Wish::Everything, alter).await.outcome
}

fn rename(answer: &mut Value) {
    answer["requestId"] = answer["request_id"].take();
    take(answer, "request_id");
}

#[tokio::test]
async fn the_client_reads_the_claims_of_the_table_and_no_others() {
    let bench = Bench::new().await;
    let row = TABLE.row("otp_authenticate");
    let sign_in = async |kind: &'static str, path: &str, wrong: Value| {
        let path = path.to_owned();
        let alter = move |exchange: &mut Exchange| re_signed(exchange, row, kind, &path, &wrong);
        bench.call(row, Wish::Least, alter).await
    };
    let Called { outcome: good, .. } = sign_in("id_token", "iss", Value::Null).await;
    assert_eq!(good, "signed in by [\"sms\"] as [], number true");
    let mut wrong = Vec::new();
    for name in ["id_token", "access_token"] {
        let token = &TABLE.tokens[name];
        // Members of lists are covered by their lists.
        for (path, field) in token
            .claims
            .iter()
            .filter(|(path, _)| !path.ends_with("[]"))
        {
            let altered = sign_in(name, path, field.kind.not()).await.outcome;
            if (altered != good) != token.reads.contains(path) {
                wrong.push(format!("{name}: {path}: {altered}"));
            }
        }
    }
    assert_eq!(wrong, [] as [&str; 0]);
}

/// Signs the tokens of an answer anew, one of them with a claim altered; `null` leaves it as it is.
fn re_signed(exchange: &mut Exchange, row: &Row, kind: &str, path: &str, wrong: &Value) {
    if exchange.path == TABLE.row("jwks").path {
        exchange.response_body = Bytes::from(json!({ "keys": [TRUSTED.jwk()] }).to_string());
    } else if row.matches(exchange.method.as_str(), &exchange.path) {
        let mut answer: Value = serde_json::from_slice(&exchange.response_body).unwrap();
        for name in ["access_token", "id_token"] {
            let mut claims = claims_of(answer[name].as_str().unwrap());
            if name == "id_token" {
                // OpenID Connect Core §3.1.3.6: of the access token that it comes with.
                let hash = sha256(answer["access_token"].as_str().unwrap().as_bytes());
                claims["at_hash"] = URL_SAFE_NO_PAD.encode(&hash[..16]).into();
            }
            if name == kind && !wrong.is_null() {
                put(&mut claims, path, wrong.clone());
            }
            answer[name] = TRUSTED.token(&claims).into();
        }
        exchange.response_body = Bytes::from(answer.to_string());
    }
}
