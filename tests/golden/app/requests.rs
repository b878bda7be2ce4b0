//! The requests of browsers, of a proxy and of the tenant, and the operator's commands.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use http::header::COOKIE;
use http::{Method, Request};
use http_body_util::BodyExt;
use latchkey::server::admin::commands::{AdminCommand, run_command};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::config::{GATEWAY_KEY, ID, ISSUER, PROXY};
use super::{Answer, Browser, TestApp, until};

/// The fixed delay of an answer to a send, and of an answer that refuses a code.
const ANSWER_AFTER: Duration = Duration::from_secs(1);
const REFUSE_AFTER: Duration = Duration::from_millis(1500);

impl TestApp {
    /// Sends a request. The clock stands still until the decision is audit-logged and the send has
    /// ended; then it moves by the fixed delay, so that all times are the same in every run.
    async fn send(&self, browser: &mut Browser, origin: &str, request: Request<Body>) -> Answer {
        let delay = match request.uri().path() {
            "/api/send-code" | "/api/sign-up" | "/api/resend-code" => Some(ANSWER_AFTER),
            "/api/verify-code" => Some(REFUSE_AFTER),
            _ => None,
        };
        let before = self.decisions();
        let task = tokio::spawn(self.router.clone().oneshot(request));
        if let Some(delay) = delay {
            let decided = || self.decisions() > before && self.is_settled();
            until("a decision", async || task.is_finished() || decided()).await;
            if !task.is_finished() {
                self.hand.advance(delay);
            }
        }
        let (parts, body) = task.await.unwrap().unwrap().into_parts();
        let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        browser.keep(origin, &parts.headers);
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
        }
    }

    fn request(&self, browser: &Browser, method: Method, url: &str) -> http::request::Builder {
        let url = url::Url::parse(url).unwrap();
        let origin = url.origin().ascii_serialization();
        let cookies = browser.cookies.get(&origin).into_iter().flatten();
        let cookies: Vec<String> = cookies
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut request = Request::builder()
            .method(method)
            .uri(&url[url::Position::BeforePath..])
            .header("host", url.host_str().unwrap())
            .header("user-agent", &browser.agent)
            .header("accept-language", "en")
            .extension(ConnectInfo(SocketAddr::new(
                browser.address.parse().unwrap(),
                40_000,
            )));
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies.join("; "));
        }
        request
    }

    pub async fn get(&self, browser: &mut Browser, url: &str) -> Answer {
        let request = self
            .request(browser, Method::GET, url)
            .header("accept", "application/json");
        self.send(browser, &origin(url), request.body(Body::empty()).unwrap())
            .await
    }

    pub async fn page(&self, browser: &mut Browser, url: &str) -> Answer {
        let request = self
            .request(browser, Method::GET, url)
            .header("accept", "text/html");
        self.send(browser, &origin(url), request.body(Body::empty()).unwrap())
            .await
    }

    /// Posts a form with an `Origin` and an `Accept` header.
    pub async fn post_as(
        &self,
        browser: &mut Browser,
        (endpoint, fields): (&str, &[(&str, &str)]),
        (from, accept): (&str, &str),
    ) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = self
            .request(browser, Method::POST, &format!("{ID}/api/{endpoint}"))
            .header("accept", accept)
            .header("origin", from)
            .header("content-type", "application/x-www-form-urlencoded");
        self.send(browser, ID, request.body(Body::from(body)).unwrap())
            .await
    }

    pub async fn post(&self, b: &mut Browser, endpoint: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_as(b, (endpoint, fields), (ID, "application/json"))
            .await
    }

    pub async fn ask(&self, browser: &mut Browser, phone: &str) -> Answer {
        self.post(browser, "send-code", &[("phone", phone)]).await
    }

    pub async fn verify(&self, browser: &mut Browser, code: &str) -> Answer {
        self.post(browser, "verify-code", &[("code", code)]).await
    }

    /// The next sign-in is that of a user, by `sub`.
    pub async fn next_user(&self, subject: &str) {
        self.upstream
            .says(ISSUER, subject, self.clock.now().as_secs())
            .await;
    }

    /// The tokens of the next sign-in have a wrong issuer.
    pub async fn next_is_forged(&self, subject: &str) {
        self.upstream
            .says("https://evil.example", subject, self.clock.now().as_secs())
            .await;
    }

    /// Enters a wrong code of the right length.
    pub async fn guess(&self, browser: &mut Browser, phone: &str) -> Answer {
        let code = self.upstream.code(phone).await;
        let first = if code.starts_with('0') { '1' } else { '0' };
        self.verify(browser, &format!("{first}{}", &code[1..]))
            .await
    }

    /// A whole sign-in.
    pub async fn sign_in(&self, browser: &mut Browser, phone: &str, subject: &str) -> Answer {
        self.ask(browser, phone).await.next("/code");
        self.next_user(subject).await;
        let answer = self.verify(browser, &self.upstream.code(phone).await).await;
        answer.next("/account");
        answer
    }

    /// The body of `/api/session`, or `None` without a session.
    pub async fn session(&self, browser: &Browser) -> Option<Value> {
        let answer = self
            .get(&mut browser.clone(), &format!("{ID}/api/session"))
            .await;
        match answer.status {
            200 => Some(answer.json()),
            401 => None,
            _ => panic!("{answer:?}"),
        }
    }

    /// A proxy asks `/forward-auth` about an application, with the cookies of `origin`.
    pub async fn forward_auth(&self, browser: &Browser, origin: &str, application: &str) -> Answer {
        let host = application.strip_prefix("https://").unwrap();
        let mut proxy = Browser {
            address: PROXY.to_owned(),
            ..browser.clone()
        };
        proxy
            .cookies
            .insert(ID.to_owned(), browser.cookies.get(origin).cloned().unwrap());
        let request = self
            .request(&proxy, Method::GET, &format!("{ID}/forward-auth"))
            .header("accept", "application/json")
            .header("x-forwarded-proto", "https")
            .header("x-forwarded-host", host)
            .header("x-forwarded-uri", "/orders");
        self.send(&mut proxy, ID, request.body(Body::empty()).unwrap())
            .await
    }

    /// The tenant delivers a message to the SMS gateway.
    pub async fn deliver(&self, phone: &str, text: &str) -> u16 {
        let body = json!({ "phone_number": phone, "message": text }).to_string();
        let request = Request::post("/sms")
            .header("x-api-key", GATEWAY_KEY)
            .header("content-type", "application/json")
            .body(Body::from(body));
        let router = self.product.gateway.as_ref().unwrap().router();
        router
            .oneshot(request.unwrap())
            .await
            .unwrap()
            .status()
            .as_u16()
    }

    /// Runs an operator command, in JSON as on the control socket.
    pub async fn command(&self, command: Value) -> Value {
        let command: AdminCommand = serde_json::from_value(command).unwrap();
        serde_json::to_value(run_command(&self.product.admin_services(), &command).await).unwrap()
    }
}

fn origin(url: &str) -> String {
    url::Url::parse(url).unwrap().origin().ascii_serialization()
}
