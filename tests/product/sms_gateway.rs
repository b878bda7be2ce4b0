//! The complete path of a code with the product as the tenant's SMS gateway: product → sandbox →
//! gateway → Twilio stub → user → product.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::extract::{Form, Path, State};
use axum::routing::post;
use axum::{Json, Router};
use http::{HeaderMap, StatusCode};
use latchkey::server::settings::gateway::ProviderName;
use latchkey::server::settings::{Secret, Settings};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::binary::process::{ChildProcess, NetworkBrowser, TestEnvironment, run_command};
use crate::support::{KNOWN_PHONE, TestApp, wait_until};

const API_KEY: &str = "gateway-api-key-0000";
const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";

/// A Twilio stub: stores texts by number and responds like Twilio.
#[derive(Clone)]
pub struct Twilio {
    messages: Arc<Mutex<Vec<(String, String)>>>,
    address: SocketAddr,
}

impl Twilio {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let twilio = Self {
            messages: Arc::default(),
            address,
        };
        let path = "/2010-04-01/Accounts/{account}/Messages.json";
        let router = Router::new()
            .route(path, post(create))
            .with_state(twilio.clone());
        tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
        twilio
    }

    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn texts(&self, to: &str) -> Vec<String> {
        let messages = self.messages.lock().unwrap();
        messages
            .iter()
            .filter(|(number, _)| number == to)
            .map(|(_, text)| text.clone())
            .collect()
    }

    /// The six digits of the newest text, as a user reads them.
    fn code(&self, to: &str) -> String {
        let text = self.texts(to).pop().unwrap();
        let words = text.split(|c: char| !c.is_ascii_digit());
        words
            .into_iter()
            .find(|word| word.len() == 6)
            .unwrap()
            .to_owned()
    }
}

async fn create(
    State(twilio): State<Twilio>,
    Path(account): Path<String>,
    headers: HeaderMap,
    Form(fields): Form<Vec<(String, String)>>,
) -> (StatusCode, Json<Value>) {
    use base64::Engine as _;
    let credentials = base64::engine::general_purpose::STANDARD.encode(format!("{ACCOUNT}:token"));
    if account != ACCOUNT || headers["authorization"] != format!("Basic {credentials}") {
        return (
            StatusCode::UNAUTHORIZED,
            Json(json!({"code": 20003, "message": "Authenticate", "status": 401})),
        );
    }
    let field = |name: &str| {
        fields
            .iter()
            .find(|(known, _)| known == name)
            .unwrap()
            .1
            .clone()
    };
    assert_eq!(field("From"), "+12025550100");
    twilio
        .messages
        .lock()
        .unwrap()
        .push((field("To"), field("Body")));
    (
        StatusCode::CREATED,
        Json(json!({"sid": "SM0123456789abcdef0123456789abcdef", "status": "queued"})),
    )
}

pub fn use_gateway(settings: &mut Settings, twilio: &Twilio, token: &str) {
    settings.gateway.api_key = Some(Secret::new(API_KEY));
    settings.gateway.providers = vec![ProviderName::Twilio];
    settings.gateway.twilio.account_sid = ACCOUNT.to_owned();
    settings.gateway.twilio.auth_token = Some(Secret::new(token));
    settings.gateway.twilio.from = Some("+12025550100".to_owned());
    settings.gateway.twilio.base_url = twilio.base().parse().ok();
}

async fn app(twilio: &Twilio, token: &str) -> Arc<TestApp> {
    let app = TestApp::with_settings(|settings| use_gateway(settings, twilio, token)).await;
    register(&app).await;
    app
}

/// Registers the app's gateway at its own upstream.
pub async fn register(app: &TestApp) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/sms", listener.local_addr().unwrap());
    let router = app.product.gateway.as_ref().unwrap().router();
    tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
    app.upstream.register_gateway(&url, API_KEY).await;
}

#[tokio::test]
async fn a_code_sent_through_the_gateway_signs_in() {
    let twilio = Twilio::start().await;
    let app = app(&twilio, "token").await;
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    let mut browser = app.browser();
    browser.start(KNOWN_PHONE).await;
    app.wait_for_sends().await;
    assert_eq!(twilio.texts(KNOWN_PHONE).len(), 1);
    let code = twilio.code(KNOWN_PHONE);
    assert_eq!(code, app.upstream.newest_code(KNOWN_PHONE).await);
    assert_eq!(
        app.upstream.messages(KNOWN_PHONE).await[0]["delivery"],
        "delivered"
    );
    browser.submit_code(&code).await.assert_next("/account");
    assert!(browser.is_signed_in().await);

    let delivery = &app.audit.events_named("sms_delivery")[0];
    assert_eq!(
        (&delivery["outcome"], &delivery["provider"]),
        (&json!("accepted"), &json!("twilio"))
    );
    let sent = &app.audit.events_named("otp_send_result")[0];
    assert_eq!(delivery["subject"], sent["subject"], "one person, one hash");
    assert!(!app.audit.text().contains(&code));
}

#[tokio::test]
async fn a_gateway_failure_is_logged_and_not_disclosed() {
    let twilio = Twilio::start().await;
    let app = app(&twilio, "wrong").await;
    app.upstream.set_user_status(KNOWN_PHONE, "Active").await;
    app.browser().start(KNOWN_PHONE).await;
    app.wait_for_sends().await;
    assert_eq!(twilio.texts(KNOWN_PHONE).len(), 0);
    assert_eq!(
        app.upstream.messages(KNOWN_PHONE).await[0]["delivery"],
        "failed"
    );
    let delivery = &app.audit.events_named("sms_delivery")[0];
    assert_eq!(delivery["detail"], "twilio refused: status 401, code 20003");
    let sent = &app.audit.events_named("otp_send_result")[0];
    assert_eq!(sent["sent"], false);
    assert!(
        sent["detail"]
            .as_str()
            .unwrap()
            .contains("external_provider_configuration_error"),
        "{sent}"
    );
}

/// The variables that make a process a gateway.
pub fn variables(env: &TestEnvironment, twilio: &Twilio) -> Vec<(String, String)> {
    [
        ("ADDRESS", env.gateway.to_string()),
        ("API_KEY", API_KEY.to_owned()),
        ("PROVIDERS", "twilio".to_owned()),
        ("TWILIO__ACCOUNT_SID", ACCOUNT.to_owned()),
        ("TWILIO__AUTH_TOKEN", "token".to_owned()),
        ("TWILIO__FROM", "+12025550100".to_owned()),
        ("TWILIO__BASE_URL", twilio.base()),
    ]
    .map(|(name, value)| (format!("LATCHKEY_GATEWAY__{name}"), value))
    .to_vec()
}

/// Registers the process at its sandbox; returns the gateway's URL.
pub async fn register_process(env: &TestEnvironment) -> String {
    let url = format!("http://{}/sms", env.gateway);
    env.put_control("gateway", json!({ "url": url, "api_key": API_KEY }))
        .await;
    url
}

#[tokio::test]
async fn the_gateway_stops_after_the_last_send_is_delivered() {
    let twilio = Twilio::start().await;
    let env = TestEnvironment::new();
    let variables = variables(&env, &twilio);
    let mut server =
        ChildProcess::start_server_with(&env, &["serve", "--sandbox"], &variables).await;
    let url = register_process(&env).await;

    let mut person = NetworkBrowser::new(&env);
    person.sign_in(KNOWN_PHONE).await;
    assert_eq!(twilio.code(KNOWN_PHONE), person.code);
    let check = run_command(
        &env,
        &["check"],
        &[variables.clone(), env.upstream_variables()].concat(),
        "",
    );
    let table = String::from_utf8(check.stdout).unwrap();
    assert!(
        table.contains(&format!("OK    gateway      {url} by twilio")),
        "{table}"
    );
    assert!(table.contains("OK    request ids  asked for"), "{table}");
    assert!(!table.contains(API_KEY));

    // A send that starts only after the stop signal, because its user is still being created.
    let other = "+447400123457";
    env.put_control(
        "latency",
        json!({ "operation": "user_create", "ms": 1_500 }),
    )
    .await;
    assert_eq!(
        NetworkBrowser::new(&env)
            .post("sign-up", &[("phone", other)])
            .await
            .0,
        200
    );
    server.send_signal("TERM");
    wait_until("the end of the other listeners", async || {
        !env.is_up().await
    })
    .await;
    // The Twilio stub runs on this thread, which must not wait for the process itself.
    let server = tokio::task::spawn_blocking(move || (server.wait(), server));
    let (code, server) = server.await.unwrap();
    assert_eq!(code, Some(0));
    assert_eq!(twilio.texts(other).len(), 1);
    let events: Vec<Value> = server
        .stdout()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let count = |name: &str, field: &str, value: Value| {
        events
            .iter()
            .filter(|event| event["event"] == name && event[field] == value)
            .count()
    };
    assert_eq!(count("sms_delivery", "outcome", json!("accepted")), 2);
    assert_eq!(count("otp_send_result", "sent", json!(true)), 2);
    assert_eq!(events.last().unwrap()["event"], "sys_shutdown");
    assert!(!(server.stdout() + &server.stderr()).contains(API_KEY));
}
