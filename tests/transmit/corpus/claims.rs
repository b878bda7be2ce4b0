//! What each token must say.

use latchkey::server::transmit::TokenFlaw;
use serde_json::{Value, json};

use crate::corpus::{Case, Terms, access, changed, either, id};
use crate::signer::OURS;

/// A value made of the terms.
type Of = fn(&Terms) -> Value;

/// A claim of the ID token.
fn of_id(name: &'static str, what: &str, value: Of, flaw: TokenFlaw) -> Case {
    id(&format!("{name} {what}"), flaw, move |terms| {
        OURS.token(&changed(terms.id_claims(), name, value(terms)))
    })
}

/// A claim of the access token.
fn of_access(name: &'static str, what: &str, value: Of, flaw: TokenFlaw) -> Case {
    access(&format!("{name} {what}"), flaw, move |terms| {
        OURS.token(&changed(terms.access_claims(), name, value(terms)))
    })
}

/// A claim that both tokens carry.
fn of_both(name: &'static str, what: &str, value: Of, flaw: TokenFlaw) -> [Case; 2] {
    either(&format!("{name} {what}"), flaw, move |terms, claims| {
        OURS.token(&changed(claims, name, value(terms)))
    })
}

/// A claim as bytes that no JSON value can stand for.
fn raw(name: &'static str, text: &'static str, flaw: TokenFlaw) -> [Case; 2] {
    either(&format!("{name} = {text}"), flaw, move |_, claims| {
        let claims = changed(claims, name, json!("here")).to_string();
        let claims = claims.replace(
            &format!("\"{name}\":\"here\""),
            &format!("\"{name}\":{text}"),
        );
        OURS.sign(&OURS.header("RS256").to_string(), &claims, "RS256")
    })
}

pub fn cases() -> Vec<Case> {
    [issuers(), parties(), times(), numbers(), people()]
        .into_iter()
        .flatten()
        .collect()
}

fn issuers() -> Vec<Case> {
    [
        of_both(
            "iss",
            "of another",
            |_| json!("https://evil.example"),
            TokenFlaw::Issuer,
        ),
        of_both(
            "iss",
            "with a slash behind",
            |terms| json!(format!("{}/", terms.issuer)),
            TokenFlaw::Issuer,
        ),
        of_both(
            "iss",
            "in capitals",
            |terms| json!(terms.issuer.to_uppercase()),
            TokenFlaw::Issuer,
        ),
        of_both(
            "iss",
            "that begins like ours",
            |terms| json!(format!("{}.evil.example", terms.issuer)),
            TokenFlaw::Issuer,
        ),
        of_both(
            "iss",
            "with a Cyrillic letter",
            |terms| json!(terms.issuer.replacen('t', "\u{442}", 1)),
            TokenFlaw::Issuer,
        ),
        of_both(
            "iss",
            "with wide dots",
            |terms| json!(terms.issuer.replacen('.', "\u{3002}", 1)),
            TokenFlaw::Issuer,
        ),
        of_both(
            "iss",
            "with a soft hyphen",
            |terms| json!(format!("{}\u{ad}", terms.issuer)),
            TokenFlaw::Issuer,
        ),
        of_both(
            "iss",
            "with a zero behind",
            |terms| json!(format!("{}\u{0}", terms.issuer)),
            TokenFlaw::Issuer,
        ),
        of_both("iss", "empty", |_| json!(""), TokenFlaw::Issuer),
        of_both(
            "iss",
            "in a list",
            |terms| json!([terms.issuer]),
            TokenFlaw::Malformed,
        ),
        of_both("iss", "missing", |_| json!(null), TokenFlaw::Missing("iss")),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn parties() -> Vec<Case> {
    let both = [
        of_both(
            "tid",
            "of another tenant",
            |_| json!("tenant-2"),
            TokenFlaw::Tenant,
        ),
        of_both(
            "tid",
            "in a list",
            |terms| json!([terms.tenant]),
            TokenFlaw::Malformed,
        ),
        of_both("tid", "missing", |_| json!(null), TokenFlaw::Missing("tid")),
    ];
    let single = [
        of_id(
            "aud",
            "of another client",
            |_| json!("client-2"),
            TokenFlaw::Audience,
        ),
        of_id(
            "aud",
            "of the API",
            |_| json!("userid-api"),
            TokenFlaw::Audience,
        ),
        of_id(
            "aud",
            "of two",
            |terms| json!([terms.client, "client-2"]),
            TokenFlaw::Audience,
        ),
        of_id(
            "aud",
            "of us twice",
            |terms| json!([terms.client, terms.client]),
            TokenFlaw::Audience,
        ),
        of_id("aud", "of nobody", |_| json!([]), TokenFlaw::Audience),
        of_id(
            "aud",
            "of another, in a list",
            |_| json!(["client-2"]),
            TokenFlaw::Audience,
        ),
        of_id("aud", "a number", |_| json!(1), TokenFlaw::Malformed),
        of_id("aud", "missing", |_| json!(null), TokenFlaw::Missing("aud")),
        of_id(
            "azp",
            "of another client",
            |_| json!("client-2"),
            TokenFlaw::Audience,
        ),
        of_access(
            "client_id",
            "of another client",
            |_| json!("client-2"),
            TokenFlaw::ClientId,
        ),
        of_access(
            "client_id",
            "in a list",
            |terms| json!([terms.client]),
            TokenFlaw::Malformed,
        ),
        of_access("client_id", "missing", |_| json!(null), TokenFlaw::WrongUse),
    ];
    both.into_iter().flatten().chain(single).collect()
}

fn times() -> Vec<Case> {
    let both = [
        of_both(
            "exp",
            "a minute ago",
            |terms| json!(terms.now - 60),
            TokenFlaw::Expired,
        ),
        of_both(
            "exp",
            "a year ago",
            |terms| json!(terms.now - 31_536_000),
            TokenFlaw::Expired,
        ),
        of_both("exp", "at the epoch", |_| json!(0), TokenFlaw::Expired),
        of_both("exp", "missing", |_| json!(null), TokenFlaw::Missing("exp")),
        of_both(
            "nbf",
            "in a while",
            |terms| json!(terms.now + 61),
            TokenFlaw::NotYetValid,
        ),
        of_both(
            "nbf",
            "a text",
            |terms| json!(terms.now.to_string()),
            TokenFlaw::Malformed,
        ),
        of_both(
            "iat",
            "in a while",
            |terms| json!(terms.now + 61),
            TokenFlaw::IssuedInFuture,
        ),
        of_both("iat", "missing", |_| json!(null), TokenFlaw::Missing("iat")),
    ];
    let single = [
        of_id(
            "auth_time",
            "before the flow",
            |terms| json!(terms.now - 161),
            TokenFlaw::AuthTime,
        ),
        of_id(
            "auth_time",
            "a day before",
            |terms| json!(terms.now - 86_400),
            TokenFlaw::AuthTime,
        ),
        of_id(
            "auth_time",
            "in a while",
            |terms| json!(terms.now + 61),
            TokenFlaw::AuthTime,
        ),
        of_id(
            "auth_time",
            "missing",
            |_| json!(null),
            TokenFlaw::Missing("auth_time"),
        ),
        of_id(
            "auth_time",
            "a text",
            |_| json!("now"),
            TokenFlaw::Malformed,
        ),
    ];
    both.into_iter().flatten().chain(single).collect()
}

fn numbers() -> Vec<Case> {
    [
        raw("exp", "\"never\"", TokenFlaw::Malformed),
        raw("exp", "\"9999999999\"", TokenFlaw::Malformed),
        raw("exp", "-1", TokenFlaw::Malformed),
        raw("exp", "-9223372036854775808", TokenFlaw::Malformed),
        raw("exp", "18446744073709551616", TokenFlaw::Malformed),
        raw("exp", "1e300", TokenFlaw::Malformed),
        raw("exp", "1e400", TokenFlaw::Malformed),
        raw("exp", "253402300800", TokenFlaw::Malformed),
        raw("exp", "1e-300", TokenFlaw::Expired),
        raw("exp", "-0", TokenFlaw::Expired),
        raw("exp", "NaN", TokenFlaw::Malformed),
        raw("exp", "Infinity", TokenFlaw::Malformed),
        raw("exp", "0x7fffffff", TokenFlaw::Malformed),
        raw("exp", "true", TokenFlaw::Malformed),
        raw("exp", "[9999999999]", TokenFlaw::Malformed),
        raw("exp", "{\"at\":9999999999}", TokenFlaw::Malformed),
        raw("iat", "1e300", TokenFlaw::Malformed),
        raw("iat", "-1", TokenFlaw::Malformed),
        raw("nbf", "1e300", TokenFlaw::Malformed),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn people() -> Vec<Case> {
    let both = [
        of_both("sub", "empty", |_| json!(""), TokenFlaw::Missing("sub")),
        of_both(
            "sub",
            "too long",
            |_| json!("x".repeat(256)),
            TokenFlaw::Missing("sub"),
        ),
        of_both("sub", "missing", |_| json!(null), TokenFlaw::Missing("sub")),
        of_both("sub", "a number", |_| json!(1), TokenFlaw::Malformed),
        of_both(
            "sub",
            "in a list",
            |terms| json!([terms.sub]),
            TokenFlaw::Malformed,
        ),
    ];
    let single = [
        of_id(
            "phone_number",
            "of another person",
            |_| json!("+447400123457"),
            TokenFlaw::PhoneNumber,
        ),
        of_id(
            "phone_number",
            "without its plus",
            |terms| json!(&terms.phone[1..]),
            TokenFlaw::PhoneNumber,
        ),
        of_id(
            "phone_number",
            "with a space",
            |terms| json!(format!("{} ", terms.phone)),
            TokenFlaw::PhoneNumber,
        ),
        of_id(
            "phone_number",
            "empty",
            |_| json!(""),
            TokenFlaw::PhoneNumber,
        ),
        of_id(
            "phone_number",
            "in an object",
            |terms| json!({"value": terms.phone}),
            TokenFlaw::Malformed,
        ),
        of_id(
            "phone_number",
            "in a list",
            |terms| json!([terms.phone]),
            TokenFlaw::Malformed,
        ),
        of_id(
            "phone_number",
            "a number",
            |_| json!(447_400_123_456_u64),
            TokenFlaw::Malformed,
        ),
        of_id(
            "phone_number",
            "true",
            |_| json!(true),
            TokenFlaw::Malformed,
        ),
        of_id("amr", "a text", |_| json!("sms"), TokenFlaw::Malformed),
        of_id("roles", "a text", |_| json!("admin"), TokenFlaw::Malformed),
        of_id("at_hash", "a number", |_| json!(1), TokenFlaw::Malformed),
    ];
    both.into_iter().flatten().chain(single).collect()
}
