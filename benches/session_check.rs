//! What a session check costs beside a bare route: `cargo bench --bench session_check --features
//! ssr,sandbox`.
//!
//! Both are served by the product's own listener in one runtime, and asked by the same client over
//! connections that are kept. They take turns, so that whatever else the machine does hits both.
//! The rate of the check should be 60 % of the bare route's. A timer that runs beside them says
//! whether anything blocks the runtime. `-- SECONDS CONNECTIONS` after it: 2 and 16 without.

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

/// The binary's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const ROUNDS: usize = 3;
/// How late a timer may be noticed to be: it sleeps that long, again and again.
const PULSE: Duration = Duration::from_millis(1);

/// Asks for a path as often as it can for that long.
async fn ask(
    server: SocketAddr,
    path: &'static str,
    cookie: String,
    time: Duration,
) -> BenchResult<Latencies> {
    let mut browser =
        HttpBrowser::new(server, Ipv4Addr::LOCALHOST).with_cookie("latchkey", &cookie);
    let (mut latencies, whole) = (Latencies::default(), Stopwatch::start());
    while whole.elapsed() < time {
        let watch = Stopwatch::start();
        browser.get(path).await?.into_ok_body()?;
        latencies.record(watch.elapsed());
    }
    Ok(latencies)
}

/// The same from several connections, in a thread of their own.
fn ask_together(
    server: SocketAddr,
    path: &'static str,
    cookie: &str,
    time: Duration,
    connections: usize,
) -> BenchResult<Latencies> {
    Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(async {
            let mut clients = JoinSet::new();
            for _ in 0..connections {
                clients.spawn(ask(server, path, cookie.to_owned(), time));
            }
            let mut latencies = Latencies::default();
            while let Some(own) = clients.join_next().await {
                latencies.merge(own??);
            }
            Ok(latencies)
        })
}

/// How late timers of this runtime are, until it is told to stop.
async fn pulse(stop: CancellationToken) -> Latencies {
    let (clock, mut lateness) = (Clock::system(), Latencies::default());
    while !stop.is_cancelled() {
        let watch = Stopwatch::start();
        clock.sleep(PULSE).await;
        lateness.record(watch.elapsed().saturating_sub(PULSE));
    }
    lateness
}

struct Sides {
    bare: SocketAddr,
    product: SocketAddr,
    cookie: String,
}

async fn serve(folder: &std::path::Path) -> BenchResult<Sides> {
    let store = Arc::new(RedbStore::open(
        &folder.join("store.redb"),
        RedbOptions::default(),
    )?);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let mut settings = Settings::default();
    settings.server.address = listener.local_addr()?;
    latchkey_testkit::sessions::fill_required_settings(&mut settings);
    let clock = Clock::system();
    let around = Deps {
        clock: clock.clone(),
        random: Random::system(),
        audit: AuditLog::to(io::sink(), clock.clone()),
    };
    let product = Product::over(store, settings, around)?;
    let created = product
        .site
        .sessions
        .create(
            latchkey_testkit::sessions::new_session(1),
            None,
            &EventSource::default(),
        )
        .await?;
    let CreateOutcome::Created(token, _) = created else {
        return Err("a session was revoked when it was created".into());
    };
    let bare = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let sides = Sides {
        bare: bare.local_addr()?,
        product: listener.local_addr()?,
        cookie: token.encode(),
    };
    let limits = ConnectionLimits {
        connections: 4096,
        head_timeout: Duration::from_secs(75),
    };
    let router = Router::new().route("/", get(async || "signed in"));
    tokio::spawn(listener::serve(
        bare,
        router,
        limits,
        clock.clone(),
        CancellationToken::new(),
    ));
    tokio::spawn(listener::serve(
        listener,
        product.router(),
        limits,
        clock,
        CancellationToken::new(),
    ));
    Ok(sides)
}

fn main() -> BenchResult {
    let [seconds, connections] = numeric_arguments([2, 16]);
    let time = Duration::from_secs(u64::try_from(seconds)?);
    let folder = tempfile::tempdir()?;
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    let sides = runtime.block_on(serve(folder.path()))?;
    for path in ["/api/session", "/forward-auth"] {
        let mut ratios = Vec::new();
        for _ in 0..ROUNDS {
            let mut rates = Vec::new();
            for (name, server, path) in [("bare", sides.bare, "/"), (path, sides.product, path)] {
                let stop = CancellationToken::new();
                let beside = runtime.spawn(pulse(stop.clone()));
                let cookie = sides.cookie.clone();
                let asking =
                    thread::spawn(move || ask_together(server, path, &cookie, time, connections));
                let mut latencies = asking.join().map_err(|_| "the client broke off")??;
                stop.cancel();
                let mut lateness = runtime.block_on(beside)?;
                let rate = latencies.count() as f64 / time.as_secs_f64();
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
