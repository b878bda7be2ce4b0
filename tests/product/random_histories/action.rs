//! What may come in a history, and under which rules.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::random_histories::model::Rules;

/// Browsers of a history.
pub const BROWSERS: usize = 3;
/// Longest history.
const LONGEST: usize = 50;

/// What somebody does next. Browsers are numbered.
#[derive(Clone, Debug)]
pub enum Step {
    Send(usize),
    Resend(usize),
    /// Types a wrong code.
    Wrong(usize),
    /// Types the newest code on the phone.
    Right(usize),
    /// So many wrong codes at once, on both nodes.
    Burst(usize, usize),
    /// Asks for a code and types wrong ones until the flow has no tries left.
    Spend(usize),
    /// Asks for a code and types one wrong one.
    Try(usize),
    /// Asks for a code and types it.
    SignIn(usize),
    /// Forgets all cookies, and comes from elsewhere.
    Anew(usize),
    /// Goes on from another address.
    Move(usize),
    /// Goes on at the other node.
    Hop(usize),
    /// Seconds.
    Wait(u64),
    /// Both nodes end, and begin again on the same file.
    Restart,
    /// By the operator.
    Unlock,
}

fn step() -> impl Strategy<Value = Step> {
    let browser = 0..BROWSERS;
    let wait = prop_oneof![
        6 => Just(31_u64),
        3 => Just(121),
        3 => Just(301),
        4 => Just(600),
        2 => Just(899),
        3 => Just(901),
        2 => Just(1801),
        1 => Just(86_401),
        1 => 1..300_000_u64,
    ];
    prop_oneof![
        6 => browser.clone().prop_map(Step::Send),
        3 => browser.clone().prop_map(Step::Resend),
        4 => browser.clone().prop_map(Step::Wrong),
        5 => browser.clone().prop_map(Step::Right),
        2 => (browser.clone(), 2..6_usize).prop_map(|(browser, count)| Step::Burst(browser, count)),
        5 => browser.clone().prop_map(Step::Spend),
        6 => browser.clone().prop_map(Step::Try),
        4 => browser.clone().prop_map(Step::SignIn),
        2 => browser.clone().prop_map(Step::Anew),
        1 => browser.clone().prop_map(Step::Move),
        2 => browser.prop_map(Step::Hop),
        9 => wait.prop_map(Step::Wait),
        1 => Just(Step::Restart),
        1 => Just(Step::Unlock),
    ]
}

/// Small limits, so that short histories meet all of them.
fn rules() -> impl Strategy<Value = Rules> {
    let memory = prop_oneof![2 => Just(None), 1 => Just(Some(60)), 1 => Just(Some(3 * 24 * 60))];
    let maximum =
        prop_oneof![1 => Just(2), 3 => Just(3), 1 => Just(5), 2 => Just(7), 2 => Just(20)];
    (
        maximum,
        memory,
        2..7_usize,
        2..9_usize,
        5..12_usize,
        0..4_usize,
        2..5_usize,
        any::<bool>(),
    )
        .prop_map(
            |(maximum, memory, delay_after, alert, strangers, more, demoted_after, few_sends)| {
                Rules {
                    maximum,
                    memory_minutes: memory,
                    delay_after,
                    alert,
                    strangers,
                    everybody: strangers + more,
                    demoted_after,
                    few_sends,
                }
            },
        )
}

/// A history and the rules that it is played under.
pub fn history() -> impl Strategy<Value = (Rules, Vec<Step>)> {
    (rules(), vec(step(), 15..LONGEST))
}
