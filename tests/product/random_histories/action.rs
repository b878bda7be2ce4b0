//! The actions of a history, and the rules under which it is played.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::random_histories::model::Rules;

/// Browsers of a history.
pub const BROWSERS: usize = 3;
/// Longest history.
const LONGEST: usize = 50;

/// One action. Browsers are numbered.
#[derive(Clone, Debug)]
pub enum Action {
    Send(usize),
    Resend(usize),
    /// Submits a wrong code.
    WrongCode(usize),
    /// Submits the newest code on the phone.
    RightCode(usize),
    /// Submits so many wrong codes at once, on both nodes.
    ConcurrentWrongCodes(usize, usize),
    /// Requests a code and submits wrong ones until the flow has no attempts left.
    ExhaustAttempts(usize),
    /// Requests a code and submits one wrong one.
    FailOnce(usize),
    /// Requests a code and submits it.
    SignIn(usize),
    /// Deletes all cookies, and uses another address.
    NewDevice(usize),
    /// Continues with another address.
    NewAddress(usize),
    /// Continues at the other node.
    SwitchNode(usize),
    /// Seconds.
    Wait(u64),
    /// Both nodes stop, and start again with the same file.
    Restart,
    /// The operator unlocks the number.
    Unlock,
}

fn action() -> impl Strategy<Value = Action> {
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
        6 => browser.clone().prop_map(Action::Send),
        3 => browser.clone().prop_map(Action::Resend),
        4 => browser.clone().prop_map(Action::WrongCode),
        5 => browser.clone().prop_map(Action::RightCode),
        2 => (browser.clone(), 2..6_usize)
            .prop_map(|(browser, count)| Action::ConcurrentWrongCodes(browser, count)),
        5 => browser.clone().prop_map(Action::ExhaustAttempts),
        6 => browser.clone().prop_map(Action::FailOnce),
        4 => browser.clone().prop_map(Action::SignIn),
        2 => browser.clone().prop_map(Action::NewDevice),
        1 => browser.clone().prop_map(Action::NewAddress),
        2 => browser.prop_map(Action::SwitchNode),
        9 => wait.prop_map(Action::Wait),
        1 => Just(Action::Restart),
        1 => Just(Action::Unlock),
    ]
}

/// Small limits, so that short histories reach all of them.
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
            |(
                maximum,
                memory,
                delay_after,
                alert,
                unrecognised_limit,
                more,
                demoted_after,
                few_sends,
            )| {
                Rules {
                    maximum,
                    memory_minutes: memory,
                    delay_after,
                    alert,
                    unrecognised_limit,
                    maximum_failures: unrecognised_limit + more,
                    demoted_after,
                    few_sends,
                }
            },
        )
}

/// A history and the rules under which it is played.
pub fn history() -> impl Strategy<Value = (Rules, Vec<Action>)> {
    (rules(), vec(action(), 15..LONGEST))
}
