//! JOSE encoding: base64url, JWK members and thumbprints, and JWS compact serialisation.

use aws_lc_rs::digest::{Digest, SHA256, digest};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::signature::{EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

/// Base64url without padding (RFC 7515 §2).
pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The members of a P-256 public key that its thumbprint is made of (RFC 7518 §6.2.1, RFC 7638
/// §3.2).
pub fn ec_members(pair: &EcdsaKeyPair) -> Map<String, Value> {
    // An uncompressed point: 4, then both coordinates (SEC 1 §2.3.3).
    let point = pair.public_key().as_ref().get(1..).unwrap_or_default();
    let (x, y) = point.split_at(point.len() / 2);
    members([
        ("crv", "P-256".to_owned()),
        ("kty", "EC".to_owned()),
        ("x", encode(x)),
        ("y", encode(y)),
    ])
}

/// Builds the members of a key.
pub fn members<const N: usize>(members: [(&str, String); N]) -> Map<String, Value> {
    members
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect()
}

/// The thumbprint of a key (RFC 7638 §3), from exactly the members that it is made of.
pub fn thumbprint(members: &Map<String, Value>) -> String {
    // The map is ordered by name, as the thumbprint requires.
    encode(digest(
        &SHA256,
        Value::from(members.clone()).to_string().as_bytes(),
    ))
}

/// Signs header and claims into the compact serialisation (RFC 7515 §7.1). `sign` gets the hash of
/// the signing input.
///
/// # Errors
/// When `sign` fails.
pub fn compact<S: AsRef<[u8]>>(
    header: &Value,
    claims: &Value,
    sign: impl FnOnce(&Digest) -> Result<S, Unspecified>,
) -> Result<String, Unspecified> {
    let message = format!(
        "{}.{}",
        encode(header.to_string()),
        encode(claims.to_string())
    );
    let signature = sign(&digest(&SHA256, message.as_bytes()))?;
    Ok(format!("{message}.{}", encode(signature)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_thumbprint_of_the_rfc() {
        // RFC 7638 §3.1. Its key is RSA, but thumbprints work the same for every type.
        let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMst\
                 n64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbI\
                 SD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        let key = members([
            ("e", "AQAB".to_owned()),
            ("kty", "RSA".to_owned()),
            ("n", n.to_owned()),
        ]);
        assert_eq!(
            thumbprint(&key),
            "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
        );
    }
}
