//! The tenant's OTP policy (`loginPreferences`), with the vendor's defaults.

use std::time::Duration;

use serde::{Deserialize, Serialize};

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
    /// Whether a locked user is refused at send too (`auth_locked`). The vendor does not say;
    /// default no.
    pub lock_refuses_send: bool,
    /// Whether the application has the OTP method; if not, send is
    /// `auth_login_preferences_missing`.
    pub otp_enabled: bool,
    /// Whether the SMS provider works; if not, sending an SMS is
    /// `external_provider_configuration_error`.
    pub sms_provider_configured: bool,
    /// How the answer of a send spells the request id. The vendor does not say; default
    /// `request_id`.
    pub request_id: RequestId,
    /// Whether every send gives a request id, asked for or not; it is then needed at authenticate.
    pub request_id_always: bool,
    /// What `session/authenticate` says of a disabled user's session. The vendor does not say;
    /// default a dead session.
    pub disabled_user_session: DisabledUserSession,
}

/// How the answer of a send spells the request id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RequestId {
    /// `request_id`
    Snake,
    /// `requestId`
    Camel,
    /// There is none, asked for or not: a tenant older than the field.
    None,
}

impl RequestId {
    /// The name of the field, where there is one.
    pub fn spelling(self) -> Option<&'static str> {
        match self {
            Self::Snake => Some("request_id"),
            Self::Camel => Some("requestId"),
            Self::None => None,
        }
    }
}

/// What `session/authenticate` says of a disabled user's session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DisabledUserSession {
    /// It lives: 200 and tokens.
    #[serde(rename = "alive")]
    Alive,
    /// 403 `user_not_active`
    #[serde(rename = "403")]
    Forbidden,
    /// 400 `Session not found`, as of a dead one.
    #[serde(rename = "400")]
    NotFound,
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
            request_id: RequestId::Snake,
            request_id_always: false,
            disabled_user_session: DisabledUserSession::NotFound,
        }
    }
}
