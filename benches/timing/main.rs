//! Whether the time of an answer tells whose number it was (requirement E2), in long: `cargo xtask
//! timing`.
//!
//! The real binary over TCP, and the sandbox in another process, which takes another time over each
//! kind of number. Kinds are asked about by turns, in an order drawn anew, so that whatever else
//! the machine does falls on all of them alike. Every pair of kinds is compared: the two-sample
//! test of Kolmogorov and Smirnov, and the medians. With many pairs some would fail by chance at p
//! ≤ 0.01, so p is corrected by Holm's method over all pairs of a run: an honest server fails one
//! run in a hundred, and a difference that anybody could use has p of nothing. The bytes of all
//! answers of a door are compared too, as they come from the wire.
//!
//! Arguments after `--`: samples of each kind (300), milliseconds until the answer to a send
//! (1000). With 1 ms nothing is waited for, and the run must fail.

use std::process::ExitCode;
use std::time::Duration;

mod scenario;
mod verdict;
mod visitor;

use latchkey_testkit::latencies::{BenchResult, load_average, numeric_arguments, print_line};
use latchkey_testkit::server_process::{ServerSetup, wait_until_ok};
use scenario::Scenario;
use verdict::Verdicts;

/// Between the beginnings of two samples. A send that hangs holds its setup for ten seconds; where
/// known numbers hang, so do the strangers' sends to limited ones: 54 places of 64, and no queue
/// fills.
const STEP: Duration = Duration::from_millis(75);

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
            "{scenario}: {samples} of each kind ({})",
            load_average()
        ));
        let taken = scenario.run(&setup, samples).await?;
        verdicts.record(&scenario, &taken);
    }
    let passed = verdicts.print();
    Ok(if passed {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
