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

#[path = "kit/browser.rs"]
#[expect(dead_code, reason = "the other benchmarks need more of it")]
mod browser;
#[path = "kit/figures.rs"]
#[expect(dead_code, reason = "the other benchmarks need more of it")]
mod figures;
#[path = "kit/process.rs"]
#[expect(dead_code, reason = "the other benchmarks need more of it")]
mod process;

use browser::Browser;
use figures::{Latencies, Outcome, load, numbers, report};
use process::{Place, Process, until_up};

/// In how many parts a soak is reported.
const PARTS: usize = 4;
/// Where a client goes away: on each of these.
const PATHS: [&str; 4] = ["/sign-in", "/code", "/account", "/api/session"];

/// One person from the form to the sign-out; how long the session checks took.
async fn journey(place: &Place, number: usize) -> Outcome<Latencies> {
    let [_, a, b, c] = u32::try_from(number)?.to_be_bytes();
    let mut browser = Browser::new(place.application, Ipv4Addr::new(10, a, b, c));
    let mut upstream = Browser::new(place.sandbox, Ipv4Addr::LOCALHOST);
    let phone = format!("%2B447400{number:06}");
    upstream
        .put(&format!("/control/users/{phone}"), r#"{"status":"Active"}"#)
        .await?
        .ok()?;
    browser.get("/sign-in").await?.ok()?;
    browser
        .post("send-code", &format!("phone={phone}"))
        .await?
        .ok()?;
    browser.get("/code").await?.ok()?;
    let code = code(&mut upstream, &phone).await?;
    browser
        .post("verify-code", &format!("code={code}"))
        .await?
        .ok()?;
    browser.get("/account").await?.ok()?;
    let mut checks = Latencies::default();
    for _ in 0..5 {
        let watch = Stopwatch::start();
        browser.get("/api/session").await?.ok()?;
        checks.note(watch.elapsed());
    }
    browser.post("sign-out", "").await?.ok()?;
    Ok(checks)
}

/// The code on the phone.
async fn code(upstream: &mut Browser, phone: &str) -> Outcome<String> {
    for _ in 0..500 {
        let inbox = upstream
            .get(&format!("/inbox.json?phone={phone}"))
            .await?
            .ok()?;
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
    place: &Arc<Place>,
    server: &Process,
    first: usize,
    count: usize,
    at_once: usize,
) -> Outcome {
    let (before, watch) = (server.processor()?, Stopwatch::start());
    let mut travellers = JoinSet::new();
    for traveller in 0..at_once {
        let place = place.clone();
        travellers.spawn(async move {
            let mut checks = Latencies::default();
            for number in (first + traveller..first + count).step_by(at_once) {
                checks.join(journey(&place, number).await?);
            }
            Outcome::Ok(checks)
        });
    }
    let mut checks = Latencies::default();
    while let Some(own) = travellers.join_next().await {
        checks.join(own??);
    }
    let each = (server.processor()? - before) * 1000.0 / count as f64;
    let (rate, resident) = (
        count as f64 / watch.elapsed().as_secs_f64(),
        server.resident()?,
    );
    report(format_args!(
        "{count} journeys, {at_once} at once: {each:.2} CPU-ms each, {rate:.0} a second, session check {}, {resident:.1} MB ({})",
        checks.summary(),
        load()
    ));
    Ok(())
}

/// Clients that send a part of a request, or all of it, and go away.
async fn abort(place: &Arc<Place>, server: &Process, count: usize, at_once: usize) -> Outcome {
    let mut clients = JoinSet::new();
    for client in 0..at_once {
        let place = place.clone();
        clients.spawn(async move {
            let mut browser = Browser::new(place.application, Ipv4Addr::new(10, 255, 0, 1));
            for (number, path) in (client..count)
                .step_by(at_once)
                .zip(PATHS.into_iter().cycle())
            {
                browser.abort(path, number % 150).await?;
            }
            Outcome::Ok(())
        });
    }
    while let Some(done) = clients.join_next().await {
        done??;
    }
    // What they began comes to its end.
    Clock::system().sleep(Duration::from_secs(1)).await;
    report(format_args!(
        "{count} requests given up: {:.1} MB",
        server.resident()?
    ));
    Ok(())
}

#[tokio::main]
async fn main() -> Outcome {
    let [journeys, at_once, aborts] = numbers([400, 16, 2000]);
    let place = Arc::new(Place::new(&[("SIGN_IN__ANSWER_AFTER", "100ms")])?);
    let _sandbox = place.start(&["sandbox"])?;
    until_up(place.sandbox, "/control/calls").await?;
    let watch = Stopwatch::start();
    let server = place.start(&["serve"])?;
    until_up(place.application, "/sign-in").await?;
    report(format_args!(
        "first page after {:.0?}, {:.1} MB",
        watch.elapsed(),
        server.resident()?
    ));
    let mut first = 0;
    for (count, at_once) in [
        (at_once, at_once),
        (journeys / 10, 1),
        (journeys / 4, 8),
        (journeys / 2, 32),
    ] {
        travel(&place, &server, first, count.max(1), at_once).await?;
        first += count.max(1);
    }
    for _ in 0..PARTS {
        travel(&place, &server, first, (journeys / PARTS).max(1), at_once).await?;
        first += (journeys / PARTS).max(1);
    }
    abort(&place, &server, aborts, at_once).await?;
    travel(&place, &server, first, at_once, at_once).await
}
