//! Sends responses as a failing network, a proxy in between or a broken server would.

use std::{convert::Infallible, time::Duration};

use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use axum::http::response::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use http_body_util::channel::{Channel, Sender};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::fault_injection::fault::{Alteration, Replacement};
use crate::http::abortable_listener::ConnectionAborter;
use crate::http::api_error::ApiError;
use crate::http::request_body;

const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const PROXY_PAGE: &str = "<!doctype html><title>Maintenance</title><h1>We will be back soon</h1>";

/// Bytes of a flood, and of one chunk of it.
const FLOOD_SIZE: usize = 50_000_000;
const FLOOD_CHUNK: usize = 50_000;

const DRIP_INTERVAL: Duration = Duration::from_secs(1);

/// Reads the request, and returns what is sent instead of its response.
pub async fn replace_response(
    replacement: Replacement,
    request: Body,
    aborter: &ConnectionAborter,
    stop: &CancellationToken,
) -> Response {
    // A client that is still writing would see a broken pipe instead of the fault. A body that is
    // too long does not matter here.
    let _ = to_bytes(request, request_body::MAX_BYTES).await;
    let json = |bytes: &'static [u8]| ([(CONTENT_TYPE, "application/json")], bytes).into_response();
    match replacement {
        Replacement::Status(status, body, retry_after) => {
            let mut response = status_response(status, body);
            response
                .headers_mut()
                .extend(retry_after.map(|value| (RETRY_AFTER, value)));
            response
        }
        Replacement::Garbage => json(b"\x00\xff{\"garbage\": tru"),
        Replacement::Empty => json(b""),
        Replacement::Html => ([(CONTENT_TYPE, HTML)], PROXY_PAGE).into_response(),
        Replacement::Redirect(status, to) => (status, [(LOCATION, to)]).into_response(),
        Replacement::Flood => with_streamed_body(json(b""), FLOOD_SIZE, send_flood),
        Replacement::Hang => {
            stop.cancelled().await;
            abort(aborter)
        }
        Replacement::Reset => abort(aborter),
    }
}

/// Alters a response.
pub async fn alter_response(
    alteration: Alteration,
    mut response: Response,
    aborter: &ConnectionAborter,
    stop: &CancellationToken,
) -> Response {
    match alteration {
        Alteration::Lost => abort(aborter),
        Alteration::WrongType => {
            response.headers_mut().insert(CONTENT_TYPE, HTML);
            response
        }
        Alteration::Truncate => {
            let (parts, bytes) = split(response).await;
            Response::from_parts(parts, Body::from(bytes.slice(..bytes.len() / 2)))
        }
        Alteration::Drip => {
            let (parts, bytes) = split(response).await;
            let head = Response::from_parts(parts, Body::empty());
            with_streamed_body(head, bytes.len(), |sender| send_slowly(sender, bytes))
        }
        Alteration::HangAfterHeaders => {
            let (parts, bytes) = split(response).await;
            let head = Response::from_parts(parts, Body::empty());
            let (stop, aborter) = (stop.clone(), aborter.clone());
            // An empty body is announced as one byte, so that something is missing then too.
            with_streamed_body(head, bytes.len().max(1), |sender| async move {
                stop.cancelled().await;
                aborter.abort();
                drop(sender);
            })
        }
    }
}

fn status_response(status: StatusCode, body: Option<Value>) -> Response {
    match body {
        None => {
            ApiError::classic(status, status.canonical_reason().unwrap_or("Fault")).into_response()
        }
        Some(Value::String(text)) => (status, text).into_response(),
        Some(json) => (status, axum::Json(json)).into_response(),
    }
}

async fn split(response: Response) -> (Parts, Bytes) {
    let (mut parts, body) = response.into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    // No limit: the sandbox's own responses are short.
    (parts, to_bytes(body, usize::MAX).await.unwrap_or_default())
}

/// The same head, with a body of `length` bytes that `write` sends.
fn with_streamed_body<F>(
    head: Response,
    length: usize,
    write: impl FnOnce(Sender<Bytes, Infallible>) -> F,
) -> Response
where
    F: Future<Output = ()> + Send + 'static,
{
    let (mut parts, _) = head.into_parts();
    parts.headers.insert(CONTENT_LENGTH, length.into());
    let (sender, body) = Channel::new(1);
    tokio::spawn(write(sender));
    Response::from_parts(parts, Body::new(body))
}

async fn send_flood(mut sender: Sender<Bytes, Infallible>) {
    let chunk = Bytes::from_static(&[b' '; FLOOD_CHUNK]);
    for _ in 0..FLOOD_SIZE / FLOOD_CHUNK {
        if sender.send_data(chunk.clone()).await.is_err() {
            break;
        }
    }
}

async fn send_slowly(mut sender: Sender<Bytes, Infallible>, mut bytes: Bytes) {
    while !bytes.is_empty() {
        clock::sleep(DRIP_INTERVAL).await;
        if sender.send_data(bytes.split_to(1)).await.is_err() {
            break;
        }
    }
}

fn abort(aborter: &ConnectionAborter) -> Response {
    aborter.abort();
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}
