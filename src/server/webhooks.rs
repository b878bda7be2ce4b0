//! Signed webhooks: a service of the operator is told of sign-ups, sign-ins, locks and revocations
//! (Standard Webhooks).
//!
//! No reply to a person waits for a delivery. A bounded number of deliveries waits in memory; more
//! are dropped, counted and logged. A failed delivery is repeated with the same ID, after a random
//! wait that grows, for `webhooks.retry_for` at most. Redirects are not followed, and responses are
//! not read.
//!
//! - `signature`: how they are signed; `told_locks`: which locks were told.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{HeaderName, StatusCode};
use serde_json::json;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use crate::server::audit::notices::{Notice, Notices};
use crate::server::crypto::hash::to_hex_128;
use crate::server::settings::webhooks::{WebhooksSettings, parse_secrets};
use crate::server::settings::{Secret, load};
use crate::server::system::clock::Clock;
use crate::server::system::error_cause::root_cause;
use crate::server::system::http_client;
use crate::server::system::log_throttle::LogThrottle;
use crate::server::system::mutex::lock;
use crate::server::system::queue_usage::QueueUsage;
use crate::server::system::random::Random;

mod build_error;
mod signature;
mod told_locks;

pub use build_error::BuildWebhooksError;

use signature::SigningKeys;
use told_locks::{LockNews, ToldLocks};

/// Deliveries that wait or are under way.
const MAX_WAITING: usize = 1000;
/// Requests at the same time.
const MAX_CONCURRENT: usize = 8;
/// How long one attempt may take.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long all last attempts together may take when the server or a command ends.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest wait before the first repetition; it doubles up to `MAX_WAIT`.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const MAX_WAIT: Duration = Duration::from_secs(60);

const ID: HeaderName = HeaderName::from_static("webhook-id");
const TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");
const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// The sender of webhooks. Cheap to clone.
#[derive(Clone)]
pub struct Webhooks(Arc<Sender>);

struct Sender {
    url: Url,
    http: reqwest::Client,
    keys: SigningKeys,
    settings: WebhooksSettings,
    clock: Clock,
    random: Random,
    waiting: Arc<Semaphore>,
    concurrent: Semaphore,
    locks: Mutex<ToldLocks>,
    /// Of lines in the log about failures, and about deliveries that were dropped.
    failures: LogThrottle,
    drops: LogThrottle,
    /// How many deliveries were dropped.
    dropped: AtomicU64,
    tasks: TaskTracker,
    /// Nothing waits for a repetition any more.
    stopping: CancellationToken,
    /// What is not delivered is dropped.
    ended: CancellationToken,
}

/// One delivery. Its ID and body are the same in every attempt.
struct Delivery {
    id: String,
    body: String,
    _place: OwnedSemaphorePermit,
}

/// How an attempt ended.
enum Attempt {
    Delivered,
    /// The receiver wants no more (410).
    Gone,
    Failed(String),
}

impl Webhooks {
    /// Sends the notices of the audit log from now on; none if no receiver is set. The caller is in
    /// an asynchronous runtime.
    ///
    /// # Errors
    /// [`BuildWebhooksError`].
    pub fn start(
        settings: &WebhooksSettings,
        notices: &Notices,
        clock: Clock,
        random: Random,
    ) -> Result<Option<Self>, BuildWebhooksError> {
        let Some(url) = settings.url.clone() else {
            return Ok(None);
        };
        let webhooks = Self(Arc::new(Sender {
            http: http_client::client(ATTEMPT_TIMEOUT, &[&url])?,
            url,
            keys: SigningKeys::new(&read_keys(settings)?),
            settings: settings.clone(),
            clock,
            random,
            waiting: Arc::new(Semaphore::new(MAX_WAITING)),
            concurrent: Semaphore::new(MAX_CONCURRENT),
            locks: Mutex::default(),
            failures: LogThrottle::default(),
            drops: LogThrottle::default(),
            dropped: AtomicU64::default(),
            tasks: TaskTracker::new(),
            stopping: CancellationToken::new(),
            ended: CancellationToken::new(),
        }));
        let (sender, runtime) = (webhooks.0.clone(), Handle::current());
        notices.send_to(move |notice| sender.accept(&notice, &runtime));
        Ok(Some(webhooks))
    }

    /// How many deliveries wait or are under way.
    pub fn queue_usage(&self) -> QueueUsage {
        QueueUsage {
            length: MAX_WAITING - self.0.waiting.available_permits(),
            capacity: MAX_WAITING,
        }
    }

    /// Makes one last attempt for each delivery that waits, for a few seconds, and returns when all
    /// have ended.
    pub async fn close(&self) {
        let sender = &self.0;
        let before = sender.dropped.load(Relaxed);
        sender.stopping.cancel();
        sender.tasks.close();
        let all = sender.tasks.wait();
        if sender.clock.timeout(STOP_TIMEOUT, all).await.is_err() {
            sender.ended.cancel();
            sender.tasks.wait().await;
        }
        let count = sender.dropped.load(Relaxed) - before;
        if count > 0 {
            tracing::warn!(count, "webhooks were dropped because the server stops");
        }
    }
}

/// Checks the secrets, without contacting the receiver, and returns how many they are.
///
/// # Errors
/// [`BuildWebhooksError`].
pub fn check(settings: &WebhooksSettings) -> Result<usize, BuildWebhooksError> {
    read_keys(settings).map(|keys| keys.len())
}

impl std::fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Webhooks")
    }
}

fn read_keys(settings: &WebhooksSettings) -> Result<Vec<Vec<u8>>, BuildWebhooksError> {
    let (value, file) = (settings.secret.as_ref(), settings.secret_file.as_deref());
    let secrets = load::read_secret(value, file)?.unwrap_or_else(|| Secret::new(""));
    parse_secrets(&secrets).map_err(|text| BuildWebhooksError::Setting {
        origin: load::secret_origin("webhooks.secret", value, file),
        text,
    })
}

impl Sender {
    /// Accepts a notice if it is wanted and not too many wait. Never waits.
    fn accept(self: &Arc<Self>, notice: &Notice, runtime: &Handle) {
        if !self.settings.events.contains(&notice.topic) {
            return;
        }
        match self.lock_news(notice) {
            None | Some(LockNews::New) => {}
            Some(LockNews::Told) => return,
            Some(LockNews::TooMany) => {
                self.drop_delivery(notice.kind, "too many numbers are locked");
                return;
            }
        }
        let Ok(place) = self.waiting.clone().try_acquire_owned() else {
            self.drop_delivery(notice.kind, "too many deliveries wait");
            return;
        };
        let body = json!({
            "type": notice.kind,
            "timestamp": notice.at.to_rfc3339(),
            "data": notice.data,
        });
        let delivery = Delivery {
            id: format!("msg_{}", to_hex_128(&self.random.bytes::<16>())),
            body: body.to_string(),
            _place: place,
        };
        let (sender, kind) = (self.clone(), notice.kind);
        self.tasks.spawn_on(
            async move { sender.deliver(kind, &delivery).await },
            runtime,
        );
    }

    /// Whether a lock is to be told; none of other notices.
    fn lock_news(&self, notice: &Notice) -> Option<LockNews> {
        let until = notice.repeats_until?;
        Some(lock(&self.locks).remember(notice.data.to_string(), until, notice.at))
    }

    async fn deliver(&self, kind: &'static str, delivery: &Delivery) {
        let failure = tokio::select! {
            result = self.attempt_repeatedly(kind, delivery) => result.err(),
            () = self.ended.cancelled() => Some("the server stops".to_owned()),
        };
        match failure {
            None => count("delivered"),
            Some(failure) => self.drop_delivery(kind, &failure),
        }
    }

    /// Attempts until one succeeds. When the server stops, without a wait and once more at most.
    async fn attempt_repeatedly(
        &self,
        kind: &'static str,
        delivery: &Delivery,
    ) -> Result<(), String> {
        let give_up_at = self.clock.now() + self.settings.retry_for.0;
        let mut longest_wait = FIRST_WAIT;
        loop {
            let is_last = self.stopping.is_cancelled();
            let failure = match self.attempt(delivery).await {
                Attempt::Delivered => return Ok(()),
                Attempt::Gone => return Err("the receiver answered 410".to_owned()),
                Attempt::Failed(failure) => failure,
            };
            let wait = self.jitter(longest_wait);
            if is_last || self.clock.now() + wait > give_up_at {
                return Err(failure);
            }
            if longest_wait == FIRST_WAIT && self.failures.is_due(self.clock.now()) {
                tracing::warn!(kind, failure, "a webhook failed, and is sent again");
            } else {
                tracing::debug!(kind, failure, "a webhook is sent again");
            }
            count("retried");
            tokio::select! {
                () = self.clock.sleep(wait) => {}
                () = self.stopping.cancelled() => {}
            }
            longest_wait = (longest_wait * 2).min(MAX_WAIT);
        }
    }

    async fn attempt(&self, delivery: &Delivery) -> Attempt {
        // The semaphore is never closed.
        let Ok(_turn) = self.concurrent.acquire().await else {
            return Attempt::Failed("stopping".to_owned());
        };
        let timestamp = self.clock.now().as_secs();
        let signature = self.keys.sign(&delivery.id, timestamp, &delivery.body);
        let request = self
            .http
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header(ID, &delivery.id)
            .header(TIMESTAMP, timestamp)
            .header(SIGNATURE, signature)
            .body(delivery.body.clone())
            .send();
        match self.clock.timeout(ATTEMPT_TIMEOUT, request).await {
            Err(_) => Attempt::Failed("no answer in time".to_owned()),
            // The error names the URL, which may hold a token of the receiver.
            Ok(Err(error)) => Attempt::Failed(root_cause(&error.without_url())),
            Ok(Ok(response)) => match response.status() {
                status if status.is_success() => Attempt::Delivered,
                StatusCode::GONE => Attempt::Gone,
                status => Attempt::Failed(format!("the receiver answered {status}")),
            },
        }
    }

    /// A random part of a wait, so that deliveries that failed together are not repeated together.
    fn jitter(&self, longest: Duration) -> Duration {
        let random = u16::from_be_bytes(self.random.bytes());
        longest.mul_f64(0.5 + f64::from(random) / f64::from(u16::MAX) / 2.0)
    }

    fn drop_delivery(&self, kind: &'static str, failure: &str) {
        count("dropped");
        self.dropped.fetch_add(1, Relaxed);
        if self.drops.is_due(self.clock.now()) {
            tracing::warn!(kind, failure, "a webhook was dropped");
        }
    }
}

fn count(outcome: &'static str) {
    metrics::counter!("latchkey_webhooks_total", "outcome" => outcome).increment(1);
}
