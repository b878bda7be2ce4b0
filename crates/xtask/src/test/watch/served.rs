//! What a browser would see: pages over HTTP, and the socket by which cargo-leptos tells it to
//! reload.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

/// Longest time for one answer.
const ANSWER: Duration = Duration::from_secs(2);

/// A port on loopback, and a path.
pub type Address = (u16, String);

/// What browsers are told.
#[derive(Clone, Copy, Debug)]
pub enum Reload {
    /// To load the page again.
    Page,
    /// To load the style sheet again.
    Style,
}

/// The ports of what cargo-leptos starts.
pub struct Site {
    pub application: u16,
    pub operations: u16,
    pub sandbox: u16,
    reload: u16,
}

impl Site {
    pub fn new([application, operations, sandbox, reload]: [u16; 4]) -> Self {
        Self {
            application,
            operations,
            sandbox,
            reload,
        }
    }

    /// Settings of the product and of cargo-leptos; the store goes beside the log.
    pub fn variables(&self, log: &Path) -> Vec<(&'static str, String)> {
        let local = |port: u16| format!("127.0.0.1:{port}");
        let store = log.with_file_name("data").join("latchkey.redb");
        vec![
            ("LATCHKEY_SERVER__ADDRESS", local(self.application)),
            ("LATCHKEY_OPERATIONS__ADDRESS", local(self.operations)),
            ("LATCHKEY_SANDBOX__ADDRESS", local(self.sandbox)),
            ("LATCHKEY_STORE__URL", format!("redb:{}", store.display())),
            ("LEPTOS_SITE_ADDR", local(self.application)),
            ("LEPTOS_RELOAD_PORT", self.reload.to_string()),
        ]
    }

    /// The whole answer to a GET, as text; an error unless it is 200.
    pub fn get(&self, (port, path): &Address) -> Result<String> {
        let mut stream = connect(*port)?;
        stream.set_read_timeout(Some(ANSWER))?;
        let host = format!("127.0.0.1:{port}");
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/html,*/*\r\n\
             Connection: close\r\n\r\n"
        )?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        answer
            .starts_with("HTTP/1.1 200")
            .then_some(answer)
            .context("not a 200")
    }

    /// A browser with a page open.
    pub fn browser(&self) -> Result<Browser> {
        let mut stream = connect(self.reload).context("cargo-leptos has no reload socket")?;
        write!(
            stream,
            "GET /live_reload HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\
             Connection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: bGF0Y2hrZXktd2F0Y2gtMQ==\r\n\r\n",
            self.reload
        )?;
        stream.set_read_timeout(Some(ANSWER))?;
        let mut browser = Browser {
            stream,
            heard: Vec::new(),
        };
        while !browser.text().contains("\r\n\r\n") {
            ensure!(browser.listen()?, "cargo-leptos closed the reload socket");
        }
        browser.stream.set_nonblocking(true)?;
        Ok(browser)
    }
}

/// An open reload socket.
pub struct Browser {
    stream: TcpStream,
    heard: Vec<u8>,
}

impl Browser {
    /// Whether such a message has come. The server's frames are plain text behind a short head.
    pub fn was_told(&mut self, what: Reload) -> Result<bool> {
        while self.listen()? {}
        let text = self.text();
        // A page that is loaded again loads its style again, too.
        Ok(text.contains("\"all\":true")
            || matches!(what, Reload::Style) && text.contains("\"css\":\""))
    }

    fn listen(&mut self) -> Result<bool> {
        let mut buffer = [0; 1024];
        match self.stream.read(&mut buffer) {
            Ok(length) => {
                self.heard
                    .extend_from_slice(buffer.get(..length).unwrap_or_default());
                Ok(length > 0)
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.heard).into_owned()
    }
}

fn connect(port: u16) -> Result<TcpStream> {
    Ok(TcpStream::connect_timeout(
        &SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        ANSWER,
    )?)
}

/// Ports that were free a moment ago; all are held until the last is known, so that none comes
/// twice.
pub fn free_ports<const COUNT: usize>() -> Result<[u16; COUNT]> {
    let mut listeners = Vec::new();
    let mut ports = [0; COUNT];
    for port in &mut ports {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
        *port = listener.local_addr()?.port();
        listeners.push(listener);
    }
    Ok(ports)
}
