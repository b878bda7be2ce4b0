//! The test application (the product over a sandbox, with a manual clock) and its browsers.
//!
//! All Rust identifiers of the product that these tests use are in this file, so that a rename of
//! the code changes this file alone. Settings (TOML), operator commands (JSON), cookies and paths
//! are used as text, because that text must not change.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt;
use latchkey::domain::timestamp::Timestamp;
use latchkey::domain::{IdentifierType, Page, RefusalCode};
use latchkey::server::admin::commands::{AdminCommand, run_command};
use latchkey::server::audit::{
    AuditLog, EndReason, Event, EventSource, Purpose, SignInFailure, SmsOutcome, TicketRefusal,
};
use latchkey::server::crypto::backup_keys::BackupKeys;
use latchkey::server::crypto::derived_keys::IndexPurpose;
use latchkey::server::settings::Settings;
use latchkey::server::store::redb::{RestoreError, RestoreOptions, inspect, restore};
use latchkey::server::store::{Key, Precondition, RecordKind, Store, metadata};
use latchkey::server::system::clock::{Clock, ClockHandle};
use latchkey::server::system::random::Random;
use latchkey::server::wiring::{Deps, Product, open_store};
use latchkey_sandbox::{self, CLIENT_ID, CLIENT_SECRET, Sandbox, SandboxOptions, TENANT_ID};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tower::ServiceExt;

use crate::layout::sha256;

/// The secret key of all fixtures. It is published and for tests only.
pub const KEY: &str = include_str!("fixtures/TEST-ONLY-secret-key.txt");
/// The public origin of the product, and two applications on other hosts.
pub const ID: &str = "https://id.example.com";
pub const APPLICATION: &str = "https://app.example.net";
pub const OTHER_APPLICATION: &str = "https://other.example.net";
/// The test number, whose messages the SMS gateway stores.
pub const TEST_NUMBER: &str = "+447400100009";
pub const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0";
pub const CHROME: &str = "Mozilla/5.0 (Linux; Android 16; K) Chrome/156.0 Mobile Safari/537.36";

const ISSUER: &str = "https://golden.userid.example";
const GATEWAY_KEY: &str = "gateway-key-of-golden-tests";
const PROXY: &str = "192.0.2.1";
/// The fixed delay of an answer to a send, and of an answer that refuses a code.
const ANSWER_AFTER: Duration = Duration::from_secs(1);
const REFUSE_AFTER: Duration = Duration::from_millis(1500);

/// The settings that differ between the test applications over one store.
#[derive(Clone)]
pub struct Config<'a> {
    pub store: String,
    pub key: &'a str,
    /// Further lines of `[guard]`.
    pub guard: String,
    /// When the test number ends.
    pub until: &'a str,
}

impl Config<'_> {
    pub fn new(store: &str) -> Self {
        Self {
            store: store.to_owned(),
            key: KEY.trim(),
            guard: String::new(),
            until: "2026-02-01",
        }
    }

    fn settings(&self, upstream: &Upstream) -> Settings {
        let Self {
            store,
            key,
            guard,
            until,
        } = self;
        let Upstream { base, webhook, .. } = upstream;
        let text = format!(
            r#"
            [server]
            public_url = "{ID}"
            trusted_proxies = ["{PROXY}/32"]
            [store]
            url = "{store}"
            timeout = "10s"
            [secrets]
            key = "{key}"
            [transmit]
            base_url = "{base}"
            issuer = "{ISSUER}"
            tenant_id = "{TENANT_ID}"
            client_id = "{CLIENT_ID}"
            client_secret = "{CLIENT_SECRET}"
            otp_length = 6
            otp_lifetime = "5m"
            otp_max_failures = 6
            otp_lockout = "15m"
            [sign_in]
            answer_after = "1s"
            refuse_after = ["1500ms", "5s", "10s"]
            [sign_up]
            mode = "open"
            [session]
            max_per_user = 3
            [guard]
            address_hourly = 3
            service_sign_ups_daily = 1
            alert_failures = 3
            {guard}
            [forward_auth]
            origins = ["{APPLICATION}", "{OTHER_APPLICATION}"]
            jwt = true
            phone = "full"
            require = {{ "{OTHER_APPLICATION}" = ["admin"] }}
            [gateway]
            api_key = "{GATEWAY_KEY}"
            providers = ["webhook"]
            webhook.url = "http://{webhook}/messages"
            [[test_numbers]]
            phone = "{TEST_NUMBER}"
            until = "{until}"
            "#
        );
        toml::from_str(&text).unwrap()
    }
}

/// The sandbox and its control API.
pub struct Upstream {
    _sandbox: Sandbox,
    base: String,
    /// The fake provider of the SMS gateway, which accepts every message.
    webhook: SocketAddr,
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

/// Sleeps in real time.
pub async fn pause() {
    Clock::system().sleep(Duration::from_millis(2)).await;
}

/// Waits in real time until a condition holds.
pub async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..10_000 {
        if holds().await {
            return;
        }
        pause().await;
    }
    panic!("waited in vain for {what}");
}

/// The audit log.
#[derive(Clone, Debug, Default)]
struct Capture(Arc<Mutex<Vec<u8>>>);

impl Write for Capture {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A browser: its cookies by origin, its address and its user agent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Browser {
    pub address: String,
    pub agent: String,
    pub cookies: BTreeMap<String, BTreeMap<String, String>>,
}

impl Browser {
    pub fn at(address: &str) -> Self {
        Self {
            address: address.to_owned(),
            agent: FIREFOX.to_owned(),
            cookies: BTreeMap::new(),
        }
    }

    pub fn cookie(&self, origin: &str, name: &str) -> Option<&str> {
        self.cookies.get(origin)?.get(name).map(String::as_str)
    }

    /// A cookie of the public origin.
    pub fn token(&self, name: &str) -> &str {
        self.cookie(ID, name).unwrap()
    }

    /// The public id of its session: the hash of the cookie in hexadecimal.
    pub fn session_id(&self) -> String {
        crate::layout::hex(&sha256(&crate::layout::base64(
            self.token("__Host-latchkey"),
        )))
    }

    fn keep(&mut self, origin: &str, headers: &HeaderMap) {
        let cookies = self.cookies.entry(origin.to_owned()).or_default();
        for line in headers.get_all(SET_COOKIE) {
            let (pair, attributes) = line.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map(|value| value.to_str().unwrap())
            .unwrap_or_default()
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Asserts the JSON answer that names the next page.
    #[track_caller]
    pub fn next(&self, to: &str) {
        assert_eq!((self.status, self.json()), (200, json!({ "next": to })));
    }

    /// Asserts a problem document and returns it.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        let problem = self.json();
        assert_eq!(
            (self.status, &problem["code"]),
            (status, &json!(code)),
            "{self:?}"
        );
        problem
    }
}

pub struct TestApp {
    pub upstream: Arc<Upstream>,
    pub store: Arc<dyn Store>,
    product: Product,
    router: Router,
    clock: Clock,
    hand: ClockHandle,
    audit: Capture,
}

impl TestApp {
    /// Opens the store that the configuration names. `at` is in milliseconds since the epoch.
    pub async fn start(config: &Config<'_>, at: u64) -> Self {
        let upstream = Arc::new(Upstream::start().await);
        let store = open_store(&config.settings(&upstream)).unwrap();
        Self::over(store, upstream, config, at)
    }

    pub fn over(
        store: Arc<dyn Store>,
        upstream: Arc<Upstream>,
        config: &Config<'_>,
        at: u64,
    ) -> Self {
        Self::with(Capture::default(), store, upstream, config, at)
    }

    /// Restarts the application at a later time and keeps its audit log.
    pub async fn restarted(self, config: &Config<'_>, at: u64) -> Self {
        let (audit, upstream) = (self.audit.clone(), self.upstream.clone());
        let (_, store) = self.end().await;
        Self::with(audit, store, upstream, config, at)
    }

    fn with(
        audit: Capture,
        store: Arc<dyn Store>,
        upstream: Arc<Upstream>,
        config: &Config<'_>,
        at: u64,
    ) -> Self {
        static EXECUTOR: OnceLock<()> = OnceLock::new();
        EXECUTOR.get_or_init(|| any_spawner::Executor::init_tokio().unwrap());
        let (clock, hand) = Clock::manual(Timestamp::from_millis(at));
        let settings = config.settings(&upstream);
        assert_eq!(settings.validate(clock.now()), []);
        let around = Deps {
            clock: clock.clone(),
            random: Random::system(),
            audit: AuditLog::to(audit.clone(), clock.clone()),
        };
        let product = Product::over(store.clone(), settings, around).unwrap();
        let router = product.router();
        Self {
            upstream,
            store,
            product,
            router,
            clock,
            hand,
            audit,
        }
    }

    /// Milliseconds since the epoch.
    pub fn now(&self) -> u64 {
        self.clock.now().as_millis()
    }

    pub fn advance(&self, seconds: u64) {
        self.hand.advance(Duration::from_secs(seconds));
    }

    /// Waits for background tasks. Returns the audit log and the store.
    pub async fn end(self) -> (Vec<Value>, Arc<dyn Store>) {
        self.product.close().await;
        (self.events(), self.store)
    }

    pub fn events(&self) -> Vec<Value> {
        let text = String::from_utf8(self.audit.0.lock().unwrap().clone()).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// The newest event with a name.
    pub fn last(&self, name: &str) -> Value {
        let found = self
            .events()
            .into_iter()
            .rfind(|event| event["event"] == name);
        found.unwrap_or_else(|| panic!("no event {name}"))
    }

    fn count(&self, is_meant: impl Fn(&Value) -> bool) -> usize {
        self.events().iter().filter(|event| is_meant(event)).count()
    }

    /// Whether every queued send has a result.
    fn is_settled(&self) -> bool {
        self.count(|event| event["decision"] == "queued")
            <= self.count(|event| event["event"] == "otp_send_result")
    }

    /// The number of decisions whose answers are sent after a fixed delay.
    fn decisions(&self) -> usize {
        self.count(|event| match event["event"].as_str() {
            Some("otp_requested") => event["decision"] != "refused",
            Some("authn_login_fail") => {
                event["reason"] != "tries_spent" && event["reason"] != "expired"
            }
            _ => false,
        })
    }

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

    /// Whether the store was last used with these keys; `None` for a new store.
    pub async fn has_these_keys(&self) -> Option<bool> {
        let mark = metadata::read_key_fingerprints(&*self.store)
            .await
            .unwrap()?;
        Some(
            mark.find_mismatch(&self.product.state.services.keys)
                .is_none(),
        )
    }

    pub async fn last_use(&self) -> u64 {
        metadata::read_last_use(&*self.store)
            .await
            .unwrap()
            .unwrap()
            .as_millis()
    }

    /// Writes the time of the last use, as the binary does every few minutes.
    pub async fn mark_use(&self) {
        metadata::write_last_use(&*self.store, self.clock.now())
            .await
            .unwrap();
    }

    /// Writes the store metadata and the audit events of a start and a stop, as the binary does.
    pub async fn mark(&self) {
        let keys = &self.product.state.services.keys;
        metadata::write_key_fingerprints(&*self.store, None, keys, self.clock.now())
            .await
            .unwrap();
        metadata::write_last_use(&*self.store, self.clock.now())
            .await
            .unwrap();
        let audit = |event: &Event| {
            self.product
                .state
                .audit
                .emit(&EventSource::default(), event)
        };
        let public_url = ID.to_owned();
        audit(&Event::Startup {
            version: "0",
            public_url,
            store: "redb",
            sandbox: false,
        });
        audit(&self.product.test_numbers.startup_event().unwrap());
        audit(&Event::Shutdown);
    }

    /// The keyed hashes of a value, by purpose.
    pub fn indexes(&self, value: &[u8]) -> Vec<(&'static str, [u8; 32])> {
        let keys = &self.product.state.services.keys;
        [
            ("identifier", IndexPurpose::Identifier),
            ("owner", IndexPurpose::Owner),
            ("form", IndexPurpose::Form),
            ("audit", IndexPurpose::Audit),
            ("device", IndexPurpose::Device),
            ("delivery", IndexPurpose::Delivery),
        ]
        .map(|(name, index)| (name, keys.index(index, value)))
        .to_vec()
    }

    /// The bytes and the expiry of a record. `kind` is its number in storage.
    pub async fn record(&self, kind: u8, id: [u8; 32]) -> Option<(Vec<u8>, u64)> {
        let key = Key {
            kind: RecordKind::from_repr(kind).unwrap(),
            id,
        };
        let record = self.store.get(key, self.clock.now()).await.unwrap()?;
        Some((record.bytes, record.expires_at.as_millis()))
    }

    pub async fn put(&self, kind: u8, id: [u8; 32], (bytes, expires_at): (Vec<u8>, u64)) {
        let key = Key {
            kind: RecordKind::from_repr(kind).unwrap(),
            id,
        };
        let (end, now) = (Timestamp::from_millis(expires_at), self.clock.now());
        self.store
            .put(key, None, Precondition::Any, bytes, end, now)
            .await
            .unwrap();
    }

    pub async fn sweep(&self) -> usize {
        self.store.sweep(self.clock.now(), 10_000).await.unwrap()
    }
}

fn origin(url: &str) -> String {
    url::Url::parse(url).unwrap().origin().ascii_serialization()
}

/// The numbers of sessions, records and counters of a backup, if it is complete.
pub fn inspected(backup: &Path) -> (u64, u64, u64) {
    let contents = inspect(backup, &BackupKeys::default()).unwrap().summary;
    (contents.sessions, contents.records, contents.counters)
}

/// Restores a backup without an authentication code, as docs/operators/backup.md says.
pub fn restored(backup: &Path, store: &Path, now: u64) {
    let (keys, now) = (BackupKeys::default(), Timestamp::from_millis(now));
    let mut options = RestoreOptions::default();
    let refused = restore(backup, store, options, &keys, now);
    assert!(matches!(refused, Err(RestoreError::Unauthenticated(_))));
    options.accept_unauthenticated = true;
    restore(backup, store, options, &keys, now).unwrap();
}

/// Words of stored enums that cannot be read, or are written otherwise.
pub fn unreadable_words() -> Vec<String> {
    fn check<T: DeserializeOwned + Serialize>(words: &str) -> Vec<String> {
        let is_unreadable = |word: &&str| {
            let read: Result<T, _> = serde_json::from_value(json!(word));
            read.map_or(true, |read| json!(read) != json!(word))
        };
        words
            .split_whitespace()
            .filter(is_unreadable)
            .map(str::to_owned)
            .collect()
    }
    [
        check::<RefusalCode>(
            "malformed_body too_large unsupported_media_type malformed invalid_phone \
             country_not_served invalid_code_format code_refused not_signed_in flow_expired \
             no_flow cross_origin forbidden slow_down unavailable",
        ),
        check::<Page>("sign_in sign_up code account sign_out"),
        check::<Purpose>("sign_in sign_up resend"),
        check::<EndReason>("sign_out revoked operator upstream replaced too_many expired"),
        check::<IdentifierType>("phone_number email user_id username"),
    ]
    .concat()
}

/// Words of audit events: why a code was refused, why a ticket was, and results of SMS deliveries.
pub fn audited_words() -> Vec<String> {
    let words = json!([
        SignInFailure::Refused,
        SignInFailure::NothingSent,
        SignInFailure::Limited,
        SignInFailure::TriesSpent,
        SignInFailure::Expired,
        SignInFailure::Upstream,
        SignInFailure::InvalidToken,
        SignInFailure::RaceLost,
        SignInFailure::Revoked,
        TicketRefusal::Unknown,
        TicketRefusal::Expired,
        TicketRefusal::OtherApplication,
        TicketRefusal::NoNonce,
        TicketRefusal::OtherBrowser,
        TicketRefusal::Ended,
        SmsOutcome::Accepted,
        SmsOutcome::Kept,
        SmsOutcome::Unknown,
        SmsOutcome::NotSent,
        SmsOutcome::Repeated,
    ]);
    serde_json::from_value(words).unwrap()
}
