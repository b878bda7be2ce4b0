//! One call meets one fault: what is seen of it.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http::Method;
use latchkey::server::settings::SessionCheck;
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::json;

use crate::faults::{finished, patiently};
use crate::support::{Answer, Browser, KNOWN, UNKNOWN, World, minutes, pause, seconds, wait_until};

/// The faults of the table, in its order.
pub const FAULTS: [&str; 14] = [
    "refused",
    "reset",
    "hang",
    "hang_after_headers",
    "drip",
    "429",
    "429, Retry-After 1 s",
    "503",
    "html",
    "empty",
    "truncate",
    "wrong_type",
    "flood",
    "lost_answer",
];

/// What upstream processed before it spoiled its answer.
const PROCESSED: [&str; 5] = [
    "hang_after_headers",
    "drip",
    "truncate",
    "wrong_type",
    "lost_answer",
];

/// What is seen of a call that failed.
#[derive(Debug, PartialEq)]
pub struct Seen {
    /// What the person sees, and when where that is fixed.
    pub person: String,
    /// The outcome in the operator's metrics.
    pub outcome: String,
    /// Requests that upstream got.
    pub requests: u64,
    /// What is left when upstream is well again.
    pub left: &'static str,
}

/// A call, a fault, and where they meet.
pub struct Scene {
    pub world: Arc<World>,
    operation: &'static str,
    fault: &'static str,
    metrics: PrometheusHandle,
}

impl Scene {
    pub async fn set(
        operation: &'static str,
        fault: &'static str,
        metrics: PrometheusHandle,
    ) -> Self {
        let check = if operation == "user_get" {
            SessionCheck::User
        } else {
            SessionCheck::Session
        };
        let world = World::with(|settings| {
            settings.session.check = check;
            settings.session.idle_timeout = "12h".parse().unwrap();
        })
        .await;
        Self {
            world,
            operation,
            fault,
            metrics,
        }
    }

    pub async fn play(&self) -> Seen {
        match self.operation {
            "token" | "jwks" => self.nothing_in_hand().await,
            "otp_send" => self.send("send-code", KNOWN).await,
            "user_create" => self.send("sign-up", UNKNOWN).await,
            "otp_authenticate" => self.verify().await,
            "user_update" => self.name().await,
            "session_authenticate" | "user_get" => self.check().await,
            "session_logout" => self.sign_out().await,
            other => unreachable!("{other}"),
        }
    }

    async fn begin(&self) {
        let upstream = &self.world.upstream;
        let kind = match self.fault {
            "refused" => return upstream.stop().await,
            "429" => json!({ "kind": "status", "status": 429 }),
            "429, Retry-After 1 s" => {
                json!({ "kind": "status", "status": 429, "retry_after": "1" })
            }
            "503" => json!({ "kind": "status", "status": 503 }),
            kind => json!({ "kind": kind }),
        };
        let mut fault = kind;
        fault["operation"] = self.operation.into();
        upstream.set_fault(fault).await;
    }

    /// Upstream is well again; one that was down comes back without its memory.
    async fn end(&self) {
        if self.fault == "refused" {
            self.world.upstream.restart().await;
            self.world.upstream.user(KNOWN, "Active").await;
        } else {
            self.world
                .upstream
                .fault(self.operation, "reset", Some(0))
                .await;
        }
    }

    async fn requests(&self) -> u64 {
        if self.fault == "refused" {
            0
        } else {
            self.world.upstream.count(self.operation).await
        }
    }

    /// The outcome of the call in the metrics, once there is one.
    fn outcome(&self) -> Option<String> {
        let start = format!(
            "latchkey_upstream_calls_total{{operation=\"{}\",outcome=\"",
            self.operation
        );
        let text = self.metrics.render();
        let mut outcomes = text
            .lines()
            .filter_map(|line| line.strip_prefix(&start)?.split('"').next());
        outcomes.next_back().map(str::to_owned)
    }

    /// Moves the clock until the call has come to its end.
    async fn outlived(&self) -> String {
        for _ in 0..60 {
            for _ in 0..20 {
                if let Some(outcome) = self.outcome() {
                    return outcome;
                }
                pause(5).await;
            }
            self.world.advance(Duration::from_millis(500)).await;
        }
        panic!("{}, {}: no end", self.operation, self.fault);
    }

    async fn nothing_in_hand(&self) -> Seen {
        let world = &self.world;
        world.upstream.user(KNOWN, "Active").await;
        self.begin().await;
        let answer = patiently(&world.browser(), "send-code", &[("phone", KNOWN)]).await;
        let (outcome, requests) = (self.outlived().await, self.requests().await);
        if self.fault != "refused" {
            assert_eq!(world.upstream.count("otp_send").await, 0);
        }
        self.end().await;
        world.advance(minutes(1)).await;
        // A request for the other of key and token may still be under way, and is out of time now
        // that the clock was moved.
        wait_until("a send that works", async || {
            world.browser().ask(KNOWN).await.status == 200
        })
        .await;
        assert_eq!(world.upstream.messages(KNOWN).await.len(), 1);
        Seen {
            person: told(&answer),
            outcome,
            requests,
            left: "nothing was sent or counted",
        }
    }

    async fn send(&self, door: &str, phone: &str) -> Seen {
        let world = &self.world;
        world.upstream.user(KNOWN, "Active").await;
        world.product.transmit.prepare().await.unwrap();
        self.begin().await;
        let mut browser = world.browser();
        let answer = if self.fault == "refused" {
            // What is known by the moment of the answer is told; so let it be known.
            let waiting = world.begin(browser.form(door, &[("phone", phone)]));
            wait_until("the refusal", async || self.outcome().is_some()).await;
            world.settled().await;
            pause(100).await;
            world.advance(seconds(1)).await;
            waiting.await.unwrap()
        } else {
            browser.post(door, &[("phone", phone)]).await
        };
        let outcome = self.outlived().await;
        world.settled().await;
        let result = world.audit.events_named("otp_send_result").remove(0);
        assert_eq!(result["sent"], false);
        assert!(
            result["detail"]
                .as_str()
                .unwrap()
                .starts_with(self.operation),
            "{result}"
        );
        let requests = self.requests().await;
        let left = if self.fault == "refused" {
            assert_eq!(browser.cookie("latchkey-flow"), None);
            self.end().await;
            world.advance(seconds(10)).await;
            browser.post(door, &[("phone", phone)]).await.next("/code");
            "nothing was sent or counted"
        } else if self.operation == "otp_send" && PROCESSED.contains(&self.fault) {
            self.end().await;
            "one message; its code works"
        } else {
            assert_eq!(world.upstream.messages(phone).await.len(), 0);
            self.end().await;
            world.advance(seconds(31)).await;
            browser.post("resend-code", &[]).await.next("/code");
            "no message; a resend works"
        };
        wait_until("the message", async || {
            !world.upstream.messages(phone).await.is_empty()
        })
        .await;
        assert_eq!(world.upstream.messages(phone).await.len(), 1, "exactly one");
        browser
            .verify(&world.upstream.code(phone).await)
            .await
            .next("/account");
        Seen {
            person: timed(&answer),
            outcome,
            requests,
            left,
        }
    }

    async fn verify(&self) -> Seen {
        let world = &self.world;
        let (mut browser, code) = world.asked(KNOWN).await;
        self.begin().await;
        let answer = match self.fault {
            "hang" | "hang_after_headers" | "drip" => {
                self.until_the_last_moment(&browser, &code).await
            }
            _ => browser.verify(&code).await,
        };
        let (outcome, requests) = (self.outlived().await, self.requests().await);
        assert_eq!(world.audit.count("session_created"), 0);
        let failed = world.audit.events_named("authn_login_fail");
        if self.fault == "refused" {
            assert_eq!(failed.len(), 0, "no try was made");
        } else {
            assert_eq!(
                (failed.len(), &failed[0]["reason"]),
                (1, &json!("upstream"))
            );
            assert!(
                failed[0]["detail"]
                    .as_str()
                    .unwrap()
                    .starts_with("otp_authenticate: "),
                "{failed:?}"
            );
        }
        self.end().await;
        let left = match self.fault {
            "refused" => {
                // Its codes are gone with its memory: what is left of the tries is asked with a
                // wrong one.
                assert_eq!(
                    browser.verify("000000").await.problem(401, "code_refused")["tries_left"],
                    1
                );
                "the try was given back"
            }
            fault if PROCESSED.contains(&fault) => {
                world.advance(seconds(31)).await;
                browser.post("resend-code", &[]).await.next("/code");
                world.settled().await;
                assert_eq!(world.upstream.messages(KNOWN).await.len(), 2);
                browser
                    .verify(&world.upstream.code(KNOWN).await)
                    .await
                    .next("/account");
                "one try was counted; a resend works"
            }
            _ => {
                browser.verify(&code).await.next("/account");
                "one try was counted; the code works"
            }
        };
        Seen {
            person: timed(&answer),
            outcome,
            requests,
            left,
        }
    }

    /// Types a code whose answer upstream keeps back: ours leaves at the last of its moments.
    async fn until_the_last_moment(&self, browser: &Browser, code: &str) -> Answer {
        let (world, start) = (&self.world, self.world.now());
        let waiting = world.begin(browser.form("verify-code", &[("code", code)]));
        wait_until("the call", async || self.requests().await == 1).await;
        for millis in [1500, 5000, 9999] {
            world.advance_to(start, Duration::from_millis(millis)).await;
            pause(20).await;
            assert!(!waiting.is_finished(), "{}: left at {millis}", self.fault);
        }
        world.advance_to(start, seconds(10)).await;
        waiting.await.unwrap()
    }

    async fn name(&self) -> Seen {
        let (world, mut browser) = (&self.world, self.world.browser());
        browser
            .post("sign-up", &[("phone", UNKNOWN), ("name", "Ada Lovelace")])
            .await
            .next("/code");
        world.settled().await;
        let code = world.upstream.code(UNKNOWN).await;
        self.begin().await;
        let answer = browser.verify(&code).await;
        browser.keep(&answer);
        let (outcome, requests) = (self.outlived().await, self.requests().await);
        assert!(browser.is_signed_in().await);
        Seen {
            person: told(&answer),
            outcome,
            requests,
            left: "the session",
        }
    }

    async fn check(&self) -> Seen {
        let (world, mut browser) = (&self.world, self.world.browser());
        browser.sign_in(KNOWN).await;
        world.advance(minutes(60)).await;
        self.begin().await;
        let request = browser
            .request(Method::GET, "/api/session")
            .body(Body::empty())
            .unwrap();
        let answer = finished(world, "session", request).await;
        let (outcome, requests) = (self.outlived().await, self.requests().await);
        if self.fault != "refused" {
            self.end().await;
            assert!(browser.is_signed_in().await);
        }
        assert_eq!(world.audit.count("session_ended"), 0);
        Seen {
            person: format!("{} signed in", answer.status.as_u16()),
            outcome,
            requests,
            left: "the session",
        }
    }

    async fn sign_out(&self) -> Seen {
        let (world, mut browser) = (&self.world, self.world.browser());
        browser.sign_in(KNOWN).await;
        self.begin().await;
        let mut before = browser.clone();
        let answer = patiently(&browser, "sign-out", &[]).await;
        browser.keep(&answer);
        let (outcome, requests) = (self.outlived().await, self.requests().await);
        assert!(!before.is_signed_in().await);
        assert_eq!(world.audit.count("session_ended"), 1);
        Seen {
            person: told(&answer),
            outcome,
            requests,
            left: "no session here",
        }
    }
}

fn timed(answer: &Answer) -> String {
    match answer.took {
        Duration::ZERO => format!("{}, at once", told(answer)),
        took => format!("{}, after {took:?}", told(answer)),
    }
}

/// Status, and where it leads or what it says. Every answer of a kind has the same bytes: `Answer`
/// insists on that.
fn told(answer: &Answer) -> String {
    let status = answer.status.as_u16();
    let body = answer.json();
    match body["next"].as_str() {
        Some(next) => {
            answer.next(next);
            format!("{status} to {next}")
        }
        None => {
            let code = body["code"].as_str().unwrap();
            let tries = answer.problem(status, code)["tries_left"].as_u64();
            format!(
                "{status} {code}{}",
                tries
                    .map(|tries| format!(", {tries} try left"))
                    .unwrap_or_default()
            )
        }
    }
}
