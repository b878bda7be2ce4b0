//! The test application (the product over a sandbox, with a manual clock) and its browsers.
//!
//! All Rust identifiers of the product that these tests use are in this module, so that a rename of
//! the code changes nothing else. Settings (TOML), operator commands (JSON), cookies and paths are
//! used as text, because that text must not change.

mod browser;
mod config;
mod requests;
mod stored;
mod stored_words;
mod upstream;

use std::io::{self, Write};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use axum::Router;
use latchkey::domain::timestamp::Timestamp;
use latchkey::server::audit::AuditLog;
use latchkey::server::store::Store;
use latchkey::server::system::clock::{Clock, ClockHandle};
use latchkey::server::system::random::Random;
use latchkey::server::wiring::{Deps, Product, open_store};
use serde_json::Value;

pub use self::browser::{Answer, Browser, CHROME};
pub use self::config::{APPLICATION, Config, ID, KEY, OTHER_APPLICATION, TEST_NUMBER};
pub use self::stored::{inspected, restored};
pub use self::stored_words::{audited_words, unreadable_words};
pub use self::upstream::Upstream;

pub struct TestApp {
    pub upstream: Arc<Upstream>,
    pub store: Arc<dyn Store>,
    product: Product,
    router: Router,
    clock: Clock,
    hand: ClockHandle,
    audit: Capture,
}

impl TestApp {
    /// Opens the store that the configuration names. `at` is in milliseconds since the epoch.
    pub async fn start(config: &Config<'_>, at: u64) -> Self {
        let upstream = Arc::new(Upstream::start().await);
        let store = open_store(&config.settings(&upstream)).unwrap();
        Self::over(store, upstream, config, at)
    }

    pub fn over(
        store: Arc<dyn Store>,
        upstream: Arc<Upstream>,
        config: &Config<'_>,
        at: u64,
    ) -> Self {
        Self::with(Capture::default(), store, upstream, config, at)
    }

    /// Restarts the application at a later time and keeps its audit log.
    pub async fn restarted(self, config: &Config<'_>, at: u64) -> Self {
        let (audit, upstream) = (self.audit.clone(), self.upstream.clone());
        let (_, store) = self.end().await;
        Self::with(audit, store, upstream, config, at)
    }

    fn with(
        audit: Capture,
        store: Arc<dyn Store>,
        upstream: Arc<Upstream>,
        config: &Config<'_>,
        at: u64,
    ) -> Self {
        static EXECUTOR: OnceLock<()> = OnceLock::new();
        EXECUTOR.get_or_init(|| any_spawner::Executor::init_tokio().unwrap());
        let (clock, hand) = Clock::manual(Timestamp::from_millis(at));
        let settings = config.settings(&upstream);
        assert_eq!(settings.validate(clock.now()), []);
        let around = Deps {
            clock: clock.clone(),
            random: Random::system(),
            audit: AuditLog::to(audit.clone(), clock.clone()),
        };
        let product = Product::over(store.clone(), settings, around).unwrap();
        let router = product.router();
        Self {
            upstream,
            store,
            product,
            router,
            clock,
            hand,
            audit,
        }
    }

    /// Milliseconds since the epoch.
    pub fn now(&self) -> u64 {
        self.clock.now().as_millis()
    }

    pub fn advance(&self, seconds: u64) {
        self.hand.advance(Duration::from_secs(seconds));
    }

    /// Waits for background tasks. Returns the audit log and the store.
    pub async fn end(self) -> (Vec<Value>, Arc<dyn Store>) {
        self.product.close().await;
        (self.events(), self.store)
    }

    pub fn events(&self) -> Vec<Value> {
        let text = String::from_utf8(self.audit.0.lock().unwrap().clone()).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// The newest event with a name.
    pub fn last(&self, name: &str) -> Value {
        let found = self
            .events()
            .into_iter()
            .rfind(|event| event["event"] == name);
        found.unwrap_or_else(|| panic!("no event {name}"))
    }

    fn count(&self, is_meant: impl Fn(&Value) -> bool) -> usize {
        self.events().iter().filter(|event| is_meant(event)).count()
    }

    /// Whether every queued send has a result.
    fn is_settled(&self) -> bool {
        self.count(|event| event["decision"] == "queued")
            <= self.count(|event| event["event"] == "otp_send_result")
    }

    /// The number of decisions whose answers are sent after a fixed delay.
    fn decisions(&self) -> usize {
        self.count(|event| match event["event"].as_str() {
            Some("otp_requested") => event["decision"] != "refused",
            Some("authn_login_fail") => {
                event["reason"] != "tries_spent" && event["reason"] != "expired"
            }
            _ => false,
        })
    }
}

/// Sleeps in real time.
pub async fn pause() {
    Clock::system().sleep(Duration::from_millis(2)).await;
}

/// Waits in real time until a condition holds.
pub async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..10_000 {
        if holds().await {
            return;
        }
        pause().await;
    }
    panic!("waited in vain for {what}");
}

/// The audit log.
#[derive(Clone, Debug, Default)]
struct Capture(Arc<Mutex<Vec<u8>>>);

impl Write for Capture {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
