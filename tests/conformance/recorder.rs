//! Stands between the client and the stand-in, and writes down what each of them says. An answer
//! can be altered on its way.

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

/// A request and its answer.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub method: Method,
    /// Path and query.
    pub path: String,
    pub headers: HeaderMap,
    pub request: Bytes,
    pub status: StatusCode,
    pub answer: Bytes,
}

impl Exchange {
    /// The request's body as JSON; `null` for none.
    pub fn sent(&self) -> Value {
        if self.request.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&self.request).unwrap()
        }
    }
}

type Alter = dyn Fn(&mut Exchange) + Send + Sync;

struct Shared {
    target: String,
    http: reqwest::Client,
    seen: Mutex<Vec<Exchange>>,
    alter: Box<Alter>,
}

/// It ends when dropped.
pub struct Recorder {
    pub base: String,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

impl Recorder {
    /// Passes everything on to `target`, and answers through `alter`.
    pub async fn start(
        http: reqwest::Client,
        target: &str,
        alter: impl Fn(&mut Exchange) + Send + Sync + 'static,
    ) -> Self {
        let target = target.trim_end_matches('/').to_owned();
        let shared = Arc::new(Shared {
            target,
            http,
            seen: Mutex::default(),
            alter: Box::new(alter),
        });
        let listener = tokio::net::TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
            .await
            .unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(pass_on).with_state(shared.clone());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            base,
            shared,
            server,
        }
    }

    /// Every exchange so far.
    pub fn all(&self) -> Vec<Exchange> {
        self.shared.seen.lock().unwrap().clone()
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn pass_on(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let request = body.collect().await.unwrap().to_bytes();
    let path = parts.uri.path_and_query().unwrap().to_string();
    let mut headers = parts.headers.clone();
    headers.remove(HOST);
    headers.remove(CONTENT_LENGTH);
    let onward = shared
        .http
        .request(parts.method.clone(), format!("{}{path}", shared.target));
    let response = onward
        .headers(headers)
        .body(request.clone())
        .send()
        .await
        .unwrap();
    let status = response.status();
    let content_type = response.headers().get(CONTENT_TYPE).cloned();
    let answer = response.bytes().await.unwrap();
    let mut exchange = Exchange {
        method: parts.method,
        path,
        headers: parts.headers,
        request,
        status,
        answer,
    };
    (shared.alter)(&mut exchange);
    // An answer that had no body may have got one.
    let content_type = content_type.unwrap_or(HeaderValue::from_static("application/json"));
    let mut response = Response::new(Body::from(exchange.answer.clone()));
    *response.status_mut() = exchange.status;
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    shared.seen.lock().unwrap().push(exchange);
    response
}
