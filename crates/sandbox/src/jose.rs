//! Encodes and decodes the parts of a JWS (RFC 7515) and the members of a JWK (RFC 7517).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Encodes base64url without padding.
pub fn encode_base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Decodes base64url without padding.
pub fn decode_base64url(part: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(part).ok()
}

/// Decodes a part that is JSON.
pub fn decode_json<T: DeserializeOwned>(part: &str) -> Option<T> {
    serde_json::from_slice(&decode_base64url(part)?).ok()
}

/// The JWS Signing Input (RFC 7515 §5.1).
pub fn signing_input(header: &Map<String, Value>, claims: &Value) -> String {
    let header = Value::Object(header.clone());
    format!(
        "{}.{}",
        encode_base64url(header.to_string()),
        encode_base64url(claims.to_string())
    )
}

/// A string member of a JWK.
pub fn string_member<'a>(key: &'a Value, name: &str) -> Option<&'a str> {
    key.get(name).and_then(Value::as_str)
}

/// An integer member of a JWK (Base64urlUInt, RFC 7518 §2), big-endian.
pub fn integer_member(key: &Value, name: &str) -> Option<Vec<u8>> {
    decode_base64url(string_member(key, name)?).filter(|bytes| !bytes.is_empty())
}
