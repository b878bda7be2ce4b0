//! A listener whose connections can be reset by a handler, as a failing network would.

use std::{
    io::{self, IoSlice},
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// Resets the connection of a request.
#[derive(Clone, Debug, Default)]
pub struct ConnectionAborter(Arc<AtomicBool>);

impl ConnectionAborter {
    /// Resets the connection (TCP RST) at the next write to it.
    pub fn abort(&self) {
        self.0.store(true, Ordering::Release);
    }

    fn is_aborted(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

impl Connected<IncomingStream<'_, AbortableListener>> for ConnectionAborter {
    fn connect_info(stream: IncomingStream<'_, AbortableListener>) -> Self {
        stream.io().aborter.clone()
    }
}

/// A TCP listener that gives every connection a [`ConnectionAborter`].
#[derive(Debug)]
pub struct AbortableListener(TcpListener);

impl AbortableListener {
    /// Wraps a bound listener.
    pub fn new(listener: TcpListener) -> Self {
        Self(listener)
    }
}

impl Listener for AbortableListener {
    type Io = AbortableConnection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (AbortableConnection, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        // Without it small responses wait for acknowledgements. A failure only makes them slower.
        let _ = stream.set_nodelay(true);
        let aborter = ConnectionAborter::default();
        (AbortableConnection { stream, aborter }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// A connection with its [`ConnectionAborter`].
#[derive(Debug)]
pub struct AbortableConnection {
    stream: TcpStream,
    aborter: ConnectionAborter,
}

impl AbortableConnection {
    /// Fails if the connection was aborted. With a linger time of zero, closing the socket sends
    /// RST instead of FIN.
    fn check(&self) -> io::Result<()> {
        if self.aborter.is_aborted() {
            self.stream.set_zero_linger()?;
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(())
    }
}

impl AsyncRead for AbortableConnection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for AbortableConnection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check()?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
