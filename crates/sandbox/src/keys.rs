//! Signing keys: RSA with 2048 bits, for RS256 or PS256, generated at start and rotated on demand.
//!
//! The key ring also verifies its own signatures. So client tokens of an earlier run are refused.

use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_SHA256, RsaEncoding, RsaKeyPair, RsaParameters, RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::jose::{decode_base64url, decode_json, encode_base64url, signing_input};
use crate::random::Random;

/// Old keys that the JWKS still contains.
const MAX_OLD_KEYS: usize = 3;

/// A signature algorithm (RFC 7518 §3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum SigningAlgorithm {
    /// PKCS #1 v1.5 with SHA-256.
    #[default]
    Rs256,
    /// PSS with SHA-256.
    Ps256,
}

impl SigningAlgorithm {
    /// All names, for the discovery document.
    pub const NAMES: [&str; 2] = ["RS256", "PS256"];

    fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
        }
    }

    fn encoding(self) -> &'static dyn RsaEncoding {
        match self {
            Self::Rs256 => &RSA_PKCS1_SHA256,
            Self::Ps256 => &RSA_PSS_SHA256,
        }
    }

    fn verification(self) -> &'static RsaParameters {
        match self {
            Self::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
            Self::Ps256 => &RSA_PSS_2048_8192_SHA256,
        }
    }
}

/// An RSA key pair with its `kid`.
#[derive(Debug)]
pub struct SigningKey {
    kid: String,
    algorithm: SigningAlgorithm,
    pair: RsaKeyPair,
}

/// Generates a key on a blocking thread, because it takes long.
///
/// # Errors
/// The system has no randomness.
pub async fn generate_key(algorithm: SigningAlgorithm) -> Result<SigningKey, Unspecified> {
    let generate = move || {
        let kid = Random::new().hex_id()?;
        Ok(SigningKey {
            kid,
            algorithm,
            pair: RsaKeyPair::generate(KeySize::Rsa2048)?,
        })
    };
    tokio::task::spawn_blocking(generate)
        .await
        .unwrap_or(Err(Unspecified))
}

impl SigningKey {
    /// The JOSE header of tokens that this key signs.
    pub fn header(&self) -> Map<String, Value> {
        let (alg, kid) = (self.algorithm.name(), self.kid.as_str());
        [("alg", alg), ("typ", "JWT"), ("kid", kid)]
            .map(|(name, value)| (name.to_owned(), value.into()))
            .into_iter()
            .collect()
    }

    /// Signs a message.
    ///
    /// # Errors
    /// Signing failed.
    pub fn sign(&self, message: &str, random: &Random) -> Result<Vec<u8>, Unspecified> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(
            self.algorithm.encoding(),
            random.as_system_random(),
            message.as_bytes(),
            &mut signature,
        )?;
        Ok(signature)
    }

    /// The public key in PEM (RFC 7468 §13).
    ///
    /// # Errors
    /// Encoding failed.
    pub fn public_pem(&self) -> Result<String, Unspecified> {
        let text = STANDARD.encode(self.pair.public_key().as_der()?.as_ref());
        let mut pem = "-----BEGIN PUBLIC KEY-----\n".to_owned();
        for (index, character) in text.chars().enumerate() {
            if index > 0 && index % 64 == 0 {
                pem.push('\n');
            }
            pem.push(character);
        }
        Ok(pem + "\n-----END PUBLIC KEY-----\n")
    }

    fn verify(&self, message: &str, signature: &[u8]) -> bool {
        let (n, e) = self.public_components();
        let key = RsaPublicKeyComponents { n, e };
        key.verify(self.algorithm.verification(), message.as_bytes(), signature)
            .is_ok()
    }

    fn public_components(&self) -> (&[u8], &[u8]) {
        let key = self.pair.public_key();
        (
            key.modulus().big_endian_without_leading_zero(),
            key.exponent().big_endian_without_leading_zero(),
        )
    }

    fn jwk(&self) -> Value {
        let (n, e) = self.public_components();
        let alg = self.algorithm.name();
        json!({ "kty": "RSA", "use": "sig", "alg": alg, "kid": self.kid, "n": encode_base64url(n),
            "e": encode_base64url(e) })
    }
}

/// The current signing key, first, and old keys that are still accepted.
#[derive(Debug)]
pub struct KeyRing(RwLock<Vec<RingKey>>);

#[derive(Clone, Debug)]
struct RingKey {
    key: Arc<SigningKey>,
    /// Whether the JWKS contains it.
    is_published: bool,
}

impl KeyRing {
    /// A ring with one key.
    pub fn new(key: SigningKey) -> Self {
        Self(RwLock::new(vec![RingKey {
            key: Arc::new(key),
            is_published: true,
        }]))
    }

    /// Makes `key` the signing key and returns its `kid`.
    ///
    /// `publish` puts it into the JWKS; `keep_old` keeps the newest of the old keys.
    pub fn rotate(&self, key: SigningKey, keep_old: bool, publish: bool) -> String {
        let kid = key.kid.clone();
        let mut keys = self.0.write().unwrap_or_else(PoisonError::into_inner);
        keys.truncate(if keep_old { MAX_OLD_KEYS } else { 0 });
        keys.insert(
            0,
            RingKey {
                key: Arc::new(key),
                is_published: publish,
            },
        );
        kid
    }

    /// The JWKS, newest key first.
    pub fn jwks(&self) -> Value {
        let published = self
            .entries()
            .into_iter()
            .filter(|entry| entry.is_published);
        json!({ "keys": published.map(|entry| entry.key.jwk()).collect::<Vec<_>>() })
    }

    /// The current signing key.
    ///
    /// # Errors
    /// Never, because the ring always has a key.
    pub fn signing_key(&self) -> Result<Arc<SigningKey>, Unspecified> {
        self.entries()
            .into_iter()
            .next()
            .map(|entry| entry.key)
            .ok_or(Unspecified)
    }

    /// Signs a JWT with these claims.
    ///
    /// # Errors
    /// Signing failed.
    pub fn sign(&self, claims: &Value, random: &Random) -> Result<String, Unspecified> {
        let key = self.signing_key()?;
        let message = signing_input(&key.header(), claims);
        let signature = key.sign(&message, random)?;
        Ok(format!("{message}.{}", encode_base64url(signature)))
    }

    /// The claims of a JWT that a key of the ring signed. `exp` and `aud` are not checked.
    pub fn verified_claims(&self, token: &str) -> Option<Value> {
        let (message, signature) = token.rsplit_once('.')?;
        let (header, claims) = message.split_once('.')?;
        let header: Value = decode_json(header)?;
        let kid = header.get("kid")?.as_str()?;
        let signature = decode_base64url(signature)?;
        let RingKey { key, .. } = self
            .entries()
            .into_iter()
            .find(|entry| entry.key.kid == kid)?;
        key.verify(message, &signature)
            .then(|| decode_json(claims))
            .flatten()
    }

    fn entries(&self) -> Vec<RingKey> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
