//! Answers as a failing network, a proxy in between or a broken server would give them.

use std::{convert::Infallible, time::Duration};

use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use http_body_util::channel::{Channel, Sender};
use serde_json::Value;

use crate::clock;
use crate::http::body;
use crate::http::controls::{Instead, Spoiled};
use crate::http::listener::Line;
use crate::http::refusal::Refusal;
use crate::tenant::Shared;

/// A page as proxies show it.
const PAGE: &str = "<!doctype html><title>Maintenance</title><h1>We will be back soon</h1>";

/// Bytes of a flood, and of one piece of it.
const FLOOD: usize = 50_000_000;
const PIECE: usize = 50_000;

/// How often a byte drips.
const DRIP: Duration = Duration::from_secs(1);

/// What comes instead of an answer.
pub async fn instead(tenant: &Shared, instead: Instead, line: &Line, request: Body) -> Response {
    // A peer that is still writing would see a broken pipe instead of the fault. Too long is none
    // of our business here.
    let _ = to_bytes(request, body::MAX_BYTES).await;
    let json = |bytes: &'static [u8]| ([(CONTENT_TYPE, "application/json")], bytes).into_response();
    match instead {
        Instead::Status(status, body, retry_after) => {
            let mut response = plain(status, body);
            response
                .headers_mut()
                .extend(retry_after.map(|value| (RETRY_AFTER, value)));
            response
        }
        Instead::Garbage => json(b"\x00\xff{\"garbage\": tru"),
        Instead::Empty => json(b""),
        Instead::Html => ([(CONTENT_TYPE, "text/html; charset=utf-8")], PAGE).into_response(),
        Instead::Redirect(status, to) => (status, [(LOCATION, to)]).into_response(),
        Instead::Flood => piecemeal(json(b""), FLOOD, flood),
        Instead::Hang => {
            tenant.stop.cancelled().await;
            cut(line)
        }
        Instead::Reset => cut(line),
    }
}

/// What becomes of an answer.
pub async fn answer(
    tenant: &Shared,
    spoiled: Spoiled,
    line: &Line,
    mut answer: Response,
) -> Response {
    match spoiled {
        Spoiled::Lost => cut(line),
        Spoiled::WrongType => {
            answer.headers_mut().insert(
                CONTENT_TYPE,
                HeaderValue::from_static("text/html; charset=utf-8"),
            );
            answer
        }
        Spoiled::Truncate => {
            let (parts, bytes) = taken_apart(answer).await;
            Response::from_parts(parts, Body::from(bytes.slice(..bytes.len() / 2)))
        }
        Spoiled::Drip => {
            let (parts, bytes) = taken_apart(answer).await;
            piecemeal(
                Response::from_parts(parts, Body::empty()),
                bytes.len(),
                |sender| drip(sender, bytes),
            )
        }
        Spoiled::HangAfterHeaders => {
            let (parts, bytes) = taken_apart(answer).await;
            let (stop, line) = (tenant.stop.clone(), line.clone());
            // At least one byte is missing, of an answer without a body too.
            piecemeal(
                Response::from_parts(parts, Body::empty()),
                bytes.len().max(1),
                |sender| async move {
                    stop.cancelled().await;
                    line.cut();
                    drop(sender);
                },
            )
        }
    }
}

fn plain(status: StatusCode, body: Option<Value>) -> Response {
    match body {
        None => {
            Refusal::classic(status, status.canonical_reason().unwrap_or("Fault")).into_response()
        }
        Some(Value::String(text)) => (status, text).into_response(),
        Some(json) => (status, axum::Json(json)).into_response(),
    }
}

async fn taken_apart(answer: Response) -> (axum::http::response::Parts, Bytes) {
    let (mut parts, body) = answer.into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    // Answers are made here, and are short.
    (parts, to_bytes(body, usize::MAX).await.unwrap_or_default())
}

/// The same head with a body of `length` bytes, which `write` sends as it likes.
fn piecemeal<F>(
    answer: Response,
    length: usize,
    write: impl FnOnce(Sender<Bytes, Infallible>) -> F,
) -> Response
where
    F: Future<Output = ()> + Send + 'static,
{
    let (mut parts, _) = answer.into_parts();
    parts.headers.insert(CONTENT_LENGTH, length.into());
    let (sender, body) = Channel::new(1);
    tokio::spawn(write(sender));
    Response::from_parts(parts, Body::new(body))
}

async fn flood(mut sender: Sender<Bytes, Infallible>) {
    for _ in 0..FLOOD / PIECE {
        if sender
            .send_data(Bytes::from_static(&[b' '; PIECE]))
            .await
            .is_err()
        {
            break;
        }
    }
}

async fn drip(mut sender: Sender<Bytes, Infallible>, mut bytes: Bytes) {
    while !bytes.is_empty() {
        clock::pause(DRIP).await;
        if sender.send_data(bytes.split_to(1)).await.is_err() {
            break;
        }
    }
}

fn cut(line: &Line) -> Response {
    line.cut();
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}
