//! A minimal HTTP client with one kept connection and a cookie jar. It costs little beside what it
//! measures.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub struct HttpResponse {
    pub status: u16,
    /// The status line and the headers as received.
    pub head: String,
    pub body: String,
}

impl HttpResponse {
    /// The body, if the status is 200.
    pub fn into_ok_body(self) -> io::Result<String> {
        match self.status {
            200 => Ok(self.body),
            status => Err(io::Error::other(format!("{status}: {}", self.body))),
        }
    }
}

pub struct HttpBrowser {
    server: SocketAddr,
    /// The client address that it sends in `X-Forwarded-For`, as a proxy would.
    client: Ipv4Addr,
    stream: Option<TcpStream>,
    read: Vec<u8>,
    cookies: BTreeMap<String, String>,
}

impl HttpBrowser {
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

    pub async fn get(&mut self, path: &str) -> io::Result<HttpResponse> {
        let request = self.request("GET", path, "application/x-www-form-urlencoded", "");
        self.send(&request).await
    }

    /// Posts a form to a server function.
    pub async fn post(&mut self, function: &str, form: &str) -> io::Result<HttpResponse> {
        let request = self.request(
            "POST",
            &format!("/api/{function}"),
            "application/x-www-form-urlencoded",
            form,
        );
        self.send(&request).await
    }

    /// Puts JSON, for the sandbox's controls.
    pub async fn put(&mut self, path: &str, json: &str) -> io::Result<HttpResponse> {
        let request = self.request("PUT", path, "application/json", json);
        self.send(&request).await
    }

    /// Connects, unless it is connected.
    pub async fn connect(&mut self) -> io::Result<()> {
        if self.stream.is_none() {
            let stream = TcpStream::connect(self.server).await?;
            stream.set_nodelay(true)?;
            self.stream = Some(stream);
        }
        Ok(())
    }

    /// Sends this percentage of a request, and closes the connection without reading.
    pub async fn abort(&mut self, path: &str, percent: usize) -> io::Result<()> {
        let request = self.request("GET", path, "application/x-www-form-urlencoded", "");
        let sent = request.len() * percent.min(100) / 100;
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
            "{method} {path} HTTP/1.1\r\nHost: {server}\r\nOrigin: http://{server}\r\n\
             X-Forwarded-For: {client}\r\nAccept: application/json\r\nCookie: {cookies}\r\n\
             Content-Type: {media_type}\r\nContent-Length: {length}\r\n\r\n{body}"
        )
    }

    async fn send(&mut self, request: &str) -> io::Result<HttpResponse> {
        self.connect().await?;
        let mut stream = self.stream.take().ok_or(io::ErrorKind::NotConnected)?;
        stream.write_all(request.as_bytes()).await?;
        let response = self.receive(&mut stream).await?;
        self.stream = Some(stream);
        Ok(response)
    }

    async fn receive(&mut self, stream: &mut TcpStream) -> io::Result<HttpResponse> {
        self.read.clear();
        let head = loop {
            if let Some(at) = self
                .read
                .windows(4)
                .position(|window| window == b"\r\n\r\n")
            {
                break at + 4;
            }
            self.read_more(stream).await?;
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
                "set-cookie" => self.store_cookie(value),
                "transfer-encoding" => {
                    return Err(io::Error::other("a response without Content-Length"));
                }
                _ => {}
            }
        }
        while self.read.len() < head + length {
            self.read_more(stream).await?;
        }
        let body = String::from_utf8_lossy(self.read.get(head..).unwrap_or_default()).into_owned();
        Ok(HttpResponse {
            status: status.ok_or_else(|| io::Error::other("a response without a status"))?,
            head: text,
            body,
        })
    }

    async fn read_more(&mut self, stream: &mut TcpStream) -> io::Result<()> {
        match stream.read_buf(&mut self.read).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    fn store_cookie(&mut self, line: &str) {
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
