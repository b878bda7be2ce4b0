//! What is not a token at all: cut off, too large, in other encodings, or with duplicate members.

use latchkey::server::transmit::TokenError;
use serde_json::{Value, json};

use crate::forged_tokens::{ForgedToken, either};
use crate::token_signer::{TRUSTED, b64};

/// A valid token whose text is changed.
fn text(name: &str, flaw: TokenError, change: fn(&str) -> String) -> [ForgedToken; 2] {
    either(name, flaw, move |_, claims| change(&TRUSTED.token(&claims)))
}

/// A validly signed token with a changed header text.
fn header(name: &str, flaw: TokenError, change: fn(String) -> String) -> [ForgedToken; 2] {
    either(name, flaw, move |_, claims| {
        TRUSTED.sign(
            &change(TRUSTED.header("RS256").to_string()),
            &claims.to_string(),
            "RS256",
        )
    })
}

/// A validly signed token with a changed claims text.
fn claims(name: &str, flaw: TokenError, change: fn(String) -> String) -> [ForgedToken; 2] {
    either(name, flaw, move |_, claims| {
        TRUSTED.sign(
            &TRUSTED.header("RS256").to_string(),
            &change(claims.to_string()),
            "RS256",
        )
    })
}

/// A claim that occurs twice; the second time its name is spelled like this.
fn twice(spelled: &'static str, value: Value) -> [ForgedToken; 2] {
    either(
        &format!("claim {spelled} again"),
        TokenError::Duplicate,
        move |_, claims| {
            let text = claims.to_string();
            let text = format!("{},\"{spelled}\":{value}}}", &text[..text.len() - 1]);
            TRUSTED.sign(&TRUSTED.header("RS256").to_string(), &text, "RS256")
        },
    )
}

/// A header member that occurs twice; the first time its name is spelled like this.
fn header_twice(spelled: &'static str, value: Value) -> [ForgedToken; 2] {
    either(
        &format!("header {spelled} again"),
        TokenError::Duplicate,
        move |_, claims| {
            let header = TRUSTED.header("RS256").to_string().replacen(
                '{',
                &format!("{{\"{spelled}\":{value},"),
                1,
            );
            TRUSTED.sign(&header, &claims.to_string(), "RS256")
        },
    )
}

fn dot(token: &str, which: usize) -> usize {
    token.match_indices('.').nth(which).unwrap().0
}

pub fn cases() -> Vec<ForgedToken> {
    [texts(), documents(), duplicates()]
        .into_iter()
        .flatten()
        .collect()
}

fn texts() -> Vec<ForgedToken> {
    [
        text("empty", TokenError::Malformed, |_| String::new()),
        text("dots alone", TokenError::Malformed, |_| "..".into()),
        text("header alone", TokenError::Malformed, |good| {
            good[..dot(good, 0)].into()
        }),
        text(
            "without a part for the signature",
            TokenError::Malformed,
            |good| good[..dot(good, 1)].into(),
        ),
        text("cut in the header", TokenError::Malformed, |good| {
            good[..10].into()
        }),
        text("cut in the claims", TokenError::Malformed, |good| {
            good[..dot(good, 0) + 20].into()
        }),
        text("cut in the signature", TokenError::Signature, |good| {
            good[..good.len() - 22].into()
        }),
        text("four parts", TokenError::Malformed, |good| {
            format!("{good}.x")
        }),
        text("five parts", TokenError::Encrypted, |_| "a.b.c.d.e".into()),
        text("six parts", TokenError::Malformed, |good| {
            format!("{good}.a.b.c")
        }),
        text("a thousand parts", TokenError::Malformed, |good| {
            format!("{good}{}", ".".repeat(1000))
        }),
        text("a letter of no alphabet", TokenError::Malformed, |good| {
            format!("%{}", &good[1..])
        }),
        text("the standard alphabet", TokenError::Malformed, |good| {
            format!("+/{}", &good[2..])
        }),
        text("a space before", TokenError::Malformed, |good| {
            format!(" {good}")
        }),
        text("a space behind", TokenError::Malformed, |good| {
            format!("{good} ")
        }),
        text("a line break inside", TokenError::Malformed, |good| {
            format!("{}\n{}", &good[..10], &good[10..])
        }),
        text("Bearer before", TokenError::Malformed, |good| {
            format!("Bearer {good}")
        }),
        text("letters beyond ASCII", TokenError::Malformed, |good| {
            format!("é{good}")
        }),
        text("a zero byte", TokenError::Malformed, |good| {
            format!("{good}\u{0}")
        }),
        text("header padded", TokenError::Malformed, |good| {
            good.replacen('.', "=.", 1)
        }),
        text("huge", TokenError::TooLarge, |good| {
            format!("{good}{}", "A".repeat(65_536))
        }),
        text("huge and nothing else", TokenError::TooLarge, |_| {
            "a".repeat(65_537)
        }),
        text(
            "as large as may be, and nothing else",
            TokenError::Malformed,
            |_| "a".repeat(65_536),
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn documents() -> Vec<ForgedToken> {
    let not_utf8 = either(
        "claims that are no UTF-8",
        TokenError::Malformed,
        |_, claims| {
            let claims = claims.to_string().replacen("u-1", "u-?", 1).into_bytes();
            let claims: Vec<u8> = claims
                .into_iter()
                .map(|byte| if byte == b'?' { 0xff } else { byte })
                .collect();
            TRUSTED.sign_parts(
                &b64(TRUSTED.header("RS256").to_string().as_bytes()),
                &b64(&claims),
                "RS256",
            )
        },
    );
    let loose_header = either(
        "header with loose bits",
        TokenError::Malformed,
        |_, claims| {
            // A line break at the end of 31 bytes is written `Cg`. The last four bits of `Ch`
            // encode nothing.
            let header =
                b64(format!("{}\n\n", json!({"alg": "RS256", "kid": TRUSTED.kid})).as_bytes());
            let loose = format!("{}h", header.strip_suffix('g').unwrap());
            TRUSTED.sign_parts(&loose, &b64(claims.to_string().as_bytes()), "RS256")
        },
    );
    [
        header("header a list", TokenError::Malformed, |_| "[]".into()),
        header("header a text", TokenError::Malformed, |_| {
            "\"RS256\"".into()
        }),
        header("header null", TokenError::Malformed, |_| "null".into()),
        header("header empty", TokenError::Malformed, |_| String::new()),
        header("header an empty object", TokenError::Algorithm, |_| {
            "{}".into()
        }),
        header("header and more", TokenError::Malformed, |header| {
            format!("{header} {{}}")
        }),
        header(
            "header with a mark before",
            TokenError::Malformed,
            |header| format!("\u{feff}{header}"),
        ),
        header("header with a comment", TokenError::Malformed, |header| {
            format!("/**/{header}")
        }),
        header(
            "header with a comma too many",
            TokenError::Malformed,
            |header| header.replace('}', ",}"),
        ),
        header("header of brackets", TokenError::Malformed, |_| {
            format!("{{\"a\":{}", "[".repeat(5000))
        }),
        header(
            "header of closed brackets",
            TokenError::Malformed,
            |header| {
                header.replacen(
                    '{',
                    &format!("{{\"a\":{}{},", "[".repeat(500), "]".repeat(500)),
                    1,
                )
            },
        ),
        claims("claims a list", TokenError::Malformed, |claims| {
            format!("[{claims}]")
        }),
        claims("claims a text", TokenError::Malformed, |_| "\"x\"".into()),
        claims("claims null", TokenError::Malformed, |_| "null".into()),
        claims("claims empty", TokenError::Malformed, |_| String::new()),
        claims("claims an empty object", TokenError::Missing("iss"), |_| {
            "{}".into()
        }),
        claims("claims broken off", TokenError::Malformed, |claims| {
            claims[..claims.len() - 1].into()
        }),
        claims("claims and more", TokenError::Malformed, |claims| {
            format!("{claims}{claims}")
        }),
        claims(
            "claims with a zero behind",
            TokenError::Malformed,
            |claims| format!("{claims}\u{0}"),
        ),
        claims("claims in single quotes", TokenError::Malformed, |claims| {
            claims.replace('"', "'")
        }),
        claims("claims of brackets", TokenError::Malformed, |_| {
            format!("{{\"a\":{}", "[".repeat(5000))
        }),
        claims(
            "claims of closed brackets",
            TokenError::Malformed,
            |claims| {
                claims.replacen(
                    '{',
                    &format!("{{\"a\":{}{},", "[".repeat(5000), "]".repeat(5000)),
                    1,
                )
            },
        ),
        claims("claims of closed braces", TokenError::Malformed, |claims| {
            claims.replacen(
                '{',
                &format!("{{\"a\":{}1{},", "{\"a\":".repeat(500), "}".repeat(500)),
                1,
            )
        }),
        claims(
            "claims with half a letter",
            TokenError::Malformed,
            |claims| claims.replacen('{', "{\"a\":\"\\ud800\",", 1),
        ),
        not_utf8,
        loose_header,
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn duplicates() -> Vec<ForgedToken> {
    [
        twice("sub", json!("u-1")),
        twice("iss", json!("https://evil.example")),
        twice("exp", json!(9_999_999_999_u64)),
        twice("\\u0065xp", json!(9_999_999_999_u64)),
        twice("\\u0073\\u0075\\u0062", json!("u-2")),
        twice("tid", json!("tenant-2")),
        twice("iat", json!(null)),
        header_twice("alg", json!("none")),
        header_twice("\\u0061lg", json!("none")),
        header_twice("kid", json!("key-2")),
        header_twice("typ", json!("JWT")),
    ]
    .into_iter()
    .flatten()
    .collect()
}
