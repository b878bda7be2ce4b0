//! One token cannot stand in for the other, and two good ones of two sign-ins are no good pair.

use latchkey::server::transmit::{TokenFlaw, TokenKind};
use serde_json::json;

use crate::corpus::{ACCESS, Case, ID, Terms, access, at_hash, changed, id};
use crate::signer::OURS;

fn pair(
    name: &str,
    token: TokenKind,
    flaw: TokenFlaw,
    forge: fn(&Terms) -> (String, String),
) -> Case {
    Case {
        name: name.to_owned(),
        token,
        flaw,
        forge: Box::new(forge),
    }
}

fn other_person(terms: &Terms) -> Terms {
    Terms {
        sub: "u-2".to_owned(),
        phone: "+447400123457".to_owned(),
        ..terms.clone()
    }
}

pub fn cases() -> Vec<Case> {
    vec![
        pair("swapped", ID, TokenFlaw::WrongUse, |terms| {
            (terms.access(), terms.id())
        }),
        pair("access token twice", ID, TokenFlaw::WrongUse, |terms| {
            (terms.access(), terms.access())
        }),
        pair("ID token twice", ACCESS, TokenFlaw::WrongUse, |terms| {
            let id = changed(terms.id_claims(), "at_hash", json!(null));
            (OURS.token(&id), OURS.token(&id))
        }),
        id(
            "an access token whose audience is ours",
            TokenFlaw::WrongUse,
            |terms| {
                let claims = changed(terms.access_claims(), "aud", json!(terms.client));
                OURS.token(&changed(claims, "auth_time", json!(terms.now)))
            },
        ),
        access("a client's own", TokenFlaw::Subject, |terms| {
            OURS.token(&changed(terms.access_claims(), "sub", json!(terms.client)))
        }),
        access("of another person", TokenFlaw::Subject, |terms| {
            other_person(terms).access()
        }),
        access("sub in other letters", TokenFlaw::Subject, |terms| {
            OURS.token(&changed(
                terms.access_claims(),
                "sub",
                json!(terms.sub.to_uppercase()),
            ))
        }),
        access("sub and a space", TokenFlaw::Subject, |terms| {
            OURS.token(&changed(
                terms.access_claims(),
                "sub",
                json!(format!("{} ", terms.sub)),
            ))
        }),
        pair(
            "ID token: sub of another person",
            ACCESS,
            TokenFlaw::Subject,
            |terms| {
                (
                    OURS.token(&changed(terms.id_claims(), "sub", json!("u-2"))),
                    terms.access(),
                )
            },
        ),
        pair(
            "both of another person",
            ID,
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
                let other = OURS.token(&changed(terms.access_claims(), "jti", json!("k")));
                terms.id_for(&other)
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
                let right = crate::signer::b64(&hash.as_ref()[16..]);
                OURS.token(&changed(terms.id_claims(), "at_hash", json!(right)))
            },
        ),
        id("at_hash padded", TokenFlaw::AccessTokenHash, |terms| {
            let padded = format!("{}==", at_hash(&terms.access()));
            OURS.token(&changed(terms.id_claims(), "at_hash", json!(padded)))
        }),
        id("at_hash empty", TokenFlaw::AccessTokenHash, |terms| {
            OURS.token(&changed(terms.id_claims(), "at_hash", json!("")))
        }),
        pair(
            "both of an earlier sign-in",
            ID,
            TokenFlaw::AuthTime,
            |terms| {
                let earlier = Terms {
                    now: terms.now - 1800,
                    ..terms.clone()
                };
                (earlier.id(), earlier.access())
            },
        ),
        pair("both of yesterday", ID, TokenFlaw::Expired, |terms| {
            let earlier = Terms {
                now: terms.now - 86_400,
                ..terms.clone()
            };
            (earlier.id(), earlier.access())
        }),
    ]
}
