//! Any history of sends, resends, codes right and wrong, browsers, addresses, nodes, restarts and
//! waiting, played against the real router and beside a model of what is promised (requirements C3
//! to C10, S9; property test).
//!
//! - `model`: what is promised of a number, in the plainest form: a list of failures, and rules
//!   that look at it
//! - `person`: what a browser's own flow says, by the same plain rules
//! - `two_nodes`: two nodes over one file, their restarts, and their clocks
//! - `player`: plays a history and compares; `action`: what may come in one

mod action;
mod model;
mod person;
mod player;
mod two_nodes;

use proptest::test_runner::{Config, FileFailurePersistence, TestRunner};

use self::action::{Step, history};
use self::model::Rules;
use self::player::{Met, play};

/// Where failing histories are kept, to be played first from then on.
const SEEDS: &str = "tests/product/histories/seeds.txt";

/// `LATCHKEY_HISTORIES` sets how many histories are played; 24 without it.
#[test]
fn c5_c6_c7_s9_in_any_history_every_guess_within_the_limits_is_made_and_none_beyond() {
    let cases = std::env::var("LATCHKEY_HISTORIES").map_or(24, |cases| cases.parse().unwrap());
    let config = Config {
        cases,
        // The seed is kept when shrinking ends, which must be before the runner's patience does.
        max_shrink_time: 60_000,
        max_shrink_iters: u32::MAX,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(SEEDS))),
        ..Config::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let met = std::cell::RefCell::new(Met::default());
    let outcome = TestRunner::new(config).run(&history(), |(rules, steps)| {
        let one = runtime.block_on(play(&rules, &steps))?;
        met.borrow_mut().add(&one);
        Ok(())
    });
    outcome.unwrap();
    let met = met.into_inner();
    println!("{cases} histories met {met:?}");
    assert!(
        met.is_enough(),
        "histories that meet no limit prove nothing: {met:?}"
    );
}

/// One history with everything in it, since few by chance have all.
#[tokio::test]
async fn c5_c7_s9_a_history_that_meets_whatever_there_is_to_meet() {
    let rules = Rules {
        maximum: 3,
        memory_minutes: None,
        delay_after: 6,
        alert: 3,
        strangers: 9,
        everybody: 10,
        demoted_after: 5,
        few_sends: false,
    };
    let (owner, stranger, another) = (0, 1, 2);
    let steps = [
        Step::SignIn(owner),
        // A known browser, at once.
        Step::Send(owner),
        Step::Burst(owner, 3),
        Step::Wait(901),
        Step::SignIn(owner),
        // The tries of strangers, who share them.
        Step::Wait(31),
        Step::Spend(stranger),
        Step::Wrong(stranger),
        Step::Wait(31),
        Step::Send(another),
        Step::Wrong(another),
        // No code is sent within the cool-down of another.
        Step::Anew(owner),
        Step::Send(owner),
        Step::Wrong(owner),
        Step::Wait(301),
        Step::Wrong(another),
        // The third of them and the tenant locks; the fourth is told so.
        Step::Wait(901),
        Step::Anew(stranger),
        Step::Spend(stranger),
    ];
    let met = play(&rules, &steps).await.unwrap();
    assert!(met.is_all(), "{met:?}");
}
