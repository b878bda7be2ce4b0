//! JSON in base64url: the parts of a JWS (RFC 7515), and the members of a JWK (RFC 7517).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// base64url without padding.
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Bytes of base64url without padding.
pub fn bytes(part: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(part).ok()
}

/// What a part says.
pub fn read<T: DeserializeOwned>(part: &str) -> Option<T> {
    serde_json::from_slice(&bytes(part)?).ok()
}

/// What a signature is made under (RFC 7515 §5.1).
pub fn message(header: &Map<String, Value>, claims: &Value) -> String {
    let header = Value::Object(header.clone());
    format!(
        "{}.{}",
        encode(header.to_string()),
        encode(claims.to_string())
    )
}

/// A member of a key that is a text.
pub fn member<'a>(key: &'a Value, name: &str) -> Option<&'a str> {
    key.get(name).and_then(Value::as_str)
}

/// A member of a key that is a number, big-endian.
pub fn number(key: &Value, name: &str) -> Option<Vec<u8>> {
    bytes(member(key, name)?).filter(|bytes| !bytes.is_empty())
}
