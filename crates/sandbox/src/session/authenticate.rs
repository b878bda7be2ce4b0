//! `POST /cis/v1/auth/session/authenticate`: new tokens for an active session.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use serde::Deserialize;

use crate::http::api_error::ApiError;
use crate::http::client_attributes::ClientAttributes;
use crate::http::client_token::ClientToken;
use crate::http::request_body;
use crate::operation::ResponseCase;
use crate::session::session_not_found;
use crate::state::TenantState;
use crate::state::policy::DisabledUserSession;
use crate::state::user::UserStatus;
use crate::state::user_directory::Identifier;
use crate::tenant::{SharedTenant, Tenant};
use crate::tokens::{self, ClaimsParameter, SignInContext, UnsignedTokens};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SessionAuthenticateInput {
    session_id: String,
    #[serde(default)]
    resource: Option<String>,
    #[serde(default)]
    claims: Option<ClaimsParameter>,
    #[serde(default)]
    org_id: Option<String>,
    #[serde(default, rename = "client_attributes")]
    _client_attributes: Option<ClientAttributes>,
}

/// Extends an active session and issues tokens. The policy decides for disabled users.
pub async fn authenticate(
    _: ClientToken,
    State(tenant): State<SharedTenant>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, ApiError> {
    let input: SessionAuthenticateInput =
        request_body::parse_json(&headers, &body).map_err(ApiError::bad_request)?;
    if input
        .resource
        .as_ref()
        .is_some_and(|resource| url::Url::parse(resource).is_err())
    {
        return Err(ApiError::bad_request("resource must be an absolute URI"));
    }
    if input.org_id.is_some() {
        return Err(ApiError::bad_request(
            "org_id: the tenant has no organizations",
        ));
    }
    let tokens = extend(&tenant, &input)?.sign(&tenant)?;
    Ok((Extension(ResponseCase::Correct), Json(tokens)).into_response())
}

fn extend(tenant: &Tenant, input: &SessionAuthenticateInput) -> Result<UnsignedTokens, ApiError> {
    let now = tenant.clock.now();
    let refresh_token = tenant.random.hex_id()?;
    let mut state = tenant.state();
    let TenantState {
        users,
        sessions,
        policy,
        ..
    } = &mut *state;
    let session = sessions
        .find(&input.session_id, now)
        .ok_or_else(|| session_not_found(ResponseCase::Unknown))?;
    let user = users
        .find(&Identifier::UserId(session.user_id.clone()))
        .ok_or_else(|| session_not_found(ResponseCase::Unknown))?;
    if user.status == UserStatus::Disabled {
        match policy.disabled_user_session {
            DisabledUserSession::Alive => {}
            DisabledUserSession::Forbidden => return Err(user_not_active()),
            DisabledUserSession::NotFound => return Err(session_not_found(ResponseCase::Inactive)),
        }
    }
    let session = sessions
        .extend(&input.session_id, refresh_token, now)
        .ok_or_else(|| session_not_found(ResponseCase::Unknown))?;
    let requested = (input.claims.as_ref(), input.resource.as_deref());
    Ok(tokens::build_user_tokens(
        tenant,
        user,
        &session,
        requested,
        SignInContext::default(),
        now,
    )?)
}

fn user_not_active() -> ApiError {
    ApiError::slug(
        StatusCode::FORBIDDEN,
        "user_not_active",
        "User is not active",
    )
    .with_case(ResponseCase::Inactive)
}
