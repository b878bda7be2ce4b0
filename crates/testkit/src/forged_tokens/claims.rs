//! What each token must say.

use latchkey::server::transmit::TokenError;
use serde_json::{Value, json};

use crate::forged_tokens::{ForgedToken, TokenTerms, access, either, id, with_member};
use crate::token_signer::TRUSTED;

/// A value that depends on the terms.
type ClaimValue = fn(&TokenTerms) -> Value;

/// A changed claim of the ID token.
fn id_claim(name: &'static str, what: &str, value: ClaimValue, flaw: TokenError) -> ForgedToken {
    id(&format!("{name} {what}"), flaw, move |terms| {
        TRUSTED.token(&with_member(terms.id_claims(), name, value(terms)))
    })
}

/// A changed claim of the access token.
fn access_claim(
    name: &'static str,
    what: &str,
    value: ClaimValue,
    flaw: TokenError,
) -> ForgedToken {
    access(&format!("{name} {what}"), flaw, move |terms| {
        TRUSTED.token(&with_member(terms.access_claims(), name, value(terms)))
    })
}

/// A changed claim that both tokens carry.
fn both_claims(
    name: &'static str,
    what: &str,
    value: ClaimValue,
    flaw: TokenError,
) -> [ForgedToken; 2] {
    either(&format!("{name} {what}"), flaw, move |terms, claims| {
        TRUSTED.token(&with_member(claims, name, value(terms)))
    })
}

/// A claim as text that no JSON value can express.
fn raw_claim(name: &'static str, text: &'static str, flaw: TokenError) -> [ForgedToken; 2] {
    either(&format!("{name} = {text}"), flaw, move |_, claims| {
        let claims = with_member(claims, name, json!("here")).to_string();
        let claims = claims.replace(
            &format!("\"{name}\":\"here\""),
            &format!("\"{name}\":{text}"),
        );
        TRUSTED.sign(&TRUSTED.header("RS256").to_string(), &claims, "RS256")
    })
}

pub fn cases() -> Vec<ForgedToken> {
    [
        issuers(),
        parties(),
        times(),
        numbers(),
        people(),
        methods(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn issuers() -> Vec<ForgedToken> {
    [
        both_claims(
            "iss",
            "of another",
            |_| json!("https://evil.example"),
            TokenError::Issuer,
        ),
        both_claims(
            "iss",
            "with a slash behind",
            |terms| json!(format!("{}/", terms.issuer)),
            TokenError::Issuer,
        ),
        both_claims(
            "iss",
            "in capitals",
            |terms| json!(terms.issuer.to_uppercase()),
            TokenError::Issuer,
        ),
        both_claims(
            "iss",
            "that begins like ours",
            |terms| json!(format!("{}.evil.example", terms.issuer)),
            TokenError::Issuer,
        ),
        both_claims(
            "iss",
            "with a Cyrillic letter",
            |terms| json!(terms.issuer.replacen('t', "\u{442}", 1)),
            TokenError::Issuer,
        ),
        both_claims(
            "iss",
            "with wide dots",
            |terms| json!(terms.issuer.replacen('.', "\u{3002}", 1)),
            TokenError::Issuer,
        ),
        both_claims(
            "iss",
            "with a soft hyphen",
            |terms| json!(format!("{}\u{ad}", terms.issuer)),
            TokenError::Issuer,
        ),
        both_claims(
            "iss",
            "with a zero behind",
            |terms| json!(format!("{}\u{0}", terms.issuer)),
            TokenError::Issuer,
        ),
        both_claims("iss", "empty", |_| json!(""), TokenError::Issuer),
        both_claims(
            "iss",
            "in a list",
            |terms| json!([terms.issuer]),
            TokenError::Malformed,
        ),
        both_claims(
            "iss",
            "missing",
            |_| json!(null),
            TokenError::Missing("iss"),
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn parties() -> Vec<ForgedToken> {
    let both = [
        both_claims(
            "tid",
            "of another tenant",
            |_| json!("tenant-2"),
            TokenError::Tenant,
        ),
        both_claims(
            "tid",
            "in a list",
            |terms| json!([terms.tenant]),
            TokenError::Malformed,
        ),
        both_claims(
            "tid",
            "missing",
            |_| json!(null),
            TokenError::Missing("tid"),
        ),
    ];
    let single = [
        id_claim(
            "aud",
            "of another client",
            |_| json!("client-2"),
            TokenError::Audience,
        ),
        id_claim(
            "aud",
            "of the API",
            |_| json!("userid-api"),
            TokenError::Audience,
        ),
        id_claim(
            "aud",
            "of two",
            |terms| json!([terms.client, "client-2"]),
            TokenError::Audience,
        ),
        id_claim(
            "aud",
            "of us twice",
            |terms| json!([terms.client, terms.client]),
            TokenError::Audience,
        ),
        id_claim("aud", "of nobody", |_| json!([]), TokenError::Audience),
        id_claim(
            "aud",
            "of another, in a list",
            |_| json!(["client-2"]),
            TokenError::Audience,
        ),
        id_claim("aud", "a number", |_| json!(1), TokenError::Malformed),
        id_claim(
            "aud",
            "missing",
            |_| json!(null),
            TokenError::Missing("aud"),
        ),
        id_claim(
            "azp",
            "of another client",
            |_| json!("client-2"),
            TokenError::Audience,
        ),
        access_claim(
            "client_id",
            "of another client",
            |_| json!("client-2"),
            TokenError::ClientId,
        ),
        access_claim(
            "client_id",
            "in a list",
            |terms| json!([terms.client]),
            TokenError::Malformed,
        ),
        access_claim(
            "client_id",
            "missing",
            |_| json!(null),
            TokenError::WrongUse,
        ),
    ];
    both.into_iter().flatten().chain(single).collect()
}

fn times() -> Vec<ForgedToken> {
    let both = [
        both_claims(
            "exp",
            "a minute ago",
            |terms| json!(terms.now - 60),
            TokenError::Expired,
        ),
        both_claims(
            "exp",
            "a year ago",
            |terms| json!(terms.now - 31_536_000),
            TokenError::Expired,
        ),
        both_claims("exp", "at the epoch", |_| json!(0), TokenError::Expired),
        both_claims(
            "exp",
            "missing",
            |_| json!(null),
            TokenError::Missing("exp"),
        ),
        both_claims(
            "nbf",
            "in a while",
            |terms| json!(terms.now + 61),
            TokenError::NotYetValid,
        ),
        both_claims(
            "nbf",
            "a text",
            |terms| json!(terms.now.to_string()),
            TokenError::Malformed,
        ),
        both_claims(
            "iat",
            "in a while",
            |terms| json!(terms.now + 61),
            TokenError::IssuedInFuture,
        ),
        both_claims(
            "iat",
            "missing",
            |_| json!(null),
            TokenError::Missing("iat"),
        ),
    ];
    let single = [
        id_claim(
            "auth_time",
            "before the flow",
            |terms| json!(terms.now - 161),
            TokenError::AuthTime,
        ),
        id_claim(
            "auth_time",
            "a day before",
            |terms| json!(terms.now - 86_400),
            TokenError::AuthTime,
        ),
        id_claim(
            "auth_time",
            "in a while",
            |terms| json!(terms.now + 61),
            TokenError::AuthTime,
        ),
        id_claim(
            "auth_time",
            "missing",
            |_| json!(null),
            TokenError::Missing("auth_time"),
        ),
        id_claim(
            "auth_time",
            "a text",
            |_| json!("now"),
            TokenError::Malformed,
        ),
    ];
    both.into_iter().flatten().chain(single).collect()
}

fn numbers() -> Vec<ForgedToken> {
    [
        raw_claim("exp", "\"never\"", TokenError::Malformed),
        raw_claim("exp", "\"9999999999\"", TokenError::Malformed),
        raw_claim("exp", "-1", TokenError::Malformed),
        raw_claim("exp", "-9223372036854775808", TokenError::Malformed),
        raw_claim("exp", "18446744073709551616", TokenError::Malformed),
        raw_claim("exp", "1e300", TokenError::Malformed),
        raw_claim("exp", "1e400", TokenError::Malformed),
        raw_claim("exp", "253402300800", TokenError::Malformed),
        raw_claim("exp", "1e-300", TokenError::Expired),
        raw_claim("exp", "-0", TokenError::Expired),
        raw_claim("exp", "NaN", TokenError::Malformed),
        raw_claim("exp", "Infinity", TokenError::Malformed),
        raw_claim("exp", "0x7fffffff", TokenError::Malformed),
        raw_claim("exp", "true", TokenError::Malformed),
        raw_claim("exp", "[9999999999]", TokenError::Malformed),
        raw_claim("exp", "{\"at\":9999999999}", TokenError::Malformed),
        raw_claim("iat", "1e300", TokenError::Malformed),
        raw_claim("iat", "-1", TokenError::Malformed),
        raw_claim("nbf", "1e300", TokenError::Malformed),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn people() -> Vec<ForgedToken> {
    let both = [
        both_claims("sub", "empty", |_| json!(""), TokenError::Missing("sub")),
        both_claims(
            "sub",
            "too long",
            |_| json!("x".repeat(256)),
            TokenError::Missing("sub"),
        ),
        both_claims(
            "sub",
            "missing",
            |_| json!(null),
            TokenError::Missing("sub"),
        ),
        both_claims("sub", "a number", |_| json!(1), TokenError::Malformed),
        both_claims(
            "sub",
            "in a list",
            |terms| json!([terms.sub]),
            TokenError::Malformed,
        ),
    ];
    let single = [
        id_claim(
            "phone_number",
            "of another person",
            |_| json!("+447400123457"),
            TokenError::PhoneNumber,
        ),
        id_claim(
            "phone_number",
            "without its plus",
            |terms| json!(&terms.phone[1..]),
            TokenError::PhoneNumber,
        ),
        id_claim(
            "phone_number",
            "with a space",
            |terms| json!(format!("{} ", terms.phone)),
            TokenError::PhoneNumber,
        ),
        id_claim(
            "phone_number",
            "empty",
            |_| json!(""),
            TokenError::PhoneNumber,
        ),
        id_claim(
            "phone_number",
            "in an object",
            |terms| json!({"value": terms.phone}),
            TokenError::Malformed,
        ),
        id_claim(
            "phone_number",
            "in a list",
            |terms| json!([terms.phone]),
            TokenError::Malformed,
        ),
        id_claim(
            "phone_number",
            "a number",
            |_| json!(447_400_123_456_u64),
            TokenError::Malformed,
        ),
        id_claim(
            "phone_number",
            "true",
            |_| json!(true),
            TokenError::Malformed,
        ),
        id_claim("roles", "a text", |_| json!("admin"), TokenError::Malformed),
        id_claim("at_hash", "a number", |_| json!(1), TokenError::Malformed),
    ];
    both.into_iter().flatten().chain(single).collect()
}

/// The terms are those of a flow whose codes come by SMS.
fn methods() -> Vec<ForgedToken> {
    let missing = TokenError::Missing("amr");
    let of = |what: &'static str, value: ClaimValue, flaw| id_claim("amr", what, value, flaw);
    vec![
        of("missing", |_| json!(null), missing),
        of("empty", |_| json!([]), missing),
        of(
            "without a text",
            |_| json!([1, null, ["sms"], { "sms": 1 }]),
            missing,
        ),
        of("a text", |_| json!("sms"), TokenError::Malformed),
        of(
            "an object",
            |_| json!({ "0": "sms" }),
            TokenError::Malformed,
        ),
        of("a code by email", |_| json!(["eotp"]), TokenError::Method),
        of("a link by email", |_| json!(["eml"]), TokenError::Method),
        of("a password", |_| json!(["pwd"]), TokenError::Method),
        of("a social login", |_| json!(["social"]), TokenError::Method),
        of("a passkey", |_| json!(["webauthn"]), TokenError::Method),
        of("mfa alone", |_| json!(["mfa"]), TokenError::Method),
        of(
            "a password and email",
            |_| json!(["pwd", "eotp", "mfa"]),
            TokenError::Method,
        ),
        of("sms in capitals", |_| json!(["SMS"]), TokenError::Method),
        of("sms with a space", |_| json!(["sms "]), TokenError::Method),
        of(
            "sms in a list of names",
            |_| json!(["pwd sms"]),
            TokenError::Method,
        ),
        of("an empty name", |_| json!([""]), TokenError::Method),
    ]
}
