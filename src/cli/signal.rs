//! The signals that stop the process, and the one at which it opens its files again.

use tokio::signal::unix::{SignalKind, signal};

/// What asks the process to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopSignal {
    /// SIGTERM: a service manager.
    Terminate,
    /// SIGINT: a person at the terminal.
    Interrupt,
}

/// Listens for SIGTERM and SIGINT from now on; completes at the first one.
pub fn stop_signal() -> impl Future<Output = StopSignal> {
    let signals = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    );
    async {
        let (Ok(mut terminate), Ok(mut interrupt)) = signals else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = terminate.recv() => StopSignal::Terminate,
            _ = interrupt.recv() => StopSignal::Interrupt,
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
