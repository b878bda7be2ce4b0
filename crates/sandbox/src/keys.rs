//! Signing keys: RSA of 2048 bits, RS256 or PS256, made at start and rotated on demand. The ring
//! also knows its own signatures again, so a client token of an earlier run is refused.

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

use crate::jose::{bytes, encode, message, read};
use crate::random::Random;

/// How many retired keys the JWKS goes on serving.
const MAX_RETIRED: usize = 3;

/// How a key signs (RFC 7518 §3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Algorithm {
    /// PKCS #1 v1.5 with SHA-256.
    #[default]
    Rs256,
    /// PSS with SHA-256.
    Ps256,
}

impl Algorithm {
    /// The names of all.
    pub const NAMES: [&str; 2] = ["RS256", "PS256"];

    fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
        }
    }

    fn signs(self) -> &'static dyn RsaEncoding {
        match self {
            Self::Rs256 => &RSA_PKCS1_SHA256,
            Self::Ps256 => &RSA_PSS_SHA256,
        }
    }

    fn verifies(self) -> &'static RsaParameters {
        match self {
            Self::Rs256 => &RSA_PKCS1_2048_8192_SHA256,
            Self::Ps256 => &RSA_PSS_2048_8192_SHA256,
        }
    }
}

/// One key pair, named by its `kid`.
#[derive(Debug)]
pub struct SigningKey {
    kid: String,
    algorithm: Algorithm,
    pair: RsaKeyPair,
}

/// Makes a key away from the threads that answer requests: it takes a while.
///
/// # Errors
/// When the system gives no randomness.
pub async fn generate(algorithm: Algorithm) -> Result<SigningKey, Unspecified> {
    let make = move || {
        let kid = Random::new().id()?;
        Ok(SigningKey {
            kid,
            algorithm,
            pair: RsaKeyPair::generate(KeySize::Rsa2048)?,
        })
    };
    tokio::task::spawn_blocking(make)
        .await
        .unwrap_or(Err(Unspecified))
}

impl SigningKey {
    /// What stands before the claims that it signs.
    pub fn header(&self) -> Map<String, Value> {
        let (alg, kid) = (self.algorithm.name(), self.kid.as_str());
        [("alg", alg), ("typ", "JWT"), ("kid", kid)]
            .map(|(name, value)| (name.to_owned(), value.into()))
            .into_iter()
            .collect()
    }

    /// Its signature under a message.
    ///
    /// # Errors
    /// When signing fails.
    pub fn sign(&self, message: &str, random: &Random) -> Result<Vec<u8>, Unspecified> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(
            self.algorithm.signs(),
            random.source(),
            message.as_bytes(),
            &mut signature,
        )?;
        Ok(signature)
    }

    /// The public key as the text that people paste (RFC 7468 §13).
    ///
    /// # Errors
    /// When it cannot be encoded.
    pub fn public_pem(&self) -> Result<String, Unspecified> {
        let text = STANDARD.encode(self.pair.public_key().as_der()?.as_ref());
        let mut pem = "-----BEGIN PUBLIC KEY-----\n".to_owned();
        for (at, letter) in text.chars().enumerate() {
            if at > 0 && at % 64 == 0 {
                pem.push('\n');
            }
            pem.push(letter);
        }
        Ok(pem + "\n-----END PUBLIC KEY-----\n")
    }

    fn signed(&self, message: &str, signature: &[u8]) -> bool {
        let (n, e) = self.public();
        let key = RsaPublicKeyComponents { n, e };
        key.verify(self.algorithm.verifies(), message.as_bytes(), signature)
            .is_ok()
    }

    fn public(&self) -> (&[u8], &[u8]) {
        let key = self.pair.public_key();
        (
            key.modulus().big_endian_without_leading_zero(),
            key.exponent().big_endian_without_leading_zero(),
        )
    }

    fn jwk(&self) -> Value {
        let (n, e) = self.public();
        let alg = self.algorithm.name();
        json!({ "kty": "RSA", "use": "sig", "alg": alg, "kid": self.kid, "n": encode(n), "e": encode(e) })
    }
}

/// The key that signs, first, and those that are still known.
#[derive(Debug)]
pub struct KeyRing(RwLock<Vec<Held>>);

#[derive(Clone, Debug)]
struct Held {
    key: Arc<SigningKey>,
    /// Whether the JWKS serves it.
    is_published: bool,
}

impl KeyRing {
    /// A ring with one key.
    pub fn new(key: SigningKey) -> Self {
        Self(RwLock::new(vec![Held {
            key: Arc::new(key),
            is_published: true,
        }]))
    }

    /// Signs with `key` from now on and returns its `kid`. The JWKS serves it if `publish`, and
    /// former ones if `keep_old`.
    pub fn rotate(&self, key: SigningKey, keep_old: bool, publish: bool) -> String {
        let kid = key.kid.clone();
        let mut keys = self.0.write().unwrap_or_else(PoisonError::into_inner);
        keys.truncate(if keep_old { MAX_RETIRED } else { 0 });
        keys.insert(
            0,
            Held {
                key: Arc::new(key),
                is_published: publish,
            },
        );
        kid
    }

    /// The public keys, newest first.
    pub fn jwks(&self) -> Value {
        let published = self.all().into_iter().filter(|held| held.is_published);
        json!({ "keys": published.map(|held| held.key.jwk()).collect::<Vec<_>>() })
    }

    /// The key that signs.
    ///
    /// # Errors
    /// Never: there is always one.
    pub fn newest(&self) -> Result<Arc<SigningKey>, Unspecified> {
        self.all()
            .into_iter()
            .next()
            .map(|held| held.key)
            .ok_or(Unspecified)
    }

    /// A JWT with these claims, signed by the newest key.
    ///
    /// # Errors
    /// When signing fails.
    pub fn sign(&self, claims: &Value, random: &Random) -> Result<String, Unspecified> {
        let key = self.newest()?;
        let message = message(&key.header(), claims);
        let signature = key.sign(&message, random)?;
        Ok(format!("{message}.{}", encode(signature)))
    }

    /// The claims of a JWT that a known key signed. Looks at nothing else: not at `exp`, not at
    /// `aud`.
    pub fn open(&self, token: &str) -> Option<Value> {
        let (message, signature) = token.rsplit_once('.')?;
        let (header, claims) = message.split_once('.')?;
        let header: Value = read(header)?;
        let kid = header.get("kid")?.as_str()?;
        let signature = bytes(signature)?;
        let Held { key, .. } = self.all().into_iter().find(|held| held.key.kid == kid)?;
        key.signed(message, &signature)
            .then(|| read(claims))
            .flatten()
    }

    fn all(&self) -> Vec<Held> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}
