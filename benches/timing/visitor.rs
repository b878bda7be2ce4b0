//! One sample: a number of its own, a browser of its own, and how long the answer took.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use latchkey::server::system::clock::{Clock, Stopwatch};
use latchkey::server::system::random::Random;

use crate::scenario::{Door, Kind};
use latchkey_testkit::http_browser::HttpBrowser;
use latchkey_testkit::latencies::BenchResult;
use latchkey_testkit::masking::mask_random_parts;
use latchkey_testkit::server_process::ServerSetup;

/// Before what is measured, whatever its kind, at least so long and at most as long again and a
/// third: a send from before was answered upstream, the cool-down of these runs is not over, and
/// nothing else of the run happens at a time that goes with the kind.
const REST: Duration = Duration::from_millis(300);
/// A little more than the cool-down of these runs.
const COOLED_DOWN: Duration = Duration::from_millis(1200);

/// How long an answer took, and what it was.
pub struct Sample {
    pub kind: Kind,
    pub took: Duration,
    pub answer: String,
}

/// Takes samples.
pub struct Visitor {
    application: SocketAddr,
    sandbox: SocketAddr,
    door: Door,
    clock: Clock,
    random: Random,
}

/// Numbers that were used: nobody meets another's limits.
static USED: AtomicU32 = AtomicU32::new(0);

impl Visitor {
    pub fn new(setup: &ServerSetup, door: Door, random: Random) -> Self {
        Self {
            application: setup.application,
            sandbox: setup.sandbox,
            door,
            clock: Clock::system(),
            random,
        }
    }

    /// One sample of a kind.
    pub async fn sample(&self, kind: Kind) -> BenchResult<Sample> {
        let phone = format!("%2B447400{:06}", USED.fetch_add(1, Ordering::Relaxed));
        match kind {
            Kind::Unknown if self.door == Door::Send => {}
            Kind::NothingSent => {}
            // At a verify they become so when the code is out.
            Kind::Locked | Kind::Inactive if self.door == Door::Send => {
                self.set_status(&phone, kind).await?
            }
            _ => self.user(&phone, "Active").await?,
        }
        match self.door {
            Door::Send => self.send(kind, &phone).await,
            Door::Verify => self.verify(kind, &phone).await,
        }
    }

    async fn send(&self, kind: Kind, phone: &str) -> BenchResult<Sample> {
        let form = format!("phone={phone}");
        let mut stranger = self.browser();
        let spends = async {
            if kind == Kind::Limited {
                stranger.post("send-code", &form).await?.into_ok_body()?;
            }
            BenchResult::Ok(())
        };
        let mut browser = self.browser();
        let measured = self.measure(kind, &mut browser, "send-code", &form);
        let (spent, sample) = tokio::join!(spends, measured);
        spent?;
        sample
    }

    async fn verify(&self, kind: Kind, phone: &str) -> BenchResult<Sample> {
        let (form, guess) = (format!("phone={phone}"), "code=000000");
        let mut stranger = self.browser();
        if kind == Kind::Limited {
            stranger.post("send-code", &form).await?.into_ok_body()?;
            self.clock.sleep(COOLED_DOWN).await;
        }
        let mut browser = self.browser();
        browser.post("send-code", &form).await?.into_ok_body()?;
        // Upstream has answered the send, whenever ours left.
        self.clock.sleep(REST).await;
        match kind {
            // What becomes of a user after the code was sent: upstream is asked, and answers each
            // in its own time.
            Kind::Locked | Kind::Inactive => self.set_status(phone, kind).await?,
            Kind::Unknown => self.user(phone, "absent").await?,
            Kind::Limited => {
                for _ in 0..2 {
                    stranger.post("verify-code", guess).await?;
                }
            }
            Kind::Known | Kind::NothingSent => {}
        }
        self.measure(kind, &mut browser, "verify-code", guess).await
    }

    async fn measure(
        &self,
        kind: Kind,
        browser: &mut HttpBrowser,
        door: &str,
        form: &str,
    ) -> BenchResult<Sample> {
        let [more] = self.random.bytes();
        self.clock.sleep(REST + REST * u32::from(more) / 192).await;
        browser.connect().await?;
        let watch = Stopwatch::start();
        let answer = browser.post(door, form).await?;
        Ok(Sample {
            kind,
            took: watch.elapsed(),
            answer: mask_random_parts(&answer.head, &answer.body),
        })
    }

    fn browser(&self) -> HttpBrowser {
        let [a, b, c, _] = self.random.bytes();
        HttpBrowser::new(self.application, Ipv4Addr::new(10, a, b, c))
    }

    async fn set_status(&self, phone: &str, kind: Kind) -> BenchResult {
        let status = if kind == Kind::Locked {
            "locked"
        } else {
            "Disabled"
        };
        self.user(phone, status).await
    }

    async fn user(&self, phone: &str, status: &str) -> BenchResult {
        let mut upstream = HttpBrowser::new(self.sandbox, Ipv4Addr::LOCALHOST);
        upstream
            .put(
                &format!("/control/users/{phone}"),
                &format!(r#"{{"status":"{status}"}}"#),
            )
            .await?;
        Ok(())
    }
}
