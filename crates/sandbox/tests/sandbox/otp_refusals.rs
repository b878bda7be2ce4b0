//! Refusals of `otp/authenticate`.

use serde_json::Value;

pub const WRONG: (u16, &str) = (400, "auth_invalid_credentials");
pub const EXPIRED: (u16, &str) = (400, "auth_otp_passcode_expired");
pub const MALFORMED: (u16, &str) = (400, "system_invalid_input");
pub const LOCKED: (u16, &str) = (403, "auth_locked");
pub const INACTIVE: (u16, &str) = (403, "user_not_active");

/// Asserts status and error code of a refusal.
#[track_caller]
pub fn refused((status, body): &(u16, Value), expected: (u16, &str)) {
    let error_code = body["error_code"].as_str().unwrap_or_default();
    assert_eq!((*status, error_code), expected, "{body}");
    assert!(body["message"].is_string());
}
