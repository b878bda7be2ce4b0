//! A provider on loopback. It reads a whole request, sends the response that the test chose, and
//! closes the connection.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};

/// How it answers.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Status, content type and body.
    Answer(u16, &'static str, String),
    /// These bytes.
    Raw(String),
    /// An answer whose body is longer than anybody reads.
    Huge(u16),
    /// Half of an answer, and the end of the connection.
    Truncated,
    /// The connection is reset after the request was read.
    Reset,
    /// Nothing ever comes.
    Hang,
    /// The other reply, as soon as there is a permit for it.
    Gate(Arc<Semaphore>, Box<Reply>),
}

impl Reply {
    pub fn json(status: u16, body: Value) -> Self {
        Self::Answer(status, "application/json", body.to_string())
    }

    pub fn html(status: u16) -> Self {
        Self::Answer(
            status,
            "text/html",
            "<html>no message of ours</html>".to_owned(),
        )
    }
}

/// A request that arrived.
#[derive(Clone, Debug)]
pub struct Seen {
    pub target: String,
    pub headers: HashMap<String, String>,
    pub body: String,
}

#[derive(Default)]
struct State {
    reply: Option<Reply>,
    seen: Vec<Seen>,
}

/// The provider; it ends when dropped.
pub struct StandIn {
    pub base: String,
    state: Arc<Mutex<State>>,
    server: JoinHandle<()>,
}

impl StandIn {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::<Mutex<State>>::default();
        let shared = state.clone();
        let server = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(serve(stream, shared.clone()));
            }
        });
        Self {
            base,
            state,
            server,
        }
    }

    pub fn answers(&self, reply: Reply) {
        self.state.lock().unwrap().reply = Some(reply);
    }

    /// Closes the port: connections are refused from now on.
    pub async fn close(&mut self) {
        self.server.abort();
        let _ = (&mut self.server).await;
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.state.lock().unwrap().seen.clone()
    }

    pub fn count(&self) -> usize {
        self.state.lock().unwrap().seen.len()
    }

    pub async fn wait_for(&self, requests: usize) {
        while self.count() < requests {
            tokio::task::yield_now().await;
        }
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(mut stream: TcpStream, state: Arc<Mutex<State>>) {
    let Some(seen) = read(&mut stream).await else {
        return;
    };
    let reply = {
        let mut state = state.lock().unwrap();
        state.seen.push(seen);
        state.reply.clone().unwrap()
    };
    answer(&mut stream, reply).await;
}

async fn answer(stream: &mut TcpStream, mut reply: Reply) {
    while let Reply::Gate(gate, next) = reply {
        gate.acquire().await.unwrap().forget();
        reply = *next;
    }
    let bytes = match reply {
        Reply::Answer(status, kind, body) => head(status, kind, body.len()) + &body,
        Reply::Raw(bytes) => bytes,
        Reply::Huge(status) => head(status, "application/json", 1 << 20) + &" ".repeat(1 << 20),
        Reply::Truncated => head(201, "application/json", 100) + r#"{"sid":"SM"#,
        Reply::Reset => return stream.set_zero_linger().unwrap(),
        Reply::Hang => std::future::pending().await,
        Reply::Gate(..) => unreachable!("opened above"),
    };
    // A client that stops reading closes the connection.
    let _ = stream.write_all(bytes.as_bytes()).await;
    let _ = stream.shutdown().await;
}

fn head(status: u16, kind: &str, length: usize) -> String {
    format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n"
    )
}

async fn read(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let mut lines = head.lines();
            let target = lines.next()?.split(" HTTP").next()?.to_owned();
            let headers: HashMap<_, _> = lines
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
                .collect();
            if headers
                .get("content-length")
                .is_none_or(|length| body.len() >= length.parse().unwrap())
            {
                return Some(Seen {
                    target,
                    headers,
                    body: body.to_owned(),
                });
            }
        }
        let mut chunk = [0; 4096];
        let length = stream
            .read(&mut chunk)
            .await
            .ok()
            .filter(|length| *length > 0)?;
        bytes.extend_from_slice(&chunk[..length]);
    }
}
