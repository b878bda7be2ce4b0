//! The running server: its listeners and background tasks, and the order in which they stop.

use std::sync::Arc;
use std::time::Duration;

use latchkey::server::admin::admin_socket::AdminSocket;
use latchkey::server::settings::Settings;
use latchkey::server::system::clock::{Clock, Elapsed};
use latchkey::server::system::listener::{self, ConnectionLimits};
use latchkey::server::system::random::Random;
use latchkey::server::wiring::Product;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::cli::serve::background_tasks;
use crate::cli::serve::gateway_listener::GatewayListener;
use crate::cli::serve::listeners::Listeners;

/// How long a response of the operations listener may take at the end.
const OPERATIONS_GRACE: Duration = Duration::from_millis(500);

/// The server with its listeners and background tasks.
pub struct RunningServer {
    pub product: Arc<Product>,
    gateway: Option<GatewayListener>,
    /// The public listener, the admin socket and background tasks.
    service: TaskGroup,
    /// The listener of probes and metrics.
    operations: TaskGroup,
}

/// Tasks that are stopped together.
#[derive(Default)]
struct TaskGroup {
    cancellation: CancellationToken,
    tasks: TaskTracker,
}

impl TaskGroup {
    /// Asks the tasks to stop, and waits for them.
    async fn stop(&self) {
        self.cancellation.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl RunningServer {
    /// Starts everything on bound listeners.
    pub fn start(
        product: Product,
        listeners: Listeners,
        admin_socket: Option<AdminSocket>,
        settings: &Settings,
        clock: &Clock,
        metrics: PrometheusHandle,
    ) -> Self {
        let (service, operations) = (TaskGroup::default(), TaskGroup::default());
        let product = Arc::new(product);
        let limits = ConnectionLimits {
            listener: "public",
            connections: settings.server.max_connections,
            per_address: settings.server.max_connections_per_address,
            trusted: settings.server.trusted_proxies.clone().into(),
            first_head_timeout: settings.server.first_head_timeout.0,
            head_timeout: settings.server.head_timeout.0,
        };
        for (name, listener, router, group) in [
            ("public", listeners.public, product.router(), &service),
            (
                "operations",
                listeners.operations,
                product.operations(metrics.clone()),
                &operations,
            ),
        ] {
            let (clock, stop) = (clock.clone(), group.cancellation.clone());
            let (limits, random) = (limits.named(name), Random::system());
            let served = listener::serve(listener, router, limits, clock, random, stop);
            group.tasks.spawn(served);
        }
        let gateway = listeners.gateway.zip(product.gateway.clone());
        let gateway = gateway.map(|(listener, gateway)| {
            GatewayListener::start(listener, gateway, limits.named("gateway"), clock.clone())
        });
        if let Some(socket) = admin_socket {
            let served = socket.serve(product.admin_services(), service.cancellation.clone());
            service.tasks.spawn(async move {
                if let Err(error) = served.await {
                    tracing::error!(%error, "the admin socket failed");
                }
            });
        }
        let stop = || service.cancellation.clone();
        let store = product.store.clone();
        service.tasks.spawn(background_tasks::delete_expired(
            store,
            clock.clone(),
            stop(),
        ));
        service.tasks.spawn(background_tasks::count_sessions(
            product.state.services.sessions.clone(),
            settings.store.metrics_scope(),
            clock.clone(),
            stop(),
        ));
        service.tasks.spawn(background_tasks::maintain_metrics(
            metrics,
            clock.clone(),
            stop(),
        ));
        service.tasks.spawn(background_tasks::prepare_upstream(
            product.transmit.clone(),
            clock.clone(),
            stop(),
        ));
        service.tasks.spawn(background_tasks::maintain_policy(
            product.tenant_policy.clone(),
            stop(),
        ));
        let sign_in = &product.state.services.sign_in;
        service.tasks.spawn(background_tasks::save_recent_events(
            sign_in.deps().recent_events.clone(),
            stop(),
        ));
        Self {
            product,
            gateway,
            service,
            operations,
        }
    }

    /// Works on for `drain`, in which `/readyz` is 503 and every response closes its connection, so
    /// that load balancers send requests elsewhere. Then stops accepting requests and waits for
    /// those in progress, then for queued sends and the gateway, together for no longer than
    /// `grace`.
    ///
    /// Sends are made while requests are awaited, so a stalled connection costs none. The gateway
    /// is nearly last, because upstream may deliver through it what is sent here. Last is the
    /// operations listener, so that probes and metrics show the stop to its end.
    pub async fn stop(
        self,
        drain: Duration,
        grace: Duration,
        clock: &Clock,
    ) -> Result<(), Elapsed> {
        self.product.drain.begin();
        clock.sleep(drain).await;
        let stopped = async {
            self.service.stop().await;
            self.product.close().await;
            if let Some(gateway) = self.gateway {
                gateway.stop().await;
            }
        };
        let stopped = clock.timeout(grace, stopped).await;
        // Nothing waits for a client that reads its metrics slowly.
        let _ = clock
            .timeout(OPERATIONS_GRACE, self.operations.stop())
            .await;
        stopped
    }
}
