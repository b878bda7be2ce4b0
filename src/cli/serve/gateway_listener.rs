//! The listener of the SMS gateway. It stops after all others, because a message that is sent
//! during shutdown may be delivered through it.

use latchkey::server::sms_gateway::Gateway;
use latchkey::server::system::clock::Clock;
use latchkey::server::system::listener::{self, ConnectionLimits};
use latchkey::server::system::random::Random;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The SMS gateway and its listener.
pub struct GatewayListener {
    gateway: Gateway,
    cancellation: CancellationToken,
    tasks: TaskTracker,
}

impl GatewayListener {
    /// Starts to accept requests.
    pub fn start(
        listener: TcpListener,
        gateway: Gateway,
        limits: ConnectionLimits,
        clock: Clock,
    ) -> Self {
        let (cancellation, tasks) = (CancellationToken::new(), TaskTracker::new());
        tasks.spawn(listener::serve(
            listener,
            gateway.router(),
            limits,
            clock,
            Random::system(),
            cancellation.clone(),
        ));
        Self {
            gateway,
            cancellation,
            tasks,
        }
    }

    /// Stops accepting requests, and waits for those in progress.
    pub async fn stop(self) {
        self.cancellation.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.gateway.close().await;
    }
}
