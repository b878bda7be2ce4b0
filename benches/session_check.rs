//! Compares the rate of session checks with that of a bare axum route: `cargo bench --bench
//! session_check --features ssr,sandbox`.
//!
//! Latchkey's listener serves both in one runtime, and the same client requests both over
//! persistent connections. They are measured in turns, so that other load of the machine affects
//! both. The rate of the check should be at least 60 % of the bare route's. A concurrent timer
//! shows whether anything blocks the runtime.
//! Arguments: `-- SECONDS CONNECTIONS`, default 2 and 16.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use std::{io, thread};

use axum::Router;
use axum::routing::get;
use latchkey::server::audit::{AuditLog, EventSource};
use latchkey::server::session::CreateOutcome;
use latchkey::server::settings::Settings;
use latchkey::server::store::redb::{RedbOptions, RedbStore};
use latchkey::server::system::clock::{Clock, Stopwatch};
use latchkey::server::system::listener::{self, ConnectionLimits};
use latchkey::server::system::random::Random;
use latchkey::server::wiring::{Deps, Product};
use tokio::net::TcpListener;
use tokio::runtime::Builder;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use latchkey_testkit::http_browser::HttpBrowser;
use latchkey_testkit::latencies::{
    BenchResult, Latencies, load_average, numeric_arguments, print_line,
};

/// The allocator of the binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 3;
/// The interval of the timer.
const TIMER_INTERVAL: Duration = Duration::from_millis(1);

/// Requests a path again and again on one connection.
async fn send_requests(
    server: SocketAddr,
    path: &'static str,
    cookie: String,
    duration: Duration,
) -> BenchResult<Latencies> {
    let mut browser =
        HttpBrowser::new(server, Ipv4Addr::LOCALHOST).with_cookie("latchkey", &cookie);
    let (mut latencies, whole) = (Latencies::default(), Stopwatch::start());
    while whole.elapsed() < duration {
        let watch = Stopwatch::start();
        browser.get(path).await?.into_ok_body()?;
        latencies.record(watch.elapsed());
    }
    Ok(latencies)
}

/// Requests a path on several connections, in a separate thread.
fn send_concurrent_requests(
    server: SocketAddr,
    path: &'static str,
    cookie: &str,
    duration: Duration,
    connections: usize,
) -> BenchResult<Latencies> {
    Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(async {
            let mut clients = JoinSet::new();
            for _ in 0..connections {
                clients.spawn(send_requests(server, path, cookie.to_owned(), duration));
            }
            let mut latencies = Latencies::default();
            while let Some(result) = clients.join_next().await {
                latencies.merge(result??);
            }
            Ok(latencies)
        })
}

/// Measures how late the timers of this runtime are, until it is stopped.
async fn measure_timer_lateness(stop: CancellationToken) -> Latencies {
    let (clock, mut lateness) = (Clock::system(), Latencies::default());
    while !stop.is_cancelled() {
        let watch = Stopwatch::start();
        clock.sleep(TIMER_INTERVAL).await;
        lateness.record(watch.elapsed().saturating_sub(TIMER_INTERVAL));
    }
    lateness
}

struct Servers {
    bare: SocketAddr,
    latchkey: SocketAddr,
    cookie: String,
}

async fn start_servers(folder: &std::path::Path) -> BenchResult<Servers> {
    let store = Arc::new(RedbStore::open(
        &folder.join("store.redb"),
        RedbOptions::default(),
    )?);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let mut settings = Settings::default();
    settings.server.address = listener.local_addr()?;
    latchkey_testkit::sessions::fill_required_settings(&mut settings);
    let clock = Clock::system();
    let deps = Deps {
        clock: clock.clone(),
        random: Random::system(),
        audit: AuditLog::to(io::sink(), clock.clone()),
    };
    let product = Product::over(store, settings, deps)?;
    let created = product
        .state
        .services
        .sessions
        .create(
            latchkey_testkit::sessions::new_session(1),
            None,
            &EventSource::default(),
        )
        .await?;
    let CreateOutcome::Created(token, _) = created else {
        return Err("a session was revoked at its creation".into());
    };
    let bare = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let servers = Servers {
        bare: bare.local_addr()?,
        latchkey: listener.local_addr()?,
        cookie: token.encode(),
    };
    let limits = ConnectionLimits {
        listener: "public",
        connections: 4096,
        per_address: 4096,
        trusted: [].into(),
        first_head_timeout: Duration::from_secs(75),
        head_timeout: Duration::from_secs(75),
    };
    let router = Router::new().route("/", get(async || "signed in"));
    tokio::spawn(listener::serve(
        bare,
        router,
        limits.clone(),
        clock.clone(),
        Random::system(),
        CancellationToken::new(),
    ));
    tokio::spawn(listener::serve(
        listener,
        product.router(),
        limits,
        clock,
        Random::system(),
        CancellationToken::new(),
    ));
    Ok(servers)
}

fn main() -> BenchResult {
    let [seconds, connections] = numeric_arguments([2, 16]);
    let duration = Duration::from_secs(u64::try_from(seconds)?);
    let folder = tempfile::tempdir()?;
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    let servers = runtime.block_on(start_servers(folder.path()))?;
    for path in ["/api/session", "/forward-auth"] {
        let mut ratios = Vec::new();
        for _ in 0..ROUNDS {
            let mut rates = Vec::new();
            for (name, server, path) in
                [("bare", servers.bare, "/"), (path, servers.latchkey, path)]
            {
                let stop = CancellationToken::new();
                let timer = runtime.spawn(measure_timer_lateness(stop.clone()));
                let cookie = servers.cookie.clone();
                let client = thread::spawn(move || {
                    send_concurrent_requests(server, path, &cookie, duration, connections)
                });
                let mut latencies = client.join().map_err(|_| "the client panicked")??;
                stop.cancel();
                let mut lateness = runtime.block_on(timer)?;
                let rate = latencies.count() as f64 / duration.as_secs_f64();
                let (latency, late) = (latencies.summary(), lateness.exceeded_by_one_in(100));
                print_line(format_args!(
                    "{name}: {rate:.0} a second, {latency}; a timer late by {late:.0?} (p99)"
                ));
                rates.push(rate);
            }
            ratios.push(
                rates
                    .iter()
                    .rev()
                    .copied()
                    .reduce(|check, bare| check / bare)
                    .unwrap_or_default(),
            );
        }
        ratios.sort_by(f64::total_cmp);
        let median = ratios.get(ROUNDS / 2).copied().unwrap_or_default();
        print_line(format_args!(
            "{path}: {:.0} % of the bare route's rate (budget: at least 60 %; {})",
            median * 100.0,
            load_average()
        ));
    }
    Ok(())
}
