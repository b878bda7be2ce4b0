//! Signs valid and forged tokens.

use std::sync::LazyLock;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RsaEncoding};
use aws_lc_rs::{hmac, rand};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::pem;

pub static TRUSTED: LazyLock<TokenSigner> = LazyLock::new(|| TokenSigner::new("key-1"));
pub static ROTATED: LazyLock<TokenSigner> = LazyLock::new(|| TokenSigner::new("key-2"));
/// A key that upstream does not publish, with the ID of one that it does.
pub static UNTRUSTED: LazyLock<TokenSigner> = LazyLock::new(|| TokenSigner::new("key-1"));

pub struct TokenSigner {
    pub kid: &'static str,
    pair: KeyPair,
}

impl TokenSigner {
    fn new(kid: &'static str) -> Self {
        Self {
            kid,
            pair: KeyPair::generate(KeySize::Rsa2048).unwrap(),
        }
    }

    /// The public key as upstream publishes it.
    pub fn jwk(&self) -> Value {
        let key = self.pair.public_key();
        json!({
            "kty": "RSA", "use": "sig", "kid": self.kid,
            "n": b64(key.modulus().big_endian_without_leading_zero()),
            "e": b64(key.exponent().big_endian_without_leading_zero()),
        })
    }

    pub fn header(&self, alg: &str) -> Value {
        json!({"alg": alg, "typ": "JWT", "kid": self.kid})
    }

    /// A token signed with RS256.
    pub fn token(&self, claims: &Value) -> String {
        self.token_with_alg("RS256", claims)
    }

    /// A token signed with this algorithm.
    pub fn token_with_alg(&self, alg: &str, claims: &Value) -> String {
        self.sign(&self.header(alg).to_string(), &claims.to_string(), alg)
    }

    /// A token with exactly this header and these claims.
    pub fn sign(&self, header: &str, claims: &str, alg: &str) -> String {
        self.sign_parts(&b64(header.as_bytes()), &b64(claims.as_bytes()), alg)
    }

    /// A token of exactly these encoded parts.
    pub fn sign_parts(&self, header: &str, claims: &str, alg: &str) -> String {
        let message = format!("{header}.{claims}");
        let signature = match alg {
            "RS256" => self.rsa(&signature::RSA_PKCS1_SHA256, &message),
            "RS384" => self.rsa(&signature::RSA_PKCS1_SHA384, &message),
            "RS512" => self.rsa(&signature::RSA_PKCS1_SHA512, &message),
            "PS256" => self.rsa(&signature::RSA_PSS_SHA256, &message),
            "PS384" => self.rsa(&signature::RSA_PSS_SHA384, &message),
            "PS512" => self.rsa(&signature::RSA_PSS_SHA512, &message),
            "ES256" => ecdsa(&message),
            "EdDSA" => Ed25519KeyPair::generate()
                .unwrap()
                .sign(message.as_bytes())
                .as_ref()
                .to_vec(),
            "HS256 by DER" => hmac_with(self.pair.public_key().as_ref(), &message),
            "HS256 by SPKI" => hmac_with(self.spki().as_ref(), &message),
            "HS256 by PEM" => {
                hmac_with(pem::block("PUBLIC KEY", &self.spki()).as_bytes(), &message)
            }
            "HS256 by JWK" => hmac_with(self.jwk().to_string().as_bytes(), &message),
            "none" => Vec::new(),
            other => unreachable!("{other}"),
        };
        format!("{message}.{}", b64(&signature))
    }

    fn spki(&self) -> Vec<u8> {
        self.pair.public_key().as_der().unwrap().as_ref().to_vec()
    }

    fn rsa(&self, encoding: &'static dyn RsaEncoding, message: &str) -> Vec<u8> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(encoding, &random(), message.as_bytes(), &mut signature)
            .unwrap();
        signature
    }
}

pub fn b64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub fn unb64(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the library asks for a random and ignores it"
)]
fn random() -> rand::SystemRandom {
    rand::SystemRandom::new()
}

/// Signs with a fresh key.
fn ecdsa(message: &str) -> Vec<u8> {
    let pair = EcdsaKeyPair::generate(&signature::ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    pair.sign(&random(), message.as_bytes())
        .unwrap()
        .as_ref()
        .to_vec()
}

fn hmac_with(secret: &[u8], message: &str) -> Vec<u8> {
    hmac::sign(
        &hmac::Key::new(hmac::HMAC_SHA256, secret),
        message.as_bytes(),
    )
    .as_ref()
    .to_vec()
}
