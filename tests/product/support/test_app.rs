//! The product with a sandbox, on a clock that only the test advances.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{MatchedPath, Request as RoutedRequest, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use http::Request;
use latchkey::domain::timestamp::Timestamp;
use latchkey::server::audit::AuditLog;
use latchkey::server::audit::rolling_counts::{EventKind, RETENTION};
use latchkey::server::http::state::AppState;
use latchkey::server::settings::{Secret, Settings};
use latchkey::server::store::Store;
use latchkey::server::store::redb::{RedbOptions, RedbStore};
use latchkey::server::system::clock::{Clock, ClockHandle};
use latchkey::server::system::random::Random;
use latchkey::server::wiring::{Deps, Product};

use crate::support::browser::oneshot;
use crate::support::{Browser, KNOWN_PHONE, TestResponse, Upstream, wait_until};
use latchkey_testkit::log_capture::{LogCapture, process_logs};

/// Real time after which a waiting response is assumed to need a later time of the clock.
const RESPONSE_PATIENCE: Duration = Duration::from_secs(3);

pub struct TestApp {
    pub product: Product,
    pub upstream: Arc<Upstream>,
    pub settings: Settings,
    pub audit: LogCapture,
    pub clock: Clock,
    clock_handle: ClockHandle,
    router: Router,
    addresses: AtomicU32,
    /// The machine's time at the start, and how much of the time since then was followed.
    started_at: Timestamp,
    followed: Mutex<Duration>,
}

impl TestApp {
    /// With default settings.
    pub async fn start() -> Arc<Self> {
        Self::with_settings(|_| {}).await
    }

    /// With an active user who has the known number.
    pub async fn start_with_user() -> Arc<Self> {
        let app = Self::start().await;
        app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
        app
    }

    /// With changed settings.
    pub async fn with_settings(change: impl FnOnce(&mut Settings)) -> Arc<Self> {
        let store = Arc::new(RedbStore::in_memory(RedbOptions::default()).unwrap());
        Self::with_store(store, Arc::new(Upstream::start().await), change)
    }

    /// With an existing store and sandbox.
    pub fn with_store(
        store: Arc<dyn Store>,
        upstream: Arc<Upstream>,
        change: impl FnOnce(&mut Settings),
    ) -> Arc<Self> {
        Self::with_clock_ahead(store, upstream, Duration::ZERO, change)
    }

    /// With a clock ahead of the machine's.
    pub fn with_clock_ahead(
        store: Arc<dyn Store>,
        upstream: Arc<Upstream>,
        ahead: Duration,
        change: impl FnOnce(&mut Settings),
    ) -> Arc<Self> {
        let clock = Clock::manual(Clock::system().now() + ahead);
        Self::build(clock, store, upstream, change)
    }

    /// On the machine's own clock, for tests about real time.
    pub fn in_real_time(upstream: Arc<Upstream>, change: impl FnOnce(&mut Settings)) -> Arc<Self> {
        let store = Arc::new(RedbStore::in_memory(RedbOptions::default()).unwrap());
        let (_, clock_handle) = Clock::manual(Clock::system().now());
        Self::build((Clock::system(), clock_handle), store, upstream, change)
    }

    fn build(
        (clock, clock_handle): (Clock, ClockHandle),
        store: Arc<dyn Store>,
        upstream: Arc<Upstream>,
        change: impl FnOnce(&mut Settings),
    ) -> Arc<Self> {
        static EXECUTOR: OnceLock<()> = OnceLock::new();
        EXECUTOR.get_or_init(|| any_spawner::Executor::init_tokio().unwrap());
        process_logs();
        let mut settings = Settings::default();
        settings.secrets.key = Some(Secret::new("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="));
        upstream.configure(&mut settings);
        change(&mut settings);
        assert_eq!(settings.validate(clock.now()), []);
        let audit = LogCapture::default();
        let deps = Deps {
            clock: clock.clone(),
            random: Random::system(),
            audit: AuditLog::to(audit.clone(), clock.clone()),
        };
        let product = Product::over(store, settings.clone(), deps).unwrap();
        let router = require_series(product.router(), product.state.clone());
        Arc::new(Self {
            product,
            upstream,
            settings,
            audit,
            clock,
            clock_handle,
            router,
            addresses: AtomicU32::new(0),
            started_at: Clock::system().now(),
            followed: Mutex::default(),
        })
    }

    pub fn browser(self: &Arc<Self>) -> Browser {
        Browser::new(self)
    }

    /// A browser that has signed in with the known number.
    pub async fn signed_in(self: &Arc<Self>) -> Browser {
        let mut browser = self.browser();
        browser.sign_in(KNOWN_PHONE).await;
        browser
    }

    /// Creates a user and requests a code; returns the browser and the code.
    pub async fn start_sign_in(self: &Arc<Self>, phone: &str) -> (Browser, String) {
        self.upstream.set_user_status(phone, "Active").await;
        let mut browser = self.browser();
        browser.request_code(phone).await.assert_next("/code");
        let code = self.upstream.newest_code(phone).await;
        (browser, code)
    }

    pub fn origin(&self) -> String {
        self.settings.server.origin()
    }

    pub fn host(&self) -> String {
        let origin = self.origin();
        origin.split_once("://").unwrap().1.to_owned()
    }

    /// An address that no browser of this app has used.
    pub fn next_address(&self) -> IpAddr {
        let number = self.addresses.fetch_add(1, Ordering::Relaxed);
        IpAddr::V4(Ipv4Addr::from(
            u32::from(Ipv4Addr::new(10, 0, 0, 1)) + number,
        ))
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Advances both clocks.
    pub async fn advance(&self, by: Duration) {
        self.upstream.advance_clock(by).await;
        self.clock_handle.advance(by);
    }

    /// Advances the app's clock alone; upstream's is behind from now on.
    pub fn advance_app_clock(&self, by: Duration) {
        self.clock_handle.advance(by);
    }

    /// Advances the app's clock by the real time since the last call, as upstream's clock does by
    /// itself. For long tests.
    pub fn follow_real_time(&self) {
        let passed = Clock::system().now().since(self.started_at);
        let mut followed = self.followed.lock().unwrap();
        self.clock_handle.advance(passed.saturating_sub(*followed));
        *followed = passed;
    }

    /// Advances the app's clock to that of another node, which must not be behind.
    pub fn catch_up_with(&self, other: &Self) {
        self.clock_handle.advance(other.now().since(self.now()));
    }

    /// Advances the clock to a time after `start`, unless it is later already.
    pub async fn advance_to(&self, start: Timestamp, after: Duration) {
        self.advance((start + after).since(self.now())).await;
    }

    /// Sends a request without advancing the clock, for immediate responses.
    pub async fn call(&self, request: Request<Body>) -> TestResponse {
        let start = self.now();
        TestResponse::read(oneshot(self.router.clone(), request).await, || {
            self.now().since(start)
        })
        .await
    }

    /// Starts a request in the background; the test advances the clock.
    pub fn spawn_call(
        self: &Arc<Self>,
        request: Request<Body>,
    ) -> tokio::task::JoinHandle<TestResponse> {
        let app = self.clone();
        tokio::spawn(async move { app.call(request).await })
    }

    /// Sends a request and advances the clock to the time of its response, once the outcome is
    /// decided.
    pub async fn call_and_advance(self: &Arc<Self>, request: Request<Body>) -> TestResponse {
        self.call_all_and_advance(vec![request]).await.remove(0)
    }

    /// The same for concurrent requests.
    pub async fn call_all_and_advance(
        self: &Arc<Self>,
        requests: Vec<Request<Body>>,
    ) -> Vec<TestResponse> {
        let (start, real, before, total) = (
            self.now(),
            Clock::system(),
            self.decision_count(),
            requests.len(),
        );
        let response_times = requests
            .first()
            .map(|request| self.response_times(request.uri().path()))
            .unwrap_or_default();
        let tasks: Vec<_> = requests
            .into_iter()
            .map(|request| self.spawn_call(request))
            .collect();
        let finished = || tasks.iter().filter(|task| task.is_finished()).count();
        let all_finished = || finished() == total;
        wait_until("a decision", async || {
            finished() + self.decision_count() - before >= total
        })
        .await;
        for time in response_times {
            if all_finished() {
                break;
            }
            self.advance_to(start, time).await;
            let end = real.now() + RESPONSE_PATIENCE;
            while !all_finished() && real.now() < end {
                crate::support::pause(1).await;
            }
        }
        assert!(
            all_finished(),
            "a response was not sent at any of its times"
        );
        let mut responses = Vec::new();
        for task in tasks {
            responses.push(task.await.unwrap());
        }
        responses
    }

    fn response_times(&self, path: &str) -> Vec<Duration> {
        let sign_in = &self.settings.sign_in;
        let durations = if path == "/api/verify-code" {
            &sign_in.refuse_after[..]
        } else {
            &[sign_in.answer_after][..]
        };
        durations.iter().map(|duration| duration.0).collect()
    }

    /// The decisions of the last day about sends and attempts with delayed responses.
    fn decision_count(&self) -> usize {
        self.count_events(|kind| match kind.event {
            "otp_requested" => !kind.outcome.starts_with("refused"),
            "authn_login_fail" => !["tries_spent", "expired"].contains(&&*kind.outcome),
            _ => false,
        })
    }

    /// The number of matching events in the last day, including those that sampling left out of the
    /// audit log.
    pub fn count_events(&self, matches: impl Fn(&EventKind) -> bool) -> usize {
        let counts = self
            .product
            .state
            .audit
            .recent()
            .counts(1, RETENTION, self.now());
        let matching = counts.iter().filter(|counts| matches(&counts.kind));
        matching
            .flat_map(|counts| &counts.counts)
            .map(|count| *count as usize)
            .sum()
    }

    /// Waits until every queued send has ended.
    pub async fn wait_for_sends(&self) {
        let queued = self
            .audit
            .count_matching(|event| event["decision"] == "queued");
        wait_until("queued sends", async || {
            self.audit.count("otp_send_result") >= queued
        })
        .await;
    }
}

/// Fails the test if a request reaches a route that is counted in the metrics as no route.
pub fn require_series(router: Router, state: Arc<AppState>) -> Router {
    router.layer(from_fn_with_state(state, check_series))
}

async fn check_series(
    State(state): State<Arc<AppState>>,
    request: RoutedRequest,
    next: Next,
) -> Response {
    if let Some(route) = request.extensions().get::<MatchedPath>() {
        let route = route.as_str();
        assert!(state.requests.has_series(route), "{route} has no series");
    }
    next.run(request).await
}
