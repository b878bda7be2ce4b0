//! Fuzz targets: one function for each parser of bytes from outside, upstream's and strangers'. A
//! target takes any bytes, must not panic, and asserts what the parser promises. Compiled for
//! tests, where a committed corpus and seeded mutations of it are run, and with the feature
//! `fuzzing`, where libFuzzer looks for more (`cargo xtask fuzz`; see `fuzz/README.md`).

use serde::de::IgnoredAny;

use crate::server::crypto::opaque_token::Token;
use crate::server::http::handlers::application_host::fuzz as application;
use crate::server::sms_gateway::fuzz as gateway;
use crate::server::transmit::fuzz as transmit;

#[cfg(test)]
mod mutate;
#[cfg(test)]
mod tests;

/// Takes any bytes; panics if a promise is broken.
pub type Target = fn(&[u8]);

/// Every target, by the name of its folder in `fuzz/corpus`.
pub const TARGETS: [(&str, Target); 18] = [
    ("application_query", application::query),
    ("claims", transmit::claims),
    ("client_token", transmit::client_token),
    ("cookie_token", cookie_token),
    ("discovery", transmit::discovery),
    ("error_body", transmit::error_body),
    ("gateway_delivery", gateway::delivery),
    ("gateway_twilio", gateway::twilio),
    ("gateway_verification", gateway::verification),
    ("gateway_webhook", gateway::webhook),
    ("headers", transmit::headers),
    ("jwks", transmit::jwks),
    ("jws", transmit::jws),
    ("otp_sent", transmit::otp_sent),
    ("signature", transmit::signature),
    ("token_answer", transmit::token_answer),
    ("user", transmit::user),
    ("user_sessions", transmit::user_sessions),
];

/// The target of that name.
pub fn target(name: &str) -> Option<Target> {
    TARGETS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, target)| *target)
}

/// What a parser gives, and that it gives it again.
pub(crate) fn same_twice<T: PartialEq + std::fmt::Debug>(parse: impl Fn() -> T) -> T {
    let first = parse();
    assert_eq!(first, parse(), "the second reading differs");
    first
}

/// The same of a parser of JSON; what it takes must be one, all of it.
pub(crate) fn json_twice<T: PartialEq + std::fmt::Debug>(
    bytes: &[u8],
    parse: impl Fn(&[u8]) -> Option<T>,
) -> Option<T> {
    let read = same_twice(|| parse(bytes));
    let is_json = || {
        std::str::from_utf8(bytes)
            .is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok())
    };
    assert!(read.is_none() || is_json(), "taken, and no JSON");
    read
}

/// A cookie of ours is read in one spelling alone.
fn cookie_token(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Some(token) = same_twice(|| Token::parse(text)) {
        assert_eq!(token.encode(), text);
    }
}
