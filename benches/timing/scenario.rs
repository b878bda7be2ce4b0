//! What is asked about, and how long upstream takes over each kind of number.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use latchkey::server::system::clock::Clock;
use latchkey::server::system::random::Random;
use tokio::task::JoinSet;

use crate::STEP;
use crate::visitor::{Sample, Visitor};
use latchkey_testkit::http_browser::HttpBrowser;
use latchkey_testkit::latencies::BenchResult;
use latchkey_testkit::server_process::ServerSetup;

/// Longer than anybody waits: upstream never answers.
const HANG: u64 = 600_000;

/// How long the product waits for a send that hangs, and a little longer.
const HANGING: Duration = Duration::from_secs(12);

/// The step that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    Send,
    Verify,
}

/// What is the matter with a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Known,
    Unknown,
    Locked,
    Inactive,
    /// By number: a send within the cool-down that a stranger began; a try where strangers have
    /// spent all.
    Limited,
    /// A try where no code was sent, since upstream knows no such user.
    NothingSent,
}

impl Kind {
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

/// One door, with one assignment of upstream's times to kinds.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub door: Door,
    /// By what the sandbox calls its cases, in milliseconds.
    latencies: Vec<(&'static str, u64)>,
}

/// What came of a scenario.
pub struct Taken {
    pub times: BTreeMap<Kind, Vec<Duration>>,
    /// Every answer as it came, random values masked. More than one tells kinds apart.
    pub answers: BTreeSet<String>,
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let times = self.latencies.iter().map(|(case, millis)| match *millis {
            HANG => format!("{case} hangs"),
            millis => format!("{case} {millis} ms"),
        });
        let door = match self.door {
            Door::Send => "send-code",
            Door::Verify => "verify-code",
        };
        write!(f, "{door} ({})", times.collect::<Vec<_>>().join(", "))
    }
}

impl Scenario {
    /// Each kind meets each latency once.
    pub fn all() -> Vec<Self> {
        let turned = |door, cases: &[&'static str], latencies: &[u64], by: usize| {
            let latencies = cases
                .iter()
                .copied()
                .zip(latencies.iter().copied().cycle().skip(by))
                .collect();
            Self { door, latencies }
        };
        let sends = (0..4).map(|by| {
            turned(
                Door::Send,
                &["known", "unknown", "locked", "inactive"],
                &[400, 20, 2000, HANG],
                by,
            )
        });
        let verifies = (0..3).map(|by| {
            turned(
                Door::Verify,
                &["wrong", "unknown", "locked", "inactive"],
                &[400, 20, 1000],
                by,
            )
        });
        sends.chain(verifies).collect()
    }

    pub fn kinds(&self) -> &'static [Kind] {
        match self.door {
            Door::Send => &Kind::AT_SEND,
            Door::Verify => &Kind::AT_VERIFY,
        }
    }

    /// Takes so many samples of each kind.
    pub async fn run(&self, setup: &ServerSetup, samples: usize) -> BenchResult<Taken> {
        self.prepare(setup).await?;
        let before = self.outcomes(setup).await?;
        let (clock, random) = (Clock::system(), Random::system());
        let visitor = Arc::new(Visitor::new(setup, self.door, random.clone()));
        let mut tasks: JoinSet<BenchResult<Sample>> = JoinSet::new();
        for _ in 0..samples {
            for kind in shuffled(self.kinds(), &random) {
                let visitor = visitor.clone();
                tasks.spawn(async move { visitor.sample(kind).await });
                clock.sleep(STEP).await;
            }
        }
        let mut taken = Taken {
            times: BTreeMap::new(),
            answers: BTreeSet::new(),
        };
        while let Some(sample) = tasks.join_next().await {
            let Sample { kind, took, answer } = sample??;
            taken.times.entry(kind).or_default().push(took);
            taken.answers.insert(answer);
        }
        // Alike because nothing happened would prove nothing.
        let after = self.outcomes(setup).await?;
        for (((outcome, each), before), after) in
            self.outcomes_of_a_round().iter().zip(before).zip(after)
        {
            let (came, wanted) = (after - before, (samples * each) as f64);
            if came < wanted {
                return Err(format!("{self}: {outcome} came {came} times, not {wanted}").into());
            }
        }
        Ok(taken)
    }

    /// What tells the kinds apart inside the server, and how often it happens when each kind was
    /// asked about once: four kinds are asked about upstream, and so is what the stranger does who
    /// spends a limited number's code, or both its tries.
    fn outcomes_of_a_round(&self) -> &'static [(&'static str, usize)] {
        match self.door {
            Door::Send => &[("queued", 5), ("withheld_cool_down", 1)],
            Door::Verify => &[("refused", 6), ("limited", 1), ("nothing_sent", 1)],
        }
    }

    /// How often each of them has happened, as the server's metrics say.
    async fn outcomes(&self, setup: &ServerSetup) -> BenchResult<Vec<f64>> {
        let event = match self.door {
            Door::Send => "otp_requested",
            Door::Verify => "authn_login_fail",
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
        let operation = match self.door {
            Door::Send => "otp_send",
            Door::Verify => "otp_authenticate",
        };
        let quick = ["known", "unknown", "locked", "inactive"].map(|case| (case, 20));
        set_latencies(setup, "otp_send", &quick).await?;
        until_it_sends(setup).await?;
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

/// Sends that hung in the scenario before come to their end; the breaker that they may have opened
/// closes again.
async fn until_it_sends(setup: &ServerSetup) -> BenchResult {
    let clock = Clock::system();
    clock.sleep(HANGING).await;
    for number in 0..20 {
        let mut browser = HttpBrowser::new(setup.application, Ipv4Addr::new(11, 0, 0, number));
        let answer = browser
            .post("send-code", &format!("phone=%2B4474019{number:05}"))
            .await?;
        clock.sleep(Duration::from_secs(1)).await;
        if answer.status == 200 {
            return Ok(());
        }
    }
    Err("no code can be sent".into())
}

/// The kinds in an order that nothing else follows.
fn shuffled(kinds: &[Kind], random: &Random) -> Vec<Kind> {
    let mut drawn: Vec<([u8; 8], Kind)> =
        kinds.iter().map(|kind| (random.bytes(), *kind)).collect();
    drawn.sort_unstable();
    drawn.into_iter().map(|(_, kind)| kind).collect()
}
