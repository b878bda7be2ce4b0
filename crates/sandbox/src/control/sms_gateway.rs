//! `/control/gateway`: the custom SMS gateway.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;

use crate::control::request::{ControlError, parse_body};
use crate::sms_gateway::SmsGateway;
use crate::tenant::SharedTenant;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GatewayRegistration {
    url: String,
    api_key: String,
}

/// `PUT {"url","api_key"}` sends the challenge to the gateway; if it passes, every SMS goes to it.
///
/// This replaces the vendor's `PUT /cis/v1/tenantsmsproviders`, whose responses are undocumented.
pub async fn register(
    State(tenant): State<SharedTenant>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, ControlError> {
    let GatewayRegistration { url, api_key } = parse_body(&headers, &body)?;
    let challenge = tenant
        .random
        .hex_id()
        .map_err(|_| ControlError("no randomness".into()))?;
    let gateway = SmsGateway::register(&url, &api_key, &challenge)
        .await
        .map_err(ControlError)?;
    *tenant.sms_gateway() = Some(gateway);
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE` removes the gateway, as a reset does. The inbox alone receives messages then.
pub async fn remove(State(tenant): State<SharedTenant>) -> StatusCode {
    *tenant.sms_gateway() = None;
    StatusCode::NO_CONTENT
}
