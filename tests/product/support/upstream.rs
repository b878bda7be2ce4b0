//! The sandbox, and the controls that turn it.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use latchkey::server::settings::{Secret, Settings};
use latchkey_sandbox::{self, CLIENT_ID, CLIENT_SECRET, Options, Sandbox, TENANT_ID};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

/// Where sandboxes live, beyond the test that uses them: making the key of a new one takes long.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap()
});
static IDLE: Mutex<Vec<Sandbox>> = Mutex::new(Vec::new());

/// A sandbox of one test's own; another test gets it afterwards, as new.
pub struct Upstream {
    sandbox: Mutex<Option<Sandbox>>,
    base: String,
    http: Client,
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test client beside the application's own"
)]
pub fn client() -> Client {
    Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

/// One that makes a connection for each request.
#[expect(
    clippy::disallowed_methods,
    reason = "a test client beside the application's own"
)]
pub fn forgetful_client() -> Client {
    let redirects = reqwest::redirect::Policy::none();
    Client::builder()
        .no_proxy()
        .redirect(redirects)
        .pool_max_idle_per_host(0)
        .build()
        .unwrap()
}

async fn begin(address: SocketAddr) -> Sandbox {
    let starting = latchkey_sandbox::start(Options {
        address,
        ..Options::default()
    });
    RUNTIME.spawn(starting).await.unwrap().unwrap()
}

pub fn encoded(phone: &str) -> String {
    phone.replace('+', "%2B")
}

impl Upstream {
    pub async fn start() -> Self {
        let idle = IDLE.lock().unwrap().pop();
        let sandbox = match idle {
            Some(sandbox) => sandbox,
            None => begin(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await,
        };
        let upstream = Self {
            base: sandbox.base_url(),
            sandbox: Mutex::new(Some(sandbox)),
            http: client(),
        };
        upstream.ask(Method::POST, "/control/reset", None).await;
        upstream
    }

    /// Stops it: connections are refused from now on.
    pub async fn stop(&self) {
        let sandbox = self.sandbox.lock().unwrap().take().unwrap();
        RUNTIME.spawn(sandbox.stop()).await.unwrap();
        // The client's pool sees that its connections have ended.
        crate::support::pause(20).await;
    }

    /// Starts another in its place: same address, other keys, nobody in it.
    pub async fn restart(&self) {
        let sandbox = begin(self.base.rsplit_once('/').unwrap().1.parse().unwrap()).await;
        *self.sandbox.lock().unwrap() = Some(sandbox);
    }

    /// Points the product at it.
    pub fn point(&self, settings: &mut Settings) {
        let transmit = &mut settings.transmit;
        transmit.base_url = self.base.parse().ok();
        transmit.issuer = Some(self.base.clone());
        transmit.tenant_id = Some(TENANT_ID.to_owned());
        transmit.client_id = CLIENT_ID.to_owned();
        transmit.client_secret = Some(Secret::new(CLIENT_SECRET));
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let (status, bytes) = (response.status(), response.bytes().await.unwrap());
        assert!(
            status.is_success(),
            "{path}: {status} {}",
            String::from_utf8_lossy(&bytes)
        );
        serde_json::from_slice(&bytes).unwrap_or(Value::Null)
    }

    pub async fn user(&self, phone: &str, status: &str) -> Value {
        self.ask(
            Method::PUT,
            &format!("/control/users/{}", encoded(phone)),
            Some(json!({ "status": status })),
        )
        .await
    }

    /// An active user with these roles.
    pub async fn roles(&self, phone: &str, roles: &[&str]) {
        let body = json!({ "status": "Active", "roles": roles });
        self.ask(
            Method::PUT,
            &format!("/control/users/{}", encoded(phone)),
            Some(body),
        )
        .await;
    }

    pub async fn policy(&self, policy: Value) {
        self.ask(Method::PUT, "/control/policy", Some(policy)).await;
    }

    pub async fn advance(&self, by: Duration) {
        if self.sandbox.lock().unwrap().is_none() {
            return;
        }
        self.ask(
            Method::POST,
            "/control/clock",
            Some(json!({ "advance": format!("{}ms", by.as_millis()) })),
        )
        .await;
    }

    /// `kind` as `/control/fault` has them; `times` 0 takes a fault away, `None` leaves it on.
    pub async fn fault(&self, operation: &str, kind: &str, times: Option<u32>) {
        let mut fault = json!({ "operation": operation, "kind": kind });
        if let Some(times) = times {
            fault["times"] = times.into();
        }
        self.set_fault(fault).await;
    }

    pub async fn status(&self, operation: &str, status: u16) {
        self.set_fault(json!({ "operation": operation, "kind": "status", "status": status }))
            .await;
    }

    pub async fn set_fault(&self, fault: Value) {
        self.ask(Method::PUT, "/control/fault", Some(fault)).await;
    }

    /// Registers the public half of the client's key, and takes no secret from now on.
    pub async fn register(&self, jwks: Value) {
        self.ask(
            Method::PUT,
            "/control/client",
            Some(json!({ "jwks": jwks, "secret_allowed": false })),
        )
        .await;
    }

    /// Signs with a new key from now on.
    pub async fn rotate(&self) {
        self.rotate_as(json!({})).await;
    }

    /// The same with `algorithm`, `keep_old` or `publish`.
    pub async fn rotate_as(&self, how: Value) {
        self.ask(Method::POST, "/control/keys/rotate", Some(how))
            .await;
    }

    /// Lets the next tokens lie: `token`, `header`, `claims`, `signature`, `times`.
    pub async fn lie(&self, lie: Value) {
        self.ask(Method::PUT, "/control/tokens", Some(lie)).await;
    }

    /// Lets both tokens name another issuer.
    pub async fn sign_as_issuer(&self, issuer: &str) {
        for token in ["id", "access"] {
            self.lie(json!({ "token": token, "claims": { "iss": issuer } }))
                .await;
        }
    }

    pub fn base(&self) -> &str {
        &self.base
    }

    /// Hands every SMS to a gateway.
    pub async fn gateway(&self, url: &str, api_key: &str) {
        self.ask(
            Method::PUT,
            "/control/gateway",
            Some(json!({ "url": url, "api_key": api_key })),
        )
        .await;
    }

    pub async fn latency(&self, operation: &str, case: &str, ms: u64) {
        self.ask(
            Method::PUT,
            "/control/latency",
            Some(json!({ "operation": operation, "case": case, "ms": ms })),
        )
        .await;
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
        let now = self
            .calls()
            .await
            .into_iter()
            .filter(|(name, _)| !shared.contains(&name.as_str()));
        now.map(|(name, count)| (name.clone(), count - before[&name]))
            .filter(|(_, count)| *count > 0)
            .collect()
    }

    pub async fn messages(&self, phone: &str) -> Vec<Value> {
        let inbox = self
            .ask(
                Method::GET,
                &format!("/inbox.json?phone={}", encoded(phone)),
                None,
            )
            .await;
        inbox.as_array().unwrap().clone()
    }

    /// The newest code that went to a number.
    pub async fn code(&self, phone: &str) -> String {
        self.messages(phone).await.last().unwrap()["code"]
            .as_str()
            .unwrap()
            .to_owned()
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        IDLE.lock()
            .unwrap()
            .extend(self.sandbox.lock().unwrap().take());
    }
}
