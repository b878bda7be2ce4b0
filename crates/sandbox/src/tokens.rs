//! Tokens: access and ID tokens are JWTs with the vendor's claims, refresh tokens are opaque.

use std::collections::HashMap;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::error::Unspecified;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::clock::Timestamp;
use crate::jose;
use crate::options::{CLIENT_ID, TENANT_ID};
use crate::state::sessions::Session;
use crate::state::user::{Contact, User};
use crate::tenant::Tenant;
use crate::token_tampering::TokenType;

/// Lifetime of access and ID tokens, in seconds.
pub const TOKEN_LIFETIME: i64 = 3600;
/// `aud` of an access token that was requested without `resource`.
const DEFAULT_AUDIENCE: &str = "userid-api";

/// The `claims` parameter (OpenID Connect Core §5.5): more claims for the ID token. The vendor
/// publishes it as an open object, so that unknown members are accepted.
#[derive(Debug, Default, Deserialize)]
pub struct ClaimsParameter {
    #[serde(default)]
    id_token: Option<RequestedClaims>,
    /// Accepted without effect, because backend sign-ins have no UserInfo.
    #[serde(default, rename = "userinfo")]
    _userinfo: Option<RequestedClaims>,
    /// Accepted without effect: what it adds to an access token is unpublished.
    #[serde(default, rename = "access_token")]
    _access_token: Option<RequestedClaims>,
}

type RequestedClaims = HashMap<String, Option<Map<String, Value>>>;

/// The response to a sign-in, a session authentication or a refresh.
#[derive(Debug, Serialize)]
pub struct TokenSet {
    access_token: String,
    id_token: String,
    refresh_token: String,
    token_type: &'static str,
    expires_in: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<String>,
}

/// The claims of a user's tokens. They are signed later, when no lock is held.
#[derive(Debug)]
pub struct UnsignedTokens {
    access_claims: Value,
    id_claims: Value,
    refresh_token: String,
    session_id: String,
}

/// Claims that depend on the sign-in.
#[derive(Debug, Default)]
pub struct SignInContext {
    /// Whether it is the user's first.
    pub new_user: bool,
    /// From the send request.
    pub approval_data: Option<Map<String, Value>>,
}

/// Builds the claims of a user's tokens.
///
/// # Errors
/// The system has no randomness.
pub fn build_user_tokens(
    tenant: &Tenant,
    user: &User,
    session: &Session,
    (claims, resource): (Option<&ClaimsParameter>, Option<&str>),
    context: SignInContext,
    now: Timestamp,
) -> Result<UnsignedTokens, Unspecified> {
    let access_claims = build_access_claims(tenant, &user.id, &user.roles, resource, now)?;
    let mut id_claims = json!({
        "sub": user.id,
        "tid": TENANT_ID,
        "aud": CLIENT_ID,
        "iss": tenant.issuer,
        "iat": now.as_seconds(),
        "exp": now.as_seconds() + TOKEN_LIFETIME,
        "auth_time": session.auth_time.as_seconds(),
        "amr": session.amr,
        "acr": "0",
    });
    if let (Some(id), Some(requested)) = (
        id_claims.as_object_mut(),
        claims.and_then(|claims| claims.id_token.as_ref()),
    ) {
        let mut available = available_claims(user, context.new_user);
        id.extend(
            requested
                .keys()
                .filter_map(|name| available.remove_entry(name))
                .filter(|(_, value)| !value.is_null()),
        );
    }
    if let (Some(id), Some(data)) = (id_claims.as_object_mut(), context.approval_data) {
        id.insert("approval_data".into(), data.into());
    }
    Ok(UnsignedTokens {
        access_claims,
        id_claims,
        refresh_token: session.refresh_token.clone(),
        session_id: session.id.clone(),
    })
}

impl UnsignedTokens {
    /// Signs both tokens, tampered if a test asked for it. `at_hash` binds the ID token to the
    /// access token.
    ///
    /// # Errors
    /// Signing failed.
    pub fn sign(self, tenant: &Tenant) -> Result<TokenSet, Unspecified> {
        let access_token = sign_token(tenant, TokenType::Access, self.access_claims)?;
        let mut id_claims = self.id_claims;
        if let Some(id) = id_claims.as_object_mut() {
            let hash = digest(&SHA256, access_token.as_bytes());
            let (left_half, _) = hash.as_ref().split_at(hash.as_ref().len() / 2);
            id.insert("at_hash".into(), jose::encode_base64url(left_half).into());
        }
        Ok(TokenSet {
            id_token: sign_token(tenant, TokenType::Id, id_claims)?,
            access_token,
            refresh_token: self.refresh_token,
            token_type: "Bearer",
            expires_in: TOKEN_LIFETIME,
            session_id: Some(self.session_id),
        })
    }
}

fn sign_token(
    tenant: &Tenant,
    token_type: TokenType,
    claims: Value,
) -> Result<String, Unspecified> {
    let tampering = tenant.tampering_plan().next(token_type);
    let Some(tampering) = tampering else {
        return tenant.keys.sign(&claims, &tenant.random);
    };
    let key = tenant.keys.signing_key()?;
    tampering.sign(&key, claims, &tenant.random)
}

impl TokenSet {
    /// Removes `session_id`, which the response to a refresh does not have.
    pub fn without_session_id(self) -> Self {
        Self {
            session_id: None,
            ..self
        }
    }
}

/// Builds the claims of a client access token.
///
/// # Errors
/// The system has no randomness.
pub fn build_client_claims(
    tenant: &Tenant,
    resource: Option<&str>,
    now: Timestamp,
) -> Result<Value, Unspecified> {
    build_access_claims(tenant, CLIENT_ID, &[], resource, now)
}

fn build_access_claims(
    tenant: &Tenant,
    sub: &str,
    roles: &[String],
    resource: Option<&str>,
    now: Timestamp,
) -> Result<Value, Unspecified> {
    Ok(json!({
        "sub": sub,
        "iss": tenant.issuer,
        "aud": resource.unwrap_or(DEFAULT_AUDIENCE),
        "iat": now.as_seconds(),
        "exp": now.as_seconds() + TOKEN_LIFETIME,
        "jti": tenant.random.hex_id()?,
        "tid": TENANT_ID,
        "app_id": CLIENT_ID,
        "app_name": tenant.app_name,
        "client_id": CLIENT_ID,
        "scope": "offline_access",
        "roles": roles,
    }))
}

/// Every claim that can be requested; `null` if the user has none.
fn available_claims(user: &User, new_user: bool) -> Map<String, Value> {
    let name_part = |part: &str| {
        user.profile
            .get("name")
            .and_then(|name| name.get(part))
            .cloned()
            .unwrap_or_default()
    };
    let field = |name: &str| user.profile.get(name).cloned().unwrap_or_default();
    let values = |contacts: &[Contact]| -> Vec<String> {
        let values = contacts.iter().map(|contact| contact.value.clone());
        values.collect()
    };
    let phone = user.phone.as_ref();
    let email = user.email.as_ref();
    let claims = json!({
        "phone_number": phone.map(|phone| &phone.value),
        "phone_number_verified": phone.map(|phone| phone.verified_at.is_some()),
        "email": email.map(|email| &email.value),
        "email_verified": email.map(|email| email.verified_at.is_some()),
        "username": user.username,
        "external_user_id": user.external_user_id,
        "fname": name_part("first_name"),
        "mname": name_part("middle_name"),
        "lname": name_part("last_name"),
        "birthday": field("birthday"),
        "language": field("language"),
        "secondary_phone_numbers": values(&user.secondary_phones),
        "secondary_emails": values(&user.secondary_emails),
        "picture": field("picture"),
        "custom_data": field("custom_data"),
        "custom_app_data": field("custom_app_data"),
        "roles": user.roles,
        "role_values": user.roles,
        "permissions": [],
        "groups": [],
        "new_user": new_user,
        "created_at": user.created_at.as_milliseconds(),
        "last_auth": user.last_auth.map(Timestamp::as_milliseconds),
    });
    match claims {
        Value::Object(claims) => claims,
        _ => Map::new(),
    }
}
