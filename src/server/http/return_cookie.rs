//! The cookie that keeps a browser's return URL until it signs in.
//!
//! A flow keeps its return URL too, but there is not always a flow: it may have expired, the form
//! may have been refused, or the person may want to use another number. The latest request that
//! named a return URL counts.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::domain::timestamp::Timestamp;
use crate::server::http::cookies::{CookieChange, CookieName};
use crate::server::http::request_cookies::RequestCookies;
use crate::server::http::state::AppState;

const CONTEXT: &[u8] = b"latchkey return url v1";
/// Long enough to come back to a sign-in on the next day. The cookie also ends with the browser.
const LIFETIME: Duration = Duration::from_hours(24);

/// The value of the cookie. It is encrypted, because a return URL may say a lot about a person.
#[derive(Serialize, Deserialize)]
struct KeptReturnUrl {
    url: String,
    expires_at: Timestamp,
}

/// Whether a request has the cookie once, valid or not.
pub fn is_present(state: &AppState, request: &RequestCookies) -> bool {
    let cookies = state.site.cookies;
    cookies.value(request, CookieName::ReturnUrl).is_some()
}

/// The return URL of a browser. It is validated again, because the settings may have changed.
pub fn read(state: &AppState, request: &RequestCookies, now: Timestamp) -> Option<String> {
    let cookies = state.site.cookies;
    let value = cookies.value(request, CookieName::ReturnUrl)?;
    let ciphertext = URL_SAFE_NO_PAD.decode(value).ok()?;
    let kept: KeptReturnUrl = state.services.keys.decrypt_json(CONTEXT, &ciphertext)?;
    let policy = &state.services.sign_in.deps().return_urls;
    policy.validate(&kept.url).filter(|_| now < kept.expires_at)
}

/// Keeps a validated return URL. None if it cannot be encrypted.
pub fn keep(state: &AppState, url: String, now: Timestamp) -> Option<CookieChange> {
    let kept = KeptReturnUrl {
        url,
        expires_at: now + LIFETIME,
    };
    let ciphertext = state.services.keys.encrypt_json(CONTEXT, &kept).ok()?;
    let value = URL_SAFE_NO_PAD.encode(ciphertext);
    Some(CookieChange::Set(CookieName::ReturnUrl, value, None))
}
