//! The keys that sign assertions: ES256 (RFC 7518 §3.4).
//!
//! They are derived from `secrets.key`, so every node has them and none is stored.

use std::fmt;

use aws_lc_rs::agreement::{self, ECDH_P256};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use crate::server::crypto::hkdf::{DeriveKeyError, derive_key};
use crate::server::crypto::jose::{compact, ec_members, members, thumbprint};

/// Candidates for one key. The first one is outside the curve's order only once in 2^32 keys.
const CANDIDATES: u8 = 8;

/// A key pair on P-256. `Debug` shows only its id.
struct AssertionKey {
    /// `kid`: its thumbprint (RFC 7638).
    id: String,
    pair: EcdsaKeyPair,
}

/// The key that signs, and previous ones whose signatures may still be in use.
#[derive(Debug)]
pub struct AssertionKeys {
    current: AssertionKey,
    previous: Vec<AssertionKey>,
}

impl AssertionKey {
    /// A key pair by rejection sampling (FIPS 186-5 §A.2.2): the first candidate from 1 to below
    /// the order of the curve.
    fn derive(secret: &[u8; 32]) -> Result<Self, DeriveKeyError> {
        let pair = (0..CANDIDATES)
            .find_map(|candidate| candidate_pair(secret, candidate).transpose())
            .ok_or(DeriveKeyError)??;
        Ok(Self {
            id: thumbprint(&ec_members(&pair)),
            pair,
        })
    }

    fn to_jwk(&self) -> Map<String, Value> {
        let mut key = ec_members(&self.pair);
        let named = [("kid", self.id.as_str()), ("use", "sig"), ("alg", "ES256")];
        key.extend(members(named.map(|(name, value)| (name, value.to_owned()))));
        key
    }
}

/// The key pair of a candidate; `None` if the number is no private key.
fn candidate_pair(
    secret: &[u8; 32],
    candidate: u8,
) -> Result<Option<EcdsaKeyPair>, DeriveKeyError> {
    let scalar = Zeroizing::new(derive_key(
        secret,
        &[b"latchkey assertion key v1 ".as_slice(), &[candidate]].concat(),
    )?);
    let Ok(private) = agreement::PrivateKey::from_private_key(&ECDH_P256, scalar.as_slice()) else {
        return Ok(None);
    };
    let public = private.compute_public_key().map_err(|_| DeriveKeyError)?;
    let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let pair = EcdsaKeyPair::from_private_key_and_public_key(
        algorithm,
        scalar.as_slice(),
        public.as_ref(),
    );
    pair.map(Some).map_err(|_| DeriveKeyError)
}

impl AssertionKeys {
    /// Derives the keys from secrets, the current one first. A secret that is listed twice, as
    /// during a rotation, counts once.
    ///
    /// # Errors
    /// [`DeriveKeyError`], also if there is no secret.
    pub fn derive<'a>(
        secrets: impl IntoIterator<Item = &'a [u8; 32]>,
    ) -> Result<Self, DeriveKeyError> {
        let mut keys = secrets.into_iter().map(AssertionKey::derive);
        let current = keys.next().ok_or(DeriveKeyError)??;
        let mut previous: Vec<AssertionKey> = Vec::new();
        for key in keys {
            let key = key?;
            if key.id != current.id && previous.iter().all(|other| other.id != key.id) {
                previous.push(key);
            }
        }
        Ok(Self { current, previous })
    }

    /// The public keys as a JWKS document (RFC 7517 §5).
    pub fn jwks(&self) -> Value {
        let all = std::iter::once(&self.current).chain(&self.previous);
        json!({ "keys": all.map(AssertionKey::to_jwk).collect::<Vec<_>>() })
    }

    /// Signs claims as a JWT (RFC 7519) with the current key.
    ///
    /// # Errors
    /// When signing fails.
    pub fn sign(&self, claims: &Value) -> Result<String, Unspecified> {
        let header = json!({ "alg": "ES256", "typ": "JWT", "kid": self.current.id });
        compact(&header, claims, |hash| self.current.pair.sign_digest(hash))
    }
}

impl fmt::Debug for AssertionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AssertionKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(keys: &AssertionKeys) -> Vec<String> {
        let jwks = keys.jwks();
        jwks["keys"]
            .as_array()
            .unwrap()
            .iter()
            .map(|key| key["kid"].as_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn a_key_is_derived_from_its_secret_alone() {
        let keys = AssertionKeys::derive([&[1; 32], &[2; 32]]).unwrap();
        let again = AssertionKeys::derive([&[2; 32], &[1; 32]]).unwrap();
        assert_eq!(ids(&keys).len(), 2);
        assert_eq!(
            ids(&keys),
            ids(&again).into_iter().rev().collect::<Vec<_>>(),
            "the first one signs"
        );
        assert_ne!(ids(&keys)[0], ids(&keys)[1]);
        let rotating = AssertionKeys::derive([&[1; 32], &[2; 32], &[1; 32], &[2; 32]]).unwrap();
        assert_eq!(ids(&rotating), ids(&keys), "no key is there twice");
        assert!(AssertionKeys::derive([]).is_err());
    }

    #[test]
    fn a_number_outside_the_order_is_no_private_key() {
        // The order of P-256 (SEC 2 §2.4.2), one less, and zero.
        let mut order = [0; 32];
        let digits = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
        for (byte, pair) in order.iter_mut().zip(digits.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        }
        let mut largest = order;
        largest[31] -= 1;
        for (scalar, fits) in [
            ([0; 32], false),
            (order, false),
            ([0xff; 32], false),
            (largest, true),
        ] {
            assert_eq!(
                agreement::PrivateKey::from_private_key(&ECDH_P256, &scalar).is_ok(),
                fits,
                "{scalar:02x?}"
            );
        }
    }

    #[test]
    fn t9_neither_debug_nor_the_jwks_shows_the_private_key() {
        let secret = [7; 32];
        let keys = AssertionKeys::derive([&secret]).unwrap();
        let private = crate::server::crypto::jose::encode(
            derive_key(&secret, b"latchkey assertion key v1 \0").unwrap(),
        );
        let shown = format!("{keys:?} {}", keys.jwks());
        assert!(
            !shown.contains(&private) && !shown.contains("\"d\""),
            "{shown}"
        );
    }
}
