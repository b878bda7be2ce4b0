//! Settings: one TOML file and variables of the same names (`transmit.client_id` is
//! `LATCHKEY_TRANSMIT__CLIENT_ID`). One file a section. Everything is validated before anything
//! starts; a complaint names the key and says what to do.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::domain::timestamp::Timestamp;
use crate::server::system::private_files;

pub mod brand;
pub mod forward_auth;
pub mod gateway;
pub mod guard;
pub mod human_duration;
pub mod load;
pub mod operations;
pub mod sandbox;
pub mod secret;
pub mod secrets;
pub mod server;
pub mod session;
pub mod sign_in;
pub mod sign_up;
pub mod store;
pub mod telemetry;
pub mod test_numbers;
pub mod transmit;

pub use brand::BrandSettings;
pub use forward_auth::ForwardAuthSettings;
pub use gateway::SmsGatewaySettings;
pub use guard::GuardSettings;
pub use human_duration::HumanDuration;
pub use load::{LoadError, load};
pub use operations::OperationsSettings;
pub use sandbox::SandboxSettings;
pub use secret::Secret;
pub use secrets::SecretsSettings;
pub use server::ServerSettings;
pub use session::{SessionActivity, SessionCheck, SessionSettings};
pub use sign_in::SignInSettings;
pub use sign_up::{SignUpMode, SignUpSettings};
pub use store::{Engine, RedisServers, StoreSettings};
pub use telemetry::TelemetrySettings;
pub use test_numbers::TestNumbersSettings;
pub use transmit::{PrivateKeyAlgorithm, Region, TransmitSettings};

/// Everything that can be set.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The public listener and what is believed of a request.
    pub server: ServerSettings,
    /// The operations listener.
    pub operations: OperationsSettings,
    /// Where state rests.
    pub store: StoreSettings,
    /// Our own key.
    pub secrets: SecretsSettings,
    /// The tenant upstream.
    pub transmit: TransmitSettings,
    /// The way of a sign-in.
    pub sign_in: SignInSettings,
    /// Whether new users may come.
    pub sign_up: SignUpSettings,
    /// How long a session lives.
    pub session: SessionSettings,
    /// Limits.
    pub guard: GuardSettings,
    /// Applications behind.
    pub forward_auth: ForwardAuthSettings,
    /// Name and look.
    pub brand: BrandSettings,
    /// Logs and events.
    pub telemetry: TelemetrySettings,
    /// The custom SMS gateway.
    pub gateway: SmsGatewaySettings,
    /// Numbers whose messages no provider is asked to carry.
    pub test_numbers: TestNumbersSettings,
    /// The stand-in for Transmit.
    pub sandbox: SandboxSettings,
}

/// One thing that is wrong with the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The key, dotted: `transmit.client_id`.
    pub key: &'static str,
    /// What is wrong and what to do, in words.
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

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let variable = self.key.to_uppercase().replace('.', "__");
        write!(
            f,
            "{}: {} (variable LATCHKEY_{variable})",
            self.key, self.text
        )
    }
}

impl Settings {
    /// Everything that is wrong at `now`, all at once. Empty when the product may start.
    pub fn complaints(&self, now: Timestamp) -> Vec<ConfigError> {
        let mut complaints = Vec::new();
        self.server.complaints(&mut complaints);
        self.operations.complaints(&mut complaints);
        self.store.complaints(&mut complaints);
        self.secrets
            .complaints(self.store.engine().ok().as_ref(), &mut complaints);
        self.transmit.complaints(&mut complaints);
        self.sign_in.complaints(&self.transmit, &mut complaints);
        self.session.complaints(&mut complaints);
        self.guard
            .complaints(self.server.is_loopback(), &mut complaints);
        self.forward_auth.complaints(&self.server, &mut complaints);
        self.brand.complaints(&mut complaints);
        self.telemetry.complaints(&mut complaints);
        self.gateway.complaints(&mut complaints);
        self.test_numbers.complaints(self, now, &mut complaints);
        complaints
    }

    /// The folder that holds state, the key file and the control socket.
    pub fn data_directory(&self) -> PathBuf {
        match self.store.engine() {
            Ok(Engine::Redb(path)) => private_files::folder_of(&path).to_owned(),
            _ => PathBuf::from("./data"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_shut_everybody_out_is_complained_about() {
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
            let complaints = settings.complaints(Timestamp::default());
            assert!(
                complaints.iter().any(|complaint| complaint.key == key),
                "{name}={value}"
            );
        }
    }

    /// Every key that can be set, dotted.
    fn keys() -> Vec<String> {
        let reference = include_str!("../../docs/settings.md");
        reference
            .lines()
            .filter_map(|line| {
                line.strip_prefix("| `")?
                    .split('`')
                    .next()
                    .map(str::to_owned)
            })
            .collect()
    }

    #[test]
    fn the_reference_names_every_key() {
        let mut sections = vec![(
            String::new(),
            toml::Table::try_from(Settings::default()).unwrap(),
        )];
        while let Some((section, table)) = sections.pop() {
            for (name, value) in table {
                match value {
                    toml::Value::Table(inner) => {
                        sections.push((format!("{section}{name}."), inner))
                    }
                    _ => {
                        let key = format!("{section}{name}");
                        assert!(
                            keys().contains(&key),
                            "docs/settings.md does not name {key}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn the_reference_names_no_other_key() {
        for key in keys() {
            let variable = format!("LATCHKEY_{}", key.to_uppercase().replace('.', "__"));
            // Whatever the value is worth, a key that exists is not unknown.
            let error = load(None, std::iter::once((variable, "\u{0}".to_owned())))
                .err()
                .map(|error| error.to_string());
            assert!(
                !error.unwrap_or_default().contains("unknown field"),
                "{key}"
            );
        }
    }
}
