//! A provider of SMS that keeps the messages: where the codes of other products arrive. It answers
//! after a delay, as a real one does.

use std::collections::HashMap;
use std::io::{BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

use super::http_client::{headers, line, read_body};
use super::product::Upstream;
use super::text::json_text;

/// It stops when this is dropped.
pub struct SmsReceiver {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// The last code of each phone number.
    codes: Mutex<HashMap<String, String>>,
    calls: AtomicU64,
    /// In milliseconds.
    delay: AtomicU64,
    is_stopped: AtomicBool,
}

impl SmsReceiver {
    pub fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let (address, shared) = (listener.local_addr()?, Arc::new(Shared::default()));
        let receiver = Self {
            address,
            shared: shared.clone(),
        };
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if shared.is_stopped.load(Ordering::Relaxed) {
                    break;
                }
                let shared = shared.clone();
                // A client that goes away ends its thread.
                thread::spawn(move || drop(shared.serve(stream)));
            }
        });
        Ok(receiver)
    }

    /// Where `{"phone":"…","code":"…"}` is posted.
    pub fn url(&self) -> String {
        format!("http://{}/messages", self.address)
    }

    /// Takes the code that arrived for this number.
    pub fn take_code(&self, phone: &str) -> Option<String> {
        let mut codes = self
            .shared
            .codes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        codes.remove(phone)
    }
}

/// Every call is a message.
impl Upstream for SmsReceiver {
    fn set_delay(&self, milliseconds: u64) -> Result<()> {
        self.shared.delay.store(milliseconds, Ordering::Relaxed);
        Ok(())
    }

    fn calls(&self) -> Result<f64> {
        Ok(self.shared.calls.load(Ordering::Relaxed) as f64)
    }
}

impl Shared {
    /// Serves one connection until it is closed.
    fn serve(&self, stream: TcpStream) -> Result<()> {
        stream.set_nodelay(true)?;
        let mut stream = BufReader::new(stream);
        loop {
            line(&mut stream, &mut 0)?;
            let headers = headers(&mut stream, &mut 0)?;
            let length = headers.iter().find(|(name, _)| name == "content-length");
            let length: usize = length.context("a message without a length")?.1.parse()?;
            let mut body = Vec::new();
            read_body(&mut stream, length, &mut body)?;
            thread::sleep(Duration::from_millis(self.delay.load(Ordering::Relaxed)));
            self.keep(&String::from_utf8_lossy(&body))?;
            stream
                .get_mut()
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")?;
        }
    }

    fn keep(&self, message: &str) -> Result<()> {
        let field = |name| json_text(message, name).with_context(|| format!("no {name}"));
        let (phone, code) = (field("phone")?, field("code")?);
        self.calls.fetch_add(1, Ordering::Relaxed);
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        codes.insert(phone, code);
        Ok(())
    }
}

impl Drop for SmsReceiver {
    fn drop(&mut self) {
        self.shared.is_stopped.store(true, Ordering::Relaxed);
        // Wakes the thread that waits for connections.
        drop(TcpStream::connect(self.address));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::http_client::{HttpClient, Request};

    #[test]
    fn a_message_is_counted_and_its_code_is_taken_once() {
        let receiver = SmsReceiver::start().unwrap();
        let mut client = HttpClient::new(receiver.address, Ipv4Addr::LOCALHOST);
        for code in ["111111", "222222"] {
            let request = Request {
                method: "POST",
                body: &format!(r#"{{"phone": "+447400000001", "code": "{code}"}}"#),
                ..Request::get("/messages")
            };
            client.send(&request).unwrap().expect_status(200).unwrap();
        }
        assert_eq!(receiver.calls().unwrap(), 2.0);
        assert_eq!(
            receiver.take_code("+447400000001").as_deref(),
            Some("222222")
        );
        assert_eq!(receiver.take_code("+447400000001"), None);
    }
}
