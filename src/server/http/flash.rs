//! The flash cookie: what the next page says, encrypted: a refusal that no flow stores, or that the
//! person has signed out.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::domain::Refusal;
use crate::domain::timestamp::Timestamp;
use crate::server::crypto::derived_keys::DerivedKeys;
use crate::server::http::cookies::{CookieChange, CookieName};
use crate::server::sign_in::FormInput;

const CONTEXT: &[u8] = b"latchkey flash v1";
const LIFETIME: Duration = Duration::from_secs(60);
/// Longest value in bytes: with name and attributes the cookie stays under 4096 (requirement K13).
const MAX_BYTES: usize = 3900;
/// Longest text of a field in bytes.
const MAX_FIELD_BYTES: usize = 400;

/// A refusal and the form's fields, which the next page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    /// The refusal; none after a sign-out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Refusal>,
    /// The fields of the form.
    pub typed: FormInput,
    expires_at: Timestamp,
}

impl Flash {
    /// A flash that expires a minute from now.
    pub fn new(refusal: Refusal, typed: FormInput, now: Timestamp) -> Self {
        let shorten = |text: String| text.chars().take(MAX_FIELD_BYTES / 4).collect::<String>();
        let typed = FormInput {
            identifier: shorten(typed.identifier),
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
            expires_at: now + LIFETIME,
        }
    }

    /// A flash that says that the person has signed out.
    pub fn signed_out(now: Timestamp) -> Self {
        Self {
            refusal: None,
            typed: FormInput::default(),
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
                refusal: self.refusal,
                typed: FormInput::default(),
                expires_at: self.expires_at,
            })
        };
        Some(CookieChange::Set(
            CookieName::Flash,
            value.or_else(without_fields)?,
            Some(LIFETIME),
        ))
    }

    /// Decrypts a cookie's value; none if it is forged or has expired.
    pub fn read(value: &str, keys: &DerivedKeys, now: Timestamp) -> Option<Self> {
        let sealed = URL_SAFE_NO_PAD.decode(value).ok()?;
        let flash: Self = keys.decrypt_json(CONTEXT, &sealed)?;
        (now < flash.expires_at).then_some(flash)
    }
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
        let flash = Flash::new(RefusalCode::InvalidPhone.into(), typed, now);
        let change = flash.to_cookie(&keys).unwrap();
        assert!(Cookies::new(true).header(&change).len() <= 4096);
        let CookieChange::Set(_, value, _) = change else {
            panic!()
        };
        assert_eq!(Flash::read(&value, &keys, now), Some(flash));
        assert_eq!(Flash::read(&value, &keys, now + LIFETIME), None);
        assert_eq!(Flash::read("junk", &keys, now), None);
    }
}
