//! An ID token is no access token, and tokens of two sign-ins do not make a valid pair.

use latchkey::server::transmit::{TokenFlaw, TokenKind};
use serde_json::json;

use crate::forged_tokens::{ForgedToken, TokenTerms, access, at_hash, id, with_member};
use crate::token_signer::TRUSTED;

fn pair(
    name: &str,
    token: TokenKind,
    flaw: TokenFlaw,
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
        pair("swapped", TokenKind::Id, TokenFlaw::WrongUse, |terms| {
            (terms.access(), terms.id())
        }),
        pair(
            "access token twice",
            TokenKind::Id,
            TokenFlaw::WrongUse,
            |terms| (terms.access(), terms.access()),
        ),
        pair(
            "ID token twice",
            TokenKind::Access,
            TokenFlaw::WrongUse,
            |terms| {
                let id = with_member(terms.id_claims(), "at_hash", json!(null));
                (TRUSTED.token(&id), TRUSTED.token(&id))
            },
        ),
        id(
            "an access token whose audience is ours",
            TokenFlaw::WrongUse,
            |terms| {
                let claims = with_member(terms.access_claims(), "aud", json!(terms.client));
                TRUSTED.token(&with_member(claims, "auth_time", json!(terms.now)))
            },
        ),
        access("a client's own", TokenFlaw::Subject, |terms| {
            TRUSTED.token(&with_member(
                terms.access_claims(),
                "sub",
                json!(terms.client),
            ))
        }),
        access("of another person", TokenFlaw::Subject, |terms| {
            other_person(terms).access()
        }),
        access("sub in other letters", TokenFlaw::Subject, |terms| {
            TRUSTED.token(&with_member(
                terms.access_claims(),
                "sub",
                json!(terms.sub.to_uppercase()),
            ))
        }),
        access("sub and a space", TokenFlaw::Subject, |terms| {
            TRUSTED.token(&with_member(
                terms.access_claims(),
                "sub",
                json!(format!("{} ", terms.sub)),
            ))
        }),
        pair(
            "ID token: sub of another person",
            TokenKind::Access,
            TokenFlaw::Subject,
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
            TokenFlaw::PhoneNumber,
            |terms| {
                let other = other_person(terms);
                (other.id(), other.access())
            },
        ),
        id(
            "made out for another access token",
            TokenFlaw::AccessTokenHash,
            |terms| {
                let other = TRUSTED.token(&with_member(terms.access_claims(), "jti", json!("k")));
                terms.id_matching(&other)
            },
        ),
        id(
            "at_hash of the other half",
            TokenFlaw::AccessTokenHash,
            |terms| {
                let hash = aws_lc_rs::digest::digest(
                    &aws_lc_rs::digest::SHA256,
                    terms.access().as_bytes(),
                );
                let right = crate::token_signer::b64(&hash.as_ref()[16..]);
                TRUSTED.token(&with_member(terms.id_claims(), "at_hash", json!(right)))
            },
        ),
        id("at_hash padded", TokenFlaw::AccessTokenHash, |terms| {
            let padded = format!("{}==", at_hash(&terms.access()));
            TRUSTED.token(&with_member(terms.id_claims(), "at_hash", json!(padded)))
        }),
        id("at_hash empty", TokenFlaw::AccessTokenHash, |terms| {
            TRUSTED.token(&with_member(terms.id_claims(), "at_hash", json!("")))
        }),
        pair(
            "both of an earlier sign-in",
            TokenKind::Id,
            TokenFlaw::AuthTime,
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
            TokenFlaw::Expired,
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
