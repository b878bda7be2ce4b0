//! `/control/latency` and `/control/fault`

use std::time::Duration;

use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde::Deserialize;
use serde_json::Value;

use super::{BadControl, input};
use crate::sandbox::{
    http::{
        controls::Fault,
        operation::{Case, Operation},
    },
    tenant::Shared,
};

/// Longest latency in milliseconds: ten minutes.
const MAX_LATENCY: u64 = 600_000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Latency {
    operation: Operation,
    case: Option<Case>,
    ms: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultInput {
    operation: Operation,
    kind: Kind,
    status: Option<u16>,
    body: Option<Value>,
    times: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Status,
    Hang,
    Reset,
    Garbage,
}

/// `PUT /control/latency {"operation","case"?,"ms"}`. A case's own latency goes before the operation's.
pub async fn set_latency(
    State(tenant): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, BadControl> {
    let Latency { operation, case, ms } = input(&headers, &body)?;
    if ms > MAX_LATENCY {
        return Err(BadControl(format!("ms: at most {MAX_LATENCY}")));
    }
    tenant.controls().set_latency(operation, case, Duration::from_millis(ms));
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /control/fault {"operation","kind","status"?,"body"?,"times"?}`. Without `times` until reset; `"times":0` takes
/// it away. `status` (200 to 599, default 500) and `body` belong to the kind `status`.
pub async fn set_fault(
    State(tenant): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, BadControl> {
    let FaultInput { operation, kind, status, body, times } = input(&headers, &body)?;
    if kind != Kind::Status && (status.is_some() || body.is_some()) {
        return Err(BadControl("status and body belong to the kind \"status\"".into()));
    }
    let fault = match kind {
        Kind::Status => Fault::Status(sensible(status.unwrap_or(500))?, body),
        Kind::Hang => Fault::Hang,
        Kind::Reset => Fault::Reset,
        Kind::Garbage => Fault::Garbage,
    };
    tenant.controls().set_fault(operation, fault, times);
    Ok(StatusCode::NO_CONTENT)
}

fn sensible(status: u16) -> Result<StatusCode, BadControl> {
    let known = (200..=599).contains(&status).then(|| StatusCode::from_u16(status).ok()).flatten();
    known.ok_or_else(|| BadControl("status: 200 to 599".into()))
}
