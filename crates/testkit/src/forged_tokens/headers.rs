//! A token does not choose its key, and asks for nothing that we do not know (RFC 7515 §4).

use latchkey::server::transmit::TokenError;
use serde_json::{Value, json};

use crate::forged_tokens::{Case, access, changed, either, id};
use crate::token_signer::{FOREIGN, OURS, Signer};

/// Where a token says that its key is; nothing may ask there.
pub const ELSEWHERE: &str = "http://127.0.0.1:9/evil";

fn with(claims: &Value, member: &str, value: &Value, signer: &Signer) -> String {
    let header = changed(OURS.header("RS256"), member, value.clone());
    signer.sign(&header.to_string(), &claims.to_string(), "RS256")
}

/// A header member in a token that is well signed otherwise.
fn member(name: &'static str, value: Value, flaw: TokenError) -> [Case; 2] {
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
        TokenError::Header,
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
        member("jwk", OURS.jwk(), TokenError::Header),
        member("jku", json!(ELSEWHERE), TokenError::Header),
        member("x5u", json!(ELSEWHERE), TokenError::Header),
        member("x5c", json!(["MIIB"]), TokenError::Header),
        member("crit", json!(["exp"]), TokenError::Header),
        member("crit", json!([]), TokenError::Header),
        member("b64", json!(false), TokenError::Header),
        member("kid", json!(null), TokenError::KeyIdMissing),
        member("kid", json!(""), TokenError::KeyIdMissing),
        member("kid", json!(1), TokenError::KeyIdMissing),
        member("kid", json!([OURS.kid]), TokenError::KeyIdMissing),
        member("kid", json!(long), TokenError::KeyIdMissing),
        member("kid", json!("key-9"), TokenError::UnknownKey),
        member("kid", json!("KEY-1"), TokenError::UnknownKey),
        member("kid", json!("key-1 "), TokenError::UnknownKey),
        member("kid", json!("../../etc/passwd"), TokenError::UnknownKey),
        member("kid", json!("' or '1'='1"), TokenError::UnknownKey),
        member("kid", json!("key-1\u{0}"), TokenError::UnknownKey),
        member("typ", json!("logout+jwt"), TokenError::Type),
        member("typ", json!("secevent+jwt"), TokenError::Type),
        member("typ", json!(["JWT"]), TokenError::Type),
        member("typ", json!(""), TokenError::Type),
    ];
    let at_jwt = |name: &'static str| {
        id(&format!("typ {name}"), TokenError::Type, move |terms| {
            with(&terms.id_claims(), "typ", &json!(name), &OURS)
        })
    };
    let null_kid = access("kid null", TokenError::KeyIdMissing, |terms| {
        let header = OURS
            .header("RS256")
            .to_string()
            .replace(&json!(OURS.kid).to_string(), "null");
        OURS.sign(&header, &terms.access_claims().to_string(), "RS256")
    });
    let single = [at_jwt("at+jwt"), at_jwt("application/at+jwt"), null_kid];
    pairs.into_iter().flatten().chain(single).collect()
}
