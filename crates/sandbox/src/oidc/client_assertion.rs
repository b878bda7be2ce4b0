//! Verifies client assertions (`private_key_jwt`), strictly by RFC 7523 §3.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaParameters,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;
use serde_json::Value;

use crate::jose::{decode_base64url, decode_json, integer_member, string_member};
use crate::options::CLIENT_ID;
use crate::tenant::Tenant;

/// The only supported `client_assertion_type`.
pub const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Longest lifetime of an assertion, in seconds.
const MAX_LIFETIME: i64 = 600;
/// Tolerated clock skew, in seconds.
const SKEW: i64 = 30;

/// Longest `jti`, in bytes.
const MAX_JTI: usize = 256;

#[derive(Deserialize)]
struct AssertionHeader {
    alg: String,
    kid: Option<String>,
    #[serde(default)]
    crit: Value,
}

#[derive(Deserialize)]
struct AssertionClaims {
    iss: String,
    sub: String,
    aud: Value,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    jti: String,
}

/// Verifies an assertion and records it as used.
///
/// # Errors
/// What is wrong with it, for `error_description`.
pub fn verify(tenant: &Tenant, assertion: &str) -> Result<(), &'static str> {
    let (message, signature) = assertion.rsplit_once('.').ok_or("not a JWT")?;
    let (header, claims) = message.split_once('.').ok_or("not a JWT")?;
    let header: AssertionHeader = decode_json(header).ok_or("the header cannot be read")?;
    if !header.crit.is_null() {
        return Err("crit is not supported");
    }
    let signature = decode_base64url(signature).ok_or("the signature cannot be read")?;
    let mut state = tenant.state();
    let key = find_key(&state.client.keys, header.kid.as_deref()).ok_or("unknown kid")?;
    if !is_signature_valid(key, &header.alg, message.as_bytes(), &signature) {
        return Err("the signature does not fit");
    }
    let claims: AssertionClaims = decode_json(claims).ok_or("the claims cannot be read")?;
    let now = tenant.clock.now().as_seconds();
    claims.check(&tenant.issuer, now)?;
    if state
        .client
        .use_assertion(&claims.jti, claims.exp + SKEW, now)
    {
        Ok(())
    } else {
        Err("this jti was used before")
    }
}

impl AssertionClaims {
    fn check(&self, issuer: &str, now: i64) -> Result<(), &'static str> {
        let audiences = match &self.aud {
            Value::String(audience) => vec![audience.as_str()],
            Value::Array(audiences) => audiences.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let token_endpoints =
            ["/oidc/token", "/cis/oidc/token"].map(|path| format!("{issuer}{path}"));
        for (is_valid, error) in [
            (self.iss == CLIENT_ID, "iss is not the client"),
            (self.sub == CLIENT_ID, "sub is not the client"),
            (
                audiences
                    .iter()
                    .any(|audience| token_endpoints.iter().any(|url| url == audience)),
                "aud is not the token endpoint",
            ),
            (self.exp > now - SKEW, "expired"),
            (self.exp <= now + MAX_LIFETIME + SKEW, "good for too long"),
            (self.iat <= now + SKEW, "issued in the future"),
            (self.iat >= now - MAX_LIFETIME - SKEW, "issued too long ago"),
            (
                self.nbf.is_none_or(|nbf| nbf <= now + SKEW),
                "not yet valid",
            ),
            (
                !self.jti.is_empty() && self.jti.len() <= MAX_JTI,
                "jti must have 1 to 256 bytes",
            ),
        ] {
            if !is_valid {
                return Err(error);
            }
        }
        Ok(())
    }
}

/// The key with this `kid`; without a `kid`, the only key.
fn find_key<'a>(keys: &'a [Value], kid: Option<&str>) -> Option<&'a Value> {
    match (kid, keys) {
        (None, [key]) => Some(key),
        (None, _) => None,
        (Some(kid), keys) => keys
            .iter()
            .find(|key| string_member(key, "kid") == Some(kid)),
    }
}

/// The algorithms are those that the vendor documents for clients.
fn is_signature_valid(key: &Value, alg: &str, message: &[u8], signature: &[u8]) -> bool {
    if string_member(key, "alg").is_some_and(|key_alg| key_alg != alg) {
        return false;
    }
    match (string_member(key, "kty"), alg) {
        (Some("RSA"), "RS256") => {
            is_rsa_signature_valid(key, &RSA_PKCS1_2048_8192_SHA256, message, signature)
        }
        (Some("RSA"), "PS256") => {
            is_rsa_signature_valid(key, &RSA_PSS_2048_8192_SHA256, message, signature)
        }
        (Some("EC"), "ES256") => {
            let (Some(x), Some(y)) = (integer_member(key, "x"), integer_member(key, "y")) else {
                return false;
            };
            let point = [&[4], x.as_slice(), y.as_slice()].concat();
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                .verify(message, signature)
                .is_ok()
        }
        _ => false,
    }
}

fn is_rsa_signature_valid(
    key: &Value,
    parameters: &'static RsaParameters,
    message: &[u8],
    signature: &[u8],
) -> bool {
    let (Some(n), Some(e)) = (integer_member(key, "n"), integer_member(key, "e")) else {
        return false;
    };
    RsaPublicKeyComponents { n, e }
        .verify(parameters, message, signature)
        .is_ok()
}
