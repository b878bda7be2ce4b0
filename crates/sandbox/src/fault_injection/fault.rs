//! The kinds of faults.

use axum::http::{HeaderValue, StatusCode};
use serde_json::Value;

/// A fault of one call.
#[derive(Clone, Debug)]
pub enum Fault {
    /// The request is not processed; this is sent instead of its response.
    Replace(Replacement),
    /// The request is processed; its response is altered.
    Alter(Alteration),
}

/// What is sent instead of a response.
#[derive(Clone, Debug)]
pub enum Replacement {
    /// This status, a JSON or text body (default: an error body), and perhaps `Retry-After`.
    Status(StatusCode, Option<Value>, Option<HeaderValue>),
    /// Nothing; the connection stays open.
    Hang,
    /// Nothing; the connection is reset.
    Reset,
    /// 200 with bytes that are not JSON.
    Garbage,
    /// 200 with an HTML page, as a proxy would send it.
    Html,
    /// 200 with an empty body.
    Empty,
    /// 200 with a body of 50 MB.
    Flood,
    /// This redirect status, with `Location`.
    Redirect(StatusCode, HeaderValue),
}

/// How a response is altered.
#[derive(Clone, Copy, Debug)]
pub enum Alteration {
    /// The connection is reset instead of sending the response.
    Lost,
    /// The head is sent, the body never.
    HangAfterHeaders,
    /// The body is sent at one byte a second.
    Drip,
    /// Half of the body is sent, with a matching `Content-Length`.
    Truncate,
    /// `Content-Type` is `text/html`.
    WrongType,
}
