//! A browser of few words: one connection that is kept, and the cookies that it was given. It costs
//! little beside what it measures.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What came back.
pub struct Answer {
    pub status: u16,
    /// The status line and the headers, as they came.
    pub head: String,
    pub body: String,
}

impl Answer {
    /// The body, if the status is 200.
    pub fn ok(self) -> io::Result<String> {
        match self.status {
            200 => Ok(self.body),
            status => Err(io::Error::other(format!("{status}: {}", self.body))),
        }
    }
}

/// A browser.
pub struct Browser {
    server: SocketAddr,
    /// Where it says that it is, as a proxy would.
    client: Ipv4Addr,
    stream: Option<TcpStream>,
    read: Vec<u8>,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    pub fn new(server: SocketAddr, client: Ipv4Addr) -> Self {
        Self {
            server,
            client,
            stream: None,
            read: Vec::new(),
            cookies: BTreeMap::new(),
        }
    }

    pub fn with_cookie(mut self, name: &str, value: &str) -> Self {
        self.cookies.insert(name.to_owned(), value.to_owned());
        self
    }

    pub async fn get(&mut self, path: &str) -> io::Result<Answer> {
        let request = self.request("GET", path, "application/x-www-form-urlencoded", "");
        self.send(&request).await
    }

    /// Posts a form to a door.
    pub async fn post(&mut self, door: &str, form: &str) -> io::Result<Answer> {
        let request = self.request(
            "POST",
            &format!("/api/{door}"),
            "application/x-www-form-urlencoded",
            form,
        );
        self.send(&request).await
    }

    /// Puts JSON, to the sandbox's controls.
    pub async fn put(&mut self, path: &str, json: &str) -> io::Result<Answer> {
        let request = self.request("PUT", path, "application/json", json);
        self.send(&request).await
    }

    /// Connects, unless it has.
    pub async fn connect(&mut self) -> io::Result<()> {
        if self.stream.is_none() {
            let stream = TcpStream::connect(self.server).await?;
            stream.set_nodelay(true)?;
            self.stream = Some(stream);
        }
        Ok(())
    }

    /// Sends a part of a request, in hundredths of it, and goes away without reading.
    pub async fn abort(&mut self, path: &str, hundredths: usize) -> io::Result<()> {
        let request = self.request("GET", path, "application/x-www-form-urlencoded", "");
        let sent = request.len() * hundredths.min(100) / 100;
        let mut stream = TcpStream::connect(self.server).await?;
        stream
            .write_all(request.as_bytes().get(..sent).unwrap_or_default())
            .await
    }

    fn request(&self, method: &str, path: &str, media_type: &str, body: &str) -> String {
        let (server, client) = (self.server, self.client);
        let cookies: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let (cookies, length) = (cookies.join("; "), body.len());
        format!(
            "{method} {path} HTTP/1.1\r\nHost: {server}\r\nOrigin: http://{server}\r\nX-Forwarded-For: {client}\r\n\
             Accept: application/json\r\nCookie: {cookies}\r\nContent-Type: {media_type}\r\nContent-Length: {length}\r\n\r\n{body}"
        )
    }

    async fn send(&mut self, request: &str) -> io::Result<Answer> {
        self.connect().await?;
        let mut stream = self.stream.take().ok_or(io::ErrorKind::NotConnected)?;
        stream.write_all(request.as_bytes()).await?;
        let answer = self.receive(&mut stream).await?;
        self.stream = Some(stream);
        Ok(answer)
    }

    async fn receive(&mut self, stream: &mut TcpStream) -> io::Result<Answer> {
        self.read.clear();
        let head = loop {
            if let Some(at) = self
                .read
                .windows(4)
                .position(|window| window == b"\r\n\r\n")
            {
                break at + 4;
            }
            self.more(stream).await?;
        };
        let text = String::from_utf8_lossy(self.read.get(..head).unwrap_or_default()).into_owned();
        let status = text
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        let mut length = 0;
        for (name, value) in text.lines().filter_map(|line| line.split_once(": ")) {
            match name {
                "content-length" => length = value.parse().map_err(io::Error::other)?,
                "set-cookie" => self.take_cookie(value),
                "transfer-encoding" => return Err(io::Error::other("an answer without a length")),
                _ => {}
            }
        }
        while self.read.len() < head + length {
            self.more(stream).await?;
        }
        let body = String::from_utf8_lossy(self.read.get(head..).unwrap_or_default()).into_owned();
        Ok(Answer {
            status: status.ok_or_else(|| io::Error::other("no status"))?,
            head: text,
            body,
        })
    }

    async fn more(&mut self, stream: &mut TcpStream) -> io::Result<()> {
        match stream.read_buf(&mut self.read).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    fn take_cookie(&mut self, line: &str) {
        let Some((name, rest)) = line.split_once('=') else {
            return;
        };
        let value = rest.split(';').next().unwrap_or_default();
        if rest.contains("Max-Age=0") {
            self.cookies.remove(name);
        } else {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}
