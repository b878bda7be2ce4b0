//! A minimal blocking HTTP client with one kept connection and cookies. It costs little beside what
//! it measures, and `cargo xtask` needs no HTTP library for it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(60);

/// What a client sends.
pub struct Request<'a> {
    pub method: &'a str,
    pub path: &'a str,
    /// Headers besides those that every request has.
    pub headers: &'a [(&'a str, &'a str)],
    pub body: &'a str,
}

impl<'a> Request<'a> {
    pub fn get(path: &'a str) -> Self {
        Self {
            method: "GET",
            path,
            headers: &[],
            body: "",
        }
    }
}

#[derive(Debug)]
pub struct Response {
    pub status: u16,
    /// Names in lower case.
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// All that was received, in bytes: the head, and the body as it was encoded.
    pub received: usize,
}

impl Response {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Refuses every other status.
    pub fn expect_status(self, status: u16) -> Result<Self> {
        if self.status != status {
            let text: String = self.text().chars().take(200).collect();
            bail!("{} instead of {status}: {text}", self.status);
        }
        Ok(self)
    }

    fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// A browser at a client address, with its cookies.
pub struct HttpClient {
    server: SocketAddr,
    /// What it sends in `X-Forwarded-For`, as a proxy would.
    client: Ipv4Addr,
    stream: Option<BufReader<TcpStream>>,
    cookies: BTreeMap<String, String>,
}

impl HttpClient {
    pub fn new(server: SocketAddr, client: Ipv4Addr) -> Self {
        Self {
            server,
            client,
            stream: None,
            cookies: BTreeMap::new(),
        }
    }

    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// Sends a request and reads the answer. Redirects are not followed.
    pub fn send(&mut self, request: &Request<'_>) -> Result<Response> {
        let shown = || format!("{} {}", request.method, request.path);
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => connect(self.server)?,
        };
        let head = self.head(request);
        let sent = stream.get_mut().write_all(head.as_bytes());
        sent.with_context(shown)?;
        let response = receive(&mut stream).with_context(shown)?;
        for (_, value) in response
            .headers
            .iter()
            .filter(|(name, _)| name == "set-cookie")
        {
            store_cookie(&mut self.cookies, value);
        }
        if response.header("connection") != Some("close") {
            self.stream = Some(stream);
        }
        Ok(response)
    }

    fn head(&self, request: &Request<'_>) -> String {
        let (server, client) = (self.server, self.client);
        let Request {
            method,
            path,
            headers,
            body,
        } = request;
        let cookies = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let cookies = cookies.collect::<Vec<_>>().join("; ");
        let headers = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"));
        let headers: String = headers.collect();
        format!(
            "{method} {path} HTTP/1.1\r\nHost: {server}\r\nOrigin: http://{server}\r\n\
             X-Forwarded-For: {client}\r\nCookie: {cookies}\r\nContent-Length: {}\r\n\
             {headers}\r\n{body}",
            body.len()
        )
    }
}

fn connect(server: SocketAddr) -> Result<BufReader<TcpStream>> {
    let stream =
        TcpStream::connect(server).with_context(|| format!("no connection to {server}"))?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    Ok(BufReader::new(stream))
}

/// Reads one response: its head, and a body by `Content-Length` or in chunks.
fn receive(stream: &mut impl BufRead) -> Result<Response> {
    let mut received = 0;
    let status_line = line(stream, &mut received)?;
    let status = status_line
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    let mut response = Response {
        status: status.with_context(|| format!("`{status_line}` has no status"))?,
        headers: headers(stream, &mut received)?,
        body: Vec::new(),
        received: 0,
    };
    if response.header("transfer-encoding") == Some("chunked") {
        loop {
            let size = line(stream, &mut received)?;
            let size = usize::from_str_radix(size.split(';').next().unwrap_or_default(), 16)?;
            read_body(stream, size, &mut response.body)?;
            received += size;
            // The end of the chunk, and of the body after the last.
            line(stream, &mut received)?;
            if size == 0 {
                break;
            }
        }
    } else if let Some(length) = response.header("content-length") {
        let length: usize = length.parse()?;
        read_body(stream, length, &mut response.body)?;
        received += length;
    }
    response.received = received;
    Ok(response)
}

/// The lines up to an empty one, `Name: value`.
pub fn headers(stream: &mut impl BufRead, received: &mut usize) -> Result<Vec<(String, String)>> {
    let mut headers = Vec::new();
    loop {
        let line = line(stream, received)?;
        if line.is_empty() {
            return Ok(headers);
        }
        let (name, value) = line.split_once(':').context("a header without a colon")?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
}

/// A line without its end, whose bytes are added to `received`.
pub fn line(stream: &mut impl BufRead, received: &mut usize) -> Result<String> {
    let mut line = String::new();
    let length = stream.read_line(&mut line)?;
    if length == 0 {
        bail!("the connection was closed");
    }
    *received += length;
    line.truncate(line.trim_end().len());
    Ok(line)
}

pub fn read_body(stream: &mut impl Read, length: usize, body: &mut Vec<u8>) -> Result<()> {
    let expected = body.len() + length;
    stream.take(length as u64).read_to_end(body)?;
    if body.len() < expected {
        bail!("the body ended early");
    }
    Ok(())
}

/// Keeps a cookie, or forgets one that the server deletes by its age.
fn store_cookie(cookies: &mut BTreeMap<String, String>, line: &str) {
    let mut parts = line.split(';').map(str::trim);
    let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
        return;
    };
    if parts.any(|part| part.eq_ignore_ascii_case("max-age=0")) {
        cookies.remove(name);
    } else {
        cookies.insert(name.to_owned(), value.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_read_by_its_length_and_in_chunks() {
        for (raw, received) in [
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1",
                43,
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
                 3\r\nhel\r\n2;x\r\nlo\r\n0\r\n\r\nHTTP/1.1",
                69,
            ),
        ] {
            let mut bytes = raw.as_bytes();
            let response = receive(&mut bytes).unwrap();
            assert_eq!((response.status, response.text().as_str()), (200, "hello"));
            assert_eq!(response.received, received);
            assert_eq!(
                bytes, b"HTTP/1.1",
                "the next response is left in the stream"
            );
        }
    }

    #[test]
    fn an_answer_that_is_cut_off_is_an_error() {
        for raw in [
            "",
            "HTTP/1.1 200 OK\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel",
            "nothing\r\n\r\n",
        ] {
            assert!(receive(&mut raw.as_bytes()).is_err(), "{raw}");
        }
    }

    #[test]
    fn another_status_is_refused_with_what_the_server_said() {
        let raw = "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 4\r\n\r\nslow";
        let refused = receive(&mut raw.as_bytes()).unwrap().expect_status(200);
        assert_eq!(refused.unwrap_err().to_string(), "429 instead of 200: slow");
    }

    #[test]
    fn cookies_are_kept_until_the_server_deletes_them() {
        let mut cookies = BTreeMap::new();
        store_cookie(&mut cookies, "a=1=2; Path=/; Max-Age=60");
        store_cookie(&mut cookies, "b=3");
        store_cookie(&mut cookies, "b=; max-age=0; Path=/");
        assert_eq!(
            cookies,
            BTreeMap::from([("a".to_owned(), "1=2".to_owned())])
        );
    }
}
