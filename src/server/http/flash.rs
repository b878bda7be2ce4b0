//! The flash cookie. It is encrypted, and tells the next page of a refusal, or that the person has
//! signed out. The code page reads most refusals from its flow, and only the id of the refused
//! request from here.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::domain::timestamp::Timestamp;
use crate::domain::{Page, Refusal};
use crate::server::crypto::derived_keys::DerivedKeys;
use crate::server::http::cookies::{CookieChange, CookieName};
use crate::server::sign_in::FormInput;

const CONTEXT: &[u8] = b"latchkey flash v1";
const LIFETIME: Duration = Duration::from_secs(60);
/// Longest value in bytes: with name and attributes the cookie stays under 4096 (requirement K13).
const MAX_BYTES: usize = 3900;
/// Longest text of a field in bytes.
const MAX_FIELD_BYTES: usize = 400;
/// Longest identifier in bytes. The longest email address is shown again whole.
const MAX_IDENTIFIER_BYTES: usize = 320;

/// A refusal and the form's fields, which the next page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    /// The refusal; none after a sign-out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Refusal>,
    /// The fields of the form.
    pub typed: FormInput,
    /// The id of the refused request, which the page shows as a reference.
    #[serde(default)]
    pub request_id: Option<String>,
    /// The page that shows it. Earlier versions did not write it.
    #[serde(default)]
    page: Option<Page>,
    expires_at: Timestamp,
}

impl Flash {
    /// A flash for a page, which expires a minute from now.
    pub fn new(
        refusal: Refusal,
        typed: FormInput,
        page: Page,
        request_id: Option<String>,
        now: Timestamp,
    ) -> Self {
        let shorten = |text: String| text.chars().take(MAX_FIELD_BYTES / 4).collect::<String>();
        let typed = FormInput {
            identifier: shorten_bytes(typed.identifier, MAX_IDENTIFIER_BYTES),
            country: typed.country.map(shorten),
            name: typed.name.map(shorten),
            // It has a cookie of its own.
            return_to: None,
            stay: typed.stay,
            asked_number: typed.asked_number.map(shorten),
        };
        Self {
            refusal: Some(refusal),
            typed,
            request_id,
            page: Some(page),
            expires_at: now + LIFETIME,
        }
    }

    /// A flash that says that the person has signed out.
    pub fn signed_out(now: Timestamp) -> Self {
        Self {
            refusal: None,
            typed: FormInput::default(),
            request_id: None,
            page: None,
            expires_at: now + LIFETIME,
        }
    }

    /// Encrypts it into a cookie.
    pub fn to_cookie(&self, keys: &DerivedKeys) -> Option<CookieChange> {
        let encode = |flash: &Self| {
            keys.encrypt_json(CONTEXT, flash)
                .ok()
                .map(|sealed| URL_SAFE_NO_PAD.encode(sealed))
        };
        let value = encode(self).filter(|value| value.len() <= MAX_BYTES);
        // If all fields are too long for a cookie, the refusal alone fits.
        let without_fields = || {
            encode(&Self {
                typed: FormInput::default(),
                ..self.clone()
            })
        };
        Some(CookieChange::Set(
            CookieName::Flash,
            value.or_else(without_fields)?,
            Some(LIFETIME),
        ))
    }

    /// Decrypts a cookie's value; none if it is forged, has expired, or is for another page.
    pub fn read(value: &str, keys: &DerivedKeys, page: Page, now: Timestamp) -> Option<Self> {
        let sealed = URL_SAFE_NO_PAD.decode(value).ok()?;
        let flash: Self = keys.decrypt_json(CONTEXT, &sealed)?;
        let is_for_page = flash.page.is_none_or(|of| of == page);
        (is_for_page && now < flash.expires_at).then_some(flash)
    }
}

/// Cuts a text at a number of bytes, between two characters.
fn shorten_bytes(mut text: String, length: usize) -> String {
    text.truncate(text.floor_char_boundary(length));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::RefusalCode;
    use crate::server::http::cookies::Cookies;
    use crate::server::system::random::Random;

    #[test]
    fn k13_the_flash_expires_after_a_minute_and_fits_a_cookie() {
        let keys = DerivedKeys::derive(&[1; 32].into(), Random::system()).unwrap();
        let now = Timestamp::from_secs(1000);
        let long = "\u{1f600}\"\\".repeat(5000);
        let typed = FormInput {
            identifier: long.clone(),
            country: Some(long.clone()),
            name: Some(long.clone()),
            stay: true,
            asked_number: Some(long.clone()),
            return_to: Some(format!("/{}", "x".repeat(790))),
        };
        let id = Some("0123456789abcdef".to_owned());
        let flash = Flash::new(
            RefusalCode::InvalidPhone.into(),
            typed,
            Page::SignUp,
            id,
            now,
        );
        let change = flash.to_cookie(&keys).unwrap();
        assert!(Cookies::new(true).header(&change).len() <= 4096);
        let CookieChange::Set(_, value, _) = change else {
            panic!()
        };
        let read = |value: &str, page, now| Flash::read(value, &keys, page, now);
        assert_eq!(read(&value, Page::SignUp, now), Some(flash));
        assert_eq!(read(&value, Page::SignUp, now + LIFETIME), None);
        assert_eq!(read(&value, Page::Code, now), None);
        assert_eq!(read("junk", Page::SignUp, now), None);
    }

    #[test]
    fn the_longest_address_is_shown_again_whole() {
        for (typed, kept) in [
            ("a".repeat(254), 254),
            ("é".repeat(400), 320),
            (format!("a{}", "é".repeat(400)), 319),
        ] {
            assert_eq!(shorten_bytes(typed, MAX_IDENTIFIER_BYTES).len(), kept);
        }
    }
}
