//! A stream that adds an id to the responses of hyper itself.
//!
//! hyper answers bytes that are no HTTP request (400, 414, 431) before any service sees them, and
//! offers no way to change that answer. Such an answer is a head alone, written at once and without
//! an id, which every other response has. So it can be told from them where it is written.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::server::system::trace_context::REQUEST_ID;

/// The beginning and the end of a head that hyper writes by itself.
const BEGINNING: &[u8] = b"HTTP/1.1 4";
const END: &[u8] = b"\r\n\r\n";
/// hyper's own heads are shorter.
const MAX_HEAD: usize = 256;

/// Adds the id to the responses that have none.
pub(super) struct ErrorResponseId<S> {
    stream: S,
    id: String,
    /// What is left to write of a response with the id.
    unwritten: Vec<u8>,
}

impl<S: AsyncWrite + Unpin> ErrorResponseId<S> {
    pub fn new(stream: S, id: String) -> Self {
        Self {
            stream,
            id,
            unwritten: Vec::new(),
        }
    }

    fn poll_unwritten(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.unwritten.is_empty() {
            let written = ready!(Pin::new(&mut self.stream).poll_write(cx, &self.unwritten))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.unwritten.drain(..written);
        }
        Poll::Ready(Ok(()))
    }

    /// Takes a response of hyper, and writes what the stream takes at once. The rest is written
    /// when hyper flushes.
    fn take(&mut self, cx: &mut Context<'_>, head: &[u8]) -> Poll<io::Result<usize>> {
        let (lines, end) = head.split_at(head.len().saturating_sub(2));
        let id = format!("{REQUEST_ID}: {}\r\n", self.id);
        self.unwritten = [lines, id.as_bytes(), end].concat();
        match self.poll_unwritten(cx) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Ready(Ok(())) | Poll::Pending => Poll::Ready(Ok(head.len())),
        }
    }
}

/// Whether these bytes are a response of hyper's own.
fn is_own_response(bytes: &[u8]) -> bool {
    bytes.starts_with(BEGINNING)
        && bytes.len() <= MAX_HEAD
        && bytes.ends_with(END)
        && has_line(bytes, b"content-length: 0")
        && has_line(bytes, b"connection: close")
        && !has_line(bytes, REQUEST_ID.as_str().as_bytes())
}

/// Whether a line of a head begins with this.
fn has_line(head: &[u8], beginning: &[u8]) -> bool {
    let mut lines = head.split(|byte| *byte == b'\n');
    lines.any(|line| line.starts_with(beginning))
}

impl<S: AsyncRead + Unpin> AsyncRead for ErrorResponseId<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for ErrorResponseId<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_unwritten(cx))?;
        if is_own_response(buf) {
            return self.take(cx, buf);
        }
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_unwritten(cx))?;
        if let [head] = bufs
            && is_own_response(head)
        {
            return self.take(cx, head);
        }
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_unwritten(cx))?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_unwritten(cx))?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    const OWN: &[u8] = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\n\
          content-length: 0\r\ndate: Mon, 30 Nov 2026 12:00:00 GMT\r\n\r\n";

    /// What the client reads of these writes.
    async fn written(writes: &[&[u8]]) -> String {
        // A small buffer, so that a head is written in parts.
        let (mut client, server) = tokio::io::duplex(16);
        let mut stream = ErrorResponseId::new(server, "0123456789abcdef".to_owned());
        let writing = async {
            for bytes in writes {
                stream.write_all(bytes).await.unwrap();
            }
            stream.shutdown().await.unwrap();
        };
        let mut text = String::new();
        let (read, ()) = tokio::join!(client.read_to_string(&mut text), writing);
        read.unwrap();
        text
    }

    #[tokio::test]
    async fn a_response_without_an_id_gets_one() {
        let text = written(&[OWN]).await;
        let own = std::str::from_utf8(OWN).unwrap().trim_end();
        assert_eq!(
            text,
            format!("{own}\r\nx-request-id: 0123456789abcdef\r\n\r\n")
        );
    }

    #[tokio::test]
    async fn other_bytes_are_written_as_they_are() {
        let with_id = b"HTTP/1.1 404 Not Found\r\nx-request-id: 1\r\nconnection: close\r\n\
                        content-length: 0\r\n\r\n";
        for bytes in [
            &with_id[..],
            b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
            b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n",
            b"HTTP/1.1 4",
            b"",
            b"body",
        ] {
            let text = written(&[b"first ", bytes, b" last"]).await;
            let expected = [&b"first "[..], bytes, b" last"].concat();
            assert_eq!(text.as_bytes(), expected);
        }
    }
}
