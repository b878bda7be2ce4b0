//! A browser: keeps cookies, posts forms with or without a script, and comes from an address.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::body::Body;
use axum::extract::ConnectInfo;
use http::header::{ACCEPT, CONTENT_TYPE, COOKIE, HOST, ORIGIN, USER_AGENT};
use http::request::Builder;
use http::{Method, Request};
use tower::ServiceExt;

use crate::support::{Answer, World, different_code};

pub const AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0";

#[derive(Clone)]
pub struct Browser {
    pub world: Arc<World>,
    pub cookies: BTreeMap<String, String>,
    pub address: IpAddr,
    /// Whether it asks for pages, as forms without a script do.
    pub html: bool,
    pub language: &'static str,
}

impl Browser {
    pub fn new(world: &Arc<World>) -> Self {
        let address = world.next_address();
        Self {
            world: world.clone(),
            cookies: BTreeMap::new(),
            address,
            html: false,
            language: "en",
        }
    }

    pub fn at(mut self, address: &str) -> Self {
        self.address = address.parse().unwrap();
        self
    }

    pub fn without_script(mut self) -> Self {
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
            .header(HOST, self.world.host())
            .header(ACCEPT, accept)
            .header("accept-language", self.language)
            .header(USER_AGENT, AGENT)
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

    /// A form on its way to a door.
    pub fn form(&self, door: &str, fields: &[(&str, &str)]) -> Request<Body> {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.request(Method::POST, &format!("/api/{door}"))
            .header(ORIGIN, self.world.origin())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap()
    }

    /// Sends any request; the world's clock is moved until the answer leaves.
    pub async fn send(&mut self, request: Request<Body>) -> Answer {
        let answer = self.world.drive(request).await;
        self.keep(&answer);
        answer
    }

    /// Keeps what an answer says of cookies.
    pub fn keep(&mut self, answer: &Answer) {
        for line in answer.cookies() {
            let (pair, attributes) = line.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        let request = self.request(Method::GET, path).body(Body::empty()).unwrap();
        let answer = self.world.call(request).await;
        self.keep(&answer);
        answer
    }

    pub async fn post(&mut self, door: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self.form(door, fields);
        self.send(request).await
    }

    /// Asks for a code, and waits until it is on the phone or surely is not.
    pub async fn ask(&mut self, phone: &str) -> Answer {
        let answer = self.post("send-code", &[("phone", phone)]).await;
        self.world.settled().await;
        answer
    }

    pub async fn verify(&mut self, code: &str) -> Answer {
        self.post("verify-code", &[("code", code)]).await
    }

    /// Types a wrong code.
    pub async fn guess(&mut self, phone: &str) -> Answer {
        let wrong = different_code(&self.world.upstream.code(phone).await);
        self.verify(&wrong).await
    }

    /// Signs a user in, who is made if there is none.
    pub async fn sign_in(&mut self, phone: &str) -> Answer {
        if self.world.upstream.messages(phone).await.is_empty() {
            self.world.upstream.user(phone, "Active").await;
        }
        self.ask(phone).await;
        let code = self.world.upstream.code(phone).await;
        let answer = self.verify(&code).await;
        assert!(answer.status.as_u16() < 400, "{}", answer.body);
        answer
    }

    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// Whether its session lives.
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
