//! Random histories of sends, resends, codes, browsers, addresses, nodes, restarts and waiting,
//! played against the real router and compared with a model (requirements C3 to C10, S9; property
//! test).
//!
//! - `model`: the expected limits of a number, in the simplest form: a list of failures and rules
//!   over it
//! - `person`: the expected state of a browser's own flow
//! - `two_nodes`: two nodes with one file, their restarts, and their clocks
//! - `player`: plays a history and compares; `action`: the possible actions

mod action;
mod model;
mod person;
mod player;
mod two_nodes;

use proptest::test_runner::{Config, FileFailurePersistence, TestRunner};

use self::action::{Action, history};
use self::model::Rules;
use self::player::{Coverage, play};

/// Where failing histories are stored, to be played first afterwards.
const SEEDS: &str = "tests/product/random_histories/seeds.txt";

/// `LATCHKEY_HISTORIES` sets how many histories are played; the default is 24.
#[test]
fn c5_c6_c7_s9_attempts_in_random_histories_follow_the_model() {
    let cases = std::env::var("LATCHKEY_HISTORIES").map_or(24, |cases| cases.parse().unwrap());
    let config = Config {
        cases,
        // The seed is stored when shrinking ends, which must be before the test runner's timeout.
        max_shrink_time: 60_000,
        max_shrink_iters: u32::MAX,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(SEEDS))),
        ..Config::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let coverage = std::cell::RefCell::new(Coverage::default());
    let outcome = TestRunner::new(config).run(&history(), |(rules, actions)| {
        let one = runtime.block_on(play(&rules, &actions))?;
        coverage.borrow_mut().add(&one);
        Ok(())
    });
    outcome.unwrap();
    let coverage = coverage.into_inner();
    println!("{cases} histories coverage {coverage:?}");
    assert!(
        coverage.is_enough(),
        "the histories covered too little: {coverage:?}"
    );
}

/// One history that covers everything, because few random ones do.
#[tokio::test]
async fn c5_c7_s9_one_history_covers_every_limit() {
    let rules = Rules {
        maximum: 3,
        memory_minutes: None,
        delay_after: 6,
        alert: 3,
        unrecognised_limit: 9,
        maximum_failures: 10,
        demoted_after: 5,
        few_sends: false,
    };
    let (owner, other_browser, another) = (0, 1, 2);
    let actions = [
        Action::SignIn(owner),
        // A recognised device, immediately.
        Action::Send(owner),
        Action::ConcurrentWrongCodes(owner, 3),
        Action::Wait(901),
        Action::SignIn(owner),
        // The attempts that unrecognised devices share.
        Action::Wait(31),
        Action::ExhaustAttempts(other_browser),
        Action::WrongCode(other_browser),
        Action::Wait(31),
        Action::Send(another),
        Action::WrongCode(another),
        // No code is sent within the cool-down of another.
        Action::NewDevice(owner),
        Action::Send(owner),
        Action::WrongCode(owner),
        Action::Wait(301),
        Action::WrongCode(another),
        // The third failure locks the tenant; the fourth response decision so.
        Action::Wait(901),
        Action::NewDevice(other_browser),
        Action::ExhaustAttempts(other_browser),
    ];
    let coverage = play(&rules, &actions).await.unwrap();
    assert!(coverage.is_all(), "{coverage:?}");
}
