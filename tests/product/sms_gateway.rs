//! The whole way of a code, with the product as the tenant's SMS gateway: product → sandbox →
//! gateway → Twilio, or what stands for it here → the person → product.

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

use crate::binary::process::{Person, Place, Process, run};
use crate::support::{KNOWN, World, wait_until};

const API_KEY: &str = "whole-way-key-0000";
const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";

/// What stands for Twilio: keeps texts by number, answers like the real one.
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

    /// The six digits of the newest text, as a person reads them.
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

pub fn through(settings: &mut Settings, twilio: &Twilio, token: &str) {
    settings.gateway.api_key = Some(Secret::new(API_KEY));
    settings.gateway.providers = vec![ProviderName::Twilio];
    settings.gateway.twilio.account_sid = ACCOUNT.to_owned();
    settings.gateway.twilio.auth_token = Some(Secret::new(token));
    settings.gateway.twilio.from = Some("+12025550100".to_owned());
    settings.gateway.twilio.base_url = twilio.base().parse().ok();
}

async fn world(twilio: &Twilio, token: &str) -> Arc<World> {
    let world = World::with(|settings| through(settings, twilio, token)).await;
    register(&world).await;
    world
}

/// Registers a world's product as gateway at its own upstream.
pub async fn register(world: &World) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/sms", listener.local_addr().unwrap());
    let router = world.product.gateway.as_ref().unwrap().router();
    tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
    world.upstream.gateway(&url, API_KEY).await;
}

#[tokio::test]
async fn a_code_goes_through_the_gateway_and_signs_in() {
    let twilio = Twilio::start().await;
    let world = world(&twilio, "token").await;
    world.upstream.user(KNOWN, "Active").await;
    let mut browser = world.browser();
    browser.ask(KNOWN).await.next("/code");
    world.settled().await;
    assert_eq!(twilio.texts(KNOWN).len(), 1);
    let code = twilio.code(KNOWN);
    assert_eq!(code, world.upstream.code(KNOWN).await);
    assert_eq!(
        world.upstream.messages(KNOWN).await[0]["delivery"],
        "delivered"
    );
    browser.verify(&code).await.next("/account");
    assert!(browser.is_signed_in().await);

    let delivery = &world.audit.events_named("sms_delivery")[0];
    assert_eq!(
        (&delivery["outcome"], &delivery["provider"]),
        (&json!("accepted"), &json!("twilio"))
    );
    let sent = &world.audit.events_named("otp_send_result")[0];
    assert_eq!(delivery["subject"], sent["subject"], "one person, one hash");
    assert!(!world.audit.text().contains(&code));
}

#[tokio::test]
async fn a_gateway_that_fails_is_the_operators_news_and_not_the_browsers() {
    let twilio = Twilio::start().await;
    let world = world(&twilio, "wrong").await;
    world.upstream.user(KNOWN, "Active").await;
    world.browser().ask(KNOWN).await.next("/code");
    world.settled().await;
    assert_eq!(twilio.texts(KNOWN).len(), 0);
    assert_eq!(
        world.upstream.messages(KNOWN).await[0]["delivery"],
        "failed"
    );
    let delivery = &world.audit.events_named("sms_delivery")[0];
    assert_eq!(delivery["detail"], "twilio refused: status 401, code 20003");
    let sent = &world.audit.events_named("otp_send_result")[0];
    assert_eq!(sent["sent"], false);
    assert!(
        sent["detail"]
            .as_str()
            .unwrap()
            .contains("external_provider_configuration_error"),
        "{sent}"
    );
}

/// What makes a process at a place a gateway.
pub fn variables(place: &Place, twilio: &Twilio) -> Vec<(String, String)> {
    [
        ("ADDRESS", place.gateway.to_string()),
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

/// Registers it at the sandbox beside it; where it is.
pub async fn register_process(place: &Place) -> String {
    let url = format!("http://{}/sms", place.gateway);
    place
        .control("gateway", json!({ "url": url, "api_key": API_KEY }))
        .await;
    url
}

#[tokio::test]
async fn the_process_is_a_gateway_until_its_last_send_is_delivered() {
    let twilio = Twilio::start().await;
    let place = Place::new();
    let variables = variables(&place, &twilio);
    let mut server = Process::begin(&place, &["serve", "--sandbox"], &variables);
    wait_until("the server", async || place.is_up().await).await;
    let url = register_process(&place).await;

    let mut person = Person::new(&place);
    person.sign_in(KNOWN).await;
    assert_eq!(twilio.code(KNOWN), person.code);
    let check = run(
        &place,
        &["check"],
        &[variables.clone(), place.upstream_variables()].concat(),
        "",
    );
    let table = String::from_utf8(check.stdout).unwrap();
    assert!(
        table.contains(&format!("ok    gateway      {url} by twilio")),
        "{table}"
    );
    assert!(!table.contains(API_KEY));

    // A send that begins only after the stop was asked for: its user is still being made then.
    let other = "+447400123457";
    place
        .control(
            "latency",
            json!({ "operation": "user_create", "ms": 1_500 }),
        )
        .await;
    assert_eq!(
        Person::new(&place)
            .post("sign-up", &[("phone", other)])
            .await
            .0,
        200
    );
    server.signal("TERM");
    wait_until("the end of the other listeners", async || {
        !place.is_up().await
    })
    .await;
    // What stands for Twilio runs on this thread, which must not wait for the process itself.
    let server = tokio::task::spawn_blocking(move || (server.wait(), server));
    let (code, server) = server.await.unwrap();
    assert_eq!(code, Some(0));
    assert_eq!(twilio.texts(other).len(), 1);
    let events: Vec<Value> = server
        .output()
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
    assert!(!(server.output() + &server.complaints()).contains(API_KEY));
}
