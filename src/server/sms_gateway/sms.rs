//! A delivery as upstream posts it: `{"phone_number","sender_id"?,"message"}`. Strict in what it
//! holds; other fields are upstream's business.

use std::fmt;

use rlibphonenumber::PHONE_NUMBER_UTIL;
use serde::Deserialize;
use zeroize::Zeroizing;

use crate::domain::{Identifier, IdentifierType};
use crate::server::crypto::derived_keys::{DerivedKeys, Digest, IndexPurpose};
use crate::server::system::http_client::json;

/// Longest body that is read, in bytes.
pub(super) const MAX_BODY: usize = 4 * 1024;

/// Longest message, in characters: ten parts of an SMS, and Twilio's bound.
const MAX_MESSAGE: usize = 1_600;

/// Longest sender, in characters: an alphanumeric one has 11, a number 16 with its `+`.
const MAX_SENDER: usize = 16;

/// Fewest and most digits of a number with its country code. The most is E.164's (§6.1).
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// One message on its way to one phone. `Debug` shows nothing of it.
pub(super) struct Sms {
    /// E.164, with `+`.
    pub to: String,
    /// What upstream would have as sender.
    pub sender: Option<String>,
    /// The text, which holds a passcode.
    pub text: Zeroizing<String>,
}

/// What is wrong with a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Malformed {
    /// Not a JSON object of this shape.
    Body,
    /// Not a number in E.164.
    PhoneNumber,
    /// A sender that no phone shows.
    SenderId,
    /// Empty, too long, or with control characters.
    Message,
}

impl Malformed {
    /// The word in answers.
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
struct Wire {
    phone_number: String,
    sender_id: Option<String>,
    message: String,
}

impl Sms {
    /// Reads a body.
    pub fn parse(body: &[u8]) -> Result<Self, Malformed> {
        // A list of values in the right order would pass for the object.
        let object = Some(body)
            .filter(|body| body.trim_ascii_start().starts_with(b"{"))
            .ok_or(Malformed::Body)?;
        let wire: Wire = json(object).ok_or(Malformed::Body)?;
        let text = Zeroizing::new(wire.message);
        if !is_e164(&wire.phone_number) {
            return Err(Malformed::PhoneNumber);
        }
        let sender = wire.sender_id.filter(|sender| !sender.is_empty());
        if sender.as_ref().is_some_and(|sender| !is_sender(sender)) {
            return Err(Malformed::SenderId);
        }
        if !is_message(&text) {
            return Err(Malformed::Message);
        }
        Ok(Self {
            to: wire.phone_number,
            sender,
            text,
        })
    }

    /// Whom it is about, as on every other record.
    pub fn identifier(&self) -> Identifier {
        let number = PHONE_NUMBER_UTIL.parse(&self.to, None).ok();
        let country =
            number.and_then(|number| number.get_region_code().map(|region| region.to_string()));
        Identifier::canonical(IdentifierType::PhoneNumber, self.to.clone(), country)
    }

    /// What makes two deliveries one: number and text. The text holds a code, so a new code is a
    /// new delivery.
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

/// `+` is demanded: without it nobody can tell a national number from an international one.
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
    let printable = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    !text.trim().is_empty() && text.chars().count() <= MAX_MESSAGE && text.chars().all(printable)
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
    fn two_deliveries_are_one_when_number_and_text_are() {
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
