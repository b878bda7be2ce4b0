//! Measures CPU time, latencies and memory of whole journeys: `cargo bench --bench journeys
//! --features ssr,sandbox`.
//!
//! It runs the real binary with every protection on, and the sandbox in another process. A journey
//! is the pages, a send, a verify, five session checks and a sign-out, by a known number. It is
//! measured at 1, 8 and 32 concurrent journeys, with upstream answering at once, after 20 and after
//! 150 ms, and once with the guard off: CPU time, commits of the store and the time of one, calls
//! upstream, memory, and the latencies of each step. Then come the journeys of the soak test, and
//! clients that abort requests. A table and a chart go to the folder that `LATCHKEY_BENCH_FOLDER`
//! names.
//! Arguments: `-- JOURNEYS CONCURRENCY ABORTS`, default 400, 16 and 2000. The soak test uses
//! 100000, 32 and 100000.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use latchkey::server::system::clock::{Clock, Stopwatch};
use tokio::task::JoinSet;

use latchkey_testkit::bar_chart::bar_chart;
use latchkey_testkit::http_browser::HttpBrowser;
use latchkey_testkit::latencies::{
    BenchResult, Latencies, load_average, numeric_arguments, print_line,
};
use latchkey_testkit::server_process::{ServerProcess, ServerSetup, wait_until_ok};

/// The folder for the table and the chart.
const FOLDER: &str = "LATCHKEY_BENCH_FOLDER";
/// Concurrent journeys.
const CONCURRENCY: [usize; 3] = [1, 8, 32];
/// How long upstream takes to answer, in milliseconds.
const UPSTREAM: [u64; 3] = [0, 20, 150];
/// Its operations that a journey waits for.
const OPERATIONS: [&str; 3] = ["otp_send", "otp_authenticate", "session_logout"];
/// Parts in which a soak test is reported.
const PARTS: usize = 4;
/// Paths of aborted requests.
const ABORTED_PATHS: [&str; 4] = ["/sign-in", "/code", "/account", "/api/session"];
/// Session checks of a journey.
const CHECKS: usize = 5;

/// The latencies of each step, by its name.
#[derive(Default)]
struct Steps(BTreeMap<&'static str, Latencies>);

impl Steps {
    /// Runs a step and records how long it took.
    async fn measure<T, E>(
        &mut self,
        step: &'static str,
        run: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let watch = Stopwatch::start();
        let result = run.await;
        self.0.entry(step).or_default().record(watch.elapsed());
        result
    }

    fn merge(&mut self, other: Self) {
        for (step, latencies) in other.0 {
            self.0.entry(step).or_default().merge(latencies);
        }
    }
}

/// Runs one journey, and records the latencies of its steps.
async fn run_journey(setup: &ServerSetup, number: usize, steps: &mut Steps) -> BenchResult {
    let [_, a, b, c] = u32::try_from(number)?.to_be_bytes();
    let mut browser = HttpBrowser::new(setup.application, Ipv4Addr::new(10, a, b, c));
    let mut upstream = HttpBrowser::new(setup.sandbox, Ipv4Addr::LOCALHOST);
    let phone = format!("%2B447400{number:06}");
    upstream
        .put(&format!("/control/users/{phone}"), r#"{"status":"Active"}"#)
        .await?
        .into_ok_body()?;
    let page = steps.measure("1 sign-in page", browser.get("/sign-in"));
    page.await?.into_ok_body()?;
    let form = format!("phone={phone}");
    let sent = steps.measure("2 send", browser.post("send-code", &form));
    sent.await?.into_ok_body()?;
    let page = steps.measure("3 code page", browser.get("/code"));
    page.await?.into_ok_body()?;
    let code = wait_for_code(&mut upstream, &phone).await?;
    let form = format!("code={code}");
    let verified = steps.measure("4 verify", browser.post("verify-code", &form));
    verified.await?.into_ok_body()?;
    let page = steps.measure("5 account page", browser.get("/account"));
    page.await?.into_ok_body()?;
    for _ in 0..CHECKS {
        let check = steps.measure("6 session check", browser.get("/api/session"));
        check.await?.into_ok_body()?;
    }
    let signed_out = steps.measure("7 sign-out", browser.post("sign-out", ""));
    signed_out.await?.into_ok_body()?;
    Ok(())
}

/// A server and its sandbox, and what was measured so far.
struct Bench {
    setup: Arc<ServerSetup>,
    server: ServerProcess,
    _sandbox: ServerProcess,
    /// The number of the next journey; each has a phone number and an address of its own.
    next: usize,
    rows: Vec<Row>,
}

/// One line of the table.
struct Row {
    name: String,
    cpu_milliseconds: f64,
    rate: f64,
    commits: f64,
    commit_milliseconds: f64,
    upstream_calls: f64,
    megabytes: f64,
    steps: Steps,
}

/// Counters that are read before and after.
struct Counters {
    cpu_seconds: f64,
    commits: f64,
    commit_seconds: f64,
    upstream_calls: f64,
}

impl Bench {
    /// Starts a server and its sandbox.
    async fn start(settings: &'static [(&'static str, &'static str)]) -> BenchResult<Self> {
        let setup = ServerSetup::new(env!("CARGO_BIN_EXE_latchkey"), settings)?;
        let sandbox = setup.start(&["sandbox"])?;
        wait_until_ok(setup.sandbox, "/control/calls").await?;
        let watch = Stopwatch::start();
        let server = setup.start(&["serve"])?;
        wait_until_ok(setup.application, "/sign-in").await?;
        let page = HttpBrowser::new(setup.application, Ipv4Addr::LOCALHOST)
            .get("/sign-in")
            .await?;
        print_line(format_args!(
            "first page after {:.0?}, {} bytes of HTML before compression, {:.1} MB",
            watch.elapsed(),
            page.body.len(),
            server.resident_megabytes()?
        ));
        Ok(Self {
            setup: Arc::new(setup),
            server,
            _sandbox: sandbox,
            next: 0,
            rows: Vec::new(),
        })
    }

    /// Makes upstream answer so late.
    async fn set_upstream_latency(&self, milliseconds: u64) -> BenchResult {
        let mut sandbox = HttpBrowser::new(self.setup.sandbox, Ipv4Addr::LOCALHOST);
        for operation in OPERATIONS {
            let body = format!(r#"{{"operation":"{operation}","ms":{milliseconds}}}"#);
            let answer = sandbox.put("/control/latency", &body).await?;
            if answer.status != 204 {
                return Err(format!("the sandbox refused: {}", answer.body).into());
            }
        }
        Ok(())
    }

    async fn counters(&self) -> BenchResult<Counters> {
        let mut operations = HttpBrowser::new(self.setup.operations, Ipv4Addr::LOCALHOST);
        let metrics = operations.get("/metrics").await?.into_ok_body()?;
        // The sum over all labels.
        let value = |name: &str| -> f64 {
            let lines = metrics.lines().filter(|line| {
                let rest = line.strip_prefix(name);
                rest.is_some_and(|rest| rest.starts_with([' ', '{']))
            });
            lines
                .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
                .sum()
        };
        Ok(Counters {
            cpu_seconds: self.server.cpu_seconds()?,
            commits: value("latchkey_store_commit_duration_seconds_count"),
            commit_seconds: value("latchkey_store_commit_duration_seconds_sum"),
            upstream_calls: value("latchkey_upstream_calls_total"),
        })
    }

    /// Runs so many journeys concurrently, and prints the cost of each.
    async fn run(&mut self, name: &str, count: usize, concurrency: usize) -> BenchResult {
        let (before, watch) = (self.counters().await?, Stopwatch::start());
        let (first, end) = (self.next, self.next + count);
        self.next = end;
        let mut tasks = JoinSet::new();
        for task in 0..concurrency {
            let setup = self.setup.clone();
            tasks.spawn(async move {
                let mut steps = Steps::default();
                for number in (first + task..end).step_by(concurrency) {
                    run_journey(&setup, number, &mut steps).await?;
                }
                BenchResult::Ok(steps)
            });
        }
        let mut steps = Steps::default();
        while let Some(result) = tasks.join_next().await {
            steps.merge(result??);
        }
        let (count, seconds) = (count as f64, watch.elapsed().as_secs_f64());
        let after = self.counters().await?;
        let commits = after.commits - before.commits;
        let row = Row {
            name: format!("{name}, {concurrency} concurrent"),
            cpu_milliseconds: (after.cpu_seconds - before.cpu_seconds) * 1000.0 / count,
            rate: count / seconds,
            commits: commits / count,
            commit_milliseconds: (after.commit_seconds - before.commit_seconds) * 1000.0
                / commits.max(1.0),
            upstream_calls: (after.upstream_calls - before.upstream_calls) / count,
            megabytes: self.server.resident_megabytes()?,
            steps,
        };
        print_line(format_args!("{}", row.to_text()));
        self.rows.push(row);
        Ok(())
    }
}

impl Row {
    fn to_text(&self) -> String {
        let mut text = format!(
            "{}: {:.2} CPU-ms each, {:.0} a second, {:.1} commits of {:.2} ms, {:.1} calls \
             upstream, {:.1} MB ({})",
            self.name,
            self.cpu_milliseconds,
            self.rate,
            self.commits,
            self.commit_milliseconds,
            self.upstream_calls,
            self.megabytes,
            load_average()
        );
        for (step, latencies) in &self.steps.0 {
            let [p50, p95, p99] = latencies.percentiles();
            let _ = write!(
                text,
                "\n  {step:16} p50 {p50:>9.1?}  p95 {p95:>9.1?}  p99 {p99:>9.1?}"
            );
        }
        text
    }
}

/// Writes the table, whose last columns are the latencies of the verify, and the chart, if a
/// folder is named.
fn write_results(rows: &[Row]) -> BenchResult {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else {
        return Ok(());
    };
    fs::create_dir_all(&folder)?;
    let mut table = String::from(
        "| journeys | CPU-ms | a second | commits | upstream calls | MB | p50 | p95 | p99 |\n\
         |---|---|---|---|---|---|---|---|---|\n",
    );
    for row in rows {
        let verify = row.steps.0.get("4 verify").map(Latencies::percentiles);
        let [p50, p95, p99] = verify.unwrap_or_default();
        writeln!(
            table,
            "| {} | {:.2} | {:.0} | {:.1} | {:.1} | {:.1} | {p50:.1?} | {p95:.1?} | {p99:.1?} |",
            row.name,
            row.cpu_milliseconds,
            row.rate,
            row.commits,
            row.upstream_calls,
            row.megabytes
        )?;
    }
    fs::write(folder.join("journeys.md"), table)?;
    let bars: Vec<(String, f64)> = rows
        .iter()
        .map(|row| (row.name.clone(), row.cpu_milliseconds))
        .collect();
    let chart = bar_chart("CPU time of a journey", "ms", &bars);
    fs::write(folder.join("journeys.svg"), chart)?;
    Ok(())
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
    let share = |part: usize| (journeys / part).max(1);
    let mut guard_off = Bench::start(&[
        ("SIGN_IN__ANSWER_AFTER", "100ms"),
        ("GUARD__ENABLED", "false"),
    ])
    .await?;
    for concurrency in CONCURRENCY {
        guard_off
            .run("guard off", share(4).min(400), concurrency)
            .await?;
    }
    let mut rows = std::mem::take(&mut guard_off.rows);
    drop(guard_off);
    let mut bench = Bench::start(&[("SIGN_IN__ANSWER_AFTER", "100ms")]).await?;
    for milliseconds in UPSTREAM {
        bench.set_upstream_latency(milliseconds).await?;
        let name = format!("upstream {milliseconds} ms");
        for concurrency in CONCURRENCY {
            bench.run(&name, share(4).min(400), concurrency).await?;
        }
    }
    bench.set_upstream_latency(0).await?;
    for part in 1..=PARTS {
        bench
            .run(&format!("part {part}"), share(PARTS), concurrency)
            .await?;
    }
    abort_requests(&bench.setup, &bench.server, aborts, concurrency).await?;
    bench.run("afterwards", concurrency, concurrency).await?;
    rows.append(&mut bench.rows);
    write_results(&rows)
}
