//! Hashes, derived keys and encryption of stored data.

use std::fmt::Write as _;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::{digest, hkdf, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;

use super::Id;
use crate::app::KEY;

pub fn sha256(value: &[u8]) -> Id {
    digest::digest(&digest::SHA256, value)
        .as_ref()
        .try_into()
        .unwrap()
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

pub fn base64(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

pub fn hmac_sha256(key: &[u8], value: &[u8]) -> Id {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), value)
        .as_ref()
        .try_into()
        .unwrap()
}

/// A sub-key of the fixtures' secret key.
fn sub_key(label: &str) -> Id {
    let key = STANDARD.decode(KEY.trim()).unwrap();
    let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"latchkey").extract(&key);
    let mut bytes = [0; 32];
    let info = [label.as_bytes()];
    salt.expand(&info, hkdf::HKDF_SHA256)
        .unwrap()
        .fill(&mut bytes)
        .unwrap();
    bytes
}

/// The keyed hash of a value for a purpose.
pub fn index(purpose: &str, value: &[u8]) -> Id {
    hmac_sha256(&sub_key(&format!("latchkey index {purpose} v1")), value)
}

/// The fingerprint of the key that makes indexes (`index`) or encrypts (`seal`).
pub fn fingerprint(of: &str) -> String {
    hex(&sub_key(&format!("latchkey {of} fingerprint v1"))[..8])
}

/// Decrypts a value; `None` with other associated data.
pub fn open(context: &[u8], sealed: &[u8]) -> Option<Value> {
    let key = UnboundKey::new(&AES_256_GCM_SIV, &sub_key("latchkey seal v1")).unwrap();
    let (nonce, body) = sealed.split_first_chunk()?;
    let mut body = body.to_vec();
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let plain = LessSafeKey::new(key)
        .open_in_place(nonce, Aad::from(context), &mut body)
        .ok()?;
    Some(serde_json::from_slice(plain).unwrap())
}
