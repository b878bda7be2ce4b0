//! A gateway between a webhook and a Twilio of the test's own, on a clock that the test moves.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::{Method, Request};
use http_body_util::BodyExt;
use latchkey::domain::timestamp::Timestamp;
use latchkey::server::audit::{AuditLog, Pseudonyms};
use latchkey::server::crypto::derived_keys::DerivedKeys;
use latchkey::server::passcode_policy::CurrentLimits;
use latchkey::server::settings::gateway::ProviderName::{self, Twilio, Webhook};
use latchkey::server::settings::{self, Secret};
use latchkey::server::sms_gateway::{Gateway, GatewayDeps};
use latchkey::server::store::Store;
use latchkey::server::store::redb::{RedbOptions, RedbStore};
use latchkey::server::system::clock::{Clock, ClockHandle};
use latchkey::server::system::random::Random;
use latchkey::server::test_numbers::{self, TestNumbers};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::fake_provider::{Reply, StandIn};
use latchkey_testkit::log_capture::{LogCapture, process_logs};

pub const API_KEY: &str = "gateway-key-of-32-characters-000";
pub const BEARER: &str = "webhook-bearer-0000";
pub const ACCOUNT: &str = "AC0123456789abcdef0123456789abcdef";
pub const AUTH_TOKEN: &str = "twilio-auth-token-0000";
pub const FROM: &str = "+12025550100";
pub const PHONE: &str = "+447400123456";
pub const TEXT: &str = "Your Latchkey code is 482913.";

/// When every world begins: 2027-01-15T08:00:00Z.
pub const START: Timestamp = Timestamp::from_secs(1_800_000_000);

/// Webhook first, then Twilio.
pub const BOTH: [ProviderName; 2] = [Webhook, Twilio];

pub struct TestGateway {
    pub webhook: StandIn,
    pub twilio: StandIn,
    pub gateway: Gateway,
    pub test_numbers: TestNumbers,
    pub hand: ClockHandle,
    pub audit: LogCapture,
    router: Router,
}

/// What the gateway said.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub body: String,
    pub headers: http::HeaderMap,
}

impl Answer {
    pub fn error(&self) -> String {
        let body: Value = serde_json::from_str(&self.body).unwrap();
        body["error"].as_str().unwrap_or_default().to_owned()
    }
}

impl TestGateway {
    pub async fn new(providers: &[ProviderName]) -> Self {
        Self::with(providers, |_| {}).await
    }

    pub async fn with(
        providers: &[ProviderName],
        change: impl FnOnce(&mut settings::SmsGatewaySettings),
    ) -> Self {
        let store = Arc::new(RedbStore::in_memory(RedbOptions::default()).unwrap());
        Self::over(store, providers, |settings| change(&mut settings.gateway)).await
    }

    /// Over a store of the test's own.
    pub async fn over(
        store: Arc<dyn Store>,
        providers: &[ProviderName],
        change: impl FnOnce(&mut settings::Settings),
    ) -> Self {
        process_logs();
        let (webhook, twilio) = (StandIn::start().await, StandIn::start().await);
        webhook.answers(Reply::json(200, json!({ "id": "1" })));
        twilio.answers(created());
        let mut settings = settings::Settings::default();
        settings.gateway = settings::SmsGatewaySettings {
            api_key: Some(Secret::new(API_KEY)),
            providers: providers.to_vec(),
            webhook: settings::gateway::WebhookSettings {
                url: Some(format!("{}/send?to=phones", webhook.base).parse().unwrap()),
                bearer: Some(Secret::new(BEARER)),
                bearer_file: None,
            },
            twilio: settings::gateway::TwilioSettings {
                account_sid: ACCOUNT.to_owned(),
                auth_token: Some(Secret::new(AUTH_TOKEN)),
                from: Some(FROM.to_owned()),
                base_url: twilio.base.parse().ok(),
                ..settings::gateway::TwilioSettings::default()
            },
            ..settings::SmsGatewaySettings::default()
        };
        change(&mut settings);
        let (clock, hand) = Clock::manual(START);
        let capture = LogCapture::default();
        let audit = AuditLog::to(capture.clone(), clock.clone());
        let keys = Arc::new(DerivedKeys::derive(&[7; 32].into(), Random::system()).unwrap());
        let pseudonyms = Pseudonyms::new(store.clone(), keys.clone(), Random::system());
        let around = test_numbers::TestNumberDeps {
            store,
            keys: keys.clone(),
            clock: clock.clone(),
            audit: audit.clone(),
            pseudonyms: pseudonyms.clone(),
            limits: CurrentLimits::new(settings.transmit.passcode_limits(None)),
        };
        let test_numbers = TestNumbers::new(&settings, around);
        let around = GatewayDeps {
            clock,
            audit,
            pseudonyms,
            keys,
            test_numbers: test_numbers.clone(),
            senders: settings.sign_in.senders.clone(),
        };
        let gateway = Gateway::new(settings.gateway, around).unwrap();
        Self {
            router: gateway.router(),
            webhook,
            twilio,
            gateway,
            test_numbers,
            hand,
            audit: capture,
        }
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        read(self.router.clone(), request).await
    }

    pub async fn deliver(&self, text: &str) -> Answer {
        self.send(delivery(text)).await
    }

    /// A delivery whose caller may go away.
    pub fn begin(&self, text: &str) -> tokio::task::JoinHandle<Answer> {
        tokio::spawn(read(self.router.clone(), delivery(text)))
    }

    /// How often each provider was asked: webhook, Twilio.
    pub fn counts(&self) -> (usize, usize) {
        (self.webhook.count(), self.twilio.count())
    }

    /// The outcomes of deliveries on record.
    pub fn outcomes(&self) -> Vec<String> {
        self.audit
            .events_named("sms_delivery")
            .iter()
            .map(|event| event["outcome"].as_str().unwrap().to_owned())
            .collect()
    }
}

async fn read(router: Router, request: Request<Body>) -> Answer {
    let (parts, body) = router.oneshot(request).await.unwrap().into_parts();
    let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
    Answer {
        status: parts.status.as_u16(),
        body,
        headers: parts.headers,
    }
}

/// What Twilio answers when it takes a message.
pub fn created() -> Reply {
    Reply::json(
        201,
        json!({
            "sid": "SM0123456789abcdef0123456789abcdef", "status": "queued", "error_code": null,
        }),
    )
}

/// What Twilio answers when it does not.
pub fn problem(status: u16, code: u32) -> Reply {
    let page = format!("https://www.twilio.com/docs/errors/{code}");
    let message = format!("The 'To' number {PHONE} is not right");
    Reply::json(
        status,
        json!({"code": code, "message": message, "more_info": page, "status": status}),
    )
}

pub fn delivery(text: &str) -> Request<Body> {
    delivery_to(PHONE, text)
}

pub fn delivery_to(phone: &str, text: &str) -> Request<Body> {
    post(json!({"phone_number": phone, "sender_id": "Latchkey", "message": text}).to_string())
}

pub fn post(body: impl Into<Body>) -> Request<Body> {
    let request = Request::builder()
        .method(Method::POST)
        .uri("/sms")
        .header("x-api-key", API_KEY);
    request
        .header("content-type", "application/json")
        .body(body.into())
        .unwrap()
}
