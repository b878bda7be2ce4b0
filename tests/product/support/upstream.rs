//! The sandbox and its controls.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use latchkey::server::settings::{Secret, Settings};
use latchkey_sandbox::{self, CLIENT_ID, CLIENT_SECRET, Sandbox, SandboxOptions, TENANT_ID};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

use crate::support::wait_until;
use latchkey_testkit::sandbox_client::{http_client, percent_encode_plus};

/// The runtime of all sandboxes, which outlives single tests, because generating the keys of a new
/// sandbox is slow.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap()
});
static IDLE: Mutex<Vec<Sandbox>> = Mutex::new(Vec::new());

/// A sandbox for one test. After a reset it is reused by another test.
pub struct Upstream {
    sandbox: Mutex<Option<Sandbox>>,
    base: String,
    http: Client,
}

/// A client that opens a connection for each request.
#[expect(
    clippy::disallowed_methods,
    reason = "a test client beside the application's own"
)]
pub fn client_without_keep_alive() -> Client {
    let redirects = reqwest::redirect::Policy::none();
    Client::builder()
        .no_proxy()
        .redirect(redirects)
        .pool_max_idle_per_host(0)
        .build()
        .unwrap()
}

async fn start_sandbox(address: SocketAddr) -> Sandbox {
    let starting = latchkey_sandbox::start(SandboxOptions {
        address,
        ..SandboxOptions::default()
    });
    RUNTIME.spawn(starting).await.unwrap().unwrap()
}

impl Upstream {
    pub async fn start() -> Self {
        let idle = IDLE.lock().unwrap().pop();
        let sandbox = match idle {
            Some(sandbox) => sandbox,
            None => start_sandbox(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await,
        };
        let upstream = Self {
            base: sandbox.base_url(),
            sandbox: Mutex::new(Some(sandbox)),
            http: http_client(),
        };
        upstream.send(Method::POST, "/control/reset", None).await;
        upstream
    }

    /// Stops the sandbox: connections are refused from now on.
    pub async fn stop(&self) {
        let sandbox = self.sandbox.lock().unwrap().take().unwrap();
        RUNTIME.spawn(sandbox.stop()).await.unwrap();
        // The client's pool must notice that its connections have ended.
        crate::support::pause(20).await;
    }

    /// Starts a new sandbox at the same address, with other keys and no users.
    pub async fn restart(&self) {
        let sandbox = start_sandbox(self.base.rsplit_once('/').unwrap().1.parse().unwrap()).await;
        *self.sandbox.lock().unwrap() = Some(sandbox);
    }

    /// Points the app's settings at the sandbox.
    pub fn configure(&self, settings: &mut Settings) {
        let transmit = &mut settings.transmit;
        transmit.base_url = self.base.parse().ok();
        transmit.issuer = Some(self.base.clone());
        transmit.tenant_id = Some(TENANT_ID.to_owned());
        transmit.client_id = CLIENT_ID.to_owned();
        transmit.client_secret = Some(Secret::new(CLIENT_SECRET));
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Value {
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

    async fn put(&self, path: &str, body: Value) -> Value {
        self.send(Method::PUT, path, Some(body)).await
    }

    pub async fn set_user_status(&self, phone: &str, status: &str) -> Value {
        self.put_user(phone, json!({ "status": status })).await
    }

    /// Changes a user, and returns the user's JSON.
    pub async fn put_user(&self, phone: &str, change: Value) -> Value {
        let path = format!("/control/users/{}", percent_encode_plus(phone));
        self.put(&path, change).await
    }

    /// Creates a user as the application does, by Transmit's API.
    pub async fn create_by_api(&self, client_id: &str, secret: &str, user: Value) {
        let credentials = [
            ("grant_type", "client_credentials"),
            ("client_id", client_id),
            ("client_secret", secret),
        ];
        let url = format!("{}/oidc/token", self.base);
        let token: Value = self
            .http
            .post(url)
            .form(&credentials)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let created = self
            .http
            .post(format!("{}/cis/v1/users", self.base))
            .bearer_auth(token["access_token"].as_str().unwrap())
            .json(&user)
            .send()
            .await
            .unwrap();
        assert_eq!(created.status(), 201);
    }

    /// Gives an active user an e-mail address, or takes it away if it is empty.
    pub async fn set_email(&self, phone: &str, email: &str) {
        self.put_user(phone, json!({ "status": "Active", "email": email }))
            .await;
    }

    /// An active user with these roles.
    pub async fn set_roles(&self, phone: &str, roles: &[&str]) {
        self.put_user(phone, json!({ "status": "Active", "roles": roles }))
            .await;
    }

    pub async fn set_policy(&self, policy: Value) {
        self.put("/control/policy", policy).await;
    }

    pub async fn advance_clock(&self, by: Duration) {
        if self.sandbox.lock().unwrap().is_none() {
            return;
        }
        self.send(
            Method::POST,
            "/control/clock",
            Some(json!({ "advance": format!("{}ms", by.as_millis()) })),
        )
        .await;
    }

    /// `kind` as in `/control/fault`; `times` 0 removes the fault, `None` leaves it on.
    pub async fn inject_fault(&self, operation: &str, kind: &str, times: Option<u32>) {
        let mut fault = json!({ "operation": operation, "kind": kind });
        if let Some(times) = times {
            fault["times"] = times.into();
        }
        self.put_fault(fault).await;
    }

    pub async fn fail_with_status(&self, operation: &str, status: u16) {
        self.put_fault(json!({ "operation": operation, "kind": "status", "status": status }))
            .await;
    }

    pub async fn put_fault(&self, fault: Value) {
        self.put("/control/fault", fault).await;
    }

    /// Registers the client's public key, and accepts no secret from now on.
    pub async fn register_client_key(&self, jwks: Value) {
        self.put(
            "/control/client",
            json!({ "jwks": jwks, "secret_allowed": false }),
        )
        .await;
    }

    /// Signs with a new key from now on.
    pub async fn rotate_keys(&self) {
        self.rotate_keys_with(json!({})).await;
    }

    /// The same with `algorithm`, `keep_old` or `publish`.
    pub async fn rotate_keys_with(&self, how: Value) {
        self.send(Method::POST, "/control/keys/rotate", Some(how))
            .await;
    }

    /// Tampers with the next tokens: `token`, `header`, `claims`, `signature`, `times`.
    pub async fn tamper_with_tokens(&self, changes: Value) {
        self.put("/control/tokens", changes).await;
    }

    /// Makes both tokens name another issuer.
    pub async fn sign_as_issuer(&self, issuer: &str) {
        for token in ["id", "access"] {
            self.tamper_with_tokens(json!({ "token": token, "claims": { "iss": issuer } }))
                .await;
        }
    }

    pub fn base_url(&self) -> &str {
        &self.base
    }

    /// Sends every SMS through a gateway.
    pub async fn register_gateway(&self, url: &str, api_key: &str) {
        self.put(
            "/control/gateway",
            json!({ "url": url, "api_key": api_key }),
        )
        .await;
    }

    pub async fn set_latency(&self, operation: &str, case: &str, ms: u64) {
        self.put(
            "/control/latency",
            json!({ "operation": operation, "case": case, "ms": ms }),
        )
        .await;
    }

    pub async fn call_counts(&self) -> BTreeMap<String, u64> {
        serde_json::from_value(self.send(Method::GET, "/control/calls", None).await).unwrap()
    }

    /// Waits until an operation was called so often.
    pub async fn wait_for_calls(&self, operation: &str, count: u64) {
        wait_until("the calls", async || {
            self.call_count(operation).await == count
        })
        .await;
    }

    pub async fn call_count(&self, operation: &str) -> u64 {
        self.call_counts().await[operation]
    }

    /// Calls since `before`, without those that all journeys share or that only show whether
    /// upstream can be reached.
    pub async fn calls_since(&self, before: &BTreeMap<String, u64>) -> BTreeMap<String, u64> {
        let shared = ["token", "jwks", "discovery"];
        let now = self
            .call_counts()
            .await
            .into_iter()
            .filter(|(name, _)| !shared.contains(&name.as_str()));
        now.map(|(name, count)| (name.clone(), count - before[&name]))
            .filter(|(_, count)| *count > 0)
            .collect()
    }

    pub async fn messages(&self, phone: &str) -> Vec<Value> {
        let inbox = self
            .send(
                Method::GET,
                &format!("/inbox.json?phone={}", percent_encode_plus(phone)),
                None,
            )
            .await;
        inbox.as_array().unwrap().clone()
    }

    /// The newest code that was sent to a number.
    pub async fn newest_code(&self, phone: &str) -> String {
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
