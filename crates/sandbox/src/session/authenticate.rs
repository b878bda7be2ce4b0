//! `POST /cis/v1/auth/session/authenticate`: new tokens for who is signed in already.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use crate::http::bearer::ClientToken;
use crate::http::body;
use crate::http::operation::Case;
use crate::http::refusal::Refusal;
use crate::otp::client::ClientAttributes;
use crate::session::not_found;
use crate::tenant::{Shared, Tenant};
use crate::tokens::{self, Claims, Occasion, Unsigned};
use crate::world::World;
use crate::world::directory::Identifier;
use crate::world::policy::DisabledUserSession;
use crate::world::user::Status;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    session_id: String,
    #[serde(default)]
    resource: Option<String>,
    #[serde(default)]
    claims: Option<Claims>,
    #[serde(default)]
    org_id: Option<String>,
    #[serde(default, rename = "client_attributes")]
    _client_attributes: Option<ClientAttributes>,
}

/// Extends a living session and issues tokens. What is said of a disabled user's is for the policy.
pub async fn authenticate(
    _: ClientToken,
    State(tenant): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let input: Input = body::json(&headers, &body).map_err(Refusal::bad_request)?;
    if input
        .resource
        .as_ref()
        .is_some_and(|resource| url::Url::parse(resource).is_err())
    {
        return Err(Refusal::bad_request("resource must be an absolute URI"));
    }
    if input.org_id.is_some() {
        return Err(Refusal::bad_request(
            "org_id: the tenant has no organizations",
        ));
    }
    let tokens = extend(&tenant, &input)?.sign(&tenant)?;
    let mut response = Json(tokens).into_response();
    response.extensions_mut().insert(Case::Correct);
    Ok(response)
}

fn extend(tenant: &Tenant, input: &Input) -> Result<Unsigned, Refusal> {
    let now = tenant.clock.now();
    let refresh_token = tenant.random.id()?;
    let mut world = tenant.world();
    let World {
        users,
        sessions,
        policy,
        ..
    } = &mut *world;
    let session = sessions
        .find(&input.session_id, now)
        .ok_or_else(|| not_found(Case::Unknown))?;
    let user = users
        .find(&Identifier::UserId(session.user_id.clone()))
        .ok_or_else(|| not_found(Case::Unknown))?;
    if user.status == Status::Disabled {
        match policy.disabled_user_session {
            DisabledUserSession::Alive => {}
            DisabledUserSession::Forbidden => return Err(not_active()),
            DisabledUserSession::NotFound => return Err(not_found(Case::Inactive)),
        }
    }
    let session = sessions
        .renew(&input.session_id, refresh_token, now)
        .ok_or_else(|| not_found(Case::Unknown))?;
    let asked = (input.claims.as_ref(), input.resource.as_deref());
    Ok(tokens::of_user(
        tenant,
        user,
        &session,
        asked,
        Occasion::default(),
        now,
    )?)
}

fn not_active() -> Refusal {
    Refusal::slug(
        StatusCode::FORBIDDEN,
        "user_not_active",
        "User is not active",
    )
    .in_case(Case::Inactive)
}
