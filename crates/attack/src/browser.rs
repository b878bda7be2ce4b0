//! Somebody with a browser: cookies, an address, and requests that no honest browser would make.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Result;
use reqwest::header::{ACCEPT, COOKIE, HeaderMap, ORIGIN, RETRY_AFTER, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;

use crate::clock::Stopwatch;
use crate::sandbox::Sandbox;

/// The cookie of who is signed in.
pub const SESSION: &str = "latchkey";
/// The cookie of a sign-in under way.
pub const FLOW: &str = "latchkey-flow";
/// The cookie of a browser that has signed in before.
pub const KNOWN_BROWSER: &str = "latchkey-browser";

/// The header in which the server is told of a client's address.
pub const CLIENT_ADDRESS: &str = "x-forwarded-for";

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(60);
/// Longest wait for a message that must come.
const DELIVERY: Duration = Duration::from_secs(20);

/// The client of all browsers: it follows no redirect and asks no proxy.
#[expect(
    clippy::disallowed_methods,
    reason = "the attackers' client is not the product's"
)]
pub fn client() -> Result<Client> {
    Ok(Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .timeout(PATIENCE)
        .build()?)
}

/// A browser.
#[derive(Clone, Debug)]
pub struct Browser {
    http: Client,
    origin: Arc<str>,
    requests: Arc<AtomicU64>,
    sandbox: Sandbox,
    cookies: BTreeMap<String, String>,
    address: Option<Ipv4Addr>,
    wants_pages: bool,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
    /// From the request to the last byte.
    pub took: Duration,
}

impl Answer {
    /// Whether a door did as it was asked, or looks so.
    pub fn is_ok(&self) -> bool {
        self.status == 200
    }

    /// For how long it asks to be left alone, if it does.
    pub fn retry_after(&self) -> Option<Duration> {
        self.headers
            .get(RETRY_AFTER)?
            .to_str()
            .ok()?
            .parse()
            .ok()
            .map(Duration::from_secs)
    }
}

impl Browser {
    /// A browser without cookies. Every request is counted in `requests`.
    pub fn new(http: Client, origin: Arc<str>, sandbox: Sandbox, requests: Arc<AtomicU64>) -> Self {
        Self {
            http,
            origin,
            requests,
            sandbox,
            cookies: BTreeMap::new(),
            address: None,
            wants_pages: false,
        }
    }

    /// The same, somewhere.
    pub fn at(self, address: Ipv4Addr) -> Self {
        Self {
            address: Some(address),
            ..self
        }
    }

    /// The same, without JavaScript.
    pub fn wanting_pages(self) -> Self {
        Self {
            wants_pages: true,
            ..self
        }
    }

    /// The same, as it was when it was new.
    pub fn without_cookies(&self) -> Self {
        Self {
            cookies: BTreeMap::new(),
            ..self.clone()
        }
    }

    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// Plants a cookie.
    pub fn plant(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    /// A request that carries nothing, not even cookies.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.origin))
    }

    pub async fn get(&mut self, path: &str) -> Result<Answer> {
        self.send(self.request(Method::GET, path)).await
    }

    /// Posts a form to a door, as our own pages do.
    pub async fn post(&mut self, door: &str, fields: &[(&str, &str)]) -> Result<Answer> {
        let request = self
            .request(Method::POST, &format!("/api/{door}"))
            .form(fields);
        self.send(request.header(ORIGIN, &*self.origin)).await
    }

    /// Asks for a code.
    pub async fn ask(&mut self, phone: &str) -> Result<Answer> {
        self.post("send-code", &[("phone", phone)]).await
    }

    /// Types a code.
    pub async fn verify(&mut self, code: &str) -> Result<Answer> {
        self.post("verify-code", &[("code", code)]).await
    }

    /// Sends a request with cookies and address, and keeps the cookies that come back.
    pub async fn send(&mut self, mut request: RequestBuilder) -> Result<Answer> {
        if let Some(address) = self.address {
            request = request.header(CLIENT_ADDRESS, address.to_string());
        }
        if !self.cookies.is_empty() {
            let pairs: Vec<_> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            request = request.header(COOKIE, pairs.join("; "));
        }
        request = request.header(
            ACCEPT,
            if self.wants_pages {
                "text/html"
            } else {
                "application/json"
            },
        );
        self.requests.fetch_add(1, Ordering::Relaxed);
        let watch = Stopwatch::start();
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.text().await?;
        let answer = Answer {
            status,
            headers,
            body,
            took: watch.elapsed(),
        };
        self.keep(&answer);
        Ok(answer)
    }

    fn keep(&mut self, answer: &Answer) {
        for line in answer
            .headers
            .get_all(SET_COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok())
        {
            let Some((name, rest)) = line.split_once('=') else {
                continue;
            };
            if rest.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.plant(name, rest.split(';').next().unwrap_or_default());
            }
        }
    }

    /// Who is signed in here: `sub`, if anybody is.
    pub async fn who(&mut self) -> Result<Option<String>> {
        let answer = self.get("/api/session").await?;
        if !answer.is_ok() {
            return Ok(None);
        }
        let session: Value = serde_json::from_str(&answer.body)?;
        Ok(session
            .get("sub")
            .and_then(Value::as_str)
            .map(str::to_owned))
    }

    /// What an honest person does: asks for a code, reads it, types it. Whether it let them in.
    pub async fn sign_in(&mut self, door: &str, phone: &str) -> Result<bool> {
        let Some(code) = self.begin(door, phone).await? else {
            return Ok(false);
        };
        Ok(self.verify(&code).await?.is_ok() && self.who().await?.is_some())
    }

    /// The first half of it: a code that was asked for and has arrived; nothing if it is refused or
    /// does not come.
    pub async fn begin(&mut self, door: &str, phone: &str) -> Result<Option<String>> {
        let had = self.sandbox.inbox_of(phone).await?.len();
        match self.post(door, &[("phone", phone)]).await?.is_ok() {
            true => self.sandbox.code(phone, had, DELIVERY).await,
            false => Ok(None),
        }
    }
}
