//! The sandbox, and the controls that turn it.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use latchkey::sandbox::{self, CLIENT_ID, CLIENT_SECRET, Options, Sandbox, TENANT_ID};
use latchkey::server::settings::{Secret, Settings};
use reqwest::{Client, Method};
use serde_json::{Value, json};

pub struct Upstream {
    sandbox: Sandbox,
    http: Client,
}

#[expect(clippy::disallowed_methods, reason = "a test client beside the application's own")]
pub fn client() -> Client {
    Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

pub fn encoded(phone: &str) -> String {
    phone.replace('+', "%2B")
}

impl Upstream {
    pub async fn start() -> Self {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let sandbox = sandbox::start(Options { address, ..Options::default() }).await.unwrap();
        Self { sandbox, http: client() }
    }

    /// Points the product at it.
    pub fn point(&self, settings: &mut Settings) {
        let transmit = &mut settings.transmit;
        transmit.base_url = self.sandbox.base_url().parse().ok();
        transmit.issuer = Some(self.sandbox.base_url());
        transmit.tenant_id = Some(TENANT_ID.to_owned());
        transmit.client_id = CLIENT_ID.to_owned();
        transmit.client_secret = Some(Secret::new(CLIENT_SECRET));
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let mut request = self.http.request(method, format!("{}{path}", self.sandbox.base_url()));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let (status, bytes) = (response.status(), response.bytes().await.unwrap());
        assert!(status.is_success(), "{path}: {status} {}", String::from_utf8_lossy(&bytes));
        serde_json::from_slice(&bytes).unwrap_or(Value::Null)
    }

    pub async fn user(&self, phone: &str, status: &str) -> Value {
        self.ask(Method::PUT, &format!("/control/users/{}", encoded(phone)), Some(json!({ "status": status }))).await
    }

    pub async fn policy(&self, policy: Value) {
        self.ask(Method::PUT, "/control/policy", Some(policy)).await;
    }

    pub async fn advance(&self, by: Duration) {
        self.ask(Method::POST, "/control/clock", Some(json!({ "advance": format!("{}ms", by.as_millis()) }))).await;
    }

    /// `kind`: `status`, `hang`, `reset` or `garbage`; `times` 0 takes a fault away, `None` leaves it on.
    pub async fn fault(&self, operation: &str, kind: &str, times: Option<u32>) {
        let mut fault = json!({ "operation": operation, "kind": kind });
        if let Some(times) = times {
            fault["times"] = times.into();
        }
        self.ask(Method::PUT, "/control/fault", Some(fault)).await;
    }

    pub async fn status(&self, operation: &str, status: u16) {
        let fault = json!({ "operation": operation, "kind": "status", "status": status });
        self.ask(Method::PUT, "/control/fault", Some(fault)).await;
    }

    pub async fn latency(&self, operation: &str, case: &str, ms: u64) {
        self.ask(Method::PUT, "/control/latency", Some(json!({ "operation": operation, "case": case, "ms": ms }))).await;
    }

    pub async fn calls(&self) -> BTreeMap<String, u64> {
        serde_json::from_value(self.ask(Method::GET, "/control/calls", None).await).unwrap()
    }

    pub async fn count(&self, operation: &str) -> u64 {
        self.calls().await[operation]
    }

    /// Calls since `before`, without those that are shared by all journeys.
    pub async fn since(&self, before: &BTreeMap<String, u64>) -> BTreeMap<String, u64> {
        let shared = ["token", "jwks"];
        let now = self.calls().await.into_iter().filter(|(name, _)| !shared.contains(&name.as_str()));
        now.map(|(name, count)| (name.clone(), count - before[&name])).filter(|(_, count)| *count > 0).collect()
    }

    pub async fn messages(&self, phone: &str) -> Vec<Value> {
        let inbox = self.ask(Method::GET, &format!("/inbox.json?phone={}", encoded(phone)), None).await;
        inbox.as_array().unwrap().clone()
    }

    /// The newest code that went to a number.
    pub async fn code(&self, phone: &str) -> String {
        self.messages(phone).await.last().unwrap()["code"].as_str().unwrap().to_owned()
    }
}
