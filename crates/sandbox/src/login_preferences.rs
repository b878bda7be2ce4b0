//! `GET /cis/loginPreferences/{app_id}`: the policy of the application's methods.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::MethodFilter;
use axum::{Json, Router};
use serde_json::Value;

use crate::http::api_error::ApiError;
use crate::http::client_token::ClientToken;
use crate::http::endpoint::endpoint;
use crate::operation::Operation;
use crate::options::CLIENT_ID;
use crate::tenant::SharedTenant;

pub fn router(tenant: &SharedTenant) -> Router<SharedTenant> {
    let get = endpoint(tenant, Operation::LoginPreferences, MethodFilter::GET, show);
    Router::new().route("/cis/loginPreferences/{app_id}", get)
}

/// The only application has the client's id, as its tokens say.
async fn show(
    _: ClientToken,
    State(tenant): State<SharedTenant>,
    Path(app_id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let state = tenant.state();
    let policy = &state.policy;
    if !policy.is_readable {
        return Err(ApiError::classic(StatusCode::FORBIDDEN, "Forbidden"));
    }
    if app_id != CLIENT_ID {
        return Err(ApiError::classic(StatusCode::NOT_FOUND, "App not found"));
    }
    Ok(Json(policy.to_login_preferences()))
}
