//! Other algorithms, other keys, and invalid signatures.

use latchkey::server::transmit::TokenError;
use serde_json::{Value, json};

use crate::forged_tokens::{ForgedToken, TokenTerms, either, id, with_member};
use crate::token_signer::{ROTATED, TRUSTED, TokenSigner, UNTRUSTED, b64};

/// A token whose header names one algorithm and which is signed by another.
fn sign_as(claims: &Value, named: &str, actual: &str, signer: &TokenSigner) -> String {
    signer.sign(
        &TRUSTED.header(named).to_string(),
        &claims.to_string(),
        actual,
    )
}

fn signature(
    name: &str,
    flaw: TokenError,
    named: &'static str,
    actual: &'static str,
) -> [ForgedToken; 2] {
    either(name, flaw, move |_, claims| {
        sign_as(&claims, named, actual, &TRUSTED)
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
        signature("alg none", TokenError::Algorithm, "none", "none"),
        signature("alg nOnE", TokenError::Algorithm, "nOnE", "none"),
        signature(
            "alg none over a true signature",
            TokenError::Algorithm,
            "none",
            "RS256",
        ),
        signature(
            "RS256 without a signature",
            TokenError::Signature,
            "RS256",
            "none",
        ),
        signature(
            "PS256 without a signature",
            TokenError::Signature,
            "PS256",
            "none",
        ),
        signature(
            "HS256 by the public key in DER (PKCS #1)",
            TokenError::Algorithm,
            "HS256",
            "HS256 by DER",
        ),
        signature(
            "HS256 by the public key in DER (SPKI)",
            TokenError::Algorithm,
            "HS256",
            "HS256 by SPKI",
        ),
        signature(
            "HS256 by the public key in PEM",
            TokenError::Algorithm,
            "HS256",
            "HS256 by PEM",
        ),
        signature(
            "HS256 by the JWK",
            TokenError::Algorithm,
            "HS256",
            "HS256 by JWK",
        ),
        signature(
            "HS384 by the public key in PEM",
            TokenError::Algorithm,
            "HS384",
            "HS256 by PEM",
        ),
        signature(
            "RS256 in name, HMAC by DER in truth",
            TokenError::Signature,
            "RS256",
            "HS256 by DER",
        ),
        signature(
            "RS256 in name, HMAC by PEM in truth",
            TokenError::Signature,
            "RS256",
            "HS256 by PEM",
        ),
        signature("RS384", TokenError::Algorithm, "RS384", "RS384"),
        signature("RS512", TokenError::Algorithm, "RS512", "RS512"),
        signature("PS384", TokenError::Algorithm, "PS384", "PS384"),
        signature("PS512", TokenError::Algorithm, "PS512", "PS512"),
        signature("RS1", TokenError::Algorithm, "RS1", "none"),
        signature(
            "ES256 by a key of its own",
            TokenError::Algorithm,
            "ES256",
            "ES256",
        ),
        signature(
            "EdDSA by a key of its own",
            TokenError::Algorithm,
            "EdDSA",
            "EdDSA",
        ),
        signature(
            "RS256 in name, ES256 in truth",
            TokenError::Signature,
            "RS256",
            "ES256",
        ),
        signature(
            "RS256 in name, EdDSA in truth",
            TokenError::Signature,
            "RS256",
            "EdDSA",
        ),
        signature(
            "rs256 in small letters",
            TokenError::Algorithm,
            "rs256",
            "RS256",
        ),
        signature(
            "RS256 and a space",
            TokenError::Algorithm,
            "RS256 ",
            "RS256",
        ),
        signature(
            "no name of an algorithm",
            TokenError::Algorithm,
            "",
            "RS256",
        ),
        signature(
            "RS256 in name, PS256 in truth",
            TokenError::Signature,
            "RS256",
            "PS256",
        ),
        signature(
            "PS256 in name, RS256 in truth",
            TokenError::Signature,
            "PS256",
            "RS256",
        ),
        signature(
            "RS256 in name, RS512 in truth",
            TokenError::Signature,
            "RS256",
            "RS512",
        ),
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
        either("no alg", TokenError::Algorithm, |_, claims| {
            TRUSTED.sign(
                &with_member(TRUSTED.header("RS256"), "alg", json!(null)).to_string(),
                &claims.to_string(),
                "RS256",
            )
        }),
        either("alg a list", TokenError::Algorithm, |_, claims| {
            TRUSTED.sign(
                &with_member(TRUSTED.header("RS256"), "alg", json!(["RS256"])).to_string(),
                &claims.to_string(),
                "RS256",
            )
        }),
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
    pairs.into_iter().flatten().chain(single).collect()
}
