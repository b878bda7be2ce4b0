//! An ID token is no access token, and tokens of two sign-ins do not make a valid pair.

use latchkey::server::transmit::{TokenError, TokenKind};
use serde_json::json;

use crate::forged_tokens::{ForgedToken, TokenTerms, access, at_hash, id, with_member};
use crate::token_signer::TRUSTED;

fn pair(
    name: &str,
    token: TokenKind,
    flaw: TokenError,
    forge: fn(&TokenTerms) -> (String, String),
) -> ForgedToken {
    ForgedToken {
        name: name.to_owned(),
        token,
        flaw,
        forge: Box::new(forge),
    }
}

fn other_person(terms: &TokenTerms) -> TokenTerms {
    TokenTerms {
        sub: "u-2".to_owned(),
        phone: "+447400123457".to_owned(),
        ..terms.clone()
    }
}

pub fn cases() -> Vec<ForgedToken> {
    vec![
        pair("swapped", TokenKind::Id, TokenError::WrongUse, |terms| {
            (terms.access(), terms.id())
        }),
        pair(
            "access token twice",
            TokenKind::Id,
            TokenError::WrongUse,
            |terms| (terms.access(), terms.access()),
        ),
        pair(
            "ID token twice",
            TokenKind::Access,
            TokenError::WrongUse,
            |terms| {
                let id = with_member(terms.id_claims(), "at_hash", json!(null));
                (TRUSTED.token(&id), TRUSTED.token(&id))
            },
        ),
        id(
            "an access token whose audience is ours",
            TokenError::WrongUse,
            |terms| {
                let claims = with_member(terms.access_claims(), "aud", json!(terms.client));
                TRUSTED.token(&with_member(claims, "auth_time", json!(terms.now)))
            },
        ),
        access("of another person", TokenError::Subject, |terms| {
            other_person(terms).access()
        }),
        pair(
            "ID token: sub of another person",
            TokenKind::Access,
            TokenError::Subject,
            |terms| {
                (
                    TRUSTED.token(&with_member(terms.id_claims(), "sub", json!("u-2"))),
                    terms.access(),
                )
            },
        ),
        pair(
            "both of another person",
            TokenKind::Id,
            TokenError::PhoneNumber,
            |terms| {
                let other = other_person(terms);
                (other.id(), other.access())
            },
        ),
        id(
            "made out for another access token",
            TokenError::AccessTokenHash,
            |terms| {
                let other = TRUSTED.token(&with_member(terms.access_claims(), "jti", json!("k")));
                terms.id_matching(&other)
            },
        ),
        id(
            "at_hash of the other half",
            TokenError::AccessTokenHash,
            |terms| {
                let hash = aws_lc_rs::digest::digest(
                    &aws_lc_rs::digest::SHA256,
                    terms.access().as_bytes(),
                );
                let right = crate::token_signer::b64(&hash.as_ref()[16..]);
                TRUSTED.token(&with_member(terms.id_claims(), "at_hash", json!(right)))
            },
        ),
        id("at_hash padded", TokenError::AccessTokenHash, |terms| {
            let padded = format!("{}==", at_hash(&terms.access()));
            TRUSTED.token(&with_member(terms.id_claims(), "at_hash", json!(padded)))
        }),
        id("at_hash empty", TokenError::AccessTokenHash, |terms| {
            TRUSTED.token(&with_member(terms.id_claims(), "at_hash", json!("")))
        }),
        pair(
            "both of an earlier sign-in",
            TokenKind::Id,
            TokenError::AuthTime,
            |terms| {
                let earlier = TokenTerms {
                    now: terms.now - 1800,
                    ..terms.clone()
                };
                (earlier.id(), earlier.access())
            },
        ),
        pair(
            "both of yesterday",
            TokenKind::Id,
            TokenError::Expired,
            |terms| {
                let earlier = TokenTerms {
                    now: terms.now - 86_400,
                    ..terms.clone()
                };
                (earlier.id(), earlier.access())
            },
        ),
    ]
}
