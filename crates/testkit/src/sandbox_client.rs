//! A running sandbox and an HTTP client for it.

use std::net::{Ipv4Addr, SocketAddr};

use latchkey_sandbox::{self, CLIENT_ID, CLIENT_SECRET, Sandbox, SandboxOptions};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

/// A number that no user has.
pub const PHONE: &str = "+12025550123";

pub struct SandboxClient {
    pub sandbox: Sandbox,
    pub http: Client,
    pub token: String,
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test client beside the application's own"
)]
pub fn http_client() -> Client {
    Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap()
}

pub fn sandbox_options() -> SandboxOptions {
    SandboxOptions {
        address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        ..SandboxOptions::default()
    }
}

pub async fn start_sandbox() -> SandboxClient {
    let sandbox = latchkey_sandbox::start(sandbox_options()).await.unwrap();
    let mut client = SandboxClient {
        sandbox,
        http: http_client(),
        token: String::new(),
    };
    client.token = client.new_client_token().await;
    client
}

/// Status and JSON body; `null` for an empty body.
pub async fn read_json(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let body = response.bytes().await.unwrap();
    let json = if body.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(&body).unwrap()
    };
    (status, json)
}

/// The text of a page.
pub async fn get_text(url: String) -> String {
    let response = http_client().get(url).send().await.unwrap();
    response.text().await.unwrap()
}

async fn send(request: RequestBuilder) -> (u16, Value) {
    read_json(request.send().await.unwrap()).await
}

impl SandboxClient {
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.base_url())
    }

    pub async fn new_client_token(&self) -> String {
        let (status, body) = self
            .form("/oidc/token", &credentials("client_credentials"))
            .await;
        assert_eq!(status, 200, "{body}");
        body["access_token"].as_str().unwrap().to_owned()
    }

    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> (u16, Value) {
        send(self.http.post(self.url(path)).form(fields)).await
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, self.url(path))
            .bearer_auth(&self.token)
    }

    pub async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        send(self.request(Method::POST, path).json(&body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> (u16, Value) {
        send(self.request(Method::PUT, path).json(&body)).await
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        send(self.request(Method::GET, path)).await
    }

    pub async fn delete(&self, path: &str) -> (u16, Value) {
        send(self.request(Method::DELETE, path)).await
    }

    /// Sends a request to a control of the sandbox, and asserts that it succeeded.
    pub async fn control(&self, method: Method, path: &str, body: Value) -> Value {
        let url = self.url(&format!("/control/{path}"));
        let (status, body) = send(self.http.request(method, url).json(&body)).await;
        assert!(
            StatusCode::from_u16(status).unwrap().is_success(),
            "{path}: {status} {body}"
        );
        body
    }

    pub async fn set_user_status(&self, phone: &str, status: &str) -> Value {
        self.control(
            Method::PUT,
            &format!("users/{}", percent_encode_plus(phone)),
            json!({ "status": status }),
        )
        .await
    }

    /// Changes fields of the OTP policy.
    pub async fn set_policy(&self, policy: Value) {
        self.control(Method::PUT, "policy", policy).await;
    }

    /// Spoils responses of an operation with a fault.
    pub async fn set_fault(&self, fault: Value) {
        self.control(Method::PUT, "fault", fault).await;
    }

    /// Delays responses of an operation.
    pub async fn set_latency(&self, latency: Value) {
        self.control(Method::PUT, "latency", latency).await;
    }

    pub async fn reset(&self) {
        self.control(Method::POST, "reset", Value::Null).await;
    }

    pub async fn advance_clock(&self, by: &str) {
        self.control(Method::POST, "clock", json!({ "advance": by }))
            .await;
    }

    pub async fn send_code(&self, phone: &str) -> (u16, Value) {
        self.post("/cis/v1/auth/otp/send", send_body(phone)).await
    }

    /// Requests a code, and returns the response as it is.
    pub async fn send_code_raw(&self, phone: &str) -> reqwest::Result<Response> {
        let request = self.request(Method::POST, "/cis/v1/auth/otp/send");
        request.json(&send_body(phone)).send().await
    }

    pub async fn authenticate(&self, phone: &str, code: &str) -> (u16, Value) {
        self.post(
            "/cis/v1/auth/otp/authenticate",
            authenticate_body(phone, code),
        )
        .await
    }

    /// Authenticates with the newest code that was sent to the number.
    pub async fn authenticate_newest(&self, phone: &str) -> (u16, Value) {
        let code = self.newest_code(phone).await;
        self.authenticate(phone, &code).await
    }

    pub async fn inbox(&self, phone: &str) -> Vec<Value> {
        let (status, body) = self
            .get(&format!("/inbox.json?phone={}", percent_encode_plus(phone)))
            .await;
        assert_eq!(status, 200);
        body.as_array().unwrap().clone()
    }

    /// The newest code that was sent to a number.
    pub async fn newest_code(&self, phone: &str) -> String {
        self.inbox(phone).await.last().unwrap()["code"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Creates a user and signs in; returns the response of the sign-in.
    pub async fn sign_in(&self, phone: &str) -> Value {
        self.set_user_status(phone, "Active").await;
        assert_eq!(self.send_code(phone).await.0, 200);
        let (status, body) = self.authenticate_newest(phone).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    pub async fn call_count(&self, operation: &str) -> u64 {
        self.get("/control/calls").await.1[operation]
            .as_u64()
            .unwrap()
    }
}

pub fn credentials(grant_type: &str) -> [(&str, &str); 3] {
    [
        ("grant_type", grant_type),
        ("client_id", CLIENT_ID),
        ("client_secret", CLIENT_SECRET),
    ]
}

pub fn send_body(phone: &str) -> Value {
    json!({ "channel": "sms", "identifier_type": "phone_number", "identifier": phone })
}

pub fn authenticate_body(phone: &str, code: &str) -> Value {
    json!({ "identifier_type": "phone_number", "identifier": phone, "passcode": code })
}

pub fn percent_encode_plus(phone: &str) -> String {
    phone.replace('+', "%2B")
}

/// A code of the same length that differs.
pub fn different_code(code: &str) -> String {
    let first = if code.starts_with('0') { '1' } else { '0' };
    format!("{first}{}", &code[1..])
}

/// `body` with one field set; `null` empties it.
pub fn with_field(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}
