//! What tokens say. Access and ID tokens are JWTs with the vendor's claims; refresh tokens are
//! opaque.

use std::collections::HashMap;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::error::Unspecified;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

pub mod lie;

use lie::Kind;

use crate::clock::Moment;
use crate::tenant::Tenant;
use crate::world::sessions::Session;
use crate::world::user::User;
use crate::{CLIENT_ID, TENANT_ID, jose};

/// Lifetime of access and ID tokens in seconds.
pub const LIFETIME: i64 = 3600;
/// `aud` of an access token when no resource was asked for.
const DEFAULT_AUDIENCE: &str = "userid-api";

/// The `claims` parameter (OpenID Connect Core §5.5): which further claims the ID token is to
/// carry.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    #[serde(default)]
    id_token: Option<Requested>,
    /// Understood, and without effect: backend sign-ins have no UserInfo.
    #[serde(default, rename = "userinfo")]
    _userinfo: Option<Requested>,
}

type Requested = HashMap<String, Option<Map<String, Value>>>;

/// What the answer to a sign-in, a silent sign-in or a refresh carries.
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

/// What a user's tokens are about to say; signing is left for when no lock is held.
#[derive(Debug)]
pub struct Unsigned {
    access: Value,
    id: Value,
    refresh_token: String,
    session_id: String,
}

/// Things that only the moment of a sign-in knows.
#[derive(Debug, Default)]
pub struct Occasion {
    /// The user's first sign-in.
    pub new_user: bool,
    /// Given at send.
    pub approval_data: Option<Map<String, Value>>,
}

/// Gathers the claims of a user's tokens.
///
/// # Errors
/// When the system gives no randomness.
pub fn of_user(
    tenant: &Tenant,
    user: &User,
    session: &Session,
    (claims, resource): (Option<&Claims>, Option<&str>),
    occasion: Occasion,
    now: Moment,
) -> Result<Unsigned, Unspecified> {
    let access = access_claims(tenant, &user.id, &user.roles, resource, now)?;
    let mut id = json!({
        "sub": user.id,
        "tid": TENANT_ID,
        "aud": CLIENT_ID,
        "iss": tenant.issuer,
        "iat": now.seconds(),
        "exp": now.seconds() + LIFETIME,
        "auth_time": session.auth_time.seconds(),
        "amr": session.amr,
        "acr": "0",
    });
    if let (Some(id), Some(requested)) = (
        id.as_object_mut(),
        claims.and_then(|claims| claims.id_token.as_ref()),
    ) {
        let mut known = known_claims(user, occasion.new_user);
        id.extend(
            requested
                .keys()
                .filter_map(|name| known.remove_entry(name))
                .filter(|(_, value)| !value.is_null()),
        );
    }
    if let (Some(id), Some(data)) = (id.as_object_mut(), occasion.approval_data) {
        id.insert("approval_data".into(), data.into());
    }
    Ok(Unsigned {
        access,
        id,
        refresh_token: session.refresh_token.clone(),
        session_id: session.id.clone(),
    })
}

impl Unsigned {
    /// Signs both tokens, unless they are to lie; the ID token names the access token by `at_hash`.
    ///
    /// # Errors
    /// When signing fails.
    pub fn sign(self, tenant: &Tenant) -> Result<TokenSet, Unspecified> {
        let access_token = sign(tenant, Kind::Access, self.access)?;
        let mut id = self.id;
        if let Some(id) = id.as_object_mut() {
            let hash = digest(&SHA256, access_token.as_bytes());
            let (left, _) = hash.as_ref().split_at(hash.as_ref().len() / 2);
            id.insert("at_hash".into(), jose::encode(left).into());
        }
        Ok(TokenSet {
            id_token: sign(tenant, Kind::Id, id)?,
            access_token,
            refresh_token: self.refresh_token,
            token_type: "Bearer",
            expires_in: LIFETIME,
            session_id: Some(self.session_id),
        })
    }
}

fn sign(tenant: &Tenant, kind: Kind, claims: Value) -> Result<String, Unspecified> {
    let lie = tenant.lies().next(kind);
    let Some(lie) = lie else {
        return tenant.keys.sign(&claims, &tenant.random);
    };
    let key = tenant.keys.newest()?;
    lie.sign(&key, claims, &tenant.random)
}

impl TokenSet {
    /// The same without `session_id`, as a refresh answers.
    pub fn without_session_id(self) -> Self {
        Self {
            session_id: None,
            ..self
        }
    }
}

/// The claims of a client access token.
///
/// # Errors
/// When the system gives no randomness.
pub fn of_client(
    tenant: &Tenant,
    resource: Option<&str>,
    now: Moment,
) -> Result<Value, Unspecified> {
    access_claims(tenant, CLIENT_ID, &[], resource, now)
}

fn access_claims(
    tenant: &Tenant,
    sub: &str,
    roles: &[String],
    resource: Option<&str>,
    now: Moment,
) -> Result<Value, Unspecified> {
    Ok(json!({
        "sub": sub,
        "iss": tenant.issuer,
        "aud": resource.unwrap_or(DEFAULT_AUDIENCE),
        "iat": now.seconds(),
        "exp": now.seconds() + LIFETIME,
        "jti": tenant.random.id()?,
        "tid": TENANT_ID,
        "app_id": CLIENT_ID,
        "app_name": tenant.app_name,
        "client_id": CLIENT_ID,
        "scope": "offline_access",
        "roles": roles,
    }))
}

/// Every claim that may be asked for and that a user here can have; `null` where this one has not.
fn known_claims(user: &User, new_user: bool) -> Map<String, Value> {
    let name = |part: &str| {
        user.profile
            .get("name")
            .and_then(|name| name.get(part))
            .cloned()
            .unwrap_or_default()
    };
    let own = |field: &str| user.profile.get(field).cloned().unwrap_or_default();
    let phone = user.phone.as_ref();
    let email = user.email.as_ref();
    let claims = json!({
        "phone_number": phone.map(|phone| &phone.value),
        "phone_number_verified": phone.map(|phone| phone.verified_at.is_some()),
        "email": email.map(|email| &email.value),
        "email_verified": email.map(|email| email.verified_at.is_some()),
        "username": user.username,
        "external_user_id": user.external_user_id,
        "fname": name("first_name"),
        "lname": name("last_name"),
        "picture": own("picture"),
        "custom_data": own("custom_data"),
        "custom_app_data": own("custom_app_data"),
        "roles": user.roles,
        "role_values": user.roles,
        "permissions": [],
        "groups": [],
        "new_user": new_user,
        "created_at": user.created_at.milliseconds(),
        "last_auth": user.last_auth.map(Moment::milliseconds),
    });
    match claims {
        Value::Object(claims) => claims,
        _ => Map::new(),
    }
}
