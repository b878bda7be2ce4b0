//! The tenant's OTP policy (`loginPreferences`), with the vendor's defaults.

use std::time::Duration;

/// Rules of one-time codes, alike for every user.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Digits of a code: 4 to 8, default 6.
    pub otp_length: usize,
    /// How long a code is good: default 5 minutes.
    pub otp_lifetime: Duration,
    /// Failures of a user until the lock: 1 to 20, default 3.
    pub max_failures: u32,
    /// How long the lock lasts: default 15 minutes.
    pub lockout: Duration,
    /// Whether a locked user is refused at send too (`auth_locked`). The vendor does not say; default no.
    pub lock_refuses_send: bool,
    /// Whether the application has the OTP method; if not, send is `auth_login_preferences_missing`.
    pub otp_enabled: bool,
    /// Whether the SMS provider works; if not, sending an SMS is `external_provider_configuration_error`.
    pub sms_provider_configured: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            otp_length: 6,
            otp_lifetime: Duration::from_secs(5 * 60),
            max_failures: 3,
            lockout: Duration::from_secs(15 * 60),
            lock_refuses_send: false,
            otp_enabled: true,
            sms_provider_configured: true,
        }
    }
}
