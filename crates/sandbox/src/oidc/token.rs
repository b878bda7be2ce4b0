//! `POST /oidc/token`: client credentials and refresh tokens.

use std::collections::HashMap;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::http::api_error::ApiError;
use crate::http::request_body;
use crate::oidc::client_authentication::authenticate_by_form;
use crate::session::refresh;
use crate::tenant::{SharedTenant, Tenant};
use crate::tokens;

/// Issues tokens. Malformed bodies get the classic error body, as in the vendor's specification;
/// all other errors get OAuth's.
pub async fn token(
    State(tenant): State<SharedTenant>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, ApiError> {
    let fields = request_body::parse_form(&headers, &body)
        .map_err(|message| ApiError::classic(StatusCode::BAD_REQUEST, &message))?;
    let grant_type = required(&fields, "grant_type")?;
    authenticate_by_form(&tenant, &fields)?;
    let response = match grant_type {
        "client_credentials" => {
            client_credentials(&tenant, fields.get("resource").map(String::as_str))?
        }
        "refresh_token" => {
            let tokens = refresh::refresh(&tenant, required(&fields, "refresh_token")?)?;
            let tokens = tokens
                .ok_or_else(|| bad_request("invalid_grant", "the refresh token is not valid"))?;
            Json(tokens).into_response()
        }
        _ => {
            return Err(bad_request(
                "unsupported_grant_type",
                "this grant type is not supported",
            ));
        }
    };
    Ok((
        [
            (header::CACHE_CONTROL, "no-store"),
            (header::PRAGMA, "no-cache"),
        ],
        response,
    )
        .into_response())
}

fn client_credentials(tenant: &Tenant, resource: Option<&str>) -> Result<Response, ApiError> {
    if resource.is_some_and(|resource| url::Url::parse(resource).is_err()) {
        return Err(bad_request(
            "invalid_target",
            "resource must be an absolute URI",
        ));
    }
    let claims = tokens::build_client_claims(tenant, resource, tenant.clock.now())?;
    let body = json!({
        "access_token": tenant.keys.sign(&claims, &tenant.random)?,
        "token_type": "Bearer",
        "expires_in": tokens::TOKEN_LIFETIME,
        "scope": "offline_access",
    });
    Ok(Json(body).into_response())
}

fn required<'a>(fields: &'a HashMap<String, String>, name: &str) -> Result<&'a str, ApiError> {
    let value = fields
        .get(name)
        .map(String::as_str)
        .filter(|value| !value.is_empty());
    value.ok_or_else(|| bad_request("invalid_request", &format!("{name} is required")))
}

fn bad_request(error: &str, description: &str) -> ApiError {
    ApiError::oauth(StatusCode::BAD_REQUEST, error, description)
}
