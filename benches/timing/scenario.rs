//! Scenarios: an endpoint, and the upstream latency of each account state.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use latchkey::server::system::clock::Clock;
use latchkey::server::system::random::Random;
use tokio::task::JoinSet;

use crate::SAMPLE_INTERVAL;
use crate::sampler::{Sample, Sampler};
use latchkey_testkit::http_browser::HttpBrowser;
use latchkey_testkit::latencies::BenchResult;
use latchkey_testkit::server_process::ServerSetup;

/// In milliseconds: longer than any timeout.
const HANG: u64 = 600_000;

/// A little longer than the timeout of a send.
const SEND_TIMEOUT: Duration = Duration::from_secs(12);

/// The measured endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    Send,
    Verify,
}

/// The state of the account of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AccountState {
    Known,
    Unknown,
    Locked,
    Inactive,
    /// Limited by number: a send within the cool-down of another browser, or a verify after other
    /// browsers used all attempts.
    Limited,
    /// A verify without a code, because upstream has no such user.
    NothingSent,
}

impl AccountState {
    const AT_SEND: [Self; 5] = [
        Self::Known,
        Self::Unknown,
        Self::Locked,
        Self::Inactive,
        Self::Limited,
    ];
    const AT_VERIFY: [Self; 6] = [
        Self::Known,
        Self::Unknown,
        Self::Locked,
        Self::Inactive,
        Self::Limited,
        Self::NothingSent,
    ];
}

/// One endpoint with one assignment of upstream latencies to account states.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub endpoint: Endpoint,
    /// By case of the sandbox, in milliseconds.
    latencies: Vec<(&'static str, u64)>,
}

/// The samples of a scenario.
pub struct ScenarioResult {
    pub times: BTreeMap<AccountState, Vec<Duration>>,
    /// All different responses, with random values masked. More than one discloses the state.
    pub responses: BTreeSet<String>,
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let times = self.latencies.iter().map(|(case, millis)| match *millis {
            HANG => format!("{case} hangs"),
            millis => format!("{case} {millis} ms"),
        });
        let endpoint = match self.endpoint {
            Endpoint::Send => "send-code",
            Endpoint::Verify => "verify-code",
        };
        write!(f, "{endpoint} ({})", times.collect::<Vec<_>>().join(", "))
    }
}

impl Scenario {
    /// Every account state has every latency once.
    pub fn all() -> Vec<Self> {
        let rotated = |endpoint, cases: &[&'static str], latencies: &[u64], by: usize| {
            let latencies = cases
                .iter()
                .copied()
                .zip(latencies.iter().copied().cycle().skip(by))
                .collect();
            Self {
                endpoint,
                latencies,
            }
        };
        let sends = (0..4).map(|by| {
            rotated(
                Endpoint::Send,
                &["known", "unknown", "locked", "inactive"],
                &[400, 20, 2000, HANG],
                by,
            )
        });
        let verifies = (0..3).map(|by| {
            rotated(
                Endpoint::Verify,
                &["wrong", "unknown", "locked", "inactive"],
                &[400, 20, 1000],
                by,
            )
        });
        sends.chain(verifies).collect()
    }

    pub fn states(&self) -> &'static [AccountState] {
        match self.endpoint {
            Endpoint::Send => &AccountState::AT_SEND,
            Endpoint::Verify => &AccountState::AT_VERIFY,
        }
    }

    /// Takes samples of each state.
    pub async fn run(&self, setup: &ServerSetup, samples: usize) -> BenchResult<ScenarioResult> {
        self.prepare(setup).await?;
        let before = self.outcomes(setup).await?;
        let (clock, random) = (Clock::system(), Random::system());
        let sampler = Arc::new(Sampler::new(setup, self.endpoint, random.clone()));
        let mut tasks: JoinSet<BenchResult<Sample>> = JoinSet::new();
        for _ in 0..samples {
            for state in shuffled(self.states(), &random) {
                let sampler = sampler.clone();
                tasks.spawn(async move { sampler.sample(state).await });
                clock.sleep(SAMPLE_INTERVAL).await;
            }
        }
        let mut result = ScenarioResult {
            times: BTreeMap::new(),
            responses: BTreeSet::new(),
        };
        while let Some(sample) = tasks.join_next().await {
            let Sample {
                state,
                duration,
                response,
            } = sample??;
            result.times.entry(state).or_default().push(duration);
            result.responses.insert(response);
        }
        // Equal times prove something only if the states had different outcomes.
        let after = self.outcomes(setup).await?;
        for (((outcome, each), before), after) in
            self.outcomes_of_a_round().iter().zip(before).zip(after)
        {
            let (count, expected) = (after - before, (samples * each) as f64);
            if count < expected {
                return Err(format!(
                    "{self}: {outcome} happened {count} times instead of {expected}"
                )
                .into());
            }
        }
        Ok(result)
    }

    /// The outcomes in the audit log that distinguish the states, and how often each happens in a
    /// round. They include the requests of the other browser that limits a number.
    fn outcomes_of_a_round(&self) -> &'static [(&'static str, usize)] {
        match self.endpoint {
            Endpoint::Send => &[("queued", 5), ("withheld_cool_down", 1)],
            Endpoint::Verify => &[("refused", 6), ("limited", 1), ("nothing_sent", 1)],
        }
    }

    /// How often each outcome has happened, by the metrics of the server.
    async fn outcomes(&self, setup: &ServerSetup) -> BenchResult<Vec<f64>> {
        let event = match self.endpoint {
            Endpoint::Send => "otp_requested",
            Endpoint::Verify => "authn_login_fail",
        };
        let metrics = HttpBrowser::new(setup.operations, Ipv4Addr::LOCALHOST)
            .get("/metrics")
            .await?
            .into_ok_body()?;
        let count = |(outcome, _): &(&str, usize)| {
            let counter =
                format!("latchkey_audit_events_total{{event=\"{event}\",outcome=\"{outcome}\",");
            let values = metrics
                .lines()
                .filter(|line| line.starts_with(&counter))
                .filter_map(|line| line.rsplit_once(' '));
            values
                .filter_map(|(_, value)| value.parse::<f64>().ok())
                .sum()
        };
        Ok(self.outcomes_of_a_round().iter().map(count).collect())
    }

    async fn prepare(&self, setup: &ServerSetup) -> BenchResult {
        let operation = match self.endpoint {
            Endpoint::Send => "otp_send",
            Endpoint::Verify => "otp_authenticate",
        };
        let short = ["known", "unknown", "locked", "inactive"].map(|case| (case, 20));
        set_latencies(setup, "otp_send", &short).await?;
        wait_until_sends_succeed(setup).await?;
        set_latencies(setup, operation, &self.latencies).await
    }
}

async fn set_latencies(
    setup: &ServerSetup,
    operation: &str,
    latencies: &[(&str, u64)],
) -> BenchResult {
    let mut upstream = HttpBrowser::new(setup.sandbox, Ipv4Addr::LOCALHOST);
    for (case, ms) in latencies {
        let latency = format!(r#"{{"operation":"{operation}","case":"{case}","ms":{ms}}}"#);
        upstream.put("/control/latency", &latency).await?;
    }
    Ok(())
}

/// Waits until the hanging sends of the previous scenario have timed out, and the circuit breaker
/// has closed.
async fn wait_until_sends_succeed(setup: &ServerSetup) -> BenchResult {
    let clock = Clock::system();
    clock.sleep(SEND_TIMEOUT).await;
    for number in 0..20 {
        let mut browser = HttpBrowser::new(setup.application, Ipv4Addr::new(11, 0, 0, number));
        let response = browser
            .post("send-code", &format!("phone=%2B4474019{number:05}"))
            .await?;
        clock.sleep(Duration::from_secs(1)).await;
        if response.status == 200 {
            return Ok(());
        }
    }
    Err("no code can be sent".into())
}

/// The states in random order.
fn shuffled(states: &[AccountState], random: &Random) -> Vec<AccountState> {
    let mut keyed: Vec<([u8; 8], AccountState)> = states
        .iter()
        .map(|state| (random.bytes(), *state))
        .collect();
    keyed.sort_unstable();
    keyed.into_iter().map(|(_, state)| state).collect()
}
