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

/// The default `sign_in.refuse_after`, in milliseconds.
const STEPS: [u64; 3] = [1500, 5000, 10_000];

/// Upstream's time relative to a step, in milliseconds: just in time for it, just too late, on it
/// and over it. An answer is in time until 250 ms before a step.
const NEAR_A_STEP: [i64; 4] = [-300, -100, 0, 100];

/// In milliseconds, for answers that are always in time.
const SHORT: u64 = 20;

/// How often a latency that varies is changed. Several times between two samples of one state.
const VARIATION_INTERVAL: Duration = Duration::from_millis(40);

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

/// How long upstream takes for an account state, in milliseconds.
#[derive(Clone, Copy, Debug)]
enum Latency {
    Fixed(u64),
    /// Random between these.
    Varying(u64, u64),
    /// Longer than any timeout.
    Hanging,
}

impl Latency {
    /// The latency until the next change.
    fn millis(self, random: &Random) -> u64 {
        match self {
            Self::Fixed(millis) => millis,
            Self::Varying(least, most) => least + random.below(most - least),
            Self::Hanging => 600_000,
        }
    }
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(millis) => write!(f, "{millis} ms"),
            Self::Varying(least, most) => write!(f, "{least} to {most} ms"),
            Self::Hanging => f.write_str("hangs"),
        }
    }
}

/// One endpoint with one assignment of upstream latencies to account states.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub endpoint: Endpoint,
    /// By case of the sandbox.
    latencies: Vec<(&'static str, Latency)>,
}

/// The cases of the sandbox for a send.
const AT_SEND: [&str; 4] = ["known", "unknown", "locked", "inactive"];
/// The cases of the sandbox for a wrong code.
const AT_VERIFY: [&str; 4] = ["wrong", "unknown", "locked", "inactive"];

/// The samples of a scenario.
pub struct ScenarioResult {
    pub times: BTreeMap<AccountState, Vec<Duration>>,
    /// All different responses, with random values masked. More than one discloses the state.
    pub responses: BTreeSet<String>,
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let times = self
            .latencies
            .iter()
            .map(|(case, latency)| format!("{case} {latency}"));
        let endpoint = match self.endpoint {
            Endpoint::Send => "send-code",
            Endpoint::Verify => "verify-code",
        };
        write!(f, "{endpoint} ({})", times.collect::<Vec<_>>().join(", "))
    }
}

impl Scenario {
    /// Far from the steps, every account state has every latency once. Near each step, and across
    /// the first one, one state differs from the others.
    ///
    /// The step of the server rises with these scenarios and hardly falls during a run. So the
    /// first scenarios near a step meet the move to the next one, and the others what follows it.
    pub fn all() -> Vec<Self> {
        let mut scenarios: Vec<Self> = (0..4).map(Self::send).collect();
        scenarios.extend((0..3).map(Self::verify));
        scenarios.push(Self::verify_with_slow(
            "wrong",
            Latency::Varying(1000, 2000),
        ));
        scenarios.push(Self::verify_with_slow(
            "unknown",
            Latency::Varying(1000, 2000),
        ));
        for step in STEPS {
            for slow in ["wrong", "unknown"] {
                scenarios.extend(NEAR_A_STEP.iter().map(|offset| {
                    let millis = step.saturating_add_signed(*offset);
                    Self::verify_with_slow(slow, Latency::Fixed(millis))
                }));
            }
        }
        scenarios
    }

    fn send(rotation: usize) -> Self {
        let latencies = [400, SHORT, 2000].map(Latency::Fixed);
        Self {
            endpoint: Endpoint::Send,
            latencies: rotated(
                AT_SEND,
                &[&latencies[..], &[Latency::Hanging]].concat(),
                rotation,
            ),
        }
    }

    fn verify(rotation: usize) -> Self {
        let latencies = [400, SHORT, 1000].map(Latency::Fixed);
        Self {
            endpoint: Endpoint::Verify,
            latencies: rotated(AT_VERIFY, &latencies, rotation),
        }
    }

    fn verify_with_slow(slow: &'static str, latency: Latency) -> Self {
        let latencies = AT_VERIFY.map(|case| match case {
            case if case == slow => (case, latency),
            case => (case, Latency::Fixed(SHORT)),
        });
        Self {
            endpoint: Endpoint::Verify,
            latencies: latencies.into(),
        }
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
        let sampling = async {
            for _ in 0..samples {
                for state in shuffled(self.states(), &random) {
                    let sampler = sampler.clone();
                    tasks.spawn(async move { sampler.sample(state).await });
                    clock.sleep(SAMPLE_INTERVAL).await;
                }
            }
        };
        tokio::select! {
            () = sampling => {}
            failed = self.vary_latencies(setup, &clock, &random) => return Err(failed),
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
        for (((outcomes, each), before), after) in
            self.outcomes_of_a_round().iter().zip(before).zip(after)
        {
            let (count, expected) = (after - before, (samples * each) as f64);
            if count < expected {
                return Err(format!(
                    "{self}: {outcomes:?} happened {count} times instead of {expected}"
                )
                .into());
            }
        }
        Ok(result)
    }

    /// Changes the latencies that vary until it is dropped. Returns only an error.
    async fn vary_latencies(
        &self,
        setup: &ServerSetup,
        clock: &Clock,
        random: &Random,
    ) -> Box<dyn std::error::Error + Send + Sync> {
        let varying: Vec<_> = self
            .latencies
            .iter()
            .copied()
            .filter(|(_, latency)| matches!(latency, Latency::Varying(..)))
            .collect();
        loop {
            clock.sleep(VARIATION_INTERVAL).await;
            if let Err(error) = set_latencies(setup, self.operation(), &varying, random).await {
                return error;
            }
        }
    }

    /// The outcomes in the audit log that distinguish the states, and how often each happens in a
    /// round. They include the requests of the other browser that limits a number.
    /// A verify without an answer before the last step ends as `upstream`.
    fn outcomes_of_a_round(&self) -> &'static [(&'static [&'static str], usize)] {
        match self.endpoint {
            Endpoint::Send => &[(&["queued"], 5), (&["withheld_cool_down"], 1)],
            Endpoint::Verify => &[
                (&["refused", "upstream"], 6),
                (&["limited"], 1),
                (&["nothing_sent"], 1),
            ],
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
        let count = |outcome: &str| -> f64 {
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
        let outcomes = self.outcomes_of_a_round().iter();
        Ok(outcomes
            .map(|(outcomes, _)| outcomes.iter().map(|outcome| count(outcome)).sum())
            .collect())
    }

    /// The sandbox's name of the operation that the endpoint calls.
    fn operation(&self) -> &'static str {
        match self.endpoint {
            Endpoint::Send => "otp_send",
            Endpoint::Verify => "otp_authenticate",
        }
    }

    async fn prepare(&self, setup: &ServerSetup) -> BenchResult {
        let random = Random::system();
        let short = AT_SEND.map(|case| (case, Latency::Fixed(SHORT)));
        set_latencies(setup, "otp_send", &short, &random).await?;
        wait_until_sends_succeed(setup).await?;
        set_latencies(setup, self.operation(), &self.latencies, &random).await
    }
}

/// Each case with a latency, which begin at the one with the number `by` and repeat.
fn rotated(
    cases: [&'static str; 4],
    latencies: &[Latency],
    by: usize,
) -> Vec<(&'static str, Latency)> {
    let latencies = latencies.iter().copied().cycle().skip(by);
    cases.into_iter().zip(latencies).collect()
}

async fn set_latencies(
    setup: &ServerSetup,
    operation: &str,
    latencies: &[(&str, Latency)],
    random: &Random,
) -> BenchResult {
    let mut upstream = HttpBrowser::new(setup.sandbox, Ipv4Addr::LOCALHOST);
    for (case, latency) in latencies {
        let ms = latency.millis(random);
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
