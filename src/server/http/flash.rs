//! A refusal on its way to the next page, where there is no flow to remember it: a sealed cookie
//! that lives a minute.

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
/// Most bytes of a value: with name and attributes the cookie stays under 4096 (requirement K13).
const LARGEST: usize = 3900;
/// Longest text of a field that is carried.
const LONGEST_FIELD: usize = 400;

/// What the next page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    /// Why it could not be done.
    pub refusal: Refusal,
    /// What was typed.
    pub typed: FormInput,
    expires_at: Timestamp,
}

impl Flash {
    /// A flash that begins now.
    pub fn new(refusal: Refusal, typed: FormInput, now: Timestamp) -> Self {
        let cut = |text: String| text.chars().take(LONGEST_FIELD / 4).collect::<String>();
        let typed = FormInput {
            identifier: cut(typed.identifier),
            country: typed.country.map(cut),
            name: typed.name.map(cut),
            // A way back that was cut would lead elsewhere.
            return_to: typed
                .return_to
                .filter(|text| text.len() <= LONGEST_FIELD * 2),
            stay: typed.stay,
        };
        Self {
            refusal,
            typed,
            expires_at: now + LIFETIME,
        }
    }

    /// The cookie that carries it.
    pub fn cookie(&self, keys: &DerivedKeys) -> Option<CookieChange> {
        let encode = |flash: &Self| {
            keys.encrypt_json(CONTEXT, flash)
                .ok()
                .map(|sealed| URL_SAFE_NO_PAD.encode(sealed))
        };
        let value = encode(self).filter(|value| value.len() <= LARGEST);
        // What was typed is a comfort; the refusal is not.
        let bare = || {
            encode(&Self {
                refusal: self.refusal,
                typed: FormInput::default(),
                expires_at: self.expires_at,
            })
        };
        Some(CookieChange::Set(
            CookieName::Flash,
            value.or_else(bare)?,
            Some(LIFETIME),
        ))
    }

    /// Reads the cookie's value; nothing if it is not ours or too old.
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
    fn k13_lives_a_minute_and_stays_small() {
        let keys = DerivedKeys::derive(&[1; 32].into(), Random::system()).unwrap();
        let now = Timestamp::from_secs(1000);
        let long = "\u{1f600}\"\\".repeat(5000);
        let typed = FormInput {
            identifier: long.clone(),
            country: Some(long.clone()),
            name: Some(long.clone()),
            stay: true,
            return_to: Some(format!("/{}", "x".repeat(790))),
        };
        let flash = Flash::new(RefusalCode::InvalidPhone.into(), typed, now);
        let change = flash.cookie(&keys).unwrap();
        assert!(Cookies::new(true).header(&change).len() <= 4096);
        let CookieChange::Set(_, value, _) = change else {
            panic!()
        };
        assert_eq!(Flash::read(&value, &keys, now), Some(flash));
        assert_eq!(Flash::read(&value, &keys, now + LIFETIME), None);
        assert_eq!(Flash::read("junk", &keys, now), None);
    }
}
