//! A browser that talks to the server over the network.

use std::collections::BTreeMap;

use http::header::{ACCEPT, COOKIE, ORIGIN, SET_COOKIE};
use latchkey_testkit::sandbox_client::{http_client, percent_encode_plus};
use serde_json::Value;

use super::TestEnvironment;
use crate::support::upstream::client_without_keep_alive;
use crate::support::wait_until;

/// A browser that talks to the server over the network.
#[derive(Clone)]
pub struct NetworkBrowser {
    http: reqwest::Client,
    base: String,
    sandbox: String,
    cookies: BTreeMap<String, String>,
    /// The client address in the header of a proxy.
    address: Option<String>,
    /// The code that was read last.
    pub code: String,
}

impl NetworkBrowser {
    pub fn new(env: &TestEnvironment) -> Self {
        let (base, sandbox) = (
            format!("http://{}", env.application),
            format!("http://{}", env.sandbox),
        );
        Self {
            http: http_client(),
            base,
            sandbox,
            cookies: BTreeMap::new(),
            address: None,
            code: String::new(),
        }
    }

    pub fn with_address(self, address: String) -> Self {
        Self {
            address: Some(address),
            ..self
        }
    }

    /// The same with a new connection for each request, so that a load balancer sends each to
    /// another node.
    pub fn without_keep_alive(env: &TestEnvironment) -> Self {
        Self {
            http: client_without_keep_alive(),
            ..Self::new(env)
        }
    }

    pub fn cookie_values(&self) -> impl Iterator<Item = &str> {
        self.cookies.values().map(String::as_str)
    }

    /// `None` if the server is gone, or ends before it has responded.
    async fn send(&mut self, mut request: reqwest::RequestBuilder) -> Option<(u16, String)> {
        if let Some(address) = &self.address {
            request = request.header("x-forwarded-for", address);
        }
        let pairs: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let response = request.header(COOKIE, pairs.join("; ")).send().await.ok()?;
        for line in response.headers().get_all(SET_COOKIE) {
            let (name, rest) = line.to_str().unwrap().split_once('=').unwrap();
            let (value, attributes) = rest.split_once(';').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Some((response.status().as_u16(), response.text().await.ok()?))
    }

    pub async fn get(&mut self, path: &str) -> (u16, String) {
        self.try_get(path).await.unwrap()
    }

    /// `None` if the server is gone.
    pub async fn try_get(&mut self, path: &str) -> Option<(u16, String)> {
        let request = self.http.get(format!("{}{path}", self.base));
        self.send(request).await
    }

    pub async fn post(&mut self, endpoint: &str, fields: &[(&str, &str)]) -> (u16, String) {
        self.try_post(endpoint, fields).await.unwrap()
    }

    /// `None` if the server is gone or ends before it has responded. It may have executed the
    /// request.
    pub async fn try_post(
        &mut self,
        endpoint: &str,
        fields: &[(&str, &str)],
    ) -> Option<(u16, String)> {
        let request = self
            .http
            .post(format!("{}/api/{endpoint}", self.base))
            .form(fields);
        let request = request
            .header(ORIGIN, &self.base)
            .header(ACCEPT, "application/json");
        self.send(request).await
    }

    /// Signs up, which also signs in existing users.
    pub async fn sign_in(&mut self, phone: &str) {
        assert_eq!(self.post("sign-up", &[("phone", phone)]).await.0, 200);
        self.read_code(phone).await;
        let code = self.code.clone();
        let (status, body) = self.post("verify-code", &[("code", &code)]).await;
        assert_eq!(status, 200, "{body}");
    }

    /// Waits for the newest message on the phone.
    pub async fn read_code(&mut self, phone: &str) {
        let inbox = format!(
            "{}/inbox.json?phone={}",
            self.sandbox,
            percent_encode_plus(phone)
        );
        let http = self.http.clone();
        let mut messages = Value::Null;
        wait_until("the message", async || {
            let text = http.get(&inbox).send().await.unwrap().text().await.unwrap();
            messages = serde_json::from_str(&text).unwrap();
            messages
                .as_array()
                .is_some_and(|messages| !messages.is_empty())
        })
        .await;
        self.code = messages.as_array().unwrap().last().unwrap()["code"]
            .as_str()
            .unwrap()
            .to_owned();
    }
}
