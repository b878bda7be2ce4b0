//! A browser: keeps cookies, posts forms with or without JavaScript, and has an address.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::body::Body;
use axum::extract::ConnectInfo;
use http::header::{ACCEPT, CONTENT_TYPE, COOKIE, HOST, ORIGIN, USER_AGENT};
use http::request::Builder;
use http::{Method, Request};
use serde_json::Value;
use tower::ServiceExt;

use crate::support::{TestApp, TestResponse, different_code};

pub const USER_AGENT_HEADER: &str =
    "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0";

#[derive(Clone)]
pub struct Browser {
    pub app: Arc<TestApp>,
    pub cookies: BTreeMap<String, String>,
    pub address: IpAddr,
    /// Whether it requests pages, as forms without JavaScript do.
    pub html: bool,
    pub language: &'static str,
}

impl Browser {
    pub fn new(app: &Arc<TestApp>) -> Self {
        let address = app.next_address();
        Self {
            app: app.clone(),
            cookies: BTreeMap::new(),
            address,
            html: false,
            language: "en",
        }
    }

    pub fn with_address(mut self, address: &str) -> Self {
        self.address = address.parse().unwrap();
        self
    }

    pub fn without_javascript(mut self) -> Self {
        self.html = true;
        self
    }

    pub fn request(&self, method: Method, path: &str) -> Builder {
        let accept = if self.html {
            "text/html,application/xhtml+xml,*/*;q=0.8"
        } else {
            "application/json"
        };
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, self.app.host())
            .header(ACCEPT, accept)
            .header("accept-language", self.language)
            .header(USER_AGENT, USER_AGENT_HEADER)
            .extension(ConnectInfo(SocketAddr::new(self.address, 40_000)));
        if !self.cookies.is_empty() {
            let pairs: Vec<String> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            request = request.header(COOKIE, pairs.join("; "));
        }
        request
    }

    /// A form post to a server function.
    pub fn form(&self, function: &str, fields: &[(&str, &str)]) -> Request<Body> {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.request(Method::POST, &format!("/api/{function}"))
            .header(ORIGIN, self.app.origin())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap()
    }

    /// Sends any request; the clock is advanced until the response is sent.
    pub async fn send(&mut self, request: Request<Body>) -> TestResponse {
        let response = self.app.call_and_advance(request).await;
        self.store_cookies(&response);
        response
    }

    /// Stores the cookies of a response.
    pub fn store_cookies(&mut self, response: &TestResponse) {
        for line in response.cookies() {
            let (pair, attributes) = line.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    pub async fn get(&mut self, path: &str) -> TestResponse {
        let request = self.request(Method::GET, path).body(Body::empty()).unwrap();
        let response = self.app.call(request).await;
        self.store_cookies(&response);
        response
    }

    pub async fn post(&mut self, function: &str, fields: &[(&str, &str)]) -> TestResponse {
        let request = self.form(function, fields);
        self.send(request).await
    }

    /// Requests a code, and waits until it was sent or withheld.
    pub async fn request_code(&mut self, phone: &str) -> TestResponse {
        let response = self.post("send-code", &[("phone", phone)]).await;
        self.app.wait_for_sends().await;
        response
    }

    pub async fn submit_code(&mut self, code: &str) -> TestResponse {
        self.post("verify-code", &[("code", code)]).await
    }

    /// Submits a wrong code.
    pub async fn submit_wrong_code(&mut self, phone: &str) -> TestResponse {
        let wrong = different_code(&self.app.upstream.newest_code(phone).await);
        self.submit_code(&wrong).await
    }

    /// Requests a code, which succeeds or looks so.
    pub async fn start(&mut self, phone: &str) {
        self.request_code(phone).await.assert_next("/code");
    }

    /// Requests another code, which succeeds or looks so.
    pub async fn resend(&mut self) {
        self.post("resend-code", &[]).await.assert_next("/code");
    }

    /// The same, and waits until it was sent or withheld.
    pub async fn resend_and_wait(&mut self) {
        self.resend().await;
        self.app.wait_for_sends().await;
    }

    /// Submits a wrong code, which is refused. Returns the problem.
    pub async fn fail(&mut self, phone: &str) -> Value {
        let response = self.submit_wrong_code(phone).await;
        response.assert_code_refused()
    }

    /// Submits the newest code, which signs in.
    pub async fn finish(&mut self, phone: &str) {
        let code = self.app.upstream.newest_code(phone).await;
        self.submit_code(&code).await.assert_next("/account");
    }

    /// Signs up with a number, which signs in.
    pub async fn sign_up(&mut self, phone: &str) {
        let response = self.post("sign-up", &[("phone", phone)]).await;
        response.assert_next("/code");
        self.app.wait_for_sends().await;
        self.finish(phone).await;
    }

    /// Signs in with a number, whose user is created if necessary.
    pub async fn sign_in(&mut self, phone: &str) -> TestResponse {
        if self.app.upstream.messages(phone).await.is_empty() {
            self.app.upstream.set_user_status(phone, "Active").await;
        }
        self.request_code(phone).await;
        let code = self.app.upstream.newest_code(phone).await;
        let response = self.submit_code(&code).await;
        assert!(response.status.as_u16() < 400, "{}", response.body);
        response
    }

    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// The user's ID upstream.
    pub async fn user_id(&mut self) -> String {
        let session = self.get("/api/session").await.json();
        session["sub"].as_str().unwrap().to_owned()
    }

    /// Whether its session is active.
    pub async fn is_signed_in(&mut self) -> bool {
        match self.get("/api/session").await.status.as_u16() {
            200 => true,
            401 => false,
            other => panic!("/api/session: {other}"),
        }
    }
}

/// One request through the real router.
pub async fn oneshot(router: axum::Router, request: Request<Body>) -> axum::response::Response {
    router
        .oneshot(request)
        .await
        .unwrap_or_else(|never| match never {})
}
