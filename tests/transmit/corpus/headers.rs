//! A token does not choose its key, and asks for nothing that we do not know (RFC 7515 §4).

use latchkey::server::transmit::TokenFlaw;
use serde_json::{Value, json};

use crate::corpus::{Case, access, changed, either, id};
use crate::signer::{FOREIGN, OURS, Signer};

/// Where a token says that its key is; nothing may ask there.
pub const ELSEWHERE: &str = "http://127.0.0.1:9/evil";

fn with(claims: &Value, member: &str, value: &Value, signer: &Signer) -> String {
    let header = changed(OURS.header("RS256"), member, value.clone());
    signer.sign(&header.to_string(), &claims.to_string(), "RS256")
}

/// A header member in a token that is well signed otherwise.
fn member(name: &'static str, value: Value, flaw: TokenFlaw) -> [Case; 2] {
    either(
        &format!("header {name} = {value}"),
        flaw,
        move |_, claims| with(&claims, name, &value, &OURS),
    )
}

/// A header member that vouches for a key of the forger's own.
fn own_key(name: &'static str, value: Value) -> [Case; 2] {
    either(
        &format!("header {name}, signed with that key"),
        TokenFlaw::Header,
        move |_, claims| with(&claims, name, &value, &FOREIGN),
    )
}

pub fn cases() -> Vec<Case> {
    let long = "k".repeat(257);
    let pairs = [
        own_key("jwk", FOREIGN.jwk()),
        own_key("jku", json!(ELSEWHERE)),
        own_key("x5u", json!(ELSEWHERE)),
        own_key("x5c", json!(["MIIB"])),
        member("jwk", OURS.jwk(), TokenFlaw::Header),
        member("jku", json!(ELSEWHERE), TokenFlaw::Header),
        member("x5u", json!(ELSEWHERE), TokenFlaw::Header),
        member("x5c", json!(["MIIB"]), TokenFlaw::Header),
        member("crit", json!(["exp"]), TokenFlaw::Header),
        member("crit", json!([]), TokenFlaw::Header),
        member("b64", json!(false), TokenFlaw::Header),
        member("kid", json!(null), TokenFlaw::KeyIdMissing),
        member("kid", json!(""), TokenFlaw::KeyIdMissing),
        member("kid", json!(1), TokenFlaw::KeyIdMissing),
        member("kid", json!([OURS.kid]), TokenFlaw::KeyIdMissing),
        member("kid", json!(long), TokenFlaw::KeyIdMissing),
        member("kid", json!("key-9"), TokenFlaw::UnknownKey),
        member("kid", json!("KEY-1"), TokenFlaw::UnknownKey),
        member("kid", json!("key-1 "), TokenFlaw::UnknownKey),
        member("kid", json!("../../etc/passwd"), TokenFlaw::UnknownKey),
        member("kid", json!("' or '1'='1"), TokenFlaw::UnknownKey),
        member("kid", json!("key-1\u{0}"), TokenFlaw::UnknownKey),
        member("typ", json!("logout+jwt"), TokenFlaw::Type),
        member("typ", json!("secevent+jwt"), TokenFlaw::Type),
        member("typ", json!(["JWT"]), TokenFlaw::Type),
        member("typ", json!(""), TokenFlaw::Type),
    ];
    let at_jwt = |name: &'static str| {
        id(&format!("typ {name}"), TokenFlaw::Type, move |terms| {
            with(&terms.id_claims(), "typ", &json!(name), &OURS)
        })
    };
    let null_kid = access("kid null", TokenFlaw::KeyIdMissing, |terms| {
        let header = OURS
            .header("RS256")
            .to_string()
            .replace(&json!(OURS.kid).to_string(), "null");
        OURS.sign(&header, &terms.access_claims().to_string(), "RS256")
    });
    let single = [at_jwt("at+jwt"), at_jwt("application/at+jwt"), null_kid];
    pairs.into_iter().flatten().chain(single).collect()
}
