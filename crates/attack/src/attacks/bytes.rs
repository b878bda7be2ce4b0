//! Tells known, unknown, locked, inactive and limited numbers apart by the bytes of answers, at
//! both steps and on the page between them, as a script and as a browser without one (requirements
//! E1, E4). The budgets of country and service are lifted, or they would end the attack before the
//! numbers can differ.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use futures_util::future::try_join_all;

use crate::appearance::seen;
use crate::browser::Browser;
use crate::case::Case;
use crate::finding::Finding;
use crate::numbers::{address, number};
use crate::place::Place;
use crate::siege::Siege;
use crate::stage::{Stage, passcode};

/// What each browser does in turn.
const STEPS: [&str; 7] = [
    "send-code",
    "the page",
    "verify-code",
    "the page again",
    "resend-code",
    "another verify-code",
    "sign-up",
];
/// A look that found a difference is taken again: seconds that are shown may be told on both sides
/// of a second's end, once.
const LOOKS: usize = 3;

pub async fn play(stage: &Stage<'_>) -> Result<Finding> {
    let rounds = stage.of(1, 10);
    let place = stage.open_wide(&[]).await?;
    let siege = Siege::begin(&place).await?;
    let mut dice = stage.dice();
    let mut differences = BTreeSet::new();
    let mut looks = 0;
    stage.expect(rounds * 2);
    for at in 0..rounds * 2 {
        let mut found = None;
        for _ in 0..LOOKS {
            let (number, guess) = (looks, passcode(&mut dice));
            looks += 1;
            let different = look(&place, number, &guess, at % 2 == 1).await?;
            // What truly tells numbers apart does so at every look.
            found = Some(found.map_or(different.clone(), |before: BTreeSet<_>| {
                &before & &different
            }));
            if found.as_ref().is_some_and(BTreeSet::is_empty) {
                break;
            }
        }
        differences.extend(found.into_iter().flatten());
        stage.step();
    }
    let mut finding = siege.end(looks * STEPS.len() * Case::ALL.len()).await?;
    ensure!(
        finding.reached.sends >= u64::try_from(looks)? * 4,
        "the numbers do not differ upstream"
    );
    finding.none("answer that differs", differences.len());
    Ok(finding)
}

/// The steps at which a case looks other than a known number.
async fn look(
    place: &Place,
    look: usize,
    guess: &str,
    as_page: bool,
) -> Result<BTreeSet<(Case, &'static str)>> {
    let mut browsers = Vec::new();
    for (at, case) in Case::ALL.into_iter().enumerate() {
        // They end alike, so that they look alike behind the dots.
        let (phone, here) = (number(look * 8 + at, 56), address(look * 16 + at));
        case.prepare(place, &phone, address(look * 16 + 8)).await?;
        let browser = place.browser().at(here);
        browsers.push((
            case,
            phone,
            if as_page {
                browser.wanting_pages()
            } else {
                browser
            },
        ));
    }
    let mut different = BTreeSet::new();
    for step in STEPS {
        // All at once: pages tell how much time is left.
        let answers = browsers
            .iter_mut()
            .map(|(_, phone, browser)| take(browser, step, phone, guess));
        let answers = try_join_all(answers).await?;
        let of_known = answers.first();
        let differs = |answer: &&String| Some(*answer) != of_known;
        let cases = browsers
            .iter()
            .zip(&answers)
            .filter(|(_, answer)| differs(answer));
        different.extend(cases.map(|((case, ..), _)| (*case, step)));
    }
    Ok(different)
}

/// What a browser sees at a step.
async fn take(browser: &mut Browser, step: &str, phone: &str, guess: &str) -> Result<String> {
    let answer = match step {
        "send-code" => browser.ask(phone).await?,
        "resend-code" => browser.post(step, &[]).await?,
        "verify-code" | "another verify-code" => browser.verify(guess).await?,
        // Another browser at the same place: this one has a flow under way.
        "sign-up" => {
            browser
                .without_cookies()
                .post(step, &[("phone", phone), ("name", "Ada")])
                .await?
        }
        _ => browser.clone().wanting_pages().get("/code").await?,
    };
    Ok(seen(&answer))
}
