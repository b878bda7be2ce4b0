//! The product over a sandbox, on a clock that stands still until it is moved.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::Request;
use latchkey::domain::timestamp::Timestamp;
use latchkey::server::audit::Audit;
use latchkey::server::audit::rolling_counts::{EventKind, KEPT};
use latchkey::server::settings::{Secret, Settings};
use latchkey::server::store::Store;
use latchkey::server::store::redb::{RedbOptions, RedbStore};
use latchkey::server::system::clock::{Clock, ClockHandle};
use latchkey::server::system::random::Random;
use latchkey::server::wiring::{Deps, Product};

use crate::support::browser::oneshot;
use crate::support::{Answer, Browser, Upstream, wait_until};
use latchkey_testkit::log_capture::{LogCapture, process_logs};

/// Real time after which a request that waits for its moment is taken to wait for a later one.
const LATE: Duration = Duration::from_secs(3);

pub struct World {
    pub product: Product,
    pub upstream: Arc<Upstream>,
    pub settings: Settings,
    pub audit: LogCapture,
    pub clock: Clock,
    hand: ClockHandle,
    router: Router,
    addresses: AtomicU32,
    /// The machine's time at the start, and how much of what has passed since then was made up for.
    began: Timestamp,
    kept_up: Mutex<Duration>,
}

impl World {
    /// With the default settings.
    pub async fn start() -> Arc<Self> {
        Self::with(|_| {}).await
    }

    /// With settings of the test's own.
    pub async fn with(change: impl FnOnce(&mut Settings)) -> Arc<Self> {
        let store = Arc::new(RedbStore::in_memory(RedbOptions::default()).unwrap());
        Self::over(store, Arc::new(Upstream::start().await), change)
    }

    /// Over a store and a sandbox that were there before.
    pub fn over(
        store: Arc<dyn Store>,
        upstream: Arc<Upstream>,
        change: impl FnOnce(&mut Settings),
    ) -> Arc<Self> {
        Self::later(store, upstream, Duration::ZERO, change)
    }

    /// The same, its clock ahead of the machine's.
    pub fn later(
        store: Arc<dyn Store>,
        upstream: Arc<Upstream>,
        ahead: Duration,
        change: impl FnOnce(&mut Settings),
    ) -> Arc<Self> {
        let moved = Clock::manual(Clock::system().now() + ahead);
        Self::by(moved, store, upstream, change)
    }

    /// On the machine's own clock, which nobody moves: for what is about real time.
    pub fn in_real_time(upstream: Arc<Upstream>, change: impl FnOnce(&mut Settings)) -> Arc<Self> {
        let store = Arc::new(RedbStore::in_memory(RedbOptions::default()).unwrap());
        let (_, hand) = Clock::manual(Clock::system().now());
        Self::by((Clock::system(), hand), store, upstream, change)
    }

    fn by(
        (clock, hand): (Clock, ClockHandle),
        store: Arc<dyn Store>,
        upstream: Arc<Upstream>,
        change: impl FnOnce(&mut Settings),
    ) -> Arc<Self> {
        static EXECUTOR: OnceLock<()> = OnceLock::new();
        EXECUTOR.get_or_init(|| any_spawner::Executor::init_tokio().unwrap());
        process_logs();
        let mut settings = Settings::default();
        settings.secrets.key = Some(Secret::new("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="));
        upstream.point(&mut settings);
        change(&mut settings);
        assert_eq!(settings.complaints(clock.now()), []);
        let audit = LogCapture::default();
        let around = Deps {
            clock: clock.clone(),
            random: Random::system(),
            audit: Audit::to(audit.clone(), clock.clone()),
        };
        let product = Product::over(store, settings.clone(), around).unwrap();
        let router = product.router();
        Arc::new(Self {
            product,
            upstream,
            settings,
            audit,
            clock,
            hand,
            router,
            addresses: AtomicU32::new(0),
            began: Clock::system().now(),
            kept_up: Mutex::default(),
        })
    }

    pub fn browser(self: &Arc<Self>) -> Browser {
        Browser::new(self)
    }

    /// A known number, a browser that asked for its code, and the code.
    pub async fn asked(self: &Arc<Self>, phone: &str) -> (Browser, String) {
        self.upstream.user(phone, "Active").await;
        let mut browser = self.browser();
        browser.ask(phone).await.next("/code");
        let code = self.upstream.code(phone).await;
        (browser, code)
    }

    pub fn origin(&self) -> String {
        self.settings.server.origin()
    }

    pub fn host(&self) -> String {
        let origin = self.origin();
        origin.split_once("://").unwrap().1.to_owned()
    }

    /// An address that no browser of this world has had.
    pub fn next_address(&self) -> IpAddr {
        let number = self.addresses.fetch_add(1, Ordering::Relaxed);
        IpAddr::V4(Ipv4Addr::from(
            u32::from(Ipv4Addr::new(10, 0, 0, 1)) + number,
        ))
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Moves both clocks.
    pub async fn advance(&self, by: Duration) {
        self.upstream.advance(by).await;
        self.hand.advance(by);
    }

    /// Moves the product's clock alone: upstream's is behind from now on.
    pub fn run_ahead(&self, by: Duration) {
        self.hand.advance(by);
    }

    /// Moves the product's clock alone by the real time that has passed since this was last done:
    /// upstream's, which goes on by itself, has moved by it. For tests that take long.
    pub fn keep_up(&self) {
        let passed = Clock::system().now().since(self.began);
        let mut kept_up = self.kept_up.lock().unwrap();
        self.hand.advance(passed.saturating_sub(*kept_up));
        *kept_up = passed;
    }

    /// Moves the product's clock alone to that of another node, which is never behind.
    pub fn catch_up(&self, other: &Self) {
        self.hand.advance(other.now().since(self.now()));
    }

    /// Moves the product's clock to a time after `start`, if it is not there yet.
    pub async fn advance_to(&self, start: Timestamp, after: Duration) {
        self.advance((start + after).since(self.now())).await;
    }

    /// Sends a request without moving the clock: for answers that leave at once.
    pub async fn call(&self, request: Request<Body>) -> Answer {
        let start = self.now();
        Answer::read(oneshot(self.router.clone(), request).await, || {
            self.now().since(start)
        })
        .await
    }

    /// Starts a request; the test moves the clock.
    pub fn begin(self: &Arc<Self>, request: Request<Body>) -> tokio::task::JoinHandle<Answer> {
        let world = self.clone();
        tokio::spawn(async move { world.call(request).await })
    }

    /// Sends a request and moves the clock to the moment at which its answer leaves, once what it
    /// waits for is decided.
    pub async fn drive(self: &Arc<Self>, request: Request<Body>) -> Answer {
        self.drive_all(vec![request]).await.remove(0)
    }

    /// The same for requests that arrive together.
    pub async fn drive_all(self: &Arc<Self>, requests: Vec<Request<Body>>) -> Vec<Answer> {
        let (start, real, before, many) = (
            self.now(),
            Clock::system(),
            self.decisions(),
            requests.len(),
        );
        let moments = requests
            .first()
            .map(|request| self.moments(request.uri().path()))
            .unwrap_or_default();
        let tasks: Vec<_> = requests
            .into_iter()
            .map(|request| self.begin(request))
            .collect();
        let finished = || tasks.iter().filter(|task| task.is_finished()).count();
        let all_finished = || finished() == many;
        wait_until("a decision", async || {
            finished() + self.decisions() - before >= many
        })
        .await;
        for moment in moments {
            if all_finished() {
                break;
            }
            self.advance_to(start, moment).await;
            let end = real.now() + LATE;
            while !all_finished() && real.now() < end {
                crate::support::pause(1).await;
            }
        }
        assert!(
            all_finished(),
            "an answer did not leave at any of its moments"
        );
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(task.await.unwrap());
        }
        answers
    }

    fn moments(&self, path: &str) -> Vec<Duration> {
        let sign_in = &self.settings.sign_in;
        let spans = if path == "/api/verify-code" {
            &sign_in.refuse_after[..]
        } else {
            &[sign_in.answer_after][..]
        };
        spans.iter().map(|span| span.0).collect()
    }

    /// What was decided in the last day about sends and tries whose answers wait for their moments.
    fn decisions(&self) -> usize {
        self.counted(|kind| match kind.event {
            "otp_requested" => !kind.outcome.starts_with("refused"),
            "authn_login_fail" => !["tries_spent", "expired"].contains(&&*kind.outcome),
            _ => false,
        })
    }

    /// How many events there were in the last day, those too that a flood left out of the record.
    pub fn counted(&self, matches: impl Fn(&EventKind) -> bool) -> usize {
        let counts = self.product.site.audit.recent().counts(1, KEPT, self.now());
        let meant = counts.iter().filter(|counts| matches(&counts.kind));
        meant
            .flat_map(|counts| &counts.counts)
            .map(|count| *count as usize)
            .sum()
    }

    /// Waits until every send that was queued has come to its end.
    pub async fn settled(&self) {
        let queued = self
            .audit
            .count_matching(|event| event["decision"] == "queued");
        wait_until("queued sends", async || {
            self.audit.count("otp_send_result") >= queued
        })
        .await;
    }
}
