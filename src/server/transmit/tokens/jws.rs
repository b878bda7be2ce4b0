//! A signed token taken apart (RFC 7515, compact form). Nothing in it is believed yet.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use crate::server::transmit::tokens::token_error::{TokenFlaw, TokenKind};

/// Longest token that is looked at, in bytes.
pub(in crate::server::transmit) const MAX_TOKEN: usize = 64 * 1024;

/// Longest key id, in bytes.
const MAX_KEY_ID: usize = 256;

/// Header members that bring or name a key of the sender's choice, or ask for extensions that we do
/// not know.
const FORBIDDEN: [&str; 6] = ["jwk", "jku", "x5u", "x5c", "crit", "b64"];

/// The parts of a token.
pub(in crate::server::transmit) struct Jws<'a> {
    /// RS256 or PS256.
    pub algorithm: Algorithm,
    /// The key that it says it was signed with.
    pub key_id: String,
    signed: &'a str,
    payload: &'a str,
    signature: &'a str,
}

impl<'a> Jws<'a> {
    /// Takes a token apart and reads its header.
    pub fn parse(token: &'a str, kind: TokenKind) -> Result<Self, TokenFlaw> {
        if token.len() > MAX_TOKEN {
            return Err(TokenFlaw::TooLarge);
        }
        let parts: Vec<&str> = token.splitn(6, '.').collect();
        let (header, payload, signature) = match parts.as_slice() {
            [header, payload, signature] => (*header, *payload, *signature),
            [_, _, _, _, _] => return Err(TokenFlaw::Encrypted),
            _ => return Err(TokenFlaw::Malformed),
        };
        let signed = token
            .get(..header.len() + 1 + payload.len())
            .ok_or(TokenFlaw::Malformed)?;
        let header = object(header)?;
        // What is no signature at all is told apart from a wrong one, for which newer keys would be
        // asked for.
        URL_SAFE_NO_PAD
            .decode(signature)
            .map_err(|_| TokenFlaw::Malformed)?;
        Ok(Self {
            algorithm: algorithm(&header)?,
            key_id: check_header(&header, kind)?,
            signed,
            payload,
            signature,
        })
    }

    /// Whether the signature was made with this key.
    pub fn is_signed_by(&self, key: &DecodingKey) -> bool {
        jsonwebtoken::crypto::verify(self.signature, self.signed.as_bytes(), key, self.algorithm)
            .unwrap_or(false)
    }

    /// The claims; to be asked for only after [`Jws::is_signed_by`].
    pub fn claims(&self) -> Result<Map<String, Value>, TokenFlaw> {
        object(self.payload)
    }
}

/// The fixed list. `none` and the HMAC family, with which a public key would pass for a secret, are
/// not on it.
pub(in crate::server::transmit) fn allowed(algorithm: &str) -> Option<Algorithm> {
    match algorithm {
        "RS256" => Some(Algorithm::RS256),
        "PS256" => Some(Algorithm::PS256),
        _ => None,
    }
}

fn algorithm(header: &Map<String, Value>) -> Result<Algorithm, TokenFlaw> {
    header
        .get("alg")
        .and_then(Value::as_str)
        .and_then(allowed)
        .ok_or(TokenFlaw::Algorithm)
}

fn check_header(header: &Map<String, Value>, kind: TokenKind) -> Result<String, TokenFlaw> {
    match header.get("typ") {
        None => {}
        Some(Value::String(typ)) if is_type_of(typ, kind) => {}
        Some(_) => return Err(TokenFlaw::Type),
    }
    if FORBIDDEN.iter().any(|member| header.contains_key(*member)) {
        return Err(TokenFlaw::Header);
    }
    match header.get("kid") {
        Some(Value::String(id)) if !id.is_empty() && id.len() <= MAX_KEY_ID => Ok(id.clone()),
        _ => Err(TokenFlaw::KeyIdMissing),
    }
}

/// `JWT` fits both tokens; `at+jwt` (RFC 9068 §2.1) says that it is an access token.
fn is_type_of(typ: &str, kind: TokenKind) -> bool {
    let typ = typ.to_ascii_lowercase();
    match typ.strip_prefix("application/").unwrap_or(&typ) {
        "jwt" => true,
        "at+jwt" => kind == TokenKind::Access,
        _ => false,
    }
}

/// A JSON object in base64url. Of a member that stands twice, two readers may believe different
/// ones: refused (RFC 7515 §4).
fn object(part: &str) -> Result<Map<String, Value>, TokenFlaw> {
    let bytes = URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| TokenFlaw::Malformed)?;
    let mut reader = serde_json::Deserializer::from_slice(&bytes);
    let object = reader
        .deserialize_map(Members)
        .map_err(|_| TokenFlaw::Malformed)?;
    reader.end().map_err(|_| TokenFlaw::Malformed)?;
    object.ok_or(TokenFlaw::Duplicate)
}

/// Collects members; `None` if one stands twice.
struct Members;

impl<'de> Visitor<'de> for Members {
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
