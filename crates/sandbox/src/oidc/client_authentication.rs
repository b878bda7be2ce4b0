//! Client authentication at the OIDC endpoints: by secret (RFC 6749 §2.3.1) or by assertion (RFC
//! 7523 §2.2).

use std::collections::HashMap;

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::http::api_error::ApiError;
use crate::http::request_body;
use crate::oidc::client_assertion;
use crate::options::{CLIENT_ID, CLIENT_SECRET};
use crate::tenant::Tenant;

/// Authenticates by the form alone, as the token endpoint requires: `client_id` with
/// `client_secret`, or an assertion.
///
/// # Errors
/// 401 `invalid_client`.
pub fn authenticate_by_form(
    tenant: &Tenant,
    fields: &HashMap<String, String>,
) -> Result<(), ApiError> {
    let field = |name| fields.get(name).map(String::as_str);
    match (field("client_assertion_type"), field("client_assertion")) {
        (None, None) => check_secret(tenant, field("client_id"), field("client_secret")),
        // A client must not use two methods in one request (RFC 6749 §2.3).
        _ if field("client_secret").is_some() => Err(invalid_client("a secret and an assertion")),
        (assertion_type, _) if assertion_type != Some(client_assertion::JWT_BEARER) => {
            Err(invalid_client("unknown client_assertion_type"))
        }
        (_, _) if field("client_id").is_some_and(|id| id != CLIENT_ID) => {
            Err(invalid_client("client_id is another client's"))
        }
        (_, assertion) => {
            client_assertion::verify(tenant, assertion.unwrap_or_default()).map_err(invalid_client)
        }
    }
}

/// Authenticates the request to introspect or revoke a token, and returns the token.
///
/// # Errors
/// The body is no form, the client does not authenticate (401 `invalid_client`), or `token` is
/// missing.
pub fn authenticated_token(
    tenant: &Tenant,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<String, ApiError> {
    let mut fields = request_body::parse_form(headers, body).map_err(ApiError::bad_request)?;
    authenticate_by_form_or_basic(tenant, &fields, headers)?;
    fields
        .remove("token")
        .filter(|token| !token.is_empty())
        .ok_or_else(|| {
            ApiError::oauth(
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "token is required",
            )
        })
}

fn authenticate_by_form_or_basic(
    tenant: &Tenant,
    fields: &HashMap<String, String>,
    headers: &HeaderMap,
) -> Result<(), ApiError> {
    let Some(header) = headers.get(AUTHORIZATION) else {
        return authenticate_by_form(tenant, fields);
    };
    let encoded = header
        .to_str()
        .ok()
        .and_then(|value| value.strip_prefix("Basic "));
    let decoded = encoded
        .and_then(|value| STANDARD.decode(value.trim()).ok())
        .unwrap_or_default();
    let credentials = String::from_utf8(decoded).unwrap_or_default();
    let (id, secret) = credentials.split_once(':').unwrap_or_default();
    check_secret(tenant, Some(id), Some(secret))
}

fn check_secret(tenant: &Tenant, id: Option<&str>, secret: Option<&str>) -> Result<(), ApiError> {
    if id == Some(CLIENT_ID)
        && secret == Some(CLIENT_SECRET)
        && tenant.state().client.secret_allowed
    {
        return Ok(());
    }
    Err(invalid_client("client authentication failed"))
}

fn invalid_client(description: &str) -> ApiError {
    ApiError::oauth(StatusCode::UNAUTHORIZED, "invalid_client", description)
}
