//! The claims of a valid pair of tokens.

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Value, json};

use crate::token_signer::{TRUSTED, b64};

/// Whom tokens are about, and when they are issued.
#[derive(Clone)]
pub struct TokenTerms {
    pub issuer: String,
    pub client: String,
    pub tenant: String,
    pub sub: String,
    pub phone: String,
    /// Seconds since the epoch.
    pub now: u64,
}

impl TokenTerms {
    /// A valid ID token that belongs to the valid access token.
    pub fn id(&self) -> String {
        TRUSTED.token(&self.id_claims())
    }

    /// A valid access token.
    pub fn access(&self) -> String {
        TRUSTED.token(&self.access_claims())
    }

    /// A valid ID token that belongs to this access token.
    pub fn id_matching(&self, access: &str) -> String {
        TRUSTED.token(&with_member(
            self.id_claims(),
            "at_hash",
            json!(at_hash(access)),
        ))
    }

    pub fn id_claims(&self) -> Value {
        json!({
            "sub": self.sub, "tid": self.tenant, "aud": self.client, "iss": self.issuer,
            "amr": ["sms"], "acr": "x", "at_hash": at_hash(&self.access()),
            "auth_time": self.now - 5, "iat": self.now - 4, "exp": self.now + 3600,
            "phone_number": self.phone, "phone_number_verified": true, "roles": ["admin"],
        })
    }

    pub fn access_claims(&self) -> Value {
        json!({
            "tid": self.tenant, "app_id": "a", "app_name": "Acme", "client_id": self.client,
            "sub": self.sub, "roles": ["reader"], "jti": "j", "iat": self.now - 4,
            "exp": self.now + 3600, "scope": "offline_access", "iss": self.issuer,
            "aud": "userid-api",
        })
    }
}

/// Claims, or a header, with one member replaced; `null` removes it.
pub fn with_member(mut claims: Value, name: &str, value: Value) -> Value {
    match value {
        Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
        value => claims[name] = value,
    }
    claims
}

/// The hash of the access token that an ID token carries (OpenID Connect Core §3.1.3.6).
pub fn at_hash(access: &str) -> String {
    b64(&digest(&SHA256, access.as_bytes()).as_ref()[..16])
}
