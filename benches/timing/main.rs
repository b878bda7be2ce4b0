//! Tests whether response times disclose the state of an account (requirement E2): `cargo xtask
//! timing`.
//!
//! It runs the real binary over TCP, and the sandbox in another process with a different latency
//! for each account state. States are measured in turns and in random order, so that other load of
//! the machine affects all of them. Every pair of states is compared by the two-sample
//! Kolmogorov-Smirnov test and by medians. With many pairs, some would have p ≤ 0.01 by chance. So
//! p is corrected by Holm's method over all pairs of a run: a correct server fails one run in a
//! hundred. The bytes of all responses of an endpoint are compared too.
//!
//! At a refused code upstream's time is also just under, on and over every step of
//! `sign_in.refuse_after`, for one state at a time. Then it varies across one step.
//!
//! Arguments after `--`: samples of each state (300), milliseconds until the response to a send
//! (1000). With 1 ms the response is not delayed, and the run must fail.

use std::process::ExitCode;
use std::time::Duration;

mod sampler;
mod scenario;
mod verdict;

use latchkey_testkit::latencies::{BenchResult, load_average, numeric_arguments, print_line};
use latchkey_testkit::server_process::{ServerSetup, wait_until_ok};
use scenario::Scenario;
use verdict::Verdicts;

/// Time between the starts of two samples. A send that hangs holds a slot of the send queue for ten
/// seconds. With this interval at most 54 of its 64 slots are in use.
const SAMPLE_INTERVAL: Duration = Duration::from_millis(75);

#[tokio::main]
async fn main() -> BenchResult<ExitCode> {
    let [samples, answer_after] = numeric_arguments([300, 1000]);
    let answer_after: &'static str = format!("{answer_after}ms").leak();
    let settings = [
        ("SIGN_IN__ANSWER_AFTER", answer_after),
        ("GUARD__COOL_DOWN", "1s"),
    ];
    let setup = ServerSetup::new(env!("CARGO_BIN_EXE_latchkey"), Vec::from(settings).leak())?;
    let _sandbox = setup.start(&["sandbox"])?;
    wait_until_ok(setup.sandbox, "/control/calls").await?;
    let _server = setup.start(&["serve"])?;
    wait_until_ok(setup.application, "/sign-in").await?;
    let mut verdicts = Verdicts::default();
    for scenario in Scenario::all() {
        print_line(format_args!(
            "{scenario}: {samples} samples of each state ({})",
            load_average()
        ));
        let result = scenario.run(&setup, samples).await?;
        verdicts.record(&scenario, &result);
    }
    let passed = verdicts.print();
    Ok(if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
