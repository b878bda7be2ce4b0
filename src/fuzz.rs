//! Fuzz targets: functions that take any bytes, must not panic, and assert what a parser promises.
//!
//! They exist in tests, which run the committed corpus and seeded mutations of it. With the feature
//! `fuzzing`, libFuzzer searches further (`cargo xtask fuzz`; see `crates/fuzz/README.md`).

use crate::server::crypto::opaque_token::Token;
use crate::server::http::handlers::application_host::fuzz as application_host;
use crate::server::http::request_cookies::fuzz as request_cookies;
use crate::server::sms_gateway::fuzz as sms_gateway;
use crate::server::transmit::fuzz as transmit;

use crate::fuzz_assertions::parse_twice;

#[cfg(test)]
mod mutator;
#[cfg(test)]
mod tests;

/// A fuzz target. It panics if a promise of the parser is broken.
pub type Target = fn(&[u8]);

/// Every target, with the name of its folder in `crates/fuzz/corpus`.
pub const TARGETS: [(&str, Target); 19] = [
    ("application_query", application_host::query),
    ("claims", transmit::claims),
    ("client_token", transmit::client_token),
    ("cookie_header", request_cookies::cookie_header),
    ("cookie_token", cookie_token),
    ("discovery", transmit::discovery),
    ("error_body", transmit::error_body),
    ("gateway_delivery", sms_gateway::delivery),
    ("gateway_twilio", sms_gateway::twilio),
    ("gateway_verification", sms_gateway::verification),
    ("gateway_webhook", sms_gateway::webhook),
    ("headers", transmit::headers),
    ("jwks", transmit::jwks),
    ("jws", transmit::jws),
    ("otp_sent", transmit::otp_sent),
    ("signature", transmit::signature),
    ("token_response", transmit::token_response),
    ("user", transmit::user),
    ("user_sessions", transmit::user_sessions),
];

/// The target with that name.
pub fn find_target(name: &str) -> Option<Target> {
    TARGETS
        .iter()
        .find(|(target_name, _)| *target_name == name)
        .map(|(_, target)| *target)
}

/// A token in a cookie: an accepted one has one encoding.
fn cookie_token(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Some(token) = parse_twice(|| Token::parse(text)) {
        assert_eq!(token.encode(), text);
    }
}
