//! A million sessions: `cargo bench --bench million --features ssr,sandbox`.
//!
//! Look-ups among them, on both engines; the file and the time that the real binary takes to start
//! with it, its memory, and the operator's commands. `-- SESSIONS` after it: 50,000 without. The
//! sessions are those of people with one session each.

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

/// The binary's own.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Who signs in at once while the store is filled.
const AT_ONCE: usize = 512;
/// Sessions that are looked up, of all that there are.
const SAMPLE: usize = 10_000;
/// How many are swept in one go, as the server does it.
const SWEEP: usize = 1000;

/// What the binary must share with the product that fills the store; nobody answers for upstream.
const SETTINGS: &[(&str, &str)] = &[
    ("SECRETS__KEY", latchkey_testkit::sessions::SECRET_KEY),
    ("TRANSMIT__BASE_URL", latchkey_testkit::sessions::ISSUER),
    ("TRANSMIT__ISSUER", latchkey_testkit::sessions::ISSUER),
];

fn product(store: Arc<dyn Store>) -> BenchResult<Product> {
    let mut settings = Settings::default();
    latchkey_testkit::sessions::fill_required_settings(&mut settings);
    let clock = Clock::system();
    let around = Deps {
        clock: clock.clone(),
        random: Random::system(),
        audit: AuditLog::to(io::sink(), clock),
    };
    Ok(Product::over(store, settings, around)?)
}

/// Begins the sessions; gives the tokens of some.
async fn fill(sessions: &Sessions, count: usize) -> BenchResult<Vec<Token>> {
    let watch = Stopwatch::start();
    let every = (count / SAMPLE).max(1);
    let mut tasks = JoinSet::new();
    for first in 0..AT_ONCE {
        let sessions = sessions.clone();
        tasks.spawn(async move {
            let mut sample = Vec::new();
            for number in (first..count).step_by(AT_ONCE) {
                let created = sessions
                    .create(
                        latchkey_testkit::sessions::new_session(number),
                        None,
                        &EventSource::default(),
                    )
                    .await?;
                let CreateOutcome::Created(token, _) = created else {
                    return Err("a session was revoked when it was created".into());
                };
                if number % every == 0 {
                    sample.push(token);
                }
            }
            BenchResult::Ok(sample)
        });
    }
    let mut sample = Vec::new();
    while let Some(own) = tasks.join_next().await {
        sample.append(&mut own??);
    }
    print_line(format_args!(
        "{count} sessions begun: {:.0} a second",
        count as f64 / watch.elapsed().as_secs_f64()
    ));
    Ok(sample)
}

/// Looks all of the sample up, from so many callers.
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
    while let Some(own) = tasks.join_next().await {
        latencies.merge(own??);
    }
    let rate = latencies.count() as f64 / whole.elapsed().as_secs_f64();
    print_line(format_args!(
        "session look-up, {callers} callers: {rate:.0} a second, {} ({})",
        latencies.summary(),
        load_average()
    ));
    Ok(())
}

async fn embedded(setup: &ServerSetup, count: usize) -> BenchResult<Arc<Vec<Token>>> {
    print_line(format_args!("redb"));
    let store = Arc::new(RedbStore::open(
        &setup.store_path(),
        RedbOptions::default(),
    )?);
    let product = product(store.clone())?;
    let sample = Arc::new(fill(&product.site.sessions, count).await?);
    for callers in [1, 64] {
        look_up(&product.site.sessions, &sample, callers).await?;
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

/// Starts the real binary on the file, and says after what time it gave the first page.
async fn start(setup: &ServerSetup) -> BenchResult<ServerProcess> {
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

async fn command(setup: &ServerSetup, server: &ServerProcess, words: &[&str]) -> BenchResult {
    let watch = Stopwatch::start();
    let output = setup.run(words)?;
    let said = String::from_utf8_lossy(&output.stdout);
    let (last, lines) = (
        said.trim_end().lines().last().unwrap_or_default(),
        said.lines().count(),
    );
    let resident = server.resident_megabytes()?;
    print_line(format_args!(
        "latchkey {}: {:.0?}, {lines} lines, the last `{last}`, {resident:.1} MB",
        words.join(" "),
        watch.elapsed()
    ));
    Ok(())
}

/// What the binary makes of the file.
async fn serve(setup: &ServerSetup, sample: &[Token]) -> BenchResult {
    let server = start(setup).await?;
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
    command(setup, &server, &["sessions", "list"]).await?;
    command(
        setup,
        &server,
        &["sessions", "list", "--user", "user-0000000000000001"],
    )
    .await?;
    command(setup, &server, &["sessions", "revoke", "--all"]).await
}

/// Everything that ended goes, a step at a time.
async fn sweep(path: &Path, count: usize) -> BenchResult {
    let store = Arc::new(RedbStore::open(path, RedbOptions::default())?);
    let product = product(store.clone())?;
    fill(&product.site.sessions, count).await?;
    let (watch, mut swept, mut steps) = (Stopwatch::start(), 0, Latencies::default());
    let end = Clock::system().now() + Duration::from_secs(86_400);
    loop {
        let step = Stopwatch::start();
        let removed = store.sweep(end, SWEEP).await?;
        steps.record(step.elapsed());
        swept += removed;
        if removed < SWEEP {
            break;
        }
    }
    print_line(format_args!(
        "{swept} swept in {:.1?}, a step of {SWEEP} {}",
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

async fn shared(count: usize) -> BenchResult {
    print_line(format_args!("Redis, nothing on the disk"));
    let server = latchkey_testkit::redis_server::RedisServer::start_with(&["--appendonly", "no"]);
    let store = Arc::new(server.ready_store().await?);
    let before = server.memory_info("used_memory").await?;
    let product = product(store.clone())?;
    let sample = Arc::new(fill(&product.site.sessions, count).await?);
    let after = server.memory_info("used_memory").await?;
    print_line(format_args!(
        "memory: {} MB, {} bytes a session",
        after / 1_000_000,
        (after - before) / count as u64
    ));
    for callers in [1, 64] {
        look_up(&product.site.sessions, &sample, callers).await?;
    }
    let watch = Stopwatch::start();
    let found = store
        .scan(RecordKind::Session, 10_000, Clock::system().now())
        .await?
        .len();
    print_line(format_args!("listing {found}: {:.0?}", watch.elapsed()));
    let watch = Stopwatch::start();
    let ended = product
        .site
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
    let sample = embedded(&setup, count).await?;
    serve(&setup, &sample).await?;
    let folder = tempfile::tempdir()?;
    sweep(&folder.path().join("store.redb"), count).await?;
    shared(count).await
}
