//! Signing keys: RSA of 2048 bits, RS256, made at start and rotated on demand. The ring also knows its own
//! signatures again, so a client token of an earlier run is refused.

use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::{
    error::Unspecified,
    rsa::KeySize,
    signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::random::Random;

/// How many retired keys the JWKS goes on serving.
const MAX_RETIRED: usize = 3;

/// One key pair, named by its `kid`.
#[derive(Debug)]
pub struct SigningKey {
    kid: String,
    pair: RsaKeyPair,
}

/// Makes a key away from the threads that answer requests: it takes a while.
///
/// # Errors
/// When the system gives no randomness.
pub async fn generate() -> Result<SigningKey, Unspecified> {
    let make = || {
        let kid = Random::new().id()?;
        Ok(SigningKey { kid, pair: RsaKeyPair::generate(KeySize::Rsa2048)? })
    };
    tokio::task::spawn_blocking(make).await.unwrap_or(Err(Unspecified))
}

impl SigningKey {
    fn sign(&self, claims: &Value, random: &Random) -> Result<String, Unspecified> {
        let header = json!({ "alg": "RS256", "typ": "JWT", "kid": self.kid });
        let message = format!("{}.{}", encode(header.to_string()), encode(claims.to_string()));
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, random.source(), message.as_bytes(), &mut signature)?;
        Ok(format!("{message}.{}", encode(signature)))
    }

    fn signed(&self, message: &str, signature: &[u8]) -> bool {
        let (n, e) = self.public();
        let key = RsaPublicKeyComponents { n, e };
        key.verify(&RSA_PKCS1_2048_8192_SHA256, message.as_bytes(), signature).is_ok()
    }

    fn public(&self) -> (&[u8], &[u8]) {
        let key = self.pair.public_key();
        (key.modulus().big_endian_without_leading_zero(), key.exponent().big_endian_without_leading_zero())
    }

    fn jwk(&self) -> Value {
        let (n, e) = self.public();
        json!({ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid, "n": encode(n), "e": encode(e) })
    }
}

/// The key that signs, first, and those that are still served.
#[derive(Debug)]
pub struct KeyRing(RwLock<Vec<Arc<SigningKey>>>);

impl KeyRing {
    /// A ring with one key.
    pub fn new(key: SigningKey) -> Self {
        Self(RwLock::new(vec![Arc::new(key)]))
    }

    /// Signs with `key` from now on and returns its `kid`. Former keys stay in the JWKS unless `forget_old`.
    pub fn rotate(&self, key: SigningKey, forget_old: bool) -> String {
        let kid = key.kid.clone();
        let mut keys = self.0.write().unwrap_or_else(PoisonError::into_inner);
        keys.truncate(if forget_old { 0 } else { MAX_RETIRED });
        keys.insert(0, Arc::new(key));
        kid
    }

    /// The public keys, newest first.
    pub fn jwks(&self) -> Value {
        json!({ "keys": self.all().iter().map(|key| key.jwk()).collect::<Vec<_>>() })
    }

    /// A JWT with these claims, signed by the newest key.
    ///
    /// # Errors
    /// When signing fails.
    pub fn sign(&self, claims: &Value, random: &Random) -> Result<String, Unspecified> {
        self.all().first().ok_or(Unspecified)?.sign(claims, random)
    }

    /// The claims of a JWT that a served key signed. Looks at nothing else: not at `exp`, not at `aud`.
    pub fn open(&self, token: &str) -> Option<Value> {
        let (message, signature) = token.rsplit_once('.')?;
        let (header, claims) = message.split_once('.')?;
        let header: Value = decode(header)?;
        let kid = header.get("kid")?.as_str()?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let key = self.all().into_iter().find(|key| key.kid == kid)?;
        key.signed(message, &signature).then(|| decode(claims)).flatten()
    }

    fn all(&self) -> Vec<Arc<SigningKey>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// base64url without padding, as JWS and JWK want it.
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn decode(part: &str) -> Option<Value> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}
