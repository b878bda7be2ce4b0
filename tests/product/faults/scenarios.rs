//! One call with one fault, and everything that is observed.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http::Method;
use latchkey::server::settings::SessionCheck;
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::json;

use crate::faults::{call_in_steps, post_and_advance};
use crate::support::{
    Browser, KNOWN_PHONE, TestApp, TestResponse, UNKNOWN_PHONE, minutes, pause, seconds, wait_until,
};

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

/// Faults in which upstream processes the request before it spoils the response.
const PROCESSED: [&str; 5] = [
    "hang_after_headers",
    "drip",
    "truncate",
    "wrong_type",
    "lost_answer",
];

/// What is observed of a call that failed.
#[derive(Debug, PartialEq)]
pub struct Observation {
    /// The user's response, with its time where that is fixed.
    pub person: String,
    /// The outcome in the operator's metrics.
    pub outcome: String,
    /// Requests that reached upstream.
    pub requests: u64,
    /// The state after upstream has recovered.
    pub left: &'static str,
}

/// A call, a fault, and the app in which they are combined.
pub struct Scenario {
    pub app: Arc<TestApp>,
    operation: &'static str,
    fault: &'static str,
    metrics: PrometheusHandle,
}

impl Scenario {
    pub async fn new(
        operation: &'static str,
        fault: &'static str,
        metrics: PrometheusHandle,
    ) -> Self {
        let check = if operation == "user_get" {
            SessionCheck::User
        } else {
            SessionCheck::Session
        };
        let app = TestApp::with_settings(|settings| {
            settings.session.check = check;
            settings.session.idle_timeout = "12h".parse().unwrap();
        })
        .await;
        Self {
            app,
            operation,
            fault,
            metrics,
        }
    }

    pub async fn run(&self) -> Observation {
        match self.operation {
            "token" | "jwks" => self.send_without_credentials().await,
            "otp_send" => self.send("send-code", KNOWN_PHONE).await,
            "user_create" => self.send("sign-up", UNKNOWN_PHONE).await,
            "otp_authenticate" => self.submit_code().await,
            "user_update" => self.set_name().await,
            "session_authenticate" | "user_get" => self.check_session().await,
            "session_logout" => self.sign_out().await,
            other => unreachable!("{other}"),
        }
    }

    async fn begin_fault(&self) {
        let upstream = &self.app.upstream;
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
        upstream.put_fault(fault).await;
    }

    /// Ends the fault. A stopped upstream restarts without its data.
    async fn end_fault(&self) {
        if self.fault == "refused" {
            self.app.upstream.restart().await;
            self.app
                .upstream
                .set_user_status(KNOWN_PHONE, "Active")
                .await;
        } else {
            self.app
                .upstream
                .inject_fault(self.operation, "reset", Some(0))
                .await;
        }
    }

    async fn requests(&self) -> u64 {
        if self.fault == "refused" {
            0
        } else {
            self.app.upstream.call_count(self.operation).await
        }
    }

    /// The outcome of the call in the metrics, if there is one.
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

    /// Advances the clock until the call has ended.
    async fn wait_for_outcome(&self) -> String {
        for _ in 0..60 {
            for _ in 0..20 {
                if let Some(outcome) = self.outcome() {
                    return outcome;
                }
                pause(5).await;
            }
            self.app.advance(Duration::from_millis(500)).await;
        }
        panic!("{}, {}: no end", self.operation, self.fault);
    }

    async fn send_without_credentials(&self) -> Observation {
        let app = &self.app;
        app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
        self.begin_fault().await;
        let response =
            post_and_advance(&app.browser(), "send-code", &[("phone", KNOWN_PHONE)]).await;
        let (outcome, requests) = (self.wait_for_outcome().await, self.requests().await);
        if self.fault != "refused" {
            assert_eq!(app.upstream.call_count("otp_send").await, 0);
        }
        self.end_fault().await;
        app.advance(minutes(1)).await;
        // A request for the other one of key and token may still run, and times out now that the
        // clock was advanced.
        wait_until("a send that works", async || {
            app.browser().request_code(KNOWN_PHONE).await.status == 200
        })
        .await;
        assert_eq!(app.upstream.messages(KNOWN_PHONE).await.len(), 1);
        Observation {
            person: describe(&response),
            outcome,
            requests,
            left: "nothing was sent or counted",
        }
    }

    async fn send(&self, endpoint: &str, phone: &str) -> Observation {
        let app = &self.app;
        app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
        app.product.transmit.prepare().await.unwrap();
        self.begin_fault().await;
        let mut browser = app.browser();
        let response = if self.fault == "refused" {
            // An outcome is disclosed if it is known at the time of the response, so wait for it.
            let waiting = app.spawn_call(browser.form(endpoint, &[("phone", phone)]));
            wait_until("the refusal", async || self.outcome().is_some()).await;
            app.wait_for_sends().await;
            pause(100).await;
            app.advance(seconds(1)).await;
            waiting.await.unwrap()
        } else {
            browser.post(endpoint, &[("phone", phone)]).await
        };
        let outcome = self.wait_for_outcome().await;
        app.wait_for_sends().await;
        let result = app.audit.events_named("otp_send_result").remove(0);
        assert_eq!(result["sent"], false);
        assert!(
            result["detail"]
                .as_str()
                .unwrap()
                .starts_with(self.operation),
            "{result}"
        );
        let requests = self.requests().await;
        let mut expected_messages = 1;
        let left = if self.fault == "refused" {
            assert_eq!(browser.cookie("latchkey-flow"), None);
            self.end_fault().await;
            app.advance(seconds(10)).await;
            browser
                .post(endpoint, &[("phone", phone)])
                .await
                .assert_next("/code");
            "nothing was sent or counted"
        } else if self.operation == "otp_send" && PROCESSED.contains(&self.fault) {
            self.end_fault().await;
            let code = app.upstream.newest_code(phone).await;
            let refused = browser.submit_code(&code).await;
            refused.assert_code_refused();
            app.advance(seconds(31)).await;
            browser.resend_and_wait().await;
            expected_messages = 2;
            "one message; its request ID is lost; a resend works"
        } else {
            assert_eq!(app.upstream.messages(phone).await.len(), 0);
            self.end_fault().await;
            app.advance(seconds(31)).await;
            browser.resend().await;
            "no message; a resend works"
        };
        wait_until("the message", async || {
            !app.upstream.messages(phone).await.is_empty()
        })
        .await;
        let messages = app.upstream.messages(phone).await;
        assert_eq!(messages.len(), expected_messages, "no more");
        browser.finish(phone).await;
        Observation {
            person: describe_with_time(&response),
            outcome,
            requests,
            left,
        }
    }

    async fn submit_code(&self) -> Observation {
        let app = &self.app;
        let (mut browser, code) = app.start_sign_in(KNOWN_PHONE).await;
        self.begin_fault().await;
        let response = match self.fault {
            "hang" | "hang_after_headers" | "drip" => {
                self.submit_until_deadline(&browser, &code).await
            }
            _ => browser.submit_code(&code).await,
        };
        let (outcome, requests) = (self.wait_for_outcome().await, self.requests().await);
        assert_eq!(app.audit.count("session_created"), 0);
        let failed = app.audit.events_named("authn_login_fail");
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
        self.end_fault().await;
        let left = match self.fault {
            "refused" => {
                // The restarted upstream has no codes, so a wrong one shows the attempts left.
                assert_eq!(
                    browser.submit_code("000000").await.assert_code_refused()["tries_left"],
                    1
                );
                "the attempt was refunded"
            }
            fault if PROCESSED.contains(&fault) => {
                app.advance(seconds(31)).await;
                browser.resend_and_wait().await;
                assert_eq!(app.upstream.messages(KNOWN_PHONE).await.len(), 2);
                browser.finish(KNOWN_PHONE).await;
                "one attempt was counted; a resend works"
            }
            _ => {
                browser.submit_code(&code).await.assert_next("/account");
                "one attempt was counted; the code works"
            }
        };
        Observation {
            person: describe_with_time(&response),
            outcome,
            requests,
            left,
        }
    }

    /// Submits a code whose response upstream withholds. Ours is sent at the last of the fixed
    /// times.
    async fn submit_until_deadline(&self, browser: &Browser, code: &str) -> TestResponse {
        let (app, start) = (&self.app, self.app.now());
        let waiting = app.spawn_call(browser.form("verify-code", &[("code", code)]));
        wait_until("the call", async || self.requests().await == 1).await;
        for millis in [1500, 5000, 9999] {
            app.advance_to(start, Duration::from_millis(millis)).await;
            pause(20).await;
            assert!(!waiting.is_finished(), "{}: left at {millis}", self.fault);
        }
        app.advance_to(start, seconds(10)).await;
        waiting.await.unwrap()
    }

    async fn set_name(&self) -> Observation {
        let (app, mut browser) = (&self.app, self.app.browser());
        browser
            .post(
                "sign-up",
                &[("phone", UNKNOWN_PHONE), ("name", "Ada Lovelace")],
            )
            .await
            .assert_next("/code");
        app.wait_for_sends().await;
        let code = app.upstream.newest_code(UNKNOWN_PHONE).await;
        self.begin_fault().await;
        let response = browser.submit_code(&code).await;
        browser.store_cookies(&response);
        let (outcome, requests) = (self.wait_for_outcome().await, self.requests().await);
        assert!(browser.is_signed_in().await);
        Observation {
            person: describe(&response),
            outcome,
            requests,
            left: "the session remains",
        }
    }

    async fn check_session(&self) -> Observation {
        let (app, mut browser) = (&self.app, self.app.browser());
        browser.sign_in(KNOWN_PHONE).await;
        app.advance(minutes(60)).await;
        self.begin_fault().await;
        let request = browser
            .request(Method::GET, "/api/session")
            .body(Body::empty())
            .unwrap();
        let response = call_in_steps(app, "session", request).await;
        let (outcome, requests) = (self.wait_for_outcome().await, self.requests().await);
        if self.fault != "refused" {
            self.end_fault().await;
            assert!(browser.is_signed_in().await);
        }
        assert_eq!(app.audit.count("session_ended"), 0);
        Observation {
            person: format!("{} signed in", response.status.as_u16()),
            outcome,
            requests,
            left: "the session remains",
        }
    }

    async fn sign_out(&self) -> Observation {
        let (app, mut browser) = (&self.app, self.app.browser());
        browser.sign_in(KNOWN_PHONE).await;
        self.begin_fault().await;
        let mut before = browser.clone();
        let response = post_and_advance(&browser, "sign-out", &[]).await;
        browser.store_cookies(&response);
        let (outcome, requests) = (self.wait_for_outcome().await, self.requests().await);
        assert!(!before.is_signed_in().await);
        assert_eq!(app.audit.count("session_ended"), 1);
        Observation {
            person: describe(&response),
            outcome,
            requests,
            left: "the session has ended here",
        }
    }
}

fn describe_with_time(response: &TestResponse) -> String {
    match response.elapsed {
        Duration::ZERO => format!("{}, immediately", describe(response)),
        took => format!("{}, after {took:?}", describe(response)),
    }
}

/// Status, and the next page or the error code. `TestResponse` asserts the exact bytes of each.
fn describe(response: &TestResponse) -> String {
    let status = response.status.as_u16();
    let body = response.json();
    match body["next"].as_str() {
        Some(next) => {
            response.assert_next(next);
            format!("{status} to {next}")
        }
        None => {
            let code = body["code"].as_str().unwrap();
            let tries = response.assert_problem(status, code)["tries_left"].as_u64();
            format!(
                "{status} {code}{}",
                tries
                    .map(|tries| format!(", {tries} attempt left"))
                    .unwrap_or_default()
            )
        }
    }
}
