//! Sessions without an upstream: what the product would store for people who signed in.

use latchkey::domain::{Identifier, IdentifierType};
use latchkey::server::session::user_agent::UserAgent;
use latchkey::server::session::{NewSession, RevocationEpoch};
use latchkey::server::settings::{Secret, Settings};
use latchkey::server::system::clock::Clock;
use latchkey::server::transmit::{SessionId, VerifiedIdentity};

/// The issuer of the tokens, which is never contacted.
pub const ISSUER: &str = "http://127.0.0.1:9";
/// The product's secret key.
pub const SECRET_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// Fills in the required settings: an upstream that does not exist, and a key.
pub fn fill_required_settings(settings: &mut Settings) {
    settings.secrets.key = Some(Secret::new(SECRET_KEY));
    settings.transmit.base_url = ISSUER.parse().ok();
    settings.transmit.issuer = Some(ISSUER.to_owned());
    settings.transmit.client_id = "benchmark".to_owned();
    settings.transmit.client_secret = Some(Secret::new("benchmark"));
}

/// A session as a common phone would create it.
pub fn new_session(number: usize) -> NewSession {
    const AGENT: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) \
                         AppleWebKit/605.1.15 Version/18.5 Safari/604.1";
    NewSession {
        identity: VerifiedIdentity {
            session_id: SessionId::new(format!("{number:032x}")),
            issuer: ISSUER.to_owned(),
            subject: format!("user-{number:016}"),
            amr: vec!["sms".to_owned()],
            last_auth: None,
            auth_time: Clock::system().now(),
            roles: vec!["customer".to_owned(), "premium".to_owned()],
            phone_number: None,
        },
        identifier: Identifier::canonical(
            IdentifierType::PhoneNumber,
            format!("+447400{:06}", number % 1_000_000),
            None,
        ),
        epoch: RevocationEpoch::default(),
        stay: false,
        agent: UserAgent::of(Some(AGENT)),
        device_id: format!("{number:064x}"),
        unrecognised_device: true,
    }
}
