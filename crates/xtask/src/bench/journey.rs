//! One journey: the page, a send, the code, a verify, session checks and a sign-out, each timed.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use latchkey_benchmark::latencies::Latencies;

use super::http_client::{HttpClient, Request};
use super::product::Product;
use crate::ui::Stopwatch;

/// Session checks of a journey.
const CHECKS: usize = 5;
/// How often, and how many times, the code is looked for.
const POLL: Duration = Duration::from_millis(5);
const POLLS: usize = 2000;

/// What is timed. A code is waited for outside of all of them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum JourneyStep {
    Page,
    Send,
    CodePage,
    Verify,
    Check,
    SignOut,
}

impl JourneyStep {
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::Page, "page"),
        (Self::Send, "send"),
        (Self::CodePage, "code page"),
        (Self::Verify, "verify"),
        (Self::Check, "session check"),
        (Self::SignOut, "sign-out"),
    ];
}

/// The latencies of each step.
#[derive(Default)]
pub struct Steps(BTreeMap<JourneyStep, Latencies>);

impl Steps {
    /// Runs a step, and records how long it took.
    fn measure<T>(&mut self, step: JourneyStep, run: impl FnOnce() -> Result<T>) -> Result<T> {
        let watch = Stopwatch::start();
        let result = run()?;
        self.0.entry(step).or_default().record(watch.elapsed());
        Ok(result)
    }

    /// These latencies of one step, in milliseconds.
    #[cfg(test)]
    pub fn with(step: JourneyStep, milliseconds: &[u64]) -> Self {
        let mut latencies = Latencies::default();
        for milliseconds in milliseconds {
            latencies.record(Duration::from_millis(*milliseconds));
        }
        Self(BTreeMap::from([(step, latencies)]))
    }

    pub fn merge(&mut self, other: Self) {
        for (step, latencies) in other.0 {
            self.0.entry(step).or_default().merge(latencies);
        }
    }

    /// p50, p95 and p99; `None` for a step that the product does not have.
    pub fn percentiles(&self, step: JourneyStep) -> Option<[Duration; 3]> {
        self.0.get(&step).map(Latencies::percentiles)
    }
}

/// The phone number of a journey, and the client address, which no other has.
fn person(number: u32) -> (String, Ipv4Addr) {
    let [_, a, b, c] = number.to_be_bytes();
    (format!("+447400{number:06}"), Ipv4Addr::new(10, a, b, c))
}

/// Runs the journey of this number.
pub fn run(product: &dyn Product, number: u32, steps: &mut Steps) -> Result<()> {
    let (phone, address) = person(number);
    product.create_user(&phone)?;
    let mut client = HttpClient::new(product.address(), address);
    let client = &mut client;
    steps.measure(JourneyStep::Page, || get(client, product.page()))?;
    steps.measure(JourneyStep::Send, || {
        product.send(client, &phone).context("send")
    })?;
    if let Some(page) = product.code_page() {
        steps.measure(JourneyStep::CodePage, || get(client, page))?;
    }
    let code = wait_for_code(product, &phone)?;
    steps.measure(JourneyStep::Verify, || {
        product.verify(client, &phone, &code).context("verify")
    })?;
    for _ in 0..CHECKS {
        steps.measure(JourneyStep::Check, || {
            product.check(client).context("session check")
        })?;
    }
    steps.measure(JourneyStep::SignOut, || {
        product.sign_out(client).context("sign-out")
    })
}

fn get(client: &mut HttpClient, path: &str) -> Result<()> {
    let request = Request {
        headers: &[("Accept", "text/html")],
        ..Request::get(path)
    };
    let page = client.send(&request)?.expect_status(200);
    page.with_context(|| path.to_owned())?;
    Ok(())
}

fn wait_for_code(product: &dyn Product, phone: &str) -> Result<String> {
    for _ in 0..POLLS {
        if let Some(code) = product.take_code(phone)? {
            return Ok(code);
        }
        thread::sleep(POLL);
    }
    bail!("no message arrived")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_journey_has_a_number_and_an_address_of_its_own() {
        let people: std::collections::BTreeSet<_> = (0..70_000).step_by(7).map(person).collect();
        assert_eq!(people.len(), 10_000);
        assert_eq!(
            person(65_537),
            ("+447400065537".to_owned(), Ipv4Addr::new(10, 1, 0, 1))
        );
    }

    #[test]
    fn steps_of_several_clients_are_added() {
        let mut all = Steps::default();
        for _ in 0..2 {
            let mut steps = Steps::default();
            steps.measure(JourneyStep::Page, || Ok(())).unwrap();
            assert!(
                steps
                    .measure(JourneyStep::Send, || -> Result<()> { bail!("no") })
                    .is_err()
            );
            all.merge(steps);
        }
        assert_eq!(all.0.get(&JourneyStep::Page).map(Latencies::count), Some(2));
        assert!(
            all.percentiles(JourneyStep::Send).is_none(),
            "a failure has no latency"
        );
    }
}
