//! Client authentication at the OIDC endpoints: by secret (RFC 6749 §2.3.1) or by assertion (RFC
//! 7523 §2.2).

use std::collections::HashMap;

use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::http::refusal::Refusal;
use crate::oidc::assertion;
use crate::tenant::Tenant;
use crate::{CLIENT_ID, CLIENT_SECRET};

/// By the form, as the token endpoint wants it: `client_id` and `client_secret`, or an assertion.
///
/// # Errors
/// 401 `invalid_client`.
pub fn by_form(tenant: &Tenant, fields: &HashMap<String, String>) -> Result<(), Refusal> {
    let field = |name| fields.get(name).map(String::as_str);
    match (field("client_assertion_type"), field("client_assertion")) {
        (None, None) => by_secret(tenant, field("client_id"), field("client_secret")),
        // One way of authentication at a time (RFC 6749 §2.3).
        _ if field("client_secret").is_some() => Err(refuse("a secret and an assertion")),
        (kind, _) if kind != Some(assertion::JWT_BEARER) => {
            Err(refuse("unknown client_assertion_type"))
        }
        (_, _) if field("client_id").is_some_and(|id| id != CLIENT_ID) => {
            Err(refuse("client_id is another client's"))
        }
        (_, assertion) => assertion::check(tenant, assertion.unwrap_or_default()).map_err(refuse),
    }
}

/// By the form, or by HTTP Basic.
///
/// # Errors
/// 401 `invalid_client`.
pub fn by_form_or_basic(
    tenant: &Tenant,
    fields: &HashMap<String, String>,
    headers: &HeaderMap,
) -> Result<(), Refusal> {
    let Some(header) = headers.get(AUTHORIZATION) else {
        return by_form(tenant, fields);
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
    by_secret(tenant, Some(id), Some(secret))
}

fn by_secret(tenant: &Tenant, id: Option<&str>, secret: Option<&str>) -> Result<(), Refusal> {
    if id == Some(CLIENT_ID)
        && secret == Some(CLIENT_SECRET)
        && tenant.world().client.secret_allowed
    {
        return Ok(());
    }
    Err(refuse("client authentication failed"))
}

fn refuse(description: &str) -> Refusal {
    Refusal::oauth(StatusCode::UNAUTHORIZED, "invalid_client", description)
}
