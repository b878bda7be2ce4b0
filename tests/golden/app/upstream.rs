//! The sandbox and its controls.

use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use http::{Method, StatusCode};
use latchkey_sandbox::{self, CLIENT_ID, CLIENT_SECRET, Sandbox, SandboxOptions};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// The sandbox and its control API.
pub struct Upstream {
    _sandbox: Sandbox,
    pub base: String,
    /// The fake provider of the SMS gateway, which accepts every message.
    pub webhook: SocketAddr,
    http: reqwest::Client,
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test client beside the application's own"
)]
fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

impl Upstream {
    pub async fn start() -> Self {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let sandbox = latchkey_sandbox::start(SandboxOptions {
            address,
            ..SandboxOptions::default()
        })
        .await
        .unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let webhook = listener.local_addr().unwrap();
        let accept = Router::new().fallback(async || StatusCode::NO_CONTENT);
        tokio::spawn(axum::serve(listener, accept).into_future());
        let upstream = Self {
            base: sandbox.base_url(),
            webhook,
            _sandbox: sandbox,
            http: client(),
        };
        upstream
            .ask(Method::PUT, "/control/policy", json!({ "max_failures": 6 }))
            .await;
        upstream
    }

    async fn ask(&self, method: Method, path: &str, body: Value) -> Value {
        let mut request = self
            .http
            .request(method.clone(), format!("{}{path}", self.base));
        if method != Method::GET {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        assert!(
            response.status().is_success(),
            "{path}: {}",
            response.status()
        );
        serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or_default()
    }

    pub async fn user(&self, phone: &str, roles: &[&str]) {
        let body = json!({ "status": "Active", "roles": roles });
        self.ask(
            Method::PUT,
            &format!("/control/users/{}", encoded(phone)),
            body,
        )
        .await;
    }

    /// Sets the claims of the next tokens, because user ids and the time differ in each sandbox.
    pub async fn says(&self, issuer: &str, subject: &str, now: u64) {
        let mut claims = json!({
            "iss": issuer, "sub": subject, "iat": now, "exp": now + 3600, "auth_time": now,
        });
        for token in ["id", "access"] {
            let body = json!({ "token": token, "claims": claims });
            self.ask(Method::PUT, "/control/tokens", body).await;
            claims.as_object_mut().unwrap().remove("auth_time");
        }
    }

    /// The newest code that was sent to a number.
    pub async fn code(&self, phone: &str) -> String {
        let path = format!("/inbox.json?phone={}", encoded(phone));
        let inbox = self.ask(Method::GET, &path, Value::Null).await;
        inbox.as_array().unwrap().last().unwrap()["code"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Creates a code for a number whose flow began with another sandbox. A real tenant still knows
    /// the code after an upgrade.
    pub async fn code_of_earlier_send(&self, phone: &str) -> String {
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", CLIENT_ID),
            ("client_secret", CLIENT_SECRET),
        ];
        let token = self
            .http
            .post(format!("{}/oidc/token", self.base))
            .form(&form);
        let token: Value = token.send().await.unwrap().json().await.unwrap();
        let send = json!({
            "channel": "sms", "identifier_type": "phone_number", "identifier": phone,
        });
        let sent = self
            .http
            .post(format!("{}/cis/v1/auth/otp/send", self.base))
            .json(&send);
        let sent = sent
            .bearer_auth(token["access_token"].as_str().unwrap())
            .send()
            .await
            .unwrap();
        assert!(sent.status().is_success(), "{}", sent.text().await.unwrap());
        self.code(phone).await
    }

    /// How often an operation was called.
    pub async fn calls(&self, operation: &str) -> u64 {
        self.ask(Method::GET, "/control/calls", Value::Null).await[operation]
            .as_u64()
            .unwrap()
    }
}

fn encoded(phone: &str) -> String {
    phone.replace('+', "%2B")
}
