//! `latchkey serve`: starts the server, and stops it without losing anything.

use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use latchkey::server::admin::admin_socket::{self, AdminSocket};
use latchkey::server::audit::{AuditLog, Event, EventSource, chain};
use latchkey::server::crypto::secret_key;
use latchkey::server::http::static_files::StaticFiles;
use latchkey::server::passcode_policy::{SHORT_CODES, TenantPasscodePolicy};
use latchkey::server::settings::Settings;
use latchkey::server::settings::test_numbers::TestNumberCounts;
use latchkey::server::system::clock::Clock;
use latchkey::server::system::private_files;
use latchkey::server::system::random::Random;
use latchkey::server::telemetry;
use latchkey::server::wiring::{Deps, Product, StartupError};

mod background_tasks;
mod gateway_listener;
mod inherited_sockets;
mod listeners;
mod running_server;
mod service_manager;

use self::listeners::Listeners;
use self::running_server::RunningServer;
use self::service_manager::ServiceManager;
use crate::cli::closed_descriptors::StandardDescriptor;
use crate::cli::command_error::CommandError;
use crate::cli::context::{
    CommandResult, Context, print_message, require_valid_settings, start_server_log,
};
use crate::cli::signal::{Hangups, StopSignal, stop_signal};
use crate::cli::store_ownership::StoreOwnership;

/// Runs the server until a stop signal.
pub async fn serve(context: Context, with_sandbox: bool) -> CommandResult {
    let Context {
        mut settings,
        sources,
        clock,
        random,
    } = context;
    start_server_log(settings.telemetry.log_format)?
        .install(&settings.telemetry.log_filter())
        .map_err(|error| error.to_string())?;
    // A start may take seconds, and a log rotation must not end it.
    let hangups = Hangups::listen();
    let sandbox = start_sandbox(&mut settings, with_sandbox).await?;
    let has_sandbox = sandbox.is_some();
    require_valid_settings(&settings, &sources, &clock)?;
    StaticFiles::ensure_complete()?;
    for text in risky_settings(&settings, &clock) {
        tracing::warn!("{text}");
    }
    for text in settings.sign_in.senders.warnings(settings.gateway.is_on()) {
        tracing::warn!("{text}");
    }
    let listeners = Listeners::bind(&settings).await?;
    if has_sandbox && settings.telemetry.audit_file.is_none() && std::io::stdout().is_terminal() {
        // On the terminal, events would hide the addresses to open.
        settings.telemetry.audit_file = Some(settings.data_directory().join("audit.jsonl"));
    }
    create_data_directory(&settings)?;
    let audit = open_audit_log(&settings, &random, &clock)?;
    let rotated = audit.clone();
    hangups.handle(move || {
        tracing::info!("SIGHUP: the audit file is opened again");
        rotated.reopen();
    });
    let metrics = telemetry::install_recorder(&settings.sign_in.delays())
        .map_err(|error| error.to_string())?;
    // Leptos runs server functions on this executor, which can be set once.
    any_spawner::Executor::init_tokio().map_err(|error| format!("the executor: {error}"))?;
    let deps = Deps {
        clock: clock.clone(),
        random,
        audit: audit.clone(),
    };
    let product = Product::open(settings.clone(), deps)?;
    let ownership = StoreOwnership::new(&product, &settings, clock.clone());
    let is_claimed = ownership.claim().await?;
    let origin = EventSource::default();
    // First of all, because reading the passcode policy may be an event too.
    audit.emit(&origin, &startup_event(&settings, has_sandbox));
    if let Some(summary) = product.test_numbers.startup_event() {
        audit.emit(&origin, &summary);
    }
    let codes_are_long = require_long_codes(&product.tenant_policy).await;
    if codes_are_long.is_err() {
        end_audit_log(&audit);
    }
    codes_are_long?;
    let admin_socket = bind_admin_socket(&settings);

    // Installed before the server is visible, so that a stop right after the start is orderly too.
    let stopped = stop_signal();
    let running =
        RunningServer::start(product, listeners, admin_socket, &settings, &clock, metrics);
    print_addresses(&settings, has_sandbox);
    let manager = Arc::new(ServiceManager::of_this_process());
    manager.notify_ready(&settings.server.origin());
    feed_watchdog(manager.clone(), clock.clone());

    let (result, drain) = tokio::select! {
        signal = stopped => (Ok(ExitCode::SUCCESS), match signal {
            StopSignal::Terminate => settings.server.drain.0,
            // A person at a terminal does not wait for a load balancer.
            StopSignal::Interrupt => Duration::ZERO,
        }),
        why = ownership.maintain(is_claimed) => (Err(CommandError::Fault(why)), Duration::ZERO),
    };
    manager.notify_stopping();
    print_message("latchkey: stopping; a second signal stops at once");
    tokio::select! {
        stopped = running.stop(drain, settings.server.shutdown_grace.0, &clock) => {
            if stopped.is_err() {
                tracing::warn!("not everything ended within server.shutdown_grace");
            }
        }
        _ = stop_signal() => tracing::warn!("stopped at once"),
    }
    end_audit_log(&audit);
    #[cfg(feature = "sandbox")]
    if let Some(sandbox) = sandbox {
        sandbox.stop().await;
    }
    result
}

/// Writes the last event, and waits until all are written.
fn end_audit_log(audit: &AuditLog) {
    audit.emit(&EventSource::default(), &Event::Shutdown);
    if let Err(error) = audit.finish() {
        tracing::error!(%error, "the audit log is incomplete");
    }
}

/// Reads the tenant's passcode policy, and refuses to start where its codes are too short. A tenant
/// that does not say in time refuses nothing.
async fn require_long_codes(policy: &TenantPasscodePolicy) -> Result<(), CommandError> {
    policy.start().await;
    if policy.status().has_refused_length {
        return Err(CommandError::Fault(SHORT_CODES.to_owned()));
    }
    Ok(())
}

/// Feeds the watchdog until the process ends, so that a stop may take longer than the watchdog
/// waits.
fn feed_watchdog(manager: Arc<ServiceManager>, clock: Clock) {
    tokio::spawn(async move { manager.feed_watchdog(&clock).await });
}

fn open_audit_log(
    settings: &Settings,
    random: &Random,
    clock: &Clock,
) -> Result<AuditLog, CommandError> {
    if settings.telemetry.audit_file.is_none() && StandardDescriptor::Output.was_closed() {
        let text = "standard output is closed, and the audit log is written to it; open it, or \
            set telemetry.audit_file";
        return Err(CommandError::Fault(text.to_owned()));
    }
    let ring = secret_key::read_or_create(settings, random).map_err(StartupError::from)?;
    let keys = chain::derive_keys(&ring).map_err(StartupError::from)?;
    AuditLog::start(&settings.telemetry, &keys, random, clock.clone()).map_err(|error| {
        let file = settings.telemetry.audit_file.as_deref();
        let file = file.unwrap_or(Path::new("standard output"));
        CommandError::io(format!("telemetry.audit_file: {}", file.display()), &error)
    })
}

/// The admin socket, where the server owns its store. It exists before the server listens, so that
/// a command that is sent once the server responds reaches it.
fn bind_admin_socket(settings: &Settings) -> Option<AdminSocket> {
    if settings.store.is_shared() {
        return None;
    }
    let path = admin_socket::socket_path(&settings.data_directory());
    match AdminSocket::bind(path.clone()) {
        Ok(socket) => Some(socket),
        Err(error) => {
            let path = path.display();
            tracing::error!(%error, %path, "there is no admin socket: operator commands fail");
            None
        }
    }
}

/// Creates the data directory, unless everything is stored in Redis.
fn create_data_directory(settings: &Settings) -> Result<(), CommandError> {
    let data = settings.data_directory();
    let audit_file = settings.telemetry.audit_file.as_ref();
    let holds_audit_log = audit_file.is_some_and(|file| file.starts_with(&data));
    if settings.store.is_shared() && !holds_audit_log {
        return Ok(());
    }
    private_files::create_folder(&data)
        .map_err(|error| CommandError::io(format!("the data directory {}", data.display()), &error))
}

#[cfg(feature = "sandbox")]
type RunningSandbox = latchkey_sandbox::Sandbox;
#[cfg(not(feature = "sandbox"))]
type RunningSandbox = std::convert::Infallible;

#[cfg(feature = "sandbox")]
async fn start_sandbox(
    settings: &mut Settings,
    is_requested: bool,
) -> Result<Option<RunningSandbox>, CommandError> {
    // `cargo leptos watch` works without settings.
    let is_default =
        cfg!(development) && settings.transmit.is_unset() && settings.server.is_loopback();
    if !is_requested && !is_default {
        return Ok(None);
    }
    if !is_requested {
        print_message(
            "latchkey: no transmit settings; starting the sandbox, as development builds do on \
             loopback",
        );
    }
    let sandbox = crate::cli::sandbox::start_for_server(settings).await?;
    Ok(Some(sandbox))
}

#[cfg(not(feature = "sandbox"))]
async fn start_sandbox(
    _: &mut Settings,
    is_requested: bool,
) -> Result<Option<RunningSandbox>, CommandError> {
    if is_requested {
        Err("this build has no sandbox".into())
    } else {
        Ok(None)
    }
}

fn startup_event(settings: &Settings, has_sandbox: bool) -> Event {
    let engine = settings.store.engine();
    Event::Startup {
        version: env!("CARGO_PKG_VERSION"),
        public_url: settings.server.public_url().to_string(),
        store: engine.map_or("none", |engine| engine.name()),
        sandbox: has_sandbox,
    }
}

/// Settings that weaken protection, which the log names at each start.
fn risky_settings(settings: &Settings, clock: &Clock) -> Vec<&'static str> {
    let mut risky = Vec::new();
    if !settings.guard.enabled {
        risky.push(
            "guard.enabled is false: budgets and cool-down are off; for load tests on \
            loopback only",
        );
    }
    if settings.transmit.tenant_id.is_none() {
        risky.push("transmit.tenant_id is unset: the tenant of tokens is not checked");
    }
    if TestNumberCounts::of(&settings.test_numbers.parsed(), clock.now())
        .is_some_and(|tally| tally.ended > 0)
    {
        risky.push(
            "test_numbers names numbers whose `until` has passed: their messages go to the \
            provider",
        );
    }
    risky.extend(settings.security_txt.warning(clock.now()));
    risky
}

fn print_addresses(settings: &Settings, has_sandbox: bool) {
    let application = settings.server.origin();
    if has_sandbox {
        let phone = format!("http://{}", settings.sandbox.address);
        let who = if settings.is_sign_up_open() {
            "Any mobile number of a served country will do, such as +44 7400 123456.".to_owned()
        } else {
            format!("Sign-up is closed: create a user here first, {phone}/users")
        };
        print_message(&format!(
            "\n  Latchkey is up, with a sandbox: no account needed, no SMS sent.\n\n  \
             Sign in here           {application}/\n  Read the messages here {phone}/\n\n  \
             {who}\n  \
             Ctrl-C stops it.\n"
        ));
    } else {
        print_message(&format!(
            "latchkey: serving {application}/, operations on http://{}/",
            settings.operations.address
        ));
    }
    if settings.gateway.is_on() {
        print_message(&format!(
            "latchkey: SMS gateway on http://{}{}",
            settings.gateway.address, settings.gateway.path
        ));
    }
}
