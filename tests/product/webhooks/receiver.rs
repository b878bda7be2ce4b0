//! A receiver of webhooks on loopback.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, StatusCode, Uri};
use latchkey::server::settings::webhooks::WebhooksSettings;
use latchkey::server::settings::{Secret, Settings};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use crate::support::{TestApp, seconds, wait_until};

pub const SECRETS: [&str; 2] = [
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX",
];

/// How the receiver answers.
#[derive(Clone)]
pub enum Reply {
    Status(u16),
    Redirect,
    /// As soon as there is a permit.
    Held(Arc<Semaphore>),
}

#[derive(Clone, Debug)]
pub struct Seen {
    pub path: String,
    pub id: String,
    pub timestamp: u64,
    pub signature: String,
    pub body: String,
}

impl Seen {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

#[derive(Default)]
struct Replies {
    /// The next ones; then 204.
    replies: Mutex<VecDeque<Reply>>,
    /// The one of all further requests.
    always: Mutex<Option<Reply>>,
    seen: Mutex<Vec<Seen>>,
}

/// A receiver on loopback; it ends when dropped.
pub struct Receiver {
    replies: Arc<Replies>,
    url: String,
    server: JoinHandle<()>,
}

impl Receiver {
    pub async fn start(replies: &[Reply]) -> Self {
        let shared = Arc::new(Replies {
            replies: Mutex::new(replies.iter().cloned().collect()),
            ..Replies::default()
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(shared.clone());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            replies: shared,
            url,
            server,
        }
    }

    pub fn configure(&self, settings: &mut Settings) {
        settings.webhooks = WebhooksSettings {
            url: Some(self.url.parse().unwrap()),
            secret: Some(Secret::new(SECRETS.join(" "))),
            ..WebhooksSettings::default()
        };
    }

    pub async fn app(&self) -> Arc<TestApp> {
        TestApp::with_settings(|settings| self.configure(settings)).await
    }

    /// Answers all further requests like this, once those that were set before are used up.
    pub fn reply_always(&self, reply: Reply) {
        *self.replies.always.lock().unwrap() = Some(reply);
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.replies.seen.lock().unwrap().clone()
    }

    pub async fn wait_for(&self, count: usize) -> Vec<Seen> {
        wait_until("webhooks", async || self.seen().len() >= count).await;
        self.seen()
    }

    /// Advances the clock until so many requests have come.
    pub async fn wait_for_repeated(&self, app: &TestApp, count: usize) -> Vec<Seen> {
        wait_until("repeated webhooks", async || {
            // Far less than an attempt may take, which takes a few polls.
            app.advance_app_clock(seconds(1) / 50);
            self.seen().len() >= count
        })
        .await;
        self.seen()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(
    State(state): State<Arc<Replies>>,
    uri: Uri,
    headers: HeaderMap,
    body: String,
) -> Response {
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/json");
    let seen = Seen {
        path: uri.path().to_owned(),
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp").parse().unwrap(),
        signature: header("webhook-signature"),
        body,
    };
    state.seen.lock().unwrap().push(seen);
    let next = state.replies.lock().unwrap().pop_front();
    let next = next.or_else(|| state.always.lock().unwrap().clone());
    match next.unwrap_or(Reply::Status(204)) {
        Reply::Status(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Reply::Redirect => Redirect::temporary("/elsewhere").into_response(),
        Reply::Held(gate) => {
            gate.acquire().await.unwrap().forget();
            StatusCode::OK.into_response()
        }
    }
}

/// Of which kinds they are, in alphabetical order.
pub fn kinds(seen: &[Seen]) -> Vec<String> {
    let kind = |seen: &Seen| seen.json()["type"].as_str().unwrap().to_owned();
    let mut kinds: Vec<String> = seen.iter().map(kind).collect();
    kinds.sort();
    kinds
}
