//! `/control/latency` and `/control/fault`

use std::{ops::RangeInclusive, time::Duration};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use crate::control::request::{ControlError, parse_body};
use crate::fault_injection::fault::{Alteration, Fault, Replacement};
use crate::operation::{Operation, ResponseCase};
use crate::tenant::SharedTenant;

/// In milliseconds: ten minutes.
const MAX_LATENCY: u64 = 600_000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LatencyInput {
    operation: Operation,
    case: Option<ResponseCase>,
    ms: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultInput {
    operation: Operation,
    kind: FaultKind,
    status: Option<u16>,
    body: Option<Value>,
    retry_after: Option<String>,
    to: Option<String>,
    times: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum FaultKind {
    Status,
    Hang,
    Reset,
    Garbage,
    Html,
    Empty,
    Flood,
    Redirect,
    LostAnswer,
    HangAfterHeaders,
    Drip,
    Truncate,
    WrongType,
}

/// `PUT /control/latency {"operation","case"?,"ms"}`
///
/// The latency of a case takes precedence over that of the operation.
pub async fn set_latency(
    State(tenant): State<SharedTenant>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, ControlError> {
    let input: LatencyInput = parse_body(&headers, &body)?;
    if input.ms > MAX_LATENCY {
        return Err(ControlError(format!("ms: at most {MAX_LATENCY}")));
    }
    let latency = Duration::from_millis(input.ms);
    tenant
        .fault_plan()
        .set_latency(input.operation, input.case, latency);
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /control/fault {"operation","kind","times"?,…}`
///
/// Without `times` the fault lasts until reset. `"times":0` removes it.
///
/// | kind | what the client receives | processed |
/// |---|---|---|
/// | `status` | `status` (200 to 599, default 500), `body`, `Retry-After: retry_after` | no |
/// | `hang` | nothing, on an open connection | no |
/// | `reset` | nothing; the connection is reset | no |
/// | `garbage` | 200 with bytes that are not JSON | no |
/// | `html` | 200 with an HTML page | no |
/// | `empty` | 200 with an empty body | no |
/// | `flood` | 200 with 50 MB | no |
/// | `redirect` | `status` (300 to 399, default 307) to the URL `to` | no |
/// | `lost_answer` | nothing; the connection is reset | yes |
/// | `hang_after_headers` | the head of the response, then nothing | yes |
/// | `drip` | the response at one byte a second | yes |
/// | `truncate` | half of the body, with a matching `Content-Length` | yes |
/// | `wrong_type` | the response as `text/html` | yes |
pub async fn set_fault(
    State(tenant): State<SharedTenant>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, ControlError> {
    let input: FaultInput = parse_body(&headers, &body)?;
    let (operation, times) = (input.operation, input.times);
    let fault = input.into_fault()?;
    tenant.fault_plan().set_fault(operation, fault, times);
    Ok(StatusCode::NO_CONTENT)
}

impl FaultInput {
    fn into_fault(self) -> Result<Fault, ControlError> {
        self.check_fields()?;
        let replacement = match self.kind {
            FaultKind::LostAnswer => return Ok(Fault::Alter(Alteration::Lost)),
            FaultKind::HangAfterHeaders => return Ok(Fault::Alter(Alteration::HangAfterHeaders)),
            FaultKind::Drip => return Ok(Fault::Alter(Alteration::Drip)),
            FaultKind::Truncate => return Ok(Fault::Alter(Alteration::Truncate)),
            FaultKind::WrongType => return Ok(Fault::Alter(Alteration::WrongType)),
            FaultKind::Status => Replacement::Status(
                parse_status(self.status.unwrap_or(500), 200..=599)?,
                self.body,
                self.retry_after.map(parse_header).transpose()?,
            ),
            FaultKind::Redirect => Replacement::Redirect(
                parse_status(self.status.unwrap_or(307), 300..=399)?,
                parse_header(self.to.unwrap_or_default())?,
            ),
            FaultKind::Hang => Replacement::Hang,
            FaultKind::Reset => Replacement::Reset,
            FaultKind::Garbage => Replacement::Garbage,
            FaultKind::Html => Replacement::Html,
            FaultKind::Empty => Replacement::Empty,
            FaultKind::Flood => Replacement::Flood,
        };
        Ok(Fault::Replace(replacement))
    }

    /// Refuses fields that the kind does not have.
    fn check_fields(&self) -> Result<(), ControlError> {
        let has_status = matches!(self.kind, FaultKind::Status | FaultKind::Redirect);
        let message = if self.status.is_some() && !has_status {
            "status belongs to the kinds \"status\" and \"redirect\""
        } else if self.kind != FaultKind::Status
            && (self.body.is_some() || self.retry_after.is_some())
        {
            "body and retry_after belong to the kind \"status\""
        } else if (self.kind == FaultKind::Redirect) != self.to.is_some() {
            "the kind \"redirect\" needs to, and no other kind has it"
        } else {
            return Ok(());
        };
        Err(ControlError(message.into()))
    }
}

fn parse_header(value: String) -> Result<HeaderValue, ControlError> {
    HeaderValue::try_from(value)
        .map_err(|_| ControlError("retry_after and to must fit into a header".into()))
}

fn parse_status(status: u16, range: RangeInclusive<u16>) -> Result<StatusCode, ControlError> {
    let in_range = range
        .contains(&status)
        .then(|| StatusCode::from_u16(status).ok())
        .flatten();
    in_range.ok_or_else(|| ControlError(format!("status: {} to {}", range.start(), range.end())))
}
