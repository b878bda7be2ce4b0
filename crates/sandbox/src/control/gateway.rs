//! `/control/gateway`

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;

use crate::control::{BadControl, input};
use crate::gateway::Gateway;
use crate::tenant::Shared;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Registration {
    url: String,
    api_key: String,
}

/// `PUT {"url","api_key"}` challenges the gateway and, if it answers, hands it every SMS from now
/// on. It stands for the vendor's `PUT /cis/v1/tenantsmsproviders`, whose answers are not
/// documented.
pub async fn register(
    State(tenant): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, BadControl> {
    let Registration { url, api_key } = input(&headers, &body)?;
    let verification = tenant
        .random
        .id()
        .map_err(|_| BadControl("no randomness".into()))?;
    let gateway = Gateway::register(&url, &api_key, &verification)
        .await
        .map_err(BadControl)?;
    *tenant.gateway() = Some(gateway);
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE` goes back to the inbox alone, as a reset does.
pub async fn remove(State(tenant): State<Shared>) -> StatusCode {
    *tenant.gateway() = None;
    StatusCode::NO_CONTENT
}
