//! A browser with cookies and a client address, which can also send requests that a real browser
//! would not.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Result;
use reqwest::header::{ACCEPT, COOKIE, HeaderMap, HeaderValue, ORIGIN, RETRY_AFTER, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;

use crate::clock::Stopwatch;
use crate::sandbox::SandboxClient;

/// The session cookie.
pub const SESSION_COOKIE: &str = "latchkey";
/// The cookie of the sign-in flow.
pub const FLOW_COOKIE: &str = "latchkey-flow";
/// The device cookie, of a browser that signed in before.
pub const DEVICE_COOKIE: &str = "latchkey-browser";

/// The header in which the server expects the client address.
pub const CLIENT_ADDRESS_HEADER: &str = "x-forwarded-for";

const RESPONSE_TIMEOUT: Duration = Duration::from_secs(60);
const MESSAGE_TIMEOUT: Duration = Duration::from_secs(20);

/// The HTTP client of all browsers. It follows no redirects and uses no proxy.
#[expect(
    clippy::disallowed_methods,
    reason = "the simulator has an HTTP client of its own"
)]
pub fn http_client() -> Result<Client> {
    Ok(Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .timeout(RESPONSE_TIMEOUT)
        .build()?)
}

#[derive(Clone, Debug)]
pub struct Browser {
    http: Client,
    origin: Arc<str>,
    requests: Arc<AtomicU64>,
    sandbox: SandboxClient,
    cookies: BTreeMap<String, String>,
    /// A `Cookie` line of another host's cookies, sent before its own.
    planted: Option<HeaderValue>,
    address: Option<Ipv4Addr>,
    has_javascript: bool,
}

#[derive(Clone, Debug)]
pub struct HttpResponse {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
    /// From the request to the last byte of the body.
    pub duration: Duration,
}

impl HttpResponse {
    /// Whether the request succeeded, or looks as if it had.
    pub fn is_ok(&self) -> bool {
        self.status == 200
    }

    /// The `Retry-After` header.
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
    /// A browser without cookies. `requests` counts its requests.
    pub fn new(
        http: Client,
        origin: Arc<str>,
        sandbox: SandboxClient,
        requests: Arc<AtomicU64>,
    ) -> Self {
        Self {
            http,
            origin,
            requests,
            sandbox,
            cookies: BTreeMap::new(),
            planted: None,
            address: None,
            has_javascript: true,
        }
    }

    /// The same browser with this client address.
    pub fn with_address(self, address: Ipv4Addr) -> Self {
        Self {
            address: Some(address),
            ..self
        }
    }

    /// The same browser with JavaScript turned off.
    pub fn without_javascript(self) -> Self {
        Self {
            has_javascript: false,
            ..self
        }
    }

    /// The same browser with cookies that a sibling host planted: the bytes of a `Cookie` line.
    ///
    /// # Errors
    /// The bytes are not valid in a header.
    pub fn with_planted(self, line: &[u8]) -> Result<Self> {
        Ok(Self {
            planted: Some(HeaderValue::from_bytes(line)?),
            ..self
        })
    }

    /// The same browser without its cookies.
    pub fn without_cookies(&self) -> Self {
        Self {
            cookies: BTreeMap::new(),
            ..self.clone()
        }
    }

    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    /// A request without cookies or other headers.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.origin))
    }

    pub async fn get(&mut self, path: &str) -> Result<HttpResponse> {
        self.send(self.request(Method::GET, path)).await
    }

    /// Posts a form to a server function, as the pages do.
    pub async fn post(&mut self, endpoint: &str, fields: &[(&str, &str)]) -> Result<HttpResponse> {
        let request = self
            .request(Method::POST, &format!("/api/{endpoint}"))
            .form(fields);
        self.send(request.header(ORIGIN, &*self.origin)).await
    }

    pub async fn send_code(&mut self, phone: &str) -> Result<HttpResponse> {
        self.post("send-code", &[("phone", phone)]).await
    }

    pub async fn verify_code(&mut self, code: &str) -> Result<HttpResponse> {
        self.post("verify-code", &[("code", code)]).await
    }

    /// Sends a request with cookies and client address, and stores the cookies of the response.
    pub async fn send(&mut self, mut request: RequestBuilder) -> Result<HttpResponse> {
        if let Some(address) = self.address {
            request = request.header(CLIENT_ADDRESS_HEADER, address.to_string());
        }
        if let Some(planted) = &self.planted {
            request = request.header(COOKIE, planted);
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
            if self.has_javascript {
                "application/json"
            } else {
                "text/html"
            },
        );
        self.requests.fetch_add(1, Ordering::Relaxed);
        let watch = Stopwatch::start();
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.text().await?;
        let response = HttpResponse {
            status,
            headers,
            body,
            duration: watch.elapsed(),
        };
        self.store_cookies(&response);
        Ok(response)
    }

    fn store_cookies(&mut self, response: &HttpResponse) {
        for line in response
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
                self.set_cookie(name, rest.split(';').next().unwrap_or_default());
            }
        }
    }

    /// The `sub` of the signed-in user.
    pub async fn signed_in_subject(&mut self) -> Result<Option<String>> {
        let response = self.get("/api/session").await?;
        if !response.is_ok() {
            return Ok(None);
        }
        let session: Value = serde_json::from_str(&response.body)?;
        Ok(session
            .get("sub")
            .and_then(Value::as_str)
            .map(str::to_owned))
    }

    /// Signs in or up as an honest user. Returns whether it succeeded.
    pub async fn sign_in(&mut self, endpoint: &str, phone: &str) -> Result<bool> {
        let Some(code) = self.request_code(endpoint, phone).await? else {
            return Ok(false);
        };
        Ok(self.verify_code(&code).await?.is_ok() && self.signed_in_subject().await?.is_some())
    }

    /// Requests a code and waits for it. Returns `None` if it is refused or does not arrive.
    pub async fn request_code(&mut self, endpoint: &str, phone: &str) -> Result<Option<String>> {
        let message_count = self.sandbox.messages_to(phone).await?.len();
        match self.post(endpoint, &[("phone", phone)]).await?.is_ok() {
            true => {
                self.sandbox
                    .wait_for_code(phone, message_count, MESSAGE_TIMEOUT)
                    .await
            }
            false => Ok(None),
        }
    }
}
