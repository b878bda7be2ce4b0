//! `latchkey serve`: starts everything, and stops it so that nothing is lost.

use std::io::IsTerminal;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use latchkey::server::audit::{Audit, Event, Origin};
use latchkey::server::clock::Clock;
use latchkey::server::listener::{self, Limits};
use latchkey::server::operations::{self, Operations};
use latchkey::server::product::{Product, Surroundings};
use latchkey::server::settings::Settings;
use latchkey::server::store::{Store, StoreError};
use latchkey::server::{control, private, telemetry};
use metrics_exporter_prometheus::PrometheusHandle;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal as on};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

mod gateway;

use self::gateway::OpenGateway;
use super::{Done, Outside, say_error, validated};

/// File descriptors besides those of connections: the store, upstream, listeners, logs.
const OWN_DESCRIPTORS: u64 = 256;
/// How often what has expired is removed, and how much of it at once.
const SWEEP_INTERVAL: Duration = Duration::from_secs(15);
const SWEEP_LIMIT: usize = 1_000;
/// How often what was measured is summed up.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);
/// Clocks may step back a little: what has expired is removed a while later.
const SWEEP_DELAY: Duration = Duration::from_secs(300);

/// Runs the server until a signal comes.
pub async fn serve(outside: Outside, sandbox: bool) -> Done {
    let Outside { mut settings, clock, random } = outside;
    telemetry::log(&settings.telemetry).map_err(|error| error.to_string())?;
    let beside = start_sandbox(&mut settings, sandbox).await?;
    validated(&settings)?;
    for name in log_unusual(&settings) {
        tracing::warn!("{name}");
    }
    make_room(settings.server.max_connections);
    let public = bind(settings.server.address, "server.address").await?;
    let private = bind(settings.operations.address, "operations.address").await?;
    let inbound = match settings.gateway.is_on() {
        true => Some(bind(settings.gateway.address, "gateway.address").await?),
        false => None,
    };
    if beside.is_some() && settings.telemetry.audit_file.is_none() && std::io::stdout().is_terminal() {
        // Events would hide the addresses to open.
        settings.telemetry.audit_file = Some(settings.data_directory().join("audit.jsonl"));
    }
    let data = settings.data_directory();
    // With Redis nothing of ours needs to rest on this machine.
    if !settings.store.is_shared() || settings.telemetry.audit_file.as_ref().is_some_and(|file| file.starts_with(&data))
    {
        private::folder(&data).map_err(|error| format!("the data directory: {error}"))?;
    }
    let audit = Audit::open(settings.telemetry.audit_file.as_deref(), clock.clone())
        .map_err(|error| format!("telemetry.audit_file: {error}"))?;
    let metrics = telemetry::metrics().map_err(|error| error.to_string())?;
    // Server functions run on an executor of the framework's choosing; choosing it twice is an error, and this is once.
    any_spawner::Executor::init_tokio().map_err(|error| format!("the executor: {error}"))?;
    let surroundings = Surroundings { clock: clock.clone(), random, audit: audit.clone() };
    let product = Product::open(settings.clone(), surroundings).map_err(|error| error.to_string())?;
    usable(&product).await?;
    let upkeep = metrics.clone();
    let operations = Operations {
        settings: settings.operations.clone(),
        store: product.store.clone(),
        transmit: product.transmit.clone(),
        metrics,
    };

    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    let limits = Limits { connections: settings.server.max_connections, head_timeout: settings.server.head_timeout.0 };
    tasks.spawn(listener::serve(public, product.router(), limits, clock.clone(), stop.clone()));
    let router = operations::router(Arc::new(operations));
    tasks.spawn(listener::serve(private, router, limits, clock.clone(), stop.clone()));
    let gateway = inbound.zip(product.gateway.clone());
    let gateway = gateway.map(|(listener, gateway)| OpenGateway::open(listener, gateway, limits, clock.clone()));
    if !settings.store.is_shared() {
        let controlled = control::serve(control::socket(&data), product.site.clone(), stop.clone());
        tasks.spawn(async move {
            if let Err(error) = controlled.await {
                tracing::error!(%error, "the control socket failed");
            }
        });
    }
    tasks.spawn(sweep(product.store.clone(), clock.clone(), stop.clone()));
    tasks.spawn(tidy(upkeep, clock.clone(), stop.clone()));
    warm(&product, &tasks);
    audit.emit(&Origin::default(), &started(&settings, beside.is_some()));
    announce(&settings, beside.is_some());

    signal().await;
    say_error("latchkey: stopping; a second signal stops at once");
    stop.cancel();
    tasks.close();
    // A connection that stalls must not cost a send that waits: each gets its part of the time. The gateway is last, because
    // upstream may hand in there what is sent.
    let patience = settings.server.shutdown_grace.0 / if gateway.is_some() { 3 } else { 2 };
    let end = async {
        let listeners = clock.timeout(patience, tasks.wait()).await;
        let sends = clock.timeout(patience, product.close()).await;
        let deliveries = match gateway {
            Some(gateway) => clock.timeout(patience, gateway.close()).await,
            None => Ok(()),
        };
        listeners.and(sends).and(deliveries)
    };
    tokio::select! {
        ended = end => {
            if ended.is_err() {
                tracing::warn!("not everything ended within server.shutdown_grace");
            }
        }
        () = signal() => tracing::warn!("stopped at once"),
    }
    audit.emit(&Origin::default(), &Event::Shutdown);
    #[cfg(feature = "sandbox")]
    if let Some(sandbox) = beside {
        sandbox.stop().await;
    }
    Ok(ExitCode::SUCCESS)
}

/// Refuses a store that holds what we cannot read. One that cannot be reached may come later: until then we are not ready.
async fn usable(product: &Product) -> Result<(), String> {
    match product.store.ready().await {
        Err(error @ StoreError::Corrupt(_)) => Err(error.to_string()),
        Err(error) => {
            tracing::error!(%error, "serving nothing that needs the store until it can be used");
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// Returns when the process is told to stop.
pub async fn signal() {
    let (Ok(mut terminate), Ok(mut interrupt)) = (on(SignalKind::terminate()), on(SignalKind::interrupt())) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

#[cfg(feature = "sandbox")]
type Beside = latchkey::sandbox::Sandbox;
#[cfg(not(feature = "sandbox"))]
type Beside = std::convert::Infallible;

#[cfg(feature = "sandbox")]
async fn start_sandbox(settings: &mut Settings, asked: bool) -> Result<Option<Beside>, String> {
    // `cargo leptos watch` just works: no account, no settings.
    let by_itself = cfg!(debug_assertions) && settings.transmit.is_unset() && settings.server.is_loopback();
    if !asked && !by_itself {
        return Ok(None);
    }
    if !asked {
        say_error("latchkey: no transmit settings; starting the sandbox, as development builds do on loopback");
    }
    super::sandbox::beside(settings).await.map(Some)
}

#[cfg(not(feature = "sandbox"))]
async fn start_sandbox(_: &mut Settings, asked: bool) -> Result<Option<Beside>, String> {
    if asked { Err("this build has no sandbox".to_owned()) } else { Ok(None) }
}

/// A connection takes a file descriptor, of which many systems allow 1,024 until more are asked for.
fn make_room(connections: usize) {
    let wanted = u64::try_from(connections).unwrap_or(u64::MAX).saturating_add(OWN_DESCRIPTORS);
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= wanted) {
        return;
    }
    let raised = limit.maximum.map_or(wanted, |maximum| wanted.min(maximum));
    if setrlimit(Resource::Nofile, Rlimit { current: Some(raised), ..limit }).is_err() || raised < wanted {
        tracing::warn!(
            wanted,
            allowed = raised,
            "too few file descriptors for server.max_connections; see `ulimit -n`"
        );
    }
}

async fn bind(address: SocketAddr, key: &str) -> Result<TcpListener, String> {
    TcpListener::bind(address).await.map_err(|error| format!("{key}: cannot listen on {address}: {error}"))
}

async fn sweep(store: Arc<dyn Store>, clock: Clock, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            () = clock.sleep(SWEEP_INTERVAL) => {}
        }
        // In steps, so that others get at the store in between.
        loop {
            match store.sweep(clock.now().minus(SWEEP_DELAY), SWEEP_LIMIT).await {
                Ok(removed) if removed < SWEEP_LIMIT => break,
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, "what has expired could not be removed");
                    break;
                }
            }
        }
    }
}

/// Without this, what is measured piles up until somebody asks for `/metrics`.
async fn tidy(metrics: PrometheusHandle, clock: Clock, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            () = clock.sleep(UPKEEP_INTERVAL) => metrics.run_upkeep(),
        }
    }
}

/// The first person does not wait for what can be had before.
fn warm(product: &Product, tasks: &TaskTracker) {
    let transmit = product.transmit.clone();
    tasks.spawn(async move {
        if let Err(failure) = transmit.prepare().await {
            tracing::error!(%failure, "upstream is not ready; it is asked again when somebody signs in");
        }
    });
}

fn started(settings: &Settings, sandbox: bool) -> Event {
    Event::Startup {
        version: env!("CARGO_PKG_VERSION"),
        public_url: settings.server.public_url().to_string(),
        store: settings.store.engine().map_or("none", |engine| engine.name()),
        sandbox,
    }
}

/// What the operator should know that runs unusual.
fn log_unusual(settings: &Settings) -> Vec<&'static str> {
    let mut unusual = Vec::new();
    if !settings.guard.enabled {
        unusual.push("guard.enabled is false: budgets and cool-down are off; for load tests on loopback only");
    }
    if settings.transmit.tenant_id.is_none() {
        unusual.push("transmit.tenant_id is unset: the tenant of tokens is not checked");
    }
    unusual
}

fn announce(settings: &Settings, sandbox: bool) {
    let application = settings.server.origin();
    if sandbox {
        let phone = format!("http://{}", settings.sandbox.address);
        say_error(&format!(
            "\n  Latchkey is up, with a sandbox: no account needed, no SMS sent.\n\n  \
             Sign in here           {application}/\n  Read the messages here {phone}/\n\n  \
             Any mobile number of a served country will do, such as +44 7400 123456.\n  Ctrl-C stops it.\n"
        ));
    } else {
        say_error(&format!("latchkey: serving {application}/, operations on http://{}/", settings.operations.address));
    }
    if settings.gateway.is_on() {
        say_error(&format!("latchkey: SMS gateway on http://{}{}", settings.gateway.address, settings.gateway.path));
    }
}
