//! The signals that stop the process, and the one at which it opens its files again.

use tokio::signal::unix::{Signal, SignalKind, signal};

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

/// Listens for SIGHUP. Without it the signal would end the process.
pub struct Hangups(Option<Signal>);

impl Hangups {
    /// Listens from now on.
    pub fn listen() -> Self {
        let signals = signal(SignalKind::hangup());
        Self(
            signals
                .inspect_err(|error| tracing::warn!(%error, "SIGHUP cannot be handled"))
                .ok(),
        )
    }

    /// Calls `handle` at each signal, also for one that came before.
    pub fn handle(self, handle: impl Fn() + Send + 'static) {
        if let Some(mut signals) = self.0 {
            tokio::spawn(async move {
                while signals.recv().await.is_some() {
                    handle();
                }
            });
        }
    }
}
