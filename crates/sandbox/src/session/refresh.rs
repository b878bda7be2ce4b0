//! `POST /cis/v1/auth/token/refresh`, and the refresh itself, which the token endpoint uses too.
//!
//! A refresh token rotates at each use.

use aws_lc_rs::error::Unspecified;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Deserialize;

use crate::http::api_error::ApiError;
use crate::http::client_token::ClientToken;
use crate::http::request_body;
use crate::state::TenantState;
use crate::state::user::UserStatus;
use crate::state::user_directory::Identifier;
use crate::tenant::{SharedTenant, Tenant};
use crate::tokens::{self, SignInContext, TokenSet, UnsignedTokens};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RefreshInput {
    refresh_token: String,
}

/// `POST /cis/v1/auth/token/refresh`
pub async fn by_json(
    _: ClientToken,
    State(tenant): State<SharedTenant>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<TokenSet>, ApiError> {
    let input: RefreshInput =
        request_body::parse_json(&headers, &body).map_err(ApiError::bad_request)?;
    refresh(&tenant, &input.refresh_token)?
        .map(Json)
        .ok_or_else(|| ApiError::bad_request("Invalid refresh token"))
}

/// Issues new tokens, without `session_id`. Returns `None` if the refresh token is unknown, used,
/// revoked or expired, or its user is disabled.
///
/// # Errors
/// Signing failed.
pub fn refresh(tenant: &Tenant, refresh_token: &str) -> Result<Option<TokenSet>, Unspecified> {
    let new_refresh_token = tenant.random.hex_id()?;
    let unsigned = rotate(tenant, refresh_token, new_refresh_token).transpose()?;
    Ok(unsigned
        .map(|unsigned| unsigned.sign(tenant))
        .transpose()?
        .map(TokenSet::without_session_id))
}

fn rotate(
    tenant: &Tenant,
    refresh_token: &str,
    new_refresh_token: String,
) -> Option<Result<UnsignedTokens, Unspecified>> {
    let now = tenant.clock.now();
    let mut state = tenant.state();
    let TenantState {
        users, sessions, ..
    } = &mut *state;
    let session = sessions.find_by_refresh_token(refresh_token, now)?;
    let user = users.find(&Identifier::UserId(session.user_id.clone()))?;
    if user.status == UserStatus::Disabled {
        return None;
    }
    let id = session.id.clone();
    let session = sessions.extend(&id, new_refresh_token, now)?;
    Some(tokens::build_user_tokens(
        tenant,
        user,
        &session,
        (None, None),
        SignInContext::default(),
        now,
    ))
}
