//! Measures CPU time and memory of whole journeys: `cargo bench --bench journeys --features
//! ssr,sandbox`.
//!
//! It runs the real binary with every protection on, and the sandbox in another process. A journey
//! is the pages, a send, a verify, five session checks and a sign-out, by a known number. Then
//! clients abort requests, and memory is measured again.
//! Arguments: `-- JOURNEYS CONCURRENCY ABORTS`, default 400, 16 and 2000. The soak test uses
//! 100000, 32 and 100000.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use latchkey::server::system::clock::{Clock, Stopwatch};
use tokio::task::JoinSet;

use latchkey_testkit::http_browser::HttpBrowser;
use latchkey_testkit::latencies::{
    BenchResult, Latencies, load_average, numeric_arguments, print_line,
};
use latchkey_testkit::server_process::{ServerProcess, ServerSetup, wait_until_ok};

/// Parts in which a soak test is reported.
const PARTS: usize = 4;
/// Paths of aborted requests.
const ABORTED_PATHS: [&str; 4] = ["/sign-in", "/code", "/account", "/api/session"];

/// Runs one journey, and returns the latencies of its session checks.
async fn run_journey(setup: &ServerSetup, number: usize) -> BenchResult<Latencies> {
    let [_, a, b, c] = u32::try_from(number)?.to_be_bytes();
    let mut browser = HttpBrowser::new(setup.application, Ipv4Addr::new(10, a, b, c));
    let mut upstream = HttpBrowser::new(setup.sandbox, Ipv4Addr::LOCALHOST);
    let phone = format!("%2B447400{number:06}");
    upstream
        .put(&format!("/control/users/{phone}"), r#"{"status":"Active"}"#)
        .await?
        .into_ok_body()?;
    browser.get("/sign-in").await?.into_ok_body()?;
    browser
        .post("send-code", &format!("phone={phone}"))
        .await?
        .into_ok_body()?;
    browser.get("/code").await?.into_ok_body()?;
    let code = wait_for_code(&mut upstream, &phone).await?;
    browser
        .post("verify-code", &format!("code={code}"))
        .await?
        .into_ok_body()?;
    browser.get("/account").await?.into_ok_body()?;
    let mut checks = Latencies::default();
    for _ in 0..5 {
        let watch = Stopwatch::start();
        browser.get("/api/session").await?.into_ok_body()?;
        checks.record(watch.elapsed());
    }
    browser.post("sign-out", "").await?.into_ok_body()?;
    Ok(checks)
}

/// Waits for the code in the inbox.
async fn wait_for_code(upstream: &mut HttpBrowser, phone: &str) -> BenchResult<String> {
    for _ in 0..500 {
        let inbox = upstream
            .get(&format!("/inbox.json?phone={phone}"))
            .await?
            .into_ok_body()?;
        let messages: serde_json::Value = serde_json::from_str(&inbox)?;
        if let Some(code) = messages
            .as_array()
            .and_then(|messages| messages.last()?["code"].as_str())
        {
            return Ok(code.to_owned());
        }
        Clock::system().sleep(Duration::from_millis(5)).await;
    }
    Err("no message arrived".into())
}

/// Runs the journeys of these numbers concurrently, and prints the cost of each.
async fn run_journeys(
    setup: &Arc<ServerSetup>,
    server: &ServerProcess,
    first: usize,
    count: usize,
    concurrency: usize,
) -> BenchResult {
    let (before, watch) = (server.cpu_seconds()?, Stopwatch::start());
    let mut tasks = JoinSet::new();
    for task in 0..concurrency {
        let setup = setup.clone();
        tasks.spawn(async move {
            let mut checks = Latencies::default();
            for number in (first + task..first + count).step_by(concurrency) {
                checks.merge(run_journey(&setup, number).await?);
            }
            BenchResult::Ok(checks)
        });
    }
    let mut checks = Latencies::default();
    while let Some(result) = tasks.join_next().await {
        checks.merge(result??);
    }
    let each = (server.cpu_seconds()? - before) * 1000.0 / count as f64;
    let (rate, resident) = (
        count as f64 / watch.elapsed().as_secs_f64(),
        server.resident_megabytes()?,
    );
    print_line(format_args!(
        "{count} journeys, {concurrency} concurrent: {each:.2} CPU-ms each, {rate:.0} a second, \
         session check {}, {resident:.1} MB ({})",
        checks.summary(),
        load_average()
    ));
    Ok(())
}

/// Sends requests, some of them incomplete, and closes their connections.
async fn abort_requests(
    setup: &Arc<ServerSetup>,
    server: &ServerProcess,
    count: usize,
    concurrency: usize,
) -> BenchResult {
    let mut clients = JoinSet::new();
    for client in 0..concurrency {
        let setup = setup.clone();
        clients.spawn(async move {
            let mut browser = HttpBrowser::new(setup.application, Ipv4Addr::new(10, 255, 0, 1));
            for (number, path) in (client..count)
                .step_by(concurrency)
                .zip(ABORTED_PATHS.into_iter().cycle())
            {
                browser.abort(path, number % 150).await?;
            }
            BenchResult::Ok(())
        });
    }
    while let Some(done) = clients.join_next().await {
        done??;
    }
    // Lets the server finish the aborted requests.
    Clock::system().sleep(Duration::from_secs(1)).await;
    print_line(format_args!(
        "{count} requests aborted: {:.1} MB",
        server.resident_megabytes()?
    ));
    Ok(())
}

#[tokio::main]
async fn main() -> BenchResult {
    let [journeys, concurrency, aborts] = numeric_arguments([400, 16, 2000]);
    let setup = Arc::new(ServerSetup::new(
        env!("CARGO_BIN_EXE_latchkey"),
        &[("SIGN_IN__ANSWER_AFTER", "100ms")],
    )?);
    let _sandbox = setup.start(&["sandbox"])?;
    wait_until_ok(setup.sandbox, "/control/calls").await?;
    let watch = Stopwatch::start();
    let server = setup.start(&["serve"])?;
    wait_until_ok(setup.application, "/sign-in").await?;
    print_line(format_args!(
        "first page after {:.0?}, {:.1} MB",
        watch.elapsed(),
        server.resident_megabytes()?
    ));
    let mut first = 0;
    for (count, concurrency) in [
        (concurrency, concurrency),
        (journeys / 10, 1),
        (journeys / 4, 8),
        (journeys / 2, 32),
    ] {
        run_journeys(&setup, &server, first, count.max(1), concurrency).await?;
        first += count.max(1);
    }
    for _ in 0..PARTS {
        run_journeys(
            &setup,
            &server,
            first,
            (journeys / PARTS).max(1),
            concurrency,
        )
        .await?;
        first += (journeys / PARTS).max(1);
    }
    abort_requests(&setup, &server, aborts, concurrency).await?;
    run_journeys(&setup, &server, first, concurrency, concurrency).await
}
