//! `latchkey serve`: starts everything, and stops it so that nothing is lost.

use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use latchkey::server::admin::admin_socket;
use latchkey::server::audit::{AuditLog, Event, EventSource};
use latchkey::server::http::handlers::assets::Files;
use latchkey::server::settings::Settings;
use latchkey::server::settings::test_numbers::TestNumberCounts;
use latchkey::server::system::clock::{Clock, Elapsed};
use latchkey::server::system::listener::{self, ConnectionLimits};
use latchkey::server::system::private_files;
use latchkey::server::telemetry;
use latchkey::server::wiring::{Deps, Product};
use tokio::signal::unix::{SignalKind, signal as on};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

mod background_tasks;
mod listeners;
mod sms_gateway;

use self::listeners::Doors;
use self::sms_gateway::OpenGateway;
use crate::cli::store_ownership::Opening;
use crate::cli::{Done, Outside, say_error, validated};

/// Runs the server until a signal comes.
pub async fn serve(outside: Outside, sandbox: bool) -> Done {
    let Outside {
        mut settings,
        clock,
        random,
    } = outside;
    telemetry::init_logging(&settings.telemetry).map_err(|error| error.to_string())?;
    let beside = start_sandbox(&mut settings, sandbox).await?;
    validated(&settings, &clock)?;
    Files::ensure_complete()?;
    for text in unusual(&settings, &clock) {
        tracing::warn!("{text}");
    }
    let doors = Doors::bind(&settings).await?;
    if beside.is_some()
        && settings.telemetry.audit_file.is_none()
        && std::io::stdout().is_terminal()
    {
        // Events would hide the addresses to open.
        settings.telemetry.audit_file = Some(settings.data_directory().join("audit.jsonl"));
    }
    make_folder(&settings)?;
    let audit = AuditLog::open(settings.telemetry.audit_file.as_deref(), clock.clone())
        .map_err(|error| format!("telemetry.audit_file: {error}"))?;
    let metrics = telemetry::install_recorder().map_err(|error| error.to_string())?;
    // Server functions run on an executor of the framework's choosing; choosing it twice is an
    // error, and this is once.
    any_spawner::Executor::init_tokio().map_err(|error| format!("the executor: {error}"))?;
    let surroundings = Deps {
        clock: clock.clone(),
        random,
        audit: audit.clone(),
    };
    let product =
        Arc::new(Product::open(settings.clone(), surroundings).map_err(|error| error.to_string())?);
    let opening = Opening::new(&product, &settings, clock.clone());
    let claimed = opening.claim().await?;
    let upkeep = metrics.clone();
    let operations = product.operations(metrics);

    // Before anybody can see that it runs: a stop that comes right then is orderly, too.
    let stopped = signal();
    let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
    let limits = ConnectionLimits {
        connections: settings.server.max_connections,
        head_timeout: settings.server.head_timeout.0,
    };
    tasks.spawn(listener::serve(
        doors.public,
        product.router(),
        limits,
        clock.clone(),
        stop.clone(),
    ));
    tasks.spawn(listener::serve(
        doors.operations,
        operations,
        limits,
        clock.clone(),
        stop.clone(),
    ));
    let gateway = doors.gateway.zip(product.gateway.clone());
    let gateway = gateway
        .map(|(listener, gateway)| OpenGateway::open(listener, gateway, limits, clock.clone()));
    if !settings.store.is_shared() {
        let socket = admin_socket::socket(&settings.data_directory());
        let controlled = admin_socket::serve(socket, product.clone(), stop.clone());
        tasks.spawn(async move {
            if let Err(error) = controlled.await {
                tracing::error!(%error, "the control socket failed");
            }
        });
    }
    tasks.spawn(background_tasks::sweep(
        product.store.clone(),
        clock.clone(),
        stop.clone(),
    ));
    tasks.spawn(background_tasks::tidy(upkeep, clock.clone(), stop.clone()));
    tasks.spawn(background_tasks::warm(product.transmit.clone()));
    audit.emit(
        &EventSource::default(),
        &started(&settings, beside.is_some()),
    );
    if let Some(listed) = product.test_numbers.startup_event() {
        audit.emit(&EventSource::default(), &listed);
    }
    announce(&settings, beside.is_some());

    let done = tokio::select! {
        () = stopped => Ok(ExitCode::SUCCESS),
        why = opening.keep(claimed) => Err(why),
    };
    say_error("latchkey: stopping; a second signal stops at once");
    stop.cancel();
    tasks.close();
    tokio::select! {
        ended = end(settings.server.shutdown_grace.0, &clock, &tasks, &product, gateway) => {
            if ended.is_err() {
                tracing::warn!("not everything ended within server.shutdown_grace");
            }
        }
        () = signal() => tracing::warn!("stopped at once"),
    }
    audit.emit(&EventSource::default(), &Event::Shutdown);
    #[cfg(feature = "sandbox")]
    if let Some(sandbox) = beside {
        sandbox.stop().await;
    }
    done
}

/// The folder of what rests on this machine. With Redis nothing of ours needs to.
fn make_folder(settings: &Settings) -> Result<(), String> {
    let data = settings.data_directory();
    let holds_events = settings
        .telemetry
        .audit_file
        .as_ref()
        .is_some_and(|file| file.starts_with(&data));
    if settings.store.is_shared() && !holds_events {
        return Ok(());
    }
    private_files::create_folder(&data)
        .map_err(|error| format!("the data directory {}: {error}", data.display()))
}

/// Waits for what is under way. A connection that stalls must not cost a send that waits, so each
/// has its part of the time; the gateway is last, because upstream may hand in there what is sent.
async fn end(
    grace: Duration,
    clock: &Clock,
    tasks: &TaskTracker,
    product: &Product,
    gateway: Option<OpenGateway>,
) -> Result<(), Elapsed> {
    let patience = grace / if gateway.is_some() { 3 } else { 2 };
    let listeners = clock.timeout(patience, tasks.wait()).await;
    let sends = clock.timeout(patience, product.close()).await;
    let deliveries = match gateway {
        Some(gateway) => clock.timeout(patience, gateway.close()).await,
        None => Ok(()),
    };
    listeners.and(sends).and(deliveries)
}

/// Listens from now on, and is over when the process is told to stop.
pub fn signal() -> impl Future<Output = ()> {
    let signals = (on(SignalKind::terminate()), on(SignalKind::interrupt()));
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

#[cfg(feature = "sandbox")]
type Beside = latchkey_sandbox::Sandbox;
#[cfg(not(feature = "sandbox"))]
type Beside = std::convert::Infallible;

#[cfg(feature = "sandbox")]
async fn start_sandbox(settings: &mut Settings, asked: bool) -> Result<Option<Beside>, String> {
    // `cargo leptos watch` just works: no account, no settings.
    let by_itself =
        cfg!(development) && settings.transmit.is_unset() && settings.server.is_loopback();
    if !asked && !by_itself {
        return Ok(None);
    }
    if !asked {
        say_error(
            "latchkey: no transmit settings; starting the sandbox, as development builds do on loopback",
        );
    }
    crate::cli::sandbox::beside(settings).await.map(Some)
}

#[cfg(not(feature = "sandbox"))]
async fn start_sandbox(_: &mut Settings, asked: bool) -> Result<Option<Beside>, String> {
    if asked {
        Err("this build has no sandbox".to_owned())
    } else {
        Ok(None)
    }
}

fn started(settings: &Settings, sandbox: bool) -> Event {
    Event::Startup {
        version: env!("CARGO_PKG_VERSION"),
        public_url: settings.server.public_url().to_string(),
        store: settings
            .store
            .engine()
            .map_or("none", |engine| engine.name()),
        sandbox,
    }
}

/// What the operator should know that runs unusual.
fn unusual(settings: &Settings, clock: &Clock) -> Vec<&'static str> {
    let mut unusual = Vec::new();
    if !settings.guard.enabled {
        unusual.push("guard.enabled is false: budgets and cool-down are off; for load tests on loopback only");
    }
    if settings.transmit.tenant_id.is_none() {
        unusual.push("transmit.tenant_id is unset: the tenant of tokens is not checked");
    }
    if TestNumberCounts::of(&settings.test_numbers.parsed(), clock.now())
        .is_some_and(|tally| tally.ended > 0)
    {
        unusual.push("test_numbers names numbers whose `until` has passed: their messages go to the provider");
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
        say_error(&format!(
            "latchkey: serving {application}/, operations on http://{}/",
            settings.operations.address
        ));
    }
    if settings.gateway.is_on() {
        say_error(&format!(
            "latchkey: SMS gateway on http://{}{}",
            settings.gateway.address, settings.gateway.path
        ));
    }
}
