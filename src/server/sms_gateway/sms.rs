//! Parses a delivery as Transmit posts it: `{"phone_number","sender_id"?,"message"}`. Its values
//! are validated strictly; other fields are ignored.

use std::fmt;

use rlibphonenumber::PHONE_NUMBER_UTIL;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::domain::{Identifier, IdentifierType};
use crate::server::crypto::derived_keys::{DerivedKeys, IndexPurpose};
use crate::server::crypto::hash::Digest;
use crate::server::system::http_client::json;

/// Longest body that is read, in bytes.
pub(super) const MAX_BODY: usize = 4 * 1024;

/// Longest message, in characters: ten SMS segments, which is Twilio's limit.
const MAX_MESSAGE: usize = 1_600;

/// Longest sender, in characters. An alphanumeric one has 11, a number with its `+` has 16.
const MAX_SENDER: usize = 16;

/// Allowed number of digits of a number with its country code. The maximum is that of E.164 (§6.1).
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// A message to a phone. `Debug` is redacted.
pub(super) struct Sms {
    /// E.164, with `+`.
    pub to: String,
    /// The sender that Transmit asks for.
    pub sender: Option<String>,
    /// The text, which contains a passcode.
    pub text: Zeroizing<String>,
}

/// Why a delivery is invalid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InvalidDelivery {
    /// Not a JSON object with these fields.
    Body,
    /// Not a number in E.164.
    PhoneNumber,
    /// A sender that is empty, too long, or has control characters.
    SenderId,
    /// Empty, too long, or with control characters.
    Message,
}

impl InvalidDelivery {
    /// The error code in the response.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Body => "malformed_body",
            Self::PhoneNumber => "invalid_phone_number",
            Self::SenderId => "invalid_sender_id",
            Self::Message => "invalid_message",
        }
    }
}

#[derive(Deserialize)]
struct WireDelivery {
    phone_number: String,
    sender_id: Option<String>,
    message: String,
}

impl Sms {
    /// Parses a body.
    pub fn parse(body: &[u8]) -> Result<Self, InvalidDelivery> {
        // Serde would accept an array of the values as well.
        let object = Some(body)
            .filter(|body| body.trim_ascii_start().starts_with(b"{"))
            .ok_or(InvalidDelivery::Body)?;
        let wire: WireDelivery = json(object).ok_or(InvalidDelivery::Body)?;
        let text = Zeroizing::new(wire.message);
        if !is_e164(&wire.phone_number) {
            return Err(InvalidDelivery::PhoneNumber);
        }
        let sender = wire.sender_id.filter(|sender| !sender.is_empty());
        if sender.as_ref().is_some_and(|sender| !is_sender(sender)) {
            return Err(InvalidDelivery::SenderId);
        }
        if !is_message(&text) {
            return Err(InvalidDelivery::Message);
        }
        Ok(Self {
            to: wire.phone_number,
            sender,
            text,
        })
    }

    /// The number as an identifier, for the audit log.
    pub fn identifier(&self) -> Identifier {
        let number = PHONE_NUMBER_UTIL.parse(&self.to, None).ok();
        let country =
            number.and_then(|number| number.get_region_code().map(|region| region.to_string()));
        Identifier::canonical(IdentifierType::PhoneNumber, self.to.clone(), country)
    }

    /// The identity of a delivery: a keyed hash of number and text. A new code has a new text, so
    /// it is a new delivery.
    pub fn digest(&self, keys: &DerivedKeys) -> Digest {
        let value = Zeroizing::new([self.to.as_bytes(), b"\0", self.text.as_bytes()].concat());
        keys.index(IndexPurpose::Delivery, &value)
    }
}

impl fmt::Debug for Sms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sms(redacted)")
    }
}

/// `+` is required, because a national number could be mistaken for an international one.
fn is_e164(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        DIGITS.contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|b| b.is_ascii_digit())
    })
}

fn is_sender(text: &str) -> bool {
    text.chars().count() <= MAX_SENDER
        && !text.trim().is_empty()
        && !text.chars().any(char::is_control)
}

fn is_message(text: &str) -> bool {
    let is_printable = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    !text.trim().is_empty() && text.chars().count() <= MAX_MESSAGE && text.chars().all(is_printable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::system::random::Random;

    fn sms(number: &str, message: &str) -> Sms {
        let body = serde_json::json!({ "phone_number": number, "message": message }).to_string();
        Sms::parse(body.as_bytes()).unwrap()
    }

    #[test]
    fn deliveries_with_equal_number_and_text_are_the_same() {
        let keys = DerivedKeys::derive(&[1; 32].into(), Random::system()).unwrap();
        let digest = |number, text| sms(number, text).digest(&keys);
        assert_eq!(
            digest("+447400123456", "code 1"),
            digest("+447400123456", "code 1")
        );
        assert_ne!(
            digest("+447400123456", "code 1"),
            digest("+447400123456", "code 2")
        );
        assert_ne!(
            digest("+447400123456", "code 1"),
            digest("+447400123457", "code 1")
        );
    }

    #[test]
    fn l2_debug_shows_neither_number_nor_text() {
        assert_eq!(
            format!("{:?}", sms("+447400123456", "code 1")),
            "Sms(redacted)"
        );
        assert_eq!(sms("+447400123456", "x").identifier().country(), Some("GB"));
        assert_eq!(sms("+9991234567", "x").identifier().country(), None);
    }
}
