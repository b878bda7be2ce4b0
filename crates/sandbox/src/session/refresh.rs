//! Refresh tokens: they rotate at each use. Here by `POST /cis/v1/auth/token/refresh`; the token
//! endpoint takes them too.

use aws_lc_rs::error::Unspecified;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Deserialize;

use crate::http::bearer::ClientToken;
use crate::http::body;
use crate::http::refusal::Refusal;
use crate::tenant::{Shared, Tenant};
use crate::tokens::{self, Occasion, TokenSet, Unsigned};
use crate::world::World;
use crate::world::directory::Identifier;
use crate::world::user::Status;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    refresh_token: String,
}

/// New tokens for a refresh token, as JSON.
pub async fn by_json(
    _: ClientToken,
    State(tenant): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<TokenSet>, Refusal> {
    let input: Input = body::json(&headers, &body).map_err(Refusal::bad_request)?;
    refresh(&tenant, &input.refresh_token)?
        .map(Json)
        .ok_or_else(|| Refusal::bad_request("Invalid refresh token"))
}

/// New tokens, without `session_id`; `None` when the refresh token is unknown, used, revoked or
/// expired, or its user is disabled.
///
/// # Errors
/// When signing fails.
pub fn refresh(tenant: &Tenant, refresh_token: &str) -> Result<Option<TokenSet>, Unspecified> {
    let next = tenant.random.id()?;
    let unsigned = rotate(tenant, refresh_token, next).transpose()?;
    Ok(unsigned
        .map(|unsigned| unsigned.sign(tenant))
        .transpose()?
        .map(TokenSet::without_session_id))
}

fn rotate(
    tenant: &Tenant,
    refresh_token: &str,
    next: String,
) -> Option<Result<Unsigned, Unspecified>> {
    let now = tenant.clock.now();
    let mut world = tenant.world();
    let World {
        users, sessions, ..
    } = &mut *world;
    let session = sessions.find_by_refresh_token(refresh_token, now)?;
    let user = users.find(&Identifier::UserId(session.user_id.clone()))?;
    if user.status == Status::Disabled {
        return None;
    }
    let id = session.id.clone();
    let session = sessions.renew(&id, next, now)?;
    Some(tokens::of_user(
        tenant,
        user,
        &session,
        (None, None),
        Occasion::default(),
        now,
    ))
}
