// Verifies the JWT of a request, with the crates `jsonwebtoken`, `serde` and `serde_json`.

use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;

/// What an application needs of the claims.
#[derive(Debug, Deserialize)]
pub struct Claims {
    /// The user's ID.
    pub sub: String,
    /// The roles.
    pub groups: Vec<String>,
}

/// The claims of the header `X-Auth-Request-Jwt`. `issuer` is `server.public_url` of Latchkey,
/// `audience` this application's origin, as `forward_auth.origins` names it.
///
/// `keys` is `/.well-known/jwks.json` of the issuer. Cache it for five minutes, and fetch it again
/// when the error is `InvalidKeyFormat`: then the token names a key that is not in the set.
///
/// # Errors
/// If the JWT is not from Latchkey, not for this application, or over.
pub fn verify(jwt: &str, keys: &JwkSet, issuer: &str, audience: &str) -> Result<Claims, Error> {
    let id = decode_header(jwt)?.kid.unwrap_or_default();
    let key = keys.find(&id).ok_or(ErrorKind::InvalidKeyFormat)?;
    let mut rules = Validation::new(Algorithm::ES256);
    rules.set_issuer(&[issuer]);
    rules.set_audience(&[audience]);
    rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    rules.leeway = 0;
    decode(jwt, &DecodingKey::from_jwk(key)?, &rules).map(|token| token.claims)
}
