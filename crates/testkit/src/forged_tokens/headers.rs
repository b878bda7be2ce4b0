//! A token cannot choose its key, and unknown critical headers are refused (RFC 7515 §4).

use latchkey::server::transmit::TokenError;
use serde_json::{Value, json};

use crate::forged_tokens::{ForgedToken, access, either, id, with_member};
use crate::token_signer::{TRUSTED, TokenSigner, UNTRUSTED};

/// The address at which a forged header offers a key. Nothing listens there.
pub const FORGED_KEY_URL: &str = "http://127.0.0.1:9/evil";

fn with(claims: &Value, member: &str, value: &Value, signer: &TokenSigner) -> String {
    let header = with_member(TRUSTED.header("RS256"), member, value.clone());
    signer.sign(&header.to_string(), &claims.to_string(), "RS256")
}

/// A header member in a token that is otherwise validly signed.
fn member(name: &'static str, value: Value, flaw: TokenError) -> [ForgedToken; 2] {
    either(
        &format!("header {name} = {value}"),
        flaw,
        move |_, claims| with(&claims, name, &value, &TRUSTED),
    )
}

/// A header member that offers a key of the forger's own, with which the token is signed.
fn own_key(name: &'static str, value: Value) -> [ForgedToken; 2] {
    either(
        &format!("header {name}, signed with that key"),
        TokenError::Header,
        move |_, claims| with(&claims, name, &value, &UNTRUSTED),
    )
}

pub fn cases() -> Vec<ForgedToken> {
    let long = "k".repeat(257);
    let pairs = [
        own_key("jwk", UNTRUSTED.jwk()),
        own_key("jku", json!(FORGED_KEY_URL)),
        own_key("x5u", json!(FORGED_KEY_URL)),
        own_key("x5c", json!(["MIIB"])),
        member("jwk", TRUSTED.jwk(), TokenError::Header),
        member("jku", json!(FORGED_KEY_URL), TokenError::Header),
        member("x5u", json!(FORGED_KEY_URL), TokenError::Header),
        member("x5c", json!(["MIIB"]), TokenError::Header),
        member("crit", json!(["exp"]), TokenError::Header),
        member("crit", json!([]), TokenError::Header),
        member("b64", json!(false), TokenError::Header),
        member("kid", json!(null), TokenError::KeyIdMissing),
        member("kid", json!(""), TokenError::KeyIdMissing),
        member("kid", json!(1), TokenError::KeyIdMissing),
        member("kid", json!([TRUSTED.kid]), TokenError::KeyIdMissing),
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
            with(&terms.id_claims(), "typ", &json!(name), &TRUSTED)
        })
    };
    let null_kid = access("kid null", TokenError::KeyIdMissing, |terms| {
        let header = TRUSTED
            .header("RS256")
            .to_string()
            .replace(&json!(TRUSTED.kid).to_string(), "null");
        TRUSTED.sign(&header, &terms.access_claims().to_string(), "RS256")
    });
    let single = [at_jwt("at+jwt"), at_jwt("application/at+jwt"), null_kid];
    pairs.into_iter().flatten().chain(single).collect()
}
