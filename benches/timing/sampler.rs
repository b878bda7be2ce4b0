//! Takes samples of response times, each with a new number and a new browser.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use latchkey::server::system::clock::{Clock, Stopwatch};
use latchkey::server::system::random::Random;

use crate::scenario::{AccountState, Endpoint};
use latchkey_testkit::http_browser::HttpBrowser;
use latchkey_testkit::latencies::BenchResult;
use latchkey_testkit::masking::mask_random_parts;
use latchkey_testkit::server_process::ServerSetup;

/// The shortest pause before a measured request; a random part is added. The previous send has its
/// response from upstream by then, and the cool-down of these runs has not ended.
const PAUSE: Duration = Duration::from_millis(300);
/// A little longer than the cool-down of these runs.
const COOL_DOWN: Duration = Duration::from_millis(1200);

/// One measured response.
pub struct Sample {
    pub state: AccountState,
    pub duration: Duration,
    pub response: String,
}

pub struct Sampler {
    application: SocketAddr,
    sandbox: SocketAddr,
    endpoint: Endpoint,
    clock: Clock,
    random: Random,
}

/// How many phone numbers were used. Each sample has its own number, and so its own limits.
static USED_NUMBERS: AtomicU32 = AtomicU32::new(0);

impl Sampler {
    pub fn new(setup: &ServerSetup, endpoint: Endpoint, random: Random) -> Self {
        Self {
            application: setup.application,
            sandbox: setup.sandbox,
            endpoint,
            clock: Clock::system(),
            random,
        }
    }

    /// Takes one sample of an account state.
    pub async fn sample(&self, state: AccountState) -> BenchResult<Sample> {
        let phone = format!(
            "%2B447400{:06}",
            USED_NUMBERS.fetch_add(1, Ordering::Relaxed)
        );
        match state {
            AccountState::Unknown if self.endpoint == Endpoint::Send => {}
            AccountState::NothingSent => {}
            // Before a verify they are changed after the code was sent.
            AccountState::Locked | AccountState::Inactive if self.endpoint == Endpoint::Send => {
                self.set_status(&phone, state).await?
            }
            _ => self.set_user(&phone, "Active").await?,
        }
        match self.endpoint {
            Endpoint::Send => self.send(state, &phone).await,
            Endpoint::Verify => self.verify(state, &phone).await,
        }
    }

    async fn send(&self, state: AccountState, phone: &str) -> BenchResult<Sample> {
        let form = format!("phone={phone}");
        let mut other_browser = self.browser();
        let limiting_send = async {
            if state == AccountState::Limited {
                other_browser
                    .post("send-code", &form)
                    .await?
                    .into_ok_body()?;
            }
            BenchResult::Ok(())
        };
        let mut browser = self.browser();
        let measured = self.measure(state, &mut browser, "send-code", &form);
        let (limited, sample) = tokio::join!(limiting_send, measured);
        limited?;
        sample
    }

    async fn verify(&self, state: AccountState, phone: &str) -> BenchResult<Sample> {
        let (form, guess) = (format!("phone={phone}"), "code=000000");
        let mut other_browser = self.browser();
        if state == AccountState::Limited {
            other_browser
                .post("send-code", &form)
                .await?
                .into_ok_body()?;
            self.clock.sleep(COOL_DOWN).await;
        }
        let mut browser = self.browser();
        browser.post("send-code", &form).await?.into_ok_body()?;
        // Upstream has responded to the send by then.
        self.clock.sleep(PAUSE).await;
        match state {
            // The user changes after the code was sent. Upstream is called, and has another latency
            // for each state.
            AccountState::Locked | AccountState::Inactive => self.set_status(phone, state).await?,
            AccountState::Unknown => self.set_user(phone, "absent").await?,
            AccountState::Limited => {
                for _ in 0..2 {
                    other_browser.post("verify-code", guess).await?;
                }
            }
            AccountState::Known | AccountState::NothingSent => {}
        }
        self.measure(state, &mut browser, "verify-code", guess)
            .await
    }

    async fn measure(
        &self,
        state: AccountState,
        browser: &mut HttpBrowser,
        endpoint: &str,
        form: &str,
    ) -> BenchResult<Sample> {
        let [random_part] = self.random.bytes();
        self.clock
            .sleep(PAUSE + PAUSE * u32::from(random_part) / 192)
            .await;
        browser.connect().await?;
        let watch = Stopwatch::start();
        let response = browser.post(endpoint, form).await?;
        Ok(Sample {
            state,
            duration: watch.elapsed(),
            response: mask_random_parts(&response.head, &response.body),
        })
    }

    fn browser(&self) -> HttpBrowser {
        let [a, b, c, _] = self.random.bytes();
        HttpBrowser::new(self.application, Ipv4Addr::new(10, a, b, c))
    }

    async fn set_status(&self, phone: &str, state: AccountState) -> BenchResult {
        let status = if state == AccountState::Locked {
            "locked"
        } else {
            "Disabled"
        };
        self.set_user(phone, status).await
    }

    async fn set_user(&self, phone: &str, status: &str) -> BenchResult {
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
