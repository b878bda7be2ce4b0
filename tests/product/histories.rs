//! Any history of sends, resends, tries, new browsers and waiting: no guess beyond the limit reaches upstream
//! (requirements C5, C6; property test).

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::support::{Browser, World, minutes};

/// What somebody does next. Browsers are numbered; a new one comes from a new address.
#[derive(Clone, Debug)]
enum Step {
    Send(usize),
    SignUp(usize),
    Resend(usize),
    Guess(usize),
    /// So many guesses at once.
    Burst(usize, usize),
    /// Forgets all cookies.
    Anew(usize),
    Wait(u64),
}

const BROWSERS: usize = 3;

fn step() -> impl Strategy<Value = Step> {
    let browser = 0..BROWSERS;
    prop_oneof![
        3 => browser.clone().prop_map(Step::Send),
        1 => browser.clone().prop_map(Step::SignUp),
        2 => browser.clone().prop_map(Step::Resend),
        5 => browser.clone().prop_map(Step::Guess),
        1 => (browser.clone(), 2..5_usize).prop_map(|(browser, count)| Step::Burst(browser, count)),
        1 => browser.prop_map(Step::Anew),
        4 => Just(Step::Wait(31)),
        1 => prop_oneof![Just(121_u64), Just(301), Just(899), Just(901), Just(1801), 1..2000_u64].prop_map(Step::Wait),
    ]
}

#[test]
fn c5_c6_no_history_gets_more_guesses_upstream_than_the_limit() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let world = runtime.block_on(World::with(|settings| {
        // The limits under test are those of the number and of the flow.
        settings.guard.service_minutely = 1_000_000;
        settings.guard.service_hourly = 1_000_000;
        settings.guard.service_daily = 1_000_000;
        settings.guard.service_hourly_total = 1_000_000;
        settings.guard.service_daily_total = 1_000_000;
        (settings.guard.country_hourly, settings.guard.country_daily) = (1_000_000, 1_000_000);
        settings.guard.country_daily_total = 1_000_000;
        (settings.guard.prefix_hourly, settings.guard.prefix_daily) = (1_000_000, 1_000_000);
        settings.guard.prefix_daily_total = 1_000_000;
        settings.guard.service_sign_ups_daily = 1_000_000;
        settings.guard.number_hourly = 1000;
        settings.guard.number_daily = 1000;
    }));
    let config = Config { cases: 16, max_shrink_iters: 60, failure_persistence: None, ..Config::default() };
    let number = std::cell::Cell::new(0_u32);
    let outcome = TestRunner::new(config).run(&prop::collection::vec(step(), 15..40), |steps| {
        number.set(number.get() + 1);
        let phone = format!("+4474003{:05}", number.get());
        runtime.block_on(play(&world, &phone, &steps))
    });
    outcome.unwrap();
    let guesses = runtime.block_on(world.upstream.count("otp_authenticate"));
    let stopped = world.audit.how_many(|event| event["reason"] == "tries_spent" || event["reason"] == "limited");
    assert!(guesses > 0 && stopped > 0, "histories that meet no limit prove nothing");
}

async fn play(world: &Arc<World>, phone: &str, steps: &[Step]) -> Result<(), TestCaseError> {
    let (limit, lockout) = (u64::from(world.settings.transmit.tries_per_code()), minutes(15));
    world.upstream.user(phone, "Active").await;
    let mut browsers: Vec<Browser> = (0..BROWSERS).map(|_| world.browser()).collect();
    // The window of the number's own counter: begins with its first guess, ends one lockout later.
    let mut window = None;
    for step in steps {
        let before = world.upstream.count("otp_authenticate").await;
        let mut answers = Vec::new();
        match step {
            Step::Send(who) => drop(browsers[*who].ask(phone).await),
            Step::SignUp(who) => {
                browsers[*who].post("sign-up", &[("phone", phone)]).await;
                world.settled().await;
            }
            Step::Resend(who) => {
                answers.push(browsers[*who].post("resend-code", &[]).await);
                world.settled().await;
            }
            Step::Guess(who) => answers.push(browsers[*who].verify("000000").await),
            Step::Burst(who, count) => {
                let forms = (0..*count).map(|_| browsers[*who].form("verify-code", &[("code", "000000")]));
                answers = world.drive_all(forms.collect()).await;
            }
            Step::Anew(who) => browsers[*who] = world.browser(),
            Step::Wait(seconds) => world.advance(Duration::from_secs(*seconds)).await,
        }
        for answer in &answers {
            prop_assert!(matches!(answer.status.as_u16(), 200 | 401 | 409 | 410 | 429), "{}", answer.body);
            prop_assert!(answer.cookie("latchkey").is_none());
        }
        let guesses = world.upstream.count("otp_authenticate").await - before;
        if guesses > 0 {
            // The moment of the first guess lies before the answer's; both are inside what the window allows.
            let now = world.now();
            let open = window.filter(|(began, _)| now.since(*began) < lockout);
            let (began, count) = open.unwrap_or((now, 0));
            prop_assert!(count + guesses <= limit, "{} guesses in one lockout", count + guesses);
            window = Some((began, count + guesses));
        }
    }
    Ok(())
}
