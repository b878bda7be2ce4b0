//! A proxy between the client and the sandbox that records requests and responses. It can alter a
//! response.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use tokio::task::JoinHandle;

/// A request and its response.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub method: Method,
    /// Path and query.
    pub path: String,
    pub headers: HeaderMap,
    pub request_body: Bytes,
    pub status: StatusCode,
    pub response_body: Bytes,
}

impl Exchange {
    /// The request's body as JSON; `null` if it is empty.
    pub fn request_json(&self) -> Value {
        if self.request_body.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&self.request_body).unwrap()
        }
    }
}

type AlterExchange = dyn Fn(&mut Exchange) + Send + Sync;

struct Shared {
    target: String,
    http: reqwest::Client,
    exchanges: Mutex<Vec<Exchange>>,
    alter: Box<AlterExchange>,
}

/// The proxy stops when it is dropped.
pub struct RecordingProxy {
    pub base: String,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

impl RecordingProxy {
    /// Forwards every request to `target`, and passes each response through `alter`.
    pub async fn start(
        http: reqwest::Client,
        target: &str,
        alter: impl Fn(&mut Exchange) + Send + Sync + 'static,
    ) -> Self {
        let target = target.trim_end_matches('/').to_owned();
        let shared = Arc::new(Shared {
            target,
            http,
            exchanges: Mutex::default(),
            alter: Box::new(alter),
        });
        let listener = tokio::net::TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
            .await
            .unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(forward).with_state(shared.clone());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            base,
            shared,
            server,
        }
    }

    /// Every exchange so far.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.shared.exchanges.lock().unwrap().clone()
    }
}

impl Drop for RecordingProxy {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn forward(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let request_body = body.collect().await.unwrap().to_bytes();
    let path = parts.uri.path_and_query().unwrap().to_string();
    let mut headers = parts.headers.clone();
    headers.remove(HOST);
    headers.remove(CONTENT_LENGTH);
    let forwarded = shared
        .http
        .request(parts.method.clone(), format!("{}{path}", shared.target));
    let response = forwarded
        .headers(headers)
        .body(request_body.clone())
        .send()
        .await
        .unwrap();
    let status = response.status();
    let content_type = response.headers().get(CONTENT_TYPE).cloned();
    let response_body = response.bytes().await.unwrap();
    let mut exchange = Exchange {
        method: parts.method,
        path,
        headers: parts.headers,
        request_body,
        status,
        response_body,
    };
    (shared.alter)(&mut exchange);
    // `alter` may have added a body to a response that had none.
    let content_type = content_type.unwrap_or(HeaderValue::from_static("application/json"));
    let mut response = Response::new(Body::from(exchange.response_body.clone()));
    *response.status_mut() = exchange.status;
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    shared.exchanges.lock().unwrap().push(exchange);
    response
}
