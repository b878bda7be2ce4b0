//! Client authentication at the OIDC endpoints (RFC 6749 §2.3.1).

use std::collections::HashMap;

use axum::http::{HeaderMap, StatusCode, header::AUTHORIZATION};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::sandbox::{CLIENT_ID, CLIENT_SECRET, http::refusal::Refusal};

/// By `client_id` and `client_secret` in the form: the only way at the token endpoint.
///
/// # Errors
/// 401 `invalid_client`.
pub fn by_form(fields: &HashMap<String, String>) -> Result<(), Refusal> {
    let field = |name| fields.get(name).map(String::as_str);
    check(field("client_id"), field("client_secret"))
}

/// By the form, or by HTTP Basic.
///
/// # Errors
/// 401 `invalid_client`.
pub fn by_form_or_basic(fields: &HashMap<String, String>, headers: &HeaderMap) -> Result<(), Refusal> {
    let Some(header) = headers.get(AUTHORIZATION) else { return by_form(fields) };
    let encoded = header.to_str().ok().and_then(|value| value.strip_prefix("Basic "));
    let decoded = encoded.and_then(|value| STANDARD.decode(value.trim()).ok()).unwrap_or_default();
    let credentials = String::from_utf8(decoded).unwrap_or_default();
    let (id, secret) = credentials.split_once(':').unwrap_or_default();
    check(Some(id), Some(secret))
}

fn check(id: Option<&str>, secret: Option<&str>) -> Result<(), Refusal> {
    if id == Some(CLIENT_ID) && secret == Some(CLIENT_SECRET) {
        return Ok(());
    }
    Err(Refusal::oauth(StatusCode::UNAUTHORIZED, "invalid_client", "client authentication failed"))
}
