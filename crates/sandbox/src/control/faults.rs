//! `/control/latency` and `/control/fault`

use std::{ops::RangeInclusive, time::Duration};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use crate::control::{BadControl, input};
use crate::http::controls::{Fault, Instead, Spoiled};
use crate::http::operation::{Case, Operation};
use crate::tenant::Shared;

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
    retry_after: Option<String>,
    to: Option<String>,
    times: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
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

/// `PUT /control/latency {"operation","case"?,"ms"}`. A case's own latency goes before the
/// operation's.
pub async fn set_latency(
    State(tenant): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, BadControl> {
    let Latency {
        operation,
        case,
        ms,
    } = input(&headers, &body)?;
    if ms > MAX_LATENCY {
        return Err(BadControl(format!("ms: at most {MAX_LATENCY}")));
    }
    tenant
        .controls()
        .set_latency(operation, case, Duration::from_millis(ms));
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /control/fault {"operation","kind","times"?,…}`. Without `times` until reset; `"times":0`
/// takes it away.
///
/// | kind | what the caller gets | processed |
/// |---|---|---|
/// | `status` | `status` (200 to 599, default 500), `body`, `Retry-After: retry_after` | no |
/// | `hang` | nothing, ever | no |
/// | `reset` | the connection is cut (RST) | no |
/// | `garbage` | 200 and bytes that are no JSON | no |
/// | `html` | 200 and a page | no |
/// | `empty` | 200 and no body | no |
/// | `flood` | 200 and 50 MB | no |
/// | `redirect` | `status` (300 to 399, default 307) to the URL `to` | no |
/// | `lost_answer` | the connection is cut (RST) | yes |
/// | `hang_after_headers` | the head of the answer, and then nothing | yes |
/// | `drip` | the answer at one byte a second | yes |
/// | `truncate` | half of the answer's body, as if it were all | yes |
/// | `wrong_type` | the answer as `text/html` | yes |
pub async fn set_fault(
    State(tenant): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, BadControl> {
    let input: FaultInput = input(&headers, &body)?;
    let (operation, times) = (input.operation, input.times);
    let fault = input.fault()?;
    tenant.controls().set_fault(operation, fault, times);
    Ok(StatusCode::NO_CONTENT)
}

impl FaultInput {
    fn fault(self) -> Result<Fault, BadControl> {
        let has_status = matches!(self.kind, Kind::Status | Kind::Redirect);
        if self.status.is_some() && !has_status {
            return Err(BadControl(
                "status belongs to the kinds \"status\" and \"redirect\"".into(),
            ));
        }
        if self.kind != Kind::Status && (self.body.is_some() || self.retry_after.is_some()) {
            return Err(BadControl(
                "body and retry_after belong to the kind \"status\"".into(),
            ));
        }
        if (self.kind == Kind::Redirect) != self.to.is_some() {
            return Err(BadControl(
                "the kind \"redirect\" needs to, and no other kind has it".into(),
            ));
        }
        Ok(match self.kind {
            Kind::Status => {
                let status = sensible(self.status.unwrap_or(500), 200..=599)?;
                Fault::Instead(Instead::Status(
                    status,
                    self.body,
                    self.retry_after.map(header).transpose()?,
                ))
            }
            Kind::Redirect => {
                let status = sensible(self.status.unwrap_or(307), 300..=399)?;
                Fault::Instead(Instead::Redirect(
                    status,
                    header(self.to.unwrap_or_default())?,
                ))
            }
            Kind::Hang => Fault::Instead(Instead::Hang),
            Kind::Reset => Fault::Instead(Instead::Reset),
            Kind::Garbage => Fault::Instead(Instead::Garbage),
            Kind::Html => Fault::Instead(Instead::Html),
            Kind::Empty => Fault::Instead(Instead::Empty),
            Kind::Flood => Fault::Instead(Instead::Flood),
            Kind::LostAnswer => Fault::Spoiled(Spoiled::Lost),
            Kind::HangAfterHeaders => Fault::Spoiled(Spoiled::HangAfterHeaders),
            Kind::Drip => Fault::Spoiled(Spoiled::Drip),
            Kind::Truncate => Fault::Spoiled(Spoiled::Truncate),
            Kind::WrongType => Fault::Spoiled(Spoiled::WrongType),
        })
    }
}

fn header(value: String) -> Result<HeaderValue, BadControl> {
    HeaderValue::try_from(value)
        .map_err(|_| BadControl("retry_after and to must fit into a header".into()))
}

fn sensible(status: u16, range: RangeInclusive<u16>) -> Result<StatusCode, BadControl> {
    let known = range
        .contains(&status)
        .then(|| StatusCode::from_u16(status).ok())
        .flatten();
    known.ok_or_else(|| BadControl(format!("status: {} to {}", range.start(), range.end())))
}
