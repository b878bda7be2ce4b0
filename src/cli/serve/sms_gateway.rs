//! The SMS gateway at its listener, which opens with the others and closes after all of them: what
//! is sent while the server stops may come back through it.

use latchkey::server::sms_gateway::Gateway;
use latchkey::server::system::clock::Clock;
use latchkey::server::system::listener::{self, ConnectionLimits};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// An open gateway.
pub struct OpenGateway {
    gateway: Gateway,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl OpenGateway {
    /// Takes requests from now on.
    pub fn open(
        listener: TcpListener,
        gateway: Gateway,
        limits: ConnectionLimits,
        clock: Clock,
    ) -> Self {
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        tasks.spawn(listener::serve(
            listener,
            gateway.router(),
            limits,
            clock,
            stop.clone(),
        ));
        Self {
            gateway,
            stop,
            tasks,
        }
    }

    /// Takes no more, and waits for what is under way.
    pub async fn close(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.gateway.close().await;
    }
}
