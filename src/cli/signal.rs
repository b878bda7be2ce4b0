//! The signals that stop the process, and the one at which it opens its files again.

use tokio::signal::unix::{SignalKind, signal};

/// Listens for SIGTERM and SIGINT from now on; completes at the first one.
pub fn stop_signal() -> impl Future<Output = ()> {
    let signals = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    );
    async {
        let (Ok(mut terminate), Ok(mut interrupt)) = signals else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}

/// Calls `handle` at each SIGHUP from now on. Without this the signal would end the process.
pub fn on_hangup(handle: impl Fn() + Send + 'static) {
    match signal(SignalKind::hangup()) {
        Ok(mut hangups) => {
            tokio::spawn(async move {
                while hangups.recv().await.is_some() {
                    handle();
                }
            });
        }
        Err(error) => tracing::warn!(%error, "SIGHUP cannot be handled"),
    }
}
