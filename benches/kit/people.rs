//! Sessions without an upstream: what the product would have been told of people who signed in.

use latchkey::domain::{Identifier, IdentifierType};
use latchkey::server::session::user_agent::UserAgent;
use latchkey::server::session::{NewSession, RevocationEpoch};
use latchkey::server::settings::{Secret, Settings};
use latchkey::server::system::clock::Clock;
use latchkey::server::transmit::{SessionId, VerifiedIdentity};

/// Who signed the tokens that nobody asks about.
pub const ISSUER: &str = "http://127.0.0.1:9";
/// The product's key.
pub const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// What settings need besides: an upstream, which nobody answers for, and a key.
pub fn complete(settings: &mut Settings) {
    settings.secrets.key = Some(Secret::new(KEY));
    settings.transmit.base_url = ISSUER.parse().ok();
    settings.transmit.issuer = Some(ISSUER.to_owned());
    settings.transmit.client_id = "benchmark".to_owned();
    settings.transmit.client_secret = Some(Secret::new("benchmark"));
}

/// A session as a phone in common use would have it.
pub fn person(number: usize) -> NewSession {
    const AGENT: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Safari/604.1";
    NewSession {
        identity: VerifiedIdentity {
            session_id: SessionId::new(format!("{number:032x}")),
            issuer: ISSUER.to_owned(),
            subject: format!("user-{number:016}"),
            amr: vec!["sms".to_owned()],
            auth_time: Clock::system().now(),
            roles: vec!["customer".to_owned(), "premium".to_owned()],
            phone_number: None,
        },
        identifier: Identifier::canonical(
            IdentifierType::PhoneNumber,
            format!("+447400{:06}", number % 1_000_000),
            None,
        ),
        after_revocation: RevocationEpoch::default(),
        stay: false,
        agent: UserAgent::of(Some(AGENT)),
        browser: format!("{number:064x}"),
        new_browser: true,
    }
}
