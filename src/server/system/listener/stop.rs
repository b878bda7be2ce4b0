//! The stop of a listener. A proxy that has sent a request and gets no response does not send it
//! again unless its method is safe. So a connection is closed only after what it brought was read.

use std::net::TcpListener as SystemListener;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use hyper_util::server::graceful::GracefulConnection;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::{Accepted, is_of_one_connection, without_delay};
use crate::server::system::clock::Clock;

/// How long a connection that has brought no request may still bring its first. A proxy on a busy
/// machine sends it some time after it has connected.
const FIRST_REQUEST_GRACE: Duration = Duration::from_secs(1);

/// How long a kept connection is still read. Its request may have arrived, and the runtime learns
/// of that before any timer ends.
const NEXT_REQUEST_GRACE: Duration = Duration::from_millis(10);

/// Closes a listener, and returns the connections that the system has accepted for it and nobody
/// has taken, as far as `permits` are left. The system would reset them.
///
/// The runtime asks the system for connections only once it has learned that there are some, and
/// takes a limited number of them without a pause. So the system itself is asked.
pub(super) fn take_waiting(
    listener: TcpListener,
    permits: &Arc<Semaphore>,
) -> impl Iterator<Item = Accepted> {
    let listener = listener.into_std().ok();
    std::iter::from_fn(move || {
        let permit = permits.clone().try_acquire_owned().ok()?;
        let (stream, peer) = accept_now(listener.as_ref()?)?;
        Some((permit, without_delay(stream), peer))
    })
}

/// The next connection that waits.
fn accept_now(listener: &SystemListener) -> Option<(TcpStream, std::net::SocketAddr)> {
    loop {
        match listener.accept() {
            Ok((stream, peer)) => {
                stream.set_nonblocking(true).ok()?;
                return Some((TcpStream::from_std(stream).ok()?, peer));
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(_) => return None,
        }
    }
}

/// Serves a connection until it ends. After `stop` it ends with the response to the request that it
/// has brought, or that it brings within a short time.
///
/// `has_request` says whether it has ever brought one, and is set while the connection is polled.
pub(super) async fn serve_until<C: GracefulConnection>(
    stop: &CancellationToken,
    connection: C,
    has_request: &AtomicBool,
    clock: &Clock,
) -> C::Output {
    let mut connection = pin!(connection);
    let stopped = async {
        stop.cancelled().await;
        if has_request.load(Ordering::Relaxed) {
            clock.sleep(NEXT_REQUEST_GRACE).await;
        } else {
            // Nobody has to wake this: it is polled after each poll of the connection.
            let received = std::future::poll_fn(|_| {
                let is_received = has_request.load(Ordering::Relaxed);
                if is_received {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            });
            let _ = clock.timeout(FIRST_REQUEST_GRACE, received).await;
        }
    };
    tokio::select! {
        biased;
        ended = &mut connection => return ended,
        () = stopped => {}
    }
    connection.as_mut().graceful_shutdown();
    connection.await
}
