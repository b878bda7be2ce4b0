//! Measures stores with up to a million sessions: `cargo bench --bench million --features
//! ssr,sandbox`.
//!
//! It measures look-ups on both engines, the size of the file, the start of the real binary with
//! it, its memory, and the operator's commands. Each session belongs to another user.
//! Argument: `-- SESSIONS`, default 50,000.

use std::io;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use latchkey::server::audit::{AuditLog, EventSource};
use latchkey::server::crypto::opaque_token::Token;
use latchkey::server::session::CreateOutcome;
use latchkey::server::session::Sessions;
use latchkey::server::settings::Settings;
use latchkey::server::store::redb::{RedbOptions, RedbStore};
use latchkey::server::store::{RecordKind, Store};
use latchkey::server::system::clock::{Clock, Stopwatch};
use latchkey::server::system::random::Random;
use latchkey::server::wiring::{Deps, Product};
use tokio::task::JoinSet;

use latchkey_testkit::http_browser::HttpBrowser;
use latchkey_testkit::latencies::{
    BenchResult, Latencies, load_average, numeric_arguments, print_line,
};
use latchkey_testkit::server_process::{ServerProcess, ServerSetup, wait_until_ok};

/// The allocator of the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Concurrent sign-ins while the store is filled.
const CONCURRENCY: usize = 512;
/// Sessions that are looked up.
const SAMPLE_SIZE: usize = 10_000;
/// Records that one sweep removes, as in the server.
const SWEEP_LIMIT: usize = 1000;

/// Settings that the binary shares with the server that fills the store. There is no upstream.
const SETTINGS: &[(&str, &str)] = &[
    ("SECRETS__KEY", latchkey_testkit::sessions::SECRET_KEY),
    ("TRANSMIT__BASE_URL", latchkey_testkit::sessions::ISSUER),
    ("TRANSMIT__ISSUER", latchkey_testkit::sessions::ISSUER),
];

fn product(store: Arc<dyn Store>) -> BenchResult<Product> {
    let mut settings = Settings::default();
    latchkey_testkit::sessions::fill_required_settings(&mut settings);
    let clock = Clock::system();
    let deps = Deps {
        clock: clock.clone(),
        random: Random::system(),
        audit: AuditLog::to(io::sink(), clock),
    };
    Ok(Product::over(store, settings, deps)?)
}

/// Creates the sessions, and returns the tokens of a sample.
async fn create_sessions(sessions: &Sessions, count: usize) -> BenchResult<Vec<Token>> {
    let watch = Stopwatch::start();
    let every = (count / SAMPLE_SIZE).max(1);
    let mut tasks = JoinSet::new();
    for first in 0..CONCURRENCY {
        let sessions = sessions.clone();
        tasks.spawn(async move {
            let mut sample = Vec::new();
            for number in (first..count).step_by(CONCURRENCY) {
                let created = sessions
                    .create(
                        latchkey_testkit::sessions::new_session(number),
                        None,
                        &EventSource::default(),
                    )
                    .await?;
                let CreateOutcome::Created(token, _) = created else {
                    return Err("a session was revoked at its creation".into());
                };
                if number % every == 0 {
                    sample.push(token);
                }
            }
            BenchResult::Ok(sample)
        });
    }
    let mut sample = Vec::new();
    while let Some(result) = tasks.join_next().await {
        sample.append(&mut result??);
    }
    print_line(format_args!(
        "{count} sessions created: {:.0} a second",
        count as f64 / watch.elapsed().as_secs_f64()
    ));
    Ok(sample)
}

/// Looks the sample up with several callers.
async fn look_up(sessions: &Sessions, sample: &Arc<Vec<Token>>, callers: usize) -> BenchResult {
    let mut tasks = JoinSet::new();
    let whole = Stopwatch::start();
    for first in 0..callers {
        let (sessions, sample) = (sessions.clone(), sample.clone());
        tasks.spawn(async move {
            let mut latencies = Latencies::default();
            for token in sample.iter().skip(first).step_by(callers) {
                let watch = Stopwatch::start();
                sessions.find(token).await?.ok_or("a session is missing")?;
                latencies.record(watch.elapsed());
            }
            BenchResult::Ok(latencies)
        });
    }
    let mut latencies = Latencies::default();
    while let Some(result) = tasks.join_next().await {
        latencies.merge(result??);
    }
    let rate = latencies.count() as f64 / whole.elapsed().as_secs_f64();
    print_line(format_args!(
        "session look-up, {callers} callers: {rate:.0} a second, {} ({})",
        latencies.summary(),
        load_average()
    ));
    Ok(())
}

async fn measure_redb(setup: &ServerSetup, count: usize) -> BenchResult<Arc<Vec<Token>>> {
    print_line(format_args!("redb"));
    let store = Arc::new(RedbStore::open(
        &setup.store_path(),
        RedbOptions::default(),
    )?);
    let product = product(store.clone())?;
    let sample = Arc::new(create_sessions(&product.state.services.sessions, count).await?);
    for callers in [1, 64] {
        look_up(&product.state.services.sessions, &sample, callers).await?;
    }
    product.close().await;
    store.close()?;
    let bytes = std::fs::metadata(setup.store_path())?.len();
    print_line(format_args!(
        "file: {} MB, {} bytes a session",
        bytes / 1_000_000,
        bytes / count as u64
    ));
    Ok(sample)
}

/// Starts the real binary with the file, and prints the time until its first page.
async fn start_server(setup: &ServerSetup) -> BenchResult<ServerProcess> {
    let watch = Stopwatch::start();
    let server = setup.start(&["serve"])?;
    wait_until_ok(setup.application, "/sign-in").await?;
    print_line(format_args!(
        "first page after {:.0?}, {:.1} MB",
        watch.elapsed(),
        server.resident_megabytes()?
    ));
    Ok(server)
}

async fn run_command(
    setup: &ServerSetup,
    server: &ServerProcess,
    arguments: &[&str],
) -> BenchResult {
    let watch = Stopwatch::start();
    let output = setup.run(arguments)?;
    let stdout = String::from_utf8_lossy(&output.stdout);
    let (last, lines) = (
        stdout.trim_end().lines().last().unwrap_or_default(),
        stdout.lines().count(),
    );
    let resident = server.resident_megabytes()?;
    print_line(format_args!(
        "latchkey {}: {:.0?}, {lines} lines, the last `{last}`, {resident:.1} MB",
        arguments.join(" "),
        watch.elapsed()
    ));
    Ok(())
}

/// Measures the binary with the file.
async fn measure_server(setup: &ServerSetup, sample: &[Token]) -> BenchResult {
    let server = start_server(setup).await?;
    let mut latencies = Latencies::default();
    for token in sample {
        let mut browser = HttpBrowser::new(setup.application, Ipv4Addr::LOCALHOST)
            .with_cookie("latchkey", &token.encode());
        browser.connect().await?;
        let watch = Stopwatch::start();
        browser.get("/api/session").await?.into_ok_body()?;
        latencies.record(watch.elapsed());
    }
    print_line(format_args!(
        "GET /api/session: {}, {:.1} MB ({})",
        latencies.summary(),
        server.resident_megabytes()?,
        load_average()
    ));
    run_command(setup, &server, &["sessions", "list"]).await?;
    run_command(
        setup,
        &server,
        &["sessions", "list", "--user", "user-0000000000000001"],
    )
    .await?;
    run_command(setup, &server, &["sessions", "revoke", "--all"]).await
}

/// Measures the sweep of all expired sessions.
async fn measure_sweep(path: &Path, count: usize) -> BenchResult {
    let store = Arc::new(RedbStore::open(path, RedbOptions::default())?);
    let product = product(store.clone())?;
    create_sessions(&product.state.services.sessions, count).await?;
    let (watch, mut swept, mut steps) = (Stopwatch::start(), 0, Latencies::default());
    let end = Clock::system().now() + Duration::from_secs(86_400);
    loop {
        let step = Stopwatch::start();
        let removed = store.sweep(end, SWEEP_LIMIT).await?;
        steps.record(step.elapsed());
        swept += removed;
        if removed < SWEEP_LIMIT {
            break;
        }
    }
    print_line(format_args!(
        "{swept} swept in {:.1?}, a step of {SWEEP_LIMIT} {}",
        watch.elapsed(),
        steps.summary()
    ));
    store.close()?;
    print_line(format_args!(
        "file afterwards: {} MB",
        std::fs::metadata(path)?.len() / 1_000_000
    ));
    Ok(())
}

async fn measure_redis(count: usize) -> BenchResult {
    print_line(format_args!("Redis, without persistence"));
    let server = latchkey_testkit::redis_server::RedisServer::start_with(&["--appendonly", "no"]);
    let store = Arc::new(server.ready_store().await?);
    let before = server.memory_info("used_memory").await?;
    let product = product(store.clone())?;
    let sample = Arc::new(create_sessions(&product.state.services.sessions, count).await?);
    let after = server.memory_info("used_memory").await?;
    print_line(format_args!(
        "memory: {} MB, {} bytes a session",
        after / 1_000_000,
        (after - before) / count as u64
    ));
    for callers in [1, 64] {
        look_up(&product.state.services.sessions, &sample, callers).await?;
    }
    let watch = Stopwatch::start();
    let found = store
        .scan(RecordKind::Session, 10_000, Clock::system().now())
        .await?
        .len();
    print_line(format_args!("listing {found}: {:.0?}", watch.elapsed()));
    let watch = Stopwatch::start();
    let ended = product
        .state
        .services
        .sessions
        .revoke_everybody(&EventSource::default())
        .await?;
    print_line(format_args!("{ended} revoked in {:.1?}", watch.elapsed()));
    Ok(())
}

#[tokio::main]
async fn main() -> BenchResult {
    let [count] = numeric_arguments([50_000]);
    let setup = ServerSetup::new(env!("CARGO_BIN_EXE_latchkey"), SETTINGS)?;
    let sample = measure_redb(&setup, count).await?;
    measure_server(&setup, &sample).await?;
    let folder = tempfile::tempdir()?;
    measure_sweep(&folder.path().join("store.redb"), count).await?;
    measure_redis(count).await
}
