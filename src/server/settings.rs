//! The settings: one TOML file, and environment variables of the same names (`transmit.client_id`
//! is `LATCHKEY_TRANSMIT__CLIENT_ID`). One file for each section.
//!
//! Everything is validated before anything starts. An error names the key and says what to do.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::domain::timestamp::Timestamp;
use crate::server::system::private_files;

mod address_header;
mod audit_file;
pub mod brand;
#[cfg(test)]
mod deploy_test;
pub mod forward_auth;
pub mod gateway;
pub mod guard;
pub mod human_duration;
pub mod known_keys;
mod list_rules;
pub mod load;
pub mod operations;
mod proxy_network;
#[cfg(test)]
mod reference_test;
pub mod sandbox;
pub mod secret;
pub mod secrets;
pub mod security_txt;
pub mod server;
pub mod session;
pub mod setting_key;
pub mod sign_in;
pub mod sign_up;
pub mod sources;
pub mod store;
mod table_or_text;
pub mod telemetry;
pub mod test_numbers;
pub mod text_table;
pub mod transmit;
pub mod webhooks;
mod whole_number;
pub mod written_time;

pub use brand::BrandSettings;
pub use forward_auth::ForwardAuthSettings;
pub use gateway::SmsGatewaySettings;
pub use guard::GuardSettings;
pub use human_duration::HumanDuration;
pub use load::{LoadError, load, load_with_sources};
pub use operations::OperationsSettings;
pub use sandbox::SandboxSettings;
pub use secret::Secret;
pub use secrets::SecretsSettings;
pub use security_txt::SecurityTxtSettings;
pub use server::ServerSettings;
pub use session::{SessionActivity, SessionCheck, SessionSettings};
pub use sign_in::{Fallback, SignInSettings};
pub use sign_up::{SignUpMode, SignUpSettings};
pub use sources::{SettingSource, SettingSources};
pub use store::{RedisServers, StoreEngine, StoreSettings};
pub use telemetry::TelemetrySettings;
pub use test_numbers::TestNumbersSettings;
pub use transmit::{
    EmailCodes, PasscodeLimits, PolicyDifference, PolicySource, PrivateKeyAlgorithm,
    TenantPolicies, TenantPolicy, TransmitRegion, TransmitSettings,
};
pub use webhooks::WebhooksSettings;

/// The key file in the data directory, where no setting names another.
pub const KEY_FILE: &str = "secrets.key";
/// The admin socket in the data directory.
pub const SOCKET_FILE: &str = "control.sock";

/// All settings, by section.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the names of the fields say it")]
pub struct Settings {
    pub server: ServerSettings,
    pub operations: OperationsSettings,
    pub store: StoreSettings,
    pub secrets: SecretsSettings,
    pub transmit: TransmitSettings,
    pub sign_in: SignInSettings,
    pub sign_up: SignUpSettings,
    pub session: SessionSettings,
    pub guard: GuardSettings,
    pub forward_auth: ForwardAuthSettings,
    pub brand: BrandSettings,
    pub security_txt: SecurityTxtSettings,
    pub telemetry: TelemetrySettings,
    pub gateway: SmsGatewaySettings,
    pub webhooks: WebhooksSettings,
    pub test_numbers: TestNumbersSettings,
    pub sandbox: SandboxSettings,
}

/// An error in the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The key, dotted: `transmit.client_id`.
    pub key: &'static str,
    /// What is wrong and what to do.
    pub text: String,
}

impl ConfigError {
    fn new(key: &'static str, text: impl Into<String>) -> Self {
        Self {
            key,
            text: text.into(),
        }
    }
}

impl ConfigError {
    /// The error with where the key is set: a line of the file, or a variable.
    pub fn describe(&self, sources: &SettingSources) -> String {
        format!(
            "{}: {} ({})",
            self.key,
            self.text,
            sources.describe(self.key)
        )
    }
}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.describe(&SettingSources::default()))
    }
}

impl Settings {
    /// All errors in the settings at `now`. Empty if the server may start.
    pub fn validate(&self, now: Timestamp) -> Vec<ConfigError> {
        let mut errors = Vec::new();
        self.server.validate(&mut errors);
        self.operations.validate(&mut errors);
        self.webhooks.validate(&mut errors);
        self.store.validate(&mut errors);
        self.secrets
            .validate(self.store.engine().ok().as_ref(), &mut errors);
        self.transmit.validate(&mut errors);
        self.sign_in.validate(&self.transmit, &mut errors);
        self.sign_in
            .senders
            .validate(&self.guard.countries, &mut errors);
        self.sign_up.validate(self.sign_in.identifier, &mut errors);
        self.session.validate(&mut errors);
        self.guard.validate(self.server.is_loopback(), &mut errors);
        self.forward_auth.validate(&self.server, &mut errors);
        let applications = &self.forward_auth.origins;
        self.brand
            .validate(&self.guard.countries, applications, &mut errors);
        self.security_txt.validate(&mut errors);
        self.telemetry.validate(&mut errors);
        self.gateway.validate(&mut errors);
        self.test_numbers.validate(self, now, &mut errors);
        self.validate_listeners(&mut errors);
        self.validate_audit_file(&mut errors);
        errors
    }

    /// Whether new users may sign up.
    pub fn is_sign_up_open(&self) -> bool {
        self.sign_up.is_open(self.sign_in.identifier)
    }

    /// The addresses that the server listens on, with their keys.
    pub fn listeners(&self) -> Vec<(&'static str, SocketAddr)> {
        let mut listeners = vec![
            ("server.address", self.server.address),
            ("operations.address", self.operations.address),
        ];
        if self.gateway.is_on() {
            listeners.push(("gateway.address", self.gateway.address));
        }
        listeners
    }

    fn validate_listeners(&self, errors: &mut Vec<ConfigError>) {
        let listeners = self.listeners();
        for (index, (key, address)) in listeners.iter().enumerate() {
            let mut earlier = listeners.iter().take(index);
            if let Some((other, taken)) = earlier.find(|(_, taken)| overlap(*taken, *address)) {
                let text = format!("{address} is taken by {other}, which is {taken}");
                errors.push(ConfigError::new(key, text));
            }
        }
    }

    /// The folder of the store's file, the key file and the admin socket.
    pub fn data_directory(&self) -> PathBuf {
        match self.store.engine() {
            Ok(StoreEngine::Redb(path)) => private_files::parent_folder(&path).to_owned(),
            _ => PathBuf::from("./data"),
        }
    }
}

/// Whether two listeners cannot both be bound. Port 0 is a different port each time.
fn overlap(one: SocketAddr, other: SocketAddr) -> bool {
    let covers = |wide: IpAddr, narrow: IpAddr| {
        wide.is_unspecified() && (wide.is_ipv6() || narrow.is_ipv4())
    };
    let (ip, other_ip) = (one.ip(), other.ip());
    one.port() == other.port()
        && one.port() != 0
        && (ip == other_ip || covers(ip, other_ip) || covers(other_ip, ip))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_listeners_of_one_port_are_an_error() {
        for (server, operations, is_error) in [
            ("127.0.0.1:3000", "127.0.0.1:3000", true),
            ("0.0.0.0:3000", "127.0.0.1:3000", true),
            ("127.0.0.1:3000", "[::]:3000", true),
            ("0.0.0.0:3000", "[::1]:3000", false),
            ("127.0.0.1:3000", "127.0.0.2:3000", false),
            ("127.0.0.1:3000", "127.0.0.1:3001", false),
            ("127.0.0.1:0", "127.0.0.1:0", false),
        ] {
            let mut settings = Settings::default();
            settings.server.address = server.parse().unwrap();
            settings.operations.address = operations.parse().unwrap();
            let mut errors = Vec::new();
            settings.validate_listeners(&mut errors);
            assert_eq!(!errors.is_empty(), is_error, "{server} {operations}");
        }
    }

    #[test]
    fn settings_that_would_lock_everyone_out_are_errors() {
        for (name, value, key) in [
            ("GUARD__COUNTRIES", "UK", "guard.countries"),
            ("GUARD__COUNTRIES", "XX,GB", "guard.countries"),
            ("GUARD__COUNTRIES", "gb", "guard.countries"),
            ("GUARD__COUNTRIES", "", "guard.countries"),
            ("GUARD__COOL_DOWN", "0s", "guard.cool_down"),
            ("SIGN_IN__ANSWER_AFTER", "1h", "sign_in.answer_after"),
            ("SIGN_IN__FLOW_LIFETIME", "1m", "sign_in.flow_lifetime"),
            ("BRAND__NAME", " ", "brand.name"),
        ] {
            let settings = load(
                None,
                std::iter::once((format!("LATCHKEY_{name}"), value.to_owned())),
            )
            .unwrap();
            let errors = settings.validate(Timestamp::default());
            assert!(
                errors.iter().any(|error| error.key == key),
                "{name}={value}"
            );
        }
    }
}
