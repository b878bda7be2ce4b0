//! What each token must say.

use latchkey::server::transmit::TokenError::{
    self, Audience, AuthTime, ClientId, Expired, IssuedInFuture, Issuer, Malformed, Method,
    Missing, NotYetValid, PhoneNumber, Subject, Tenant, WrongUse,
};
use serde_json::{Value, json};

use crate::forged_tokens::{ForgedToken, TokenTerms, access, either, id, with_member};
use crate::token_signer::TRUSTED;

/// What is wrong with a claim, and its value under these terms.
type ClaimCase = (&'static str, fn(&TokenTerms) -> Value);

/// Changed claims of the ID token.
fn id_claims(name: &'static str, flaw: TokenError, cases: &[ClaimCase]) -> Vec<ForgedToken> {
    let cases = cases.iter().map(|(what, value)| {
        let value = *value;
        id(&format!("{name} {what}"), flaw, move |terms| {
            TRUSTED.token(&with_member(terms.id_claims(), name, value(terms)))
        })
    });
    cases.collect()
}

/// Changed claims of the access token.
fn access_claims(name: &'static str, flaw: TokenError, cases: &[ClaimCase]) -> Vec<ForgedToken> {
    let cases = cases.iter().map(|(what, value)| {
        let value = *value;
        access(&format!("{name} {what}"), flaw, move |terms| {
            TRUSTED.token(&with_member(terms.access_claims(), name, value(terms)))
        })
    });
    cases.collect()
}

/// Changed claims that both tokens carry.
fn both_claims(name: &'static str, flaw: TokenError, cases: &[ClaimCase]) -> Vec<ForgedToken> {
    let cases = cases.iter().flat_map(|(what, value)| {
        let value = *value;
        either(&format!("{name} {what}"), flaw, move |terms, claims| {
            TRUSTED.token(&with_member(claims, name, value(terms)))
        })
    });
    cases.collect()
}

/// Claims as text that no JSON value can express.
fn raw_claims(name: &'static str, flaw: TokenError, texts: &[&'static str]) -> Vec<ForgedToken> {
    let cases = texts.iter().copied().flat_map(|text| {
        either(&format!("{name} = {text}"), flaw, move |_, claims| {
            let claims = with_member(claims, name, json!("here")).to_string();
            let claims = claims.replace(
                &format!("\"{name}\":\"here\""),
                &format!("\"{name}\":{text}"),
            );
            TRUSTED.sign(&TRUSTED.header("RS256").to_string(), &claims, "RS256")
        })
    });
    cases.collect()
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
            Issuer,
            &[
                ("of another", |_| json!("https://evil.example")),
                ("with a slash behind", |t| json!(format!("{}/", t.issuer))),
                ("in capitals", |t| json!(t.issuer.to_uppercase())),
                ("that begins like ours", |t| {
                    json!(format!("{}.evil.example", t.issuer))
                }),
                ("with a Cyrillic letter", |t| {
                    json!(t.issuer.replacen('t', "\u{442}", 1))
                }),
                ("with wide dots", |t| {
                    json!(t.issuer.replacen('.', "\u{3002}", 1))
                }),
                ("with a soft hyphen", |t| {
                    json!(format!("{}\u{ad}", t.issuer))
                }),
                ("with a zero behind", |t| {
                    json!(format!("{}\u{0}", t.issuer))
                }),
                ("empty", |_| json!("")),
            ],
        ),
        both_claims("iss", Malformed, &[("in a list", |t| json!([t.issuer]))]),
        both_claims("iss", Missing("iss"), &[("missing", |_| json!(null))]),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn parties() -> Vec<ForgedToken> {
    [
        both_claims(
            "tid",
            Tenant,
            &[("of another tenant", |_| json!("tenant-2"))],
        ),
        both_claims("tid", Malformed, &[("in a list", |t| json!([t.tenant]))]),
        both_claims("tid", Missing("tid"), &[("missing", |_| json!(null))]),
        id_claims(
            "aud",
            Audience,
            &[
                ("of another client", |_| json!("client-2")),
                ("of the API", |_| json!("userid-api")),
                ("of two", |t| json!([t.client, "client-2"])),
                ("of us twice", |t| json!([t.client, t.client])),
                ("of nobody", |_| json!([])),
                ("of another, in a list", |_| json!(["client-2"])),
            ],
        ),
        id_claims("aud", Malformed, &[("a number", |_| json!(1))]),
        id_claims("aud", Missing("aud"), &[("missing", |_| json!(null))]),
        id_claims(
            "azp",
            Audience,
            &[("of another client", |_| json!("client-2"))],
        ),
        access_claims(
            "client_id",
            ClientId,
            &[("of another client", |_| json!("client-2"))],
        ),
        access_claims(
            "client_id",
            Malformed,
            &[("in a list", |t| json!([t.client]))],
        ),
        access_claims("client_id", WrongUse, &[("missing", |_| json!(null))]),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn times() -> Vec<ForgedToken> {
    [
        both_claims(
            "exp",
            Expired,
            &[
                ("a minute ago", |t| json!(t.now - 60)),
                ("a year ago", |t| json!(t.now - 31_536_000)),
                ("at the epoch", |_| json!(0)),
            ],
        ),
        both_claims("exp", Missing("exp"), &[("missing", |_| json!(null))]),
        both_claims("nbf", NotYetValid, &[("in a while", |t| json!(t.now + 61))]),
        both_claims(
            "nbf",
            Malformed,
            &[("a text", |t| json!(t.now.to_string()))],
        ),
        both_claims(
            "iat",
            IssuedInFuture,
            &[("in a while", |t| json!(t.now + 61))],
        ),
        both_claims("iat", Missing("iat"), &[("missing", |_| json!(null))]),
        id_claims(
            "auth_time",
            AuthTime,
            &[
                ("before the flow", |t| json!(t.now - 161)),
                ("a day before", |t| json!(t.now - 86_400)),
                ("in a while", |t| json!(t.now + 61)),
            ],
        ),
        id_claims(
            "auth_time",
            Missing("auth_time"),
            &[("missing", |_| json!(null))],
        ),
        id_claims("auth_time", Malformed, &[("a text", |_| json!("now"))]),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn numbers() -> Vec<ForgedToken> {
    [
        raw_claims(
            "exp",
            Malformed,
            &[
                "\"never\"",
                "\"9999999999\"",
                "-1",
                "-9223372036854775808",
                "18446744073709551616",
                "1e300",
                "1e400",
                "253402300800",
                "NaN",
                "Infinity",
                "0x7fffffff",
                "true",
                "[9999999999]",
                "{\"at\":9999999999}",
            ],
        ),
        raw_claims("exp", Expired, &["1e-300", "-0"]),
        raw_claims("iat", Malformed, &["1e300", "-1"]),
        raw_claims("nbf", Malformed, &["1e300"]),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn people() -> Vec<ForgedToken> {
    [
        both_claims(
            "sub",
            Missing("sub"),
            &[
                ("empty", |_| json!("")),
                ("too long", |_| json!("x".repeat(256))),
                ("missing", |_| json!(null)),
            ],
        ),
        both_claims(
            "sub",
            Malformed,
            &[
                ("a number", |_| json!(1)),
                ("in a list", |t| json!([t.sub])),
            ],
        ),
        access_claims(
            "sub",
            Subject,
            &[
                ("of a client", |t| json!(t.client)),
                ("in other letters", |t| json!(t.sub.to_uppercase())),
                ("with a space", |t| json!(format!("{} ", t.sub))),
            ],
        ),
        id_claims(
            "phone_number",
            PhoneNumber,
            &[
                ("of another person", |_| json!("+447400123457")),
                ("without its plus", |t| json!(&t.phone[1..])),
                ("with a space", |t| json!(format!("{} ", t.phone))),
                ("empty", |_| json!("")),
            ],
        ),
        id_claims(
            "phone_number",
            Malformed,
            &[
                ("in an object", |t| json!({"value": t.phone})),
                ("in a list", |t| json!([t.phone])),
                ("a number", |_| json!(447_400_123_456_u64)),
                ("true", |_| json!(true)),
            ],
        ),
        id_claims("roles", Malformed, &[("a text", |_| json!("admin"))]),
        id_claims("at_hash", Malformed, &[("a number", |_| json!(1))]),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The terms are those of a flow whose codes come by SMS.
fn methods() -> Vec<ForgedToken> {
    [
        id_claims(
            "amr",
            Missing("amr"),
            &[
                ("missing", |_| json!(null)),
                ("empty", |_| json!([])),
                (
                    "without a text",
                    |_| json!([1, null, ["sms"], { "sms": 1 }]),
                ),
            ],
        ),
        id_claims(
            "amr",
            Malformed,
            &[
                ("a text", |_| json!("sms")),
                ("an object", |_| json!({ "0": "sms" })),
            ],
        ),
        id_claims(
            "amr",
            Method,
            &[
                ("a code by email", |_| json!(["eotp"])),
                ("a link by email", |_| json!(["eml"])),
                ("a password", |_| json!(["pwd"])),
                ("a social login", |_| json!(["social"])),
                ("a passkey", |_| json!(["webauthn"])),
                ("mfa alone", |_| json!(["mfa"])),
                ("a password and email", |_| json!(["pwd", "eotp", "mfa"])),
                ("sms in capitals", |_| json!(["SMS"])),
                ("sms with a space", |_| json!(["sms "])),
                ("sms in a list of names", |_| json!(["pwd sms"])),
                ("an empty name", |_| json!([""])),
            ],
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}
