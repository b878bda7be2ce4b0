//! The tenant's OTP policy (`loginPreferences`), with the vendor's defaults.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::state::channel::Channel;

/// Rules for one-time codes, the same for every user.
#[derive(Clone, Debug)]
pub struct OtpPolicy {
    /// Digits of a code: 4 to 8, default 6.
    pub otp_length: usize,
    /// Default 5 minutes.
    pub otp_lifetime: Duration,
    /// Failures of a user until the lock: 1 to 20, default 3.
    pub max_failures: u32,
    /// Default 15 minutes.
    pub lockout: Duration,
    /// Whether send is refused for a locked user too (`auth_locked`). Undocumented; default no.
    pub lock_refuses_send: bool,
    /// What differs for codes by e-mail.
    pub email: EmailPolicy,
    /// Which failures count together; undocumented, default all of a user.
    pub failure_count: FailureCount,
    /// Whether the application has the OTP method; if not, send responds
    /// `auth_login_preferences_missing`.
    pub otp_enabled: bool,
    /// Whether the SMS provider works; if not, send by SMS responds
    /// `external_provider_configuration_error`.
    pub sms_provider_configured: bool,
    /// Undocumented; default `request_id`.
    pub request_id: RequestIdSpelling,
    /// Whether every send returns a request id, which authenticate then requires.
    pub request_id_always: bool,
    /// Undocumented; default as for an ended session.
    pub disabled_user_session: DisabledUserSession,
    /// Whether the client may read the policy (`loginPreferences`); if not, that is 403.
    pub is_readable: bool,
    /// Fields that `loginPreferences` says instead of the true ones; `null` leaves one out.
    pub told_instead: Map<String, Value>,
}

/// The application's policy for codes by e-mail. What is not set is as for codes by SMS.
#[derive(Clone, Debug)]
pub struct EmailPolicy {
    /// Whether the application has the method; default yes.
    pub enabled: bool,
    pub length: Option<usize>,
    pub lifetime: Option<Duration>,
    pub max_failures: Option<u32>,
    pub lockout: Option<Duration>,
}

/// Which failures of a user count together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureCount {
    /// Those of all channels.
    #[default]
    Shared,
    /// Those of each channel by themselves.
    PerChannel,
}

/// The rules for the codes of one channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeRules {
    pub length: usize,
    pub lifetime: Duration,
    pub max_failures: u32,
    pub lockout: Duration,
}

impl CodeRules {
    /// The method in `loginPreferences`.
    fn to_json(self) -> Map<String, Value> {
        let minutes = |duration: Duration| {
            let minutes = duration.as_secs_f64() / 60.0;
            // A whole number is written without a fraction, as the vendor does.
            let whole = duration.as_secs() / 60;
            if Duration::from_secs(whole * 60) == duration {
                json!(whole)
            } else {
                json!(minutes)
            }
        };
        Map::from_iter([
            ("expiresIn".to_owned(), minutes(self.lifetime)),
            ("maxFailures".to_owned(), json!(self.max_failures)),
            ("lockoutDuration".to_owned(), minutes(self.lockout)),
            ("codeLength".to_owned(), json!(self.length)),
        ])
    }
}

impl OtpPolicy {
    /// The rules for the codes of a channel.
    pub fn rules(&self, channel: Channel) -> CodeRules {
        let of_sms = CodeRules {
            length: self.otp_length,
            lifetime: self.otp_lifetime,
            max_failures: self.max_failures,
            lockout: self.lockout,
        };
        let email = &self.email;
        match channel {
            Channel::Sms | Channel::Direct => of_sms,
            Channel::Email => CodeRules {
                length: email.length.unwrap_or(of_sms.length),
                lifetime: email.lifetime.unwrap_or(of_sms.lifetime),
                max_failures: email.max_failures.unwrap_or(of_sms.max_failures),
                lockout: email.lockout.unwrap_or(of_sms.lockout),
            },
        }
    }

    /// Whether the application has codes on a channel.
    pub fn has_channel(&self, channel: Channel) -> bool {
        self.otp_enabled && (channel != Channel::Email || self.email.enabled)
    }

    /// The methods of `loginPreferences`. One that is switched off is missing.
    pub fn to_login_preferences(&self) -> Value {
        let told = |channel| {
            let mut told = self.rules(channel).to_json();
            told.extend(self.told_instead.clone());
            told.retain(|_, value| !value.is_null());
            told
        };
        let mut methods = Map::new();
        if self.has_channel(Channel::Sms) {
            methods.insert("sms".to_owned(), told(Channel::Sms).into());
        }
        if self.has_channel(Channel::Email) {
            let mut email = told(Channel::Email);
            email.insert("message".to_owned(), json!({}));
            methods.insert("email_otp".to_owned(), email.into());
        }
        json!({ "result": { "auth_methods": methods } })
    }
}

/// How the response to a send spells the request id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RequestIdSpelling {
    /// `request_id`
    Snake,
    /// `requestId`
    Camel,
    /// Never returned: the tenant ignores the field.
    None,
    /// A call with the field is refused, as by a tenant that does not know it.
    Refused,
}

impl RequestIdSpelling {
    /// The name of the field.
    pub fn field_name(self) -> Option<&'static str> {
        match self {
            Self::Snake => Some("request_id"),
            Self::Camel => Some("requestId"),
            Self::None | Self::Refused => None,
        }
    }
}

/// How `session/authenticate` responds for a disabled user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DisabledUserSession {
    /// 200 with tokens.
    #[serde(rename = "alive")]
    Alive,
    /// 403 `user_not_active`
    #[serde(rename = "403")]
    Forbidden,
    /// 400 `Session not found`, as for an ended session.
    #[serde(rename = "400")]
    NotFound,
}

impl Default for OtpPolicy {
    fn default() -> Self {
        Self {
            otp_length: 6,
            otp_lifetime: Duration::from_secs(5 * 60),
            max_failures: 3,
            lockout: Duration::from_secs(15 * 60),
            lock_refuses_send: false,
            email: EmailPolicy {
                enabled: true,
                length: None,
                lifetime: None,
                max_failures: None,
                lockout: None,
            },
            failure_count: FailureCount::default(),
            otp_enabled: true,
            sms_provider_configured: true,
            request_id: RequestIdSpelling::Snake,
            request_id_always: false,
            disabled_user_session: DisabledUserSession::NotFound,
            is_readable: true,
            told_instead: Map::new(),
        }
    }
}
