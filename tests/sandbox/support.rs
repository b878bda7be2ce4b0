//! A running stand-in and a client that knows nothing but its address.

use std::net::{Ipv4Addr, SocketAddr};

use latchkey_sandbox::{self, CLIENT_ID, CLIENT_SECRET, Options, Sandbox};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

/// A number that nobody has.
pub const PHONE: &str = "+12025550123";

pub struct Stand {
    pub sandbox: Sandbox,
    pub http: Client,
    pub token: String,
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

pub fn options() -> Options {
    Options {
        address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        ..Options::default()
    }
}

pub async fn stand() -> Stand {
    let sandbox = latchkey_sandbox::start(options()).await.unwrap();
    let mut stand = Stand {
        sandbox,
        http: client(),
        token: String::new(),
    };
    stand.token = stand.new_client_token().await;
    stand
}

/// Status and JSON body; `null` for an empty one.
pub async fn read(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let body = response.bytes().await.unwrap();
    let json = if body.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(&body).unwrap()
    };
    (status, json)
}

impl Stand {
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
        read(
            self.http
                .post(self.url(path))
                .form(fields)
                .send()
                .await
                .unwrap(),
        )
        .await
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, self.url(path))
            .bearer_auth(&self.token)
    }

    pub async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        read(
            self.request(Method::POST, path)
                .json(&body)
                .send()
                .await
                .unwrap(),
        )
        .await
    }

    pub async fn put(&self, path: &str, body: Value) -> (u16, Value) {
        read(
            self.request(Method::PUT, path)
                .json(&body)
                .send()
                .await
                .unwrap(),
        )
        .await
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        read(self.request(Method::GET, path).send().await.unwrap()).await
    }

    pub async fn delete(&self, path: &str) -> (u16, Value) {
        read(self.request(Method::DELETE, path).send().await.unwrap()).await
    }

    /// Turns a control and insists that it turned.
    pub async fn control(&self, method: Method, path: &str, body: Value) -> Value {
        let response = self
            .http
            .request(method, self.url(&format!("/control/{path}")))
            .json(&body)
            .send()
            .await
            .unwrap();
        let (status, body) = read(response).await;
        assert!(
            StatusCode::from_u16(status).unwrap().is_success(),
            "{path}: {status} {body}"
        );
        body
    }

    pub async fn user(&self, phone: &str, status: &str) -> Value {
        self.control(
            Method::PUT,
            &format!("users/{}", encoded(phone)),
            json!({ "status": status }),
        )
        .await
    }

    pub async fn advance(&self, by: &str) {
        self.control(Method::POST, "clock", json!({ "advance": by }))
            .await;
    }

    pub async fn send(&self, phone: &str) -> (u16, Value) {
        self.post("/cis/v1/auth/otp/send", send_body(phone)).await
    }

    pub async fn authenticate(&self, phone: &str, code: &str) -> (u16, Value) {
        self.post(
            "/cis/v1/auth/otp/authenticate",
            authenticate_body(phone, code),
        )
        .await
    }

    pub async fn inbox(&self, phone: &str) -> Vec<Value> {
        let (status, body) = self
            .get(&format!("/inbox.json?phone={}", encoded(phone)))
            .await;
        assert_eq!(status, 200);
        body.as_array().unwrap().clone()
    }

    /// The newest code that went to a number.
    pub async fn code(&self, phone: &str) -> String {
        self.inbox(phone).await.last().unwrap()["code"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// A user, from nothing to signed in; returns the answer of the sign-in.
    pub async fn signed_in(&self, phone: &str) -> Value {
        self.user(phone, "Active").await;
        assert_eq!(self.send(phone).await.0, 200);
        let (status, body) = self.authenticate(phone, &self.code(phone).await).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    pub async fn calls(&self, operation: &str) -> u64 {
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

pub fn encoded(phone: &str) -> String {
    phone.replace('+', "%2B")
}

/// A code of the same length that is not this one.
pub fn other_than(code: &str) -> String {
    let first = if code.starts_with('0') { '1' } else { '0' };
    format!("{first}{}", &code[1..])
}

/// `body` with one field set, or taken away by `null`.
pub fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}
