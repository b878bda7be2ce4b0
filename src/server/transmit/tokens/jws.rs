//! Parses a signed token in the compact form (RFC 7515). Nothing in it is trusted yet.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::server::transmit::transport::token_error::{TokenError, TokenKind};

/// Longest token that is parsed, in bytes.
pub(in crate::server::transmit) const MAX_TOKEN: usize = 64 * 1024;

/// Longest key id, in bytes.
const MAX_KEY_ID: usize = 256;

/// Header members that contain or name a key chosen by the sender, or that require extensions.
const FORBIDDEN: [&str; 6] = ["jwk", "jku", "x5u", "x5c", "crit", "b64"];

/// The parts of a token.
pub(in crate::server::transmit) struct Jws<'a> {
    /// RS256 or PS256.
    pub algorithm: Algorithm,
    /// The id of the signing key, as the token states it.
    pub key_id: String,
    signed: &'a str,
    payload: &'a str,
    signature: &'a str,
}

impl<'a> Jws<'a> {
    /// Splits a token and parses its header.
    pub fn parse(token: &'a str, kind: TokenKind) -> Result<Self, TokenError> {
        if token.len() > MAX_TOKEN {
            return Err(TokenError::TooLarge);
        }
        let parts: Vec<&str> = token.splitn(6, '.').collect();
        let (header, payload, signature) = match parts.as_slice() {
            [header, payload, signature] => (*header, *payload, *signature),
            [_, _, _, _, _] => return Err(TokenError::Encrypted),
            _ => return Err(TokenError::Malformed),
        };
        let signed = token
            .get(..header.len() + 1 + payload.len())
            .ok_or(TokenError::Malformed)?;
        let header = decode_object(header)?;
        // Text that is no signature is malformed. A wrong signature would cause a fetch of keys.
        URL_SAFE_NO_PAD
            .decode(signature)
            .map_err(|_| TokenError::Malformed)?;
        Ok(Self {
            algorithm: algorithm(&header)?,
            key_id: check_header(&header, kind)?,
            signed,
            payload,
            signature,
        })
    }

    /// Whether this key made the signature.
    pub fn is_signed_by(&self, key: &DecodingKey) -> bool {
        jsonwebtoken::crypto::verify(self.signature, self.signed.as_bytes(), key, self.algorithm)
            .unwrap_or(false)
    }

    /// The claims. They must be used only after [`Jws::is_signed_by`].
    pub fn claims(&self) -> Result<Map<String, Value>, TokenError> {
        decode_object(self.payload)
    }
}

/// The allowed algorithms. `none` is not allowed, nor HMAC, with which a public key could be used
/// as a shared secret.
pub(in crate::server::transmit) fn allowed_algorithm(algorithm: &str) -> Option<Algorithm> {
    match algorithm {
        "RS256" => Some(Algorithm::RS256),
        "PS256" => Some(Algorithm::PS256),
        _ => None,
    }
}

fn algorithm(header: &Map<String, Value>) -> Result<Algorithm, TokenError> {
    header
        .get("alg")
        .and_then(Value::as_str)
        .and_then(allowed_algorithm)
        .ok_or(TokenError::Algorithm)
}

fn check_header(header: &Map<String, Value>, kind: TokenKind) -> Result<String, TokenError> {
    match header.get("typ") {
        None => {}
        Some(Value::String(typ)) if is_type_allowed(typ, kind) => {}
        Some(_) => return Err(TokenError::Type),
    }
    if FORBIDDEN.iter().any(|member| header.contains_key(*member)) {
        return Err(TokenError::Header);
    }
    match header.get("kid") {
        Some(Value::String(id)) if !id.is_empty() && id.len() <= MAX_KEY_ID => Ok(id.clone()),
        _ => Err(TokenError::KeyIdMissing),
    }
}

/// `JWT` is allowed for both tokens, and `at+jwt` (RFC 9068 §2.1) for access tokens.
fn is_type_allowed(typ: &str, kind: TokenKind) -> bool {
    let typ = typ.to_ascii_lowercase();
    match typ.strip_prefix("application/").unwrap_or(&typ) {
        "jwt" => true,
        "at+jwt" => kind == TokenKind::Access,
        _ => false,
    }
}

/// A JSON object in base64url. A duplicate member is an error, because two parsers may use
/// different ones (RFC 7515 §4).
fn decode_object(part: &str) -> Result<Map<String, Value>, TokenError> {
    let bytes = URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| TokenError::Malformed)?;
    let mut reader = serde_json::Deserializer::from_slice(&bytes);
    let object = reader
        .deserialize_map(UniqueMembers)
        .map_err(|_| TokenError::Malformed)?;
    reader.end().map_err(|_| TokenError::Malformed)?;
    object.ok_or(TokenError::Duplicate)
}

/// Collects members; `None` if one is duplicate.
struct UniqueMembers;

impl<'de> Visitor<'de> for UniqueMembers {
    type Value = Option<Map<String, Value>>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut members = Map::new();
        let mut is_unique = true;
        while let Some((name, value)) = access.next_entry::<String, Value>()? {
            is_unique &= members.insert(name, value).is_none();
        }
        Ok(is_unique.then_some(members))
    }
}
