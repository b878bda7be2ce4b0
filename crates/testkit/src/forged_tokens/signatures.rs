//! Other algorithms, other keys, and invalid signatures.

use latchkey::server::transmit::TokenError;
use serde_json::{Value, json};

use crate::forged_tokens::{ForgedToken, TokenTerms, either, id, with_member};
use crate::token_signer::{ROTATED, TRUSTED, TokenSigner, UNTRUSTED, b64};

/// Algorithms that no token may name, and what signs it in truth.
const WRONG_ALGORITHMS: [(&str, &str); 18] = [
    ("none", "none"),
    ("nOnE", "none"),
    ("none", "RS256"),
    ("HS256", "HS256 by DER"),
    ("HS256", "HS256 by SPKI"),
    ("HS256", "HS256 by PEM"),
    ("HS256", "HS256 by JWK"),
    ("HS384", "HS256 by PEM"),
    ("RS384", "RS384"),
    ("RS512", "RS512"),
    ("PS384", "PS384"),
    ("PS512", "PS512"),
    ("RS1", "none"),
    ("ES256", "ES256"),
    ("EdDSA", "EdDSA"),
    ("rs256", "RS256"),
    ("RS256 ", "RS256"),
    ("", "RS256"),
];
/// Allowed algorithms, and what signs the token in truth.
const WRONG_SIGNATURES: [(&str, &str); 9] = [
    ("RS256", "none"),
    ("PS256", "none"),
    ("RS256", "HS256 by DER"),
    ("RS256", "HS256 by PEM"),
    ("RS256", "ES256"),
    ("RS256", "EdDSA"),
    ("RS256", "PS256"),
    ("PS256", "RS256"),
    ("RS256", "RS512"),
];

/// A token whose header names one algorithm and which is signed by another.
fn sign_as(claims: &Value, named: &str, actual: &str, signer: &TokenSigner) -> String {
    signer.sign(
        &TRUSTED.header(named).to_string(),
        &claims.to_string(),
        actual,
    )
}

/// Tokens whose header names one algorithm and which are signed by another.
fn signed_otherwise(flaw: TokenError, cases: &[(&'static str, &'static str)]) -> Vec<ForgedToken> {
    let cases = cases.iter().copied().flat_map(|(named, actual)| {
        let name = format!("alg `{named}`, signed with {actual}");
        either(&name, flaw, move |_, claims| {
            sign_as(&claims, named, actual, &TRUSTED)
        })
    });
    cases.collect()
}

/// A well-signed token whose header has something else where the algorithm is named.
fn without_name(name: &str, alg: Value) -> [ForgedToken; 2] {
    let header = with_member(TRUSTED.header("RS256"), "alg", alg).to_string();
    either(name, TokenError::Algorithm, move |_, claims| {
        TRUSTED.sign(&header, &claims.to_string(), "RS256")
    })
}

/// The parts of a valid ID token, joined in another way.
fn rejoined(
    name: &str,
    flaw: TokenError,
    join: fn(&TokenTerms, &str, &str, &str) -> String,
) -> ForgedToken {
    id(name, flaw, move |terms| {
        let token = terms.id();
        let parts: Vec<_> = token.split('.').collect();
        join(terms, parts[0], parts[1], parts[2])
    })
}

/// Sets an unused bit at the end of a signature. The last letter of 256 bytes carries two bits and
/// four unused ones, which must be zero.
fn set_unused_bit(signature: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (rest, last) = signature.split_at(signature.len() - 1);
    let at = LETTERS
        .iter()
        .position(|letter| *letter == last.as_bytes()[0])
        .unwrap();
    format!("{rest}{}", char::from(LETTERS[at | 1]))
}

pub fn cases() -> Vec<ForgedToken> {
    let pairs = [
        signed_otherwise(TokenError::Algorithm, &WRONG_ALGORITHMS),
        signed_otherwise(TokenError::Signature, &WRONG_SIGNATURES),
    ];
    let keys = [
        either(
            "a foreign key under our name",
            TokenError::Signature,
            |_, claims| sign_as(&claims, "RS256", "RS256", &UNTRUSTED),
        ),
        either(
            "a foreign key under our name, PS256",
            TokenError::Signature,
            |_, claims| sign_as(&claims, "PS256", "PS256", &UNTRUSTED),
        ),
        either(
            "a key that was never published",
            TokenError::UnknownKey,
            |_, claims| ROTATED.token(&claims),
        ),
        without_name("no alg", json!(null)),
        without_name("alg a list", json!(["RS256"])),
    ];
    let single = [
        rejoined(
            "claims of another person",
            TokenError::Signature,
            |terms, head, _, signature| {
                let claims = with_member(terms.id_claims(), "sub", json!("u-2"));
                format!("{head}.{}.{signature}", b64(claims.to_string().as_bytes()))
            },
        ),
        rejoined(
            "claims written otherwise",
            TokenError::Signature,
            |terms, head, _, signature| {
                format!(
                    "{head}.{}.{signature}",
                    b64(format!(" {}", terms.id_claims()).as_bytes())
                )
            },
        ),
        rejoined(
            "header written otherwise",
            TokenError::Signature,
            |_, _, claims, signature| {
                format!(
                    "{}.{claims}.{signature}",
                    b64(format!(" {}", TRUSTED.header("RS256")).as_bytes())
                )
            },
        ),
        rejoined(
            "signature of the access token",
            TokenError::Signature,
            |terms, head, claims, _| {
                format!(
                    "{head}.{claims}.{}",
                    terms.access().rsplit('.').next().unwrap()
                )
            },
        ),
        rejoined(
            "signature cut",
            TokenError::Signature,
            |_, head, claims, signature| format!("{head}.{claims}.{}", &signature[..340]),
        ),
        rejoined(
            "signature with more behind",
            TokenError::Signature,
            |_, head, claims, signature| {
                format!(
                    "{head}.{claims}.{}",
                    b64(&[crate::token_signer::unb64(signature), vec![0]].concat())
                )
            },
        ),
        rejoined(
            "signature all zeros",
            TokenError::Signature,
            |_, head, claims, _| format!("{head}.{claims}.{}", b64(&[0; 256])),
        ),
        rejoined(
            "signature padded",
            TokenError::Malformed,
            |_, head, claims, signature| format!("{head}.{claims}.{signature}=="),
        ),
        rejoined(
            "signature with loose bits",
            TokenError::Malformed,
            |_, head, claims, signature| format!("{head}.{claims}.{}", set_unused_bit(signature)),
        ),
        rejoined(
            "signature and a line break",
            TokenError::Malformed,
            |_, head, claims, signature| format!("{head}.{claims}.{signature}\n"),
        ),
        rejoined(
            "signature in the standard alphabet",
            TokenError::Malformed,
            |_, head, claims, signature| format!("{head}.{claims}.+/{}", &signature[2..]),
        ),
    ];
    pairs
        .into_iter()
        .flatten()
        .chain(keys.into_iter().flatten())
        .chain(single)
        .collect()
}
