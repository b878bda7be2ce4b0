//! A server on loopback whose answers the test chooses byte for byte. It implements only the part
//! of HTTP/1.1 that these tests need.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;

/// A request that arrived.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub headers: HashMap<String, String>,
    pub body: String,
}

impl Seen {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// What is done with it.
#[derive(Clone)]
pub enum Reply {
    /// A whole answer.
    Answer {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: Vec<u8>,
    },
    /// These bytes, and the connection closes.
    Raw(Vec<u8>),
    /// This many bytes of body.
    Flood(usize),
    /// These bytes, and then nothing more.
    Stall(Vec<u8>),
    /// The connection is reset after the request was read.
    Reset,
    /// The answer comes when it is let through.
    Gate(Arc<Notify>, Box<Reply>),
}

impl Reply {
    pub fn json(status: u16, body: Value) -> Self {
        Self::text(status, "application/json", &body.to_string())
    }

    pub fn text(status: u16, kind: &str, body: &str) -> Self {
        Self::Answer {
            status,
            headers: vec![("content-type", kind.to_owned())],
            body: body.as_bytes().to_vec(),
        }
    }

    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        if let Self::Answer { headers, .. } = &mut self {
            headers.push((name, value.to_owned()));
        }
        self
    }
}

type Handler = Box<dyn FnMut(&Seen) -> Reply + Send>;

#[derive(Default)]
struct State {
    handlers: HashMap<String, Handler>,
    seen: Vec<Seen>,
}

/// The server; it ends when dropped.
pub struct Stub {
    pub base: String,
    state: Arc<Mutex<State>>,
    server: tokio::task::JoinHandle<()>,
}

impl Stub {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::<Mutex<State>>::default();
        let server = tokio::spawn({
            let state = state.clone();
            async move {
                let mut connections = JoinSet::new();
                while let Ok((stream, _)) = listener.accept().await {
                    connections.spawn(serve(stream, state.clone()));
                }
            }
        });
        Self {
            base,
            state,
            server,
        }
    }

    /// Closes the port and every connection.
    pub async fn stop(&mut self) {
        self.server.abort();
        let _ = (&mut self.server).await;
    }

    /// From now on this path is answered like that.
    pub fn on(&self, path: &str, handler: impl FnMut(&Seen) -> Reply + Send + 'static) {
        self.state
            .lock()
            .unwrap()
            .handlers
            .insert(path.to_owned(), Box::new(handler));
    }

    /// … always with the same.
    pub fn always(&self, path: &str, reply: Reply) {
        self.on(path, move |_| reply.clone());
    }

    /// … with these, one after the other; the last one stays.
    pub fn in_turn(&self, path: &str, replies: Vec<Reply>) {
        let mut at = 0;
        self.on(path, move |_| {
            at += 1;
            replies[(at - 1).min(replies.len() - 1)].clone()
        });
    }

    pub fn seen(&self, path: &str) -> Vec<Seen> {
        self.state
            .lock()
            .unwrap()
            .seen
            .iter()
            .filter(|seen| seen.path == path)
            .cloned()
            .collect()
    }

    pub fn count(&self, path: &str) -> usize {
        self.seen(path).len()
    }

    pub fn total(&self) -> usize {
        self.state.lock().unwrap().seen.len()
    }

    /// Returns when the path was called that many times.
    pub async fn wait_for(&self, path: &str, times: usize) {
        while self.count(path) < times {
            tokio::task::yield_now().await;
        }
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(mut stream: TcpStream, state: Arc<Mutex<State>>) {
    let mut buffer = Vec::new();
    while let Some(seen) = read(&mut stream, &mut buffer).await {
        let mut reply = {
            let mut state = state.lock().unwrap();
            state.seen.push(seen.clone());
            match state.handlers.get_mut(&seen.path) {
                Some(handler) => handler(&seen),
                None => Reply::text(404, "text/html", "<html>no such path</html>"),
            }
        };
        while let Reply::Gate(gate, next) = reply {
            gate.notified().await;
            reply = *next;
        }
        if !write(&mut stream, reply).await {
            return;
        }
    }
}

/// Whether the connection goes on.
async fn write(stream: &mut TcpStream, reply: Reply) -> bool {
    match reply {
        Reply::Answer {
            status,
            headers,
            body,
        } => {
            let mut head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n", body.len());
            headers
                .iter()
                .for_each(|(name, value)| head += &format!("{name}: {value}\r\n"));
            stream
                .write_all(&[(head + "\r\n").as_bytes(), &body].concat())
                .await
                .is_ok()
        }
        Reply::Raw(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
            false
        }
        Reply::Flood(length) => {
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\
                 content-length: {length}\r\n\r\n["
            );
            let mut is_open = stream.write_all(head.as_bytes()).await.is_ok();
            for _ in 0..length / 65_536 {
                is_open = is_open && stream.write_all(&[b' '; 65_536]).await.is_ok();
            }
            false
        }
        Reply::Stall(bytes) => {
            let _ = stream.write_all(&bytes).await;
            std::future::pending().await
        }
        Reply::Reset => {
            stream.set_zero_linger().unwrap();
            false
        }
        Reply::Gate(..) => unreachable!("opened by the caller"),
    }
}

async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Seen> {
    let end = loop {
        if let Some(at) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        fill(stream, buffer).await?;
    };
    let head = String::from_utf8(buffer[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    let mut first = lines.next().unwrap().split(' ').map(str::to_owned);
    let headers: HashMap<_, _> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length: usize = headers
        .get("content-length")
        .map_or(0, |length| length.parse().unwrap());
    while buffer.len() < end + length {
        fill(stream, buffer).await?;
    }
    let body = String::from_utf8(buffer[end..end + length].to_vec()).unwrap();
    buffer.drain(..end + length);
    Some(Seen {
        method: first.next().unwrap(),
        path: first.next().unwrap(),
        headers,
        body,
    })
}

async fn fill(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<()> {
    let mut chunk = [0; 8192];
    let length = stream
        .read(&mut chunk)
        .await
        .ok()
        .filter(|length| *length > 0)?;
    buffer.extend_from_slice(&chunk[..length]);
    Some(())
}
