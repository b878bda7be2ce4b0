//! Parses a JWKS document (RFC 7517), and keeps the keys that may sign our tokens.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

use crate::server::system::http_client::json;
use crate::server::transmit::tokens::jws::allowed_algorithm;

/// Most keys that are read from one document.
const MAX_KEYS: usize = 64;

/// Allowed size of a modulus, in bits.
const MODULUS_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

/// Smallest public exponent (FIPS 186-5 §5.4).
const MIN_EXPONENT: u64 = 65_537;

/// The usable keys of a document.
pub(in crate::server::transmit) struct Jwks(Vec<VerificationKey>);

struct VerificationKey {
    id: String,
    /// The only algorithm of the key; `None`: any allowed one.
    algorithm: Option<Algorithm>,
    key: DecodingKey,
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: String,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    n: String,
    e: String,
}

impl Jwks {
    /// Parses a document, and skips keys of other types and uses. `None` if it is no JWKS or has no
    /// usable key.
    pub fn parse(document: &[u8]) -> Option<Self> {
        let document: Document = json(document)?;
        let keys: Vec<_> = document
            .keys
            .into_iter()
            .take(MAX_KEYS)
            .filter_map(usable_key)
            .collect();
        (!keys.is_empty()).then_some(Self(keys))
    }

    /// The keys with that id for that algorithm. There may be several, because RFC 7517 §4.5 only
    /// advises against equal ids.
    pub fn matching(&self, id: &str, algorithm: Algorithm) -> impl Iterator<Item = &DecodingKey> {
        let fits = move |key: &&VerificationKey| {
            key.id == id && key.algorithm.is_none_or(|its| its == algorithm)
        };
        self.0.iter().filter(fits).map(|key| &key.key)
    }

    /// The number of usable keys.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

fn usable_key(jwk: Value) -> Option<VerificationKey> {
    let jwk: Jwk = serde_json::from_value(jwk).ok()?;
    let may_verify = jwk.usage.is_none_or(|usage| usage == "sig")
        && jwk
            .key_ops
            .is_none_or(|operations| operations.iter().any(|operation| operation == "verify"));
    let algorithm = match jwk.alg.as_deref() {
        None => None,
        Some(name) => Some(allowed_algorithm(name)?),
    };
    let (modulus, exponent) = (decode_number(&jwk.n)?, decode_number(&jwk.e)?);
    let is_strong = jwk.kty == "RSA"
        && !jwk.kid.is_empty()
        && MODULUS_BITS.contains(&bit_length(&modulus))
        && to_u64(&exponent).is_some_and(|exponent| exponent >= MIN_EXPONENT && exponent % 2 == 1);
    (may_verify && is_strong).then(|| VerificationKey {
        id: jwk.kid,
        algorithm,
        key: DecodingKey::from_rsa_raw_components(&modulus, &exponent),
    })
}

/// A big-endian number without leading zeros.
fn decode_number(text: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    Some(bytes.into_iter().skip_while(|byte| *byte == 0).collect())
}

fn bit_length(number: &[u8]) -> usize {
    number
        .first()
        .map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}

fn to_u64(number: &[u8]) -> Option<u64> {
    (number.len() <= 8).then(|| {
        number
            .iter()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn jwk(modulus: &[u8], change: impl FnOnce(&mut Value)) -> Value {
        let mut key = json!({"kty": "RSA", "use": "sig", "kid": "a", "alg": "RS256", "e": "AQAB",
            "n": URL_SAFE_NO_PAD.encode(modulus)});
        change(&mut key);
        key
    }

    fn count(keys: Vec<Value>) -> usize {
        Jwks::parse(json!({ "keys": keys }).to_string().as_bytes()).map_or(0, |set| set.len())
    }

    #[test]
    fn t1_only_strong_rsa_signing_keys_are_accepted() {
        let modulus = [0xc1; 256];
        assert_eq!(count(vec![jwk(&modulus, |_| {})]), 1);
        assert_eq!(
            count(vec![jwk(&[&[0], &modulus[..]].concat(), |_| {})]),
            1,
            "a leading zero is no bit"
        );
        assert_eq!(count(vec![jwk(&[0xc1; 255], |_| {})]), 0, "2040 bits");
        assert_eq!(count(vec![jwk(&[0xc1; 1025], |_| {})]), 0, "8200 bits");
        for (member, value) in [
            ("use", json!("enc")),
            ("key_ops", json!(["sign"])),
            ("kty", json!("EC")),
            ("kty", json!("oct")),
            ("alg", json!("HS256")),
            ("alg", json!("RS512")),
            ("e", json!("Aw")),
            ("e", json!("AQAA")),
            ("e", json!("AQAC")),
            ("e", json!("")),
            ("n", json!("!")),
            ("kid", json!("")),
            ("kid", json!(null)),
        ] {
            assert_eq!(
                count(vec![jwk(&modulus, |key| key[member] = value.clone())]),
                0,
                "{member} {value}"
            );
        }
    }

    #[test]
    fn t1_a_key_is_used_only_for_its_algorithm() {
        let document = json!({"keys": [jwk(&[0xc1; 256], |_| {}), {"kty": "EC"}, 7]}).to_string();
        let set = Jwks::parse(document.as_bytes()).unwrap();
        assert_eq!(set.matching("a", Algorithm::RS256).count(), 1);
        assert_eq!(set.matching("a", Algorithm::PS256).count(), 0);
        assert_eq!(set.matching("b", Algorithm::RS256).count(), 0);
    }

    #[test]
    fn other_documents_are_no_jwks() {
        for document in ["", "{}", "[]", r#"{"keys":[]}"#, r#"{"keys":{}}"#, "<html>"] {
            assert!(Jwks::parse(document.as_bytes()).is_none(), "{document}");
        }
    }
}
