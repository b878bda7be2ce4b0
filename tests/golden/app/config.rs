//! The settings of the test applications.

use latchkey::server::settings::Settings;
use latchkey_sandbox::{CLIENT_ID, CLIENT_SECRET, TENANT_ID};

use super::upstream::Upstream;

/// The secret key of all fixtures. It is published and for tests only.
pub const KEY: &str = include_str!("../fixtures/TEST-ONLY-secret-key.txt");
/// The public origin of the product, and two applications on other hosts.
pub const ID: &str = "https://id.example.com";
pub const APPLICATION: &str = "https://app.example.net";
pub const OTHER_APPLICATION: &str = "https://other.example.net";
/// The test number, whose messages the SMS gateway stores.
pub const TEST_NUMBER: &str = "+447400100009";

pub const ISSUER: &str = "https://golden.userid.example";
pub const GATEWAY_KEY: &str = "gateway-key-of-golden-tests";
pub const PROXY: &str = "192.0.2.1";

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

    pub fn settings(&self, upstream: &Upstream) -> Settings {
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
            generate_request_id = false
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
