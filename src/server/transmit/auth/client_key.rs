//! The private key that authenticates this client instead of a secret, and the client assertions
//! that it signs: `private_key_jwt` (RFC 7523 §2.2).

use std::fmt;
use std::time::Duration;

use aws_lc_rs::digest::Digest;
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
    RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use zeroize::Zeroizing;

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::jose::{compact, ec_members, encode, members, thumbprint};
use crate::server::settings::{PrivateKeyAlgorithm, Secret};
use crate::server::system::random::Random;

/// How long an assertion is valid. Each one is used in one request.
pub const ASSERTION_LIFE: Duration = Duration::from_secs(60);

/// The lines around a key (RFC 7468 §10).
const PEM_BOUNDARIES: (&str, &str) = ("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----");

/// A private key: RSA of 2048 to 8192 bits, or EC on P-256. It is held by the cryptographic
/// library, which overwrites it on drop.
pub struct ClientKey {
    id: String,
    pair: ClientKeyPair,
}

enum ClientKeyPair {
    /// Signs with RS256, or with PS256.
    Rsa { pair: RsaKeyPair, pss: bool },
    /// Signs with ES256.
    Ec(EcdsaKeyPair),
}

/// Why a text is not a usable key. No message repeats any of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientKeyError {
    /// Not PEM, or PEM without a private key.
    #[error("holds no private key: a PEM block `-----BEGIN PRIVATE KEY-----` (PKCS#8) is needed")]
    NotPem,
    /// PEM in a format older than PKCS#8.
    #[error(
        "is not in PKCS#8; convert it with: openssl pkcs8 -topk8 -nocrypt -in OLD.pem -out NEW.pem"
    )]
    Format,
    /// PEM of a key that is encrypted with a password.
    #[error(
        "is encrypted; take the password off with: \
         openssl pkcs8 -topk8 -nocrypt -in OLD.pem -out NEW.pem"
    )]
    Encrypted,
    /// A key of another type, or a damaged one.
    #[error("is neither an RSA key of 2048 to 8192 bits nor an EC key on P-256")]
    Unusable,
    /// `transmit.private_key_algorithm` is not an algorithm of this key.
    #[error(
        "does not fit transmit.private_key_algorithm: RS256 and PS256 need an RSA key, \
         ES256 one on P-256"
    )]
    Algorithm,
}

impl ClientKey {
    /// Parses a key in PEM. `id` is its `kid`, by default its thumbprint (RFC 7638). `algorithm` is
    /// by default the one that fits the key, and RS256 for RSA.
    ///
    /// # Errors
    /// [`ClientKeyError`].
    pub fn parse(
        pem: &Secret,
        id: Option<&str>,
        algorithm: Option<PrivateKeyAlgorithm>,
    ) -> Result<Self, ClientKeyError> {
        let der = decode_pem(pem.expose())?;
        let pair = match RsaKeyPair::from_pkcs8(&der) {
            Ok(pair) => ClientKeyPair::Rsa {
                pair,
                pss: algorithm == Some(PrivateKeyAlgorithm::Ps256),
            },
            Err(_) => EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der)
                .map(ClientKeyPair::Ec)
                .map_err(|_| ClientKeyError::Unusable)?,
        };
        if algorithm.is_some_and(|wanted| wanted != pair.algorithm()) {
            return Err(ClientKeyError::Algorithm);
        }
        let id = id.map_or_else(|| thumbprint(&pair.public()), str::to_owned);
        Ok(Self { id, pair })
    }

    /// The public key as a JWKS document (RFC 7517), which the operator registers in the admin
    /// portal.
    pub fn jwks(&self) -> Value {
        let mut key = self.pair.public();
        let named = [
            ("kid", self.id.as_str()),
            ("use", "sig"),
            ("alg", self.pair.algorithm().as_str()),
        ];
        key.extend(members(named.map(|(name, value)| (name, value.to_owned()))));
        json!({ "keys": [key] })
    }

    /// Signs a client assertion (RFC 7523 §3) for one request. It is valid for a minute and has a
    /// `jti` of 128 random bits.
    ///
    /// # Errors
    /// When signing fails.
    pub(in crate::server::transmit) fn sign_assertion(
        &self,
        client_id: &str,
        audience: &str,
        now: Timestamp,
        random: &Random,
    ) -> Result<Secret, Unspecified> {
        let header = json!({ "alg": self.pair.algorithm().as_str(), "typ": "JWT", "kid": self.id });
        let claims = json!({
            "iss": client_id,
            "sub": client_id,
            "aud": audience,
            "iat": now.as_secs(),
            "exp": (now + ASSERTION_LIFE).as_secs(),
            "jti": encode(random.bytes::<16>()),
        });
        compact(&header, &claims, |hash| self.pair.sign(hash)).map(Secret::new)
    }
}

impl ClientKeyPair {
    fn algorithm(&self) -> PrivateKeyAlgorithm {
        match self {
            Self::Rsa { pss: false, .. } => PrivateKeyAlgorithm::Rs256,
            Self::Rsa { pss: true, .. } => PrivateKeyAlgorithm::Ps256,
            Self::Ec(_) => PrivateKeyAlgorithm::Es256,
        }
    }

    fn sign(&self, hash: &Digest) -> Result<Vec<u8>, Unspecified> {
        match self {
            Self::Rsa { pair, pss } => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign_digest(
                    if *pss {
                        &RSA_PSS_SHA256
                    } else {
                        &RSA_PKCS1_SHA256
                    },
                    hash,
                    &mut signature,
                )?;
                Ok(signature)
            }
            Self::Ec(pair) => Ok(pair.sign_digest(hash)?.as_ref().to_vec()),
        }
    }

    /// The members of the public key that its thumbprint is computed from (RFC 7638 §3.2).
    fn public(&self) -> Map<String, Value> {
        match self {
            Self::Rsa { pair, .. } => {
                let key = pair.public_key();
                let exponent = encode(key.exponent().big_endian_without_leading_zero());
                let modulus = encode(key.modulus().big_endian_without_leading_zero());
                members([("e", exponent), ("kty", "RSA".to_owned()), ("n", modulus)])
            }
            Self::Ec(pair) => ec_members(pair),
        }
    }
}

impl fmt::Debug for ClientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// The DER in the first block of a PEM text.
fn decode_pem(pem: &str) -> Result<Zeroizing<Vec<u8>>, ClientKeyError> {
    if pem.contains("ENCRYPTED") {
        return Err(ClientKeyError::Encrypted);
    }
    if pem.contains("-----BEGIN RSA PRIVATE KEY-----")
        || pem.contains("-----BEGIN EC PRIVATE KEY-----")
    {
        return Err(ClientKeyError::Format);
    }
    let (_, rest) = pem
        .split_once(PEM_BOUNDARIES.0)
        .ok_or(ClientKeyError::NotPem)?;
    let (body, _) = rest
        .split_once(PEM_BOUNDARIES.1)
        .ok_or(ClientKeyError::NotPem)?;
    let mut plain = Zeroizing::new(String::with_capacity(body.len()));
    plain.extend(body.chars().filter(|c| !c.is_ascii_whitespace()));
    STANDARD
        .decode(plain.as_bytes())
        .map(Zeroizing::new)
        .map_err(|_| ClientKeyError::NotPem)
}
