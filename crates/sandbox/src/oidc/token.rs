//! `POST /oidc/token`: client credentials, and refresh tokens.

use std::collections::HashMap;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::http::body;
use crate::http::refusal::Refusal;
use crate::oidc::client;
use crate::session::refresh;
use crate::tenant::{Shared, Tenant};
use crate::tokens;

/// Malformed bodies are refused in the classic shape that the specification states, everything else
/// in OAuth's: clients meet both.
pub async fn token(
    State(tenant): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let fields = body::form(&headers, &body)
        .map_err(|message| Refusal::classic(StatusCode::BAD_REQUEST, &message))?;
    let grant_type = required(&fields, "grant_type")?;
    client::by_form(&tenant, &fields)?;
    let answer = match grant_type {
        "client_credentials" => {
            client_credentials(&tenant, fields.get("resource").map(String::as_str))?
        }
        "refresh_token" => {
            let tokens = refresh::refresh(&tenant, required(&fields, "refresh_token")?)?;
            let tokens =
                tokens.ok_or_else(|| refuse("invalid_grant", "the refresh token is not valid"))?;
            Json(tokens).into_response()
        }
        _ => {
            return Err(refuse(
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
        answer,
    )
        .into_response())
}

fn client_credentials(tenant: &Tenant, resource: Option<&str>) -> Result<Response, Refusal> {
    if resource.is_some_and(|resource| url::Url::parse(resource).is_err()) {
        return Err(refuse("invalid_target", "resource must be an absolute URI"));
    }
    let claims = tokens::of_client(tenant, resource, tenant.clock.now())?;
    let answer = json!({
        "access_token": tenant.keys.sign(&claims, &tenant.random)?,
        "token_type": "Bearer",
        "expires_in": tokens::LIFETIME,
        "scope": "offline_access",
    });
    Ok(Json(answer).into_response())
}

fn required<'a>(fields: &'a HashMap<String, String>, name: &str) -> Result<&'a str, Refusal> {
    let value = fields
        .get(name)
        .map(String::as_str)
        .filter(|value| !value.is_empty());
    value.ok_or_else(|| refuse("invalid_request", &format!("{name} is required")))
}

fn refuse(error: &str, description: &str) -> Refusal {
    Refusal::oauth(StatusCode::BAD_REQUEST, error, description)
}
