//! What a whole journey costs the server, and what it holds after many: `cargo bench --bench
//! journeys --features ssr,sandbox`.
//!
//! The real binary with every protection on, and the sandbox in another process. A journey is the
//! pages, a send, a verify, five session checks and a sign-out, by a known number. Then clients
//! that go away in the midst of a request, and memory again. `-- JOURNEYS AT_ONCE ABORTS` after it:
//! 400, 16 and 2000 without; 100000, 32 and 100000 are the soak.

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

/// In how many parts a soak is reported.
const PARTS: usize = 4;
/// Where a client goes away: on each of these.
const PATHS: [&str; 4] = ["/sign-in", "/code", "/account", "/api/session"];

/// One person from the form to the sign-out; how long the session checks took.
async fn journey(setup: &ServerSetup, number: usize) -> BenchResult<Latencies> {
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
    let code = code(&mut upstream, &phone).await?;
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

/// The code on the phone.
async fn code(upstream: &mut HttpBrowser, phone: &str) -> BenchResult<String> {
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
    Err("no message came".into())
}

/// Journeys of those numbers, so many at once; prints what each cost.
async fn travel(
    setup: &Arc<ServerSetup>,
    server: &ServerProcess,
    first: usize,
    count: usize,
    at_once: usize,
) -> BenchResult {
    let (before, watch) = (server.cpu_seconds()?, Stopwatch::start());
    let mut travellers = JoinSet::new();
    for traveller in 0..at_once {
        let setup = setup.clone();
        travellers.spawn(async move {
            let mut checks = Latencies::default();
            for number in (first + traveller..first + count).step_by(at_once) {
                checks.merge(journey(&setup, number).await?);
            }
            BenchResult::Ok(checks)
        });
    }
    let mut checks = Latencies::default();
    while let Some(own) = travellers.join_next().await {
        checks.merge(own??);
    }
    let each = (server.cpu_seconds()? - before) * 1000.0 / count as f64;
    let (rate, resident) = (
        count as f64 / watch.elapsed().as_secs_f64(),
        server.resident_megabytes()?,
    );
    print_line(format_args!(
        "{count} journeys, {at_once} at once: {each:.2} CPU-ms each, {rate:.0} a second, session check {}, {resident:.1} MB ({})",
        checks.summary(),
        load_average()
    ));
    Ok(())
}

/// Clients that send a part of a request, or all of it, and go away.
async fn abort(
    setup: &Arc<ServerSetup>,
    server: &ServerProcess,
    count: usize,
    at_once: usize,
) -> BenchResult {
    let mut clients = JoinSet::new();
    for client in 0..at_once {
        let setup = setup.clone();
        clients.spawn(async move {
            let mut browser = HttpBrowser::new(setup.application, Ipv4Addr::new(10, 255, 0, 1));
            for (number, path) in (client..count)
                .step_by(at_once)
                .zip(PATHS.into_iter().cycle())
            {
                browser.abort(path, number % 150).await?;
            }
            BenchResult::Ok(())
        });
    }
    while let Some(done) = clients.join_next().await {
        done??;
    }
    // What they began comes to its end.
    Clock::system().sleep(Duration::from_secs(1)).await;
    print_line(format_args!(
        "{count} requests given up: {:.1} MB",
        server.resident_megabytes()?
    ));
    Ok(())
}

#[tokio::main]
async fn main() -> BenchResult {
    let [journeys, at_once, aborts] = numeric_arguments([400, 16, 2000]);
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
    for (count, at_once) in [
        (at_once, at_once),
        (journeys / 10, 1),
        (journeys / 4, 8),
        (journeys / 2, 32),
    ] {
        travel(&setup, &server, first, count.max(1), at_once).await?;
        first += count.max(1);
    }
    for _ in 0..PARTS {
        travel(&setup, &server, first, (journeys / PARTS).max(1), at_once).await?;
        first += (journeys / PARTS).max(1);
    }
    abort(&setup, &server, aborts, at_once).await?;
    travel(&setup, &server, first, at_once, at_once).await
}
