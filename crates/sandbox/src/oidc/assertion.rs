//! Client assertions (`private_key_jwt`): RFC 7523 §3, strictly.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaParameters,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;
use serde_json::Value;

use crate::CLIENT_ID;
use crate::jose::{bytes, member, number, read};
use crate::tenant::Tenant;

/// The only type of assertion.
pub const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Longest life of an assertion, and how far clocks may be apart, in seconds.
const LONGEST: i64 = 600;
const SKEW: i64 = 30;

/// Longest `jti`, in bytes.
const MAX_ID: usize = 256;

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    #[serde(default)]
    crit: Value,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: Value,
    exp: i64,
    iat: i64,
    nbf: Option<i64>,
    jti: String,
}

/// Whether this assertion proves the application; the error says why not.
///
/// # Errors
/// What is wrong with it.
pub fn check(tenant: &Tenant, assertion: &str) -> Result<(), &'static str> {
    let (message, signature) = assertion.rsplit_once('.').ok_or("not a JWT")?;
    let (header, claims) = message.split_once('.').ok_or("not a JWT")?;
    let header: Header = read(header).ok_or("the header cannot be read")?;
    if !header.crit.is_null() {
        return Err("crit is not supported");
    }
    let signature = bytes(signature).ok_or("the signature cannot be read")?;
    let mut world = tenant.world();
    let key = find(&world.client.keys, header.kid.as_deref()).ok_or("unknown kid")?;
    if !is_signed(key, &header.alg, message.as_bytes(), &signature) {
        return Err("the signature does not fit");
    }
    let claims: Claims = read(claims).ok_or("the claims cannot be read")?;
    let now = tenant.clock.now().seconds();
    claims.check(&tenant.issuer, now)?;
    if world.client.take(&claims.jti, claims.exp + SKEW, now) {
        Ok(())
    } else {
        Err("this jti was used before")
    }
}

impl Claims {
    fn check(&self, issuer: &str, now: i64) -> Result<(), &'static str> {
        let audiences = match &self.aud {
            Value::String(audience) => vec![audience.as_str()],
            Value::Array(audiences) => audiences.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        let ours = ["/oidc/token", "/cis/oidc/token"].map(|path| format!("{issuer}{path}"));
        for (holds, otherwise) in [
            (self.iss == CLIENT_ID, "iss is not the client"),
            (self.sub == CLIENT_ID, "sub is not the client"),
            (
                audiences
                    .iter()
                    .any(|audience| ours.iter().any(|our| our == audience)),
                "aud is not the token endpoint",
            ),
            (self.exp > now - SKEW, "expired"),
            (self.exp <= now + LONGEST + SKEW, "good for too long"),
            (self.iat <= now + SKEW, "issued in the future"),
            (self.iat >= now - LONGEST - SKEW, "issued too long ago"),
            (
                self.nbf.is_none_or(|nbf| nbf <= now + SKEW),
                "not yet valid",
            ),
            (
                !self.jti.is_empty() && self.jti.len() <= MAX_ID,
                "jti must have 1 to 256 bytes",
            ),
        ] {
            if !holds {
                return Err(otherwise);
            }
        }
        Ok(())
    }
}

/// The key of that id; without an id, the only key.
fn find<'a>(keys: &'a [Value], kid: Option<&str>) -> Option<&'a Value> {
    match (kid, keys) {
        (None, [key]) => Some(key),
        (None, _) => None,
        (Some(kid), keys) => keys.iter().find(|key| member(key, "kid") == Some(kid)),
    }
}

/// By the algorithms that the vendor documents for clients, each with keys of its kind only.
fn is_signed(key: &Value, alg: &str, message: &[u8], signature: &[u8]) -> bool {
    if member(key, "alg").is_some_and(|its| its != alg) {
        return false;
    }
    match (member(key, "kty"), alg) {
        (Some("RSA"), "RS256") => {
            is_signed_by_rsa(key, &RSA_PKCS1_2048_8192_SHA256, message, signature)
        }
        (Some("RSA"), "PS256") => {
            is_signed_by_rsa(key, &RSA_PSS_2048_8192_SHA256, message, signature)
        }
        (Some("EC"), "ES256") => {
            let (Some(x), Some(y)) = (number(key, "x"), number(key, "y")) else {
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

fn is_signed_by_rsa(
    key: &Value,
    parameters: &'static RsaParameters,
    message: &[u8],
    signature: &[u8],
) -> bool {
    let (Some(n), Some(e)) = (number(key, "n"), number(key, "e")) else {
        return false;
    };
    RsaPublicKeyComponents { n, e }
        .verify(parameters, message, signature)
        .is_ok()
}
