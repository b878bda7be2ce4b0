//! `/control/policy`: the OTP policy.

use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::control::request::{ControlError, DurationInput, parse_body};
use crate::state::channel::Channel;
use crate::state::policy::{
    DisabledUserSession, EmailPolicy, FailureCount, OtpPolicy, RequestIdSpelling,
};
use crate::tenant::SharedTenant;

/// The longest lifetime and lockout.
const DAY: Duration = Duration::from_secs(24 * 3600);

/// The fields that change.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PolicyChange {
    pub otp_length: Option<usize>,
    pub otp_lifetime: Option<DurationInput>,
    pub max_failures: Option<u32>,
    pub lockout: Option<DurationInput>,
    pub email_enabled: Option<bool>,
    pub email_length: Option<usize>,
    pub email_lifetime: Option<DurationInput>,
    pub email_max_failures: Option<u32>,
    pub email_lockout: Option<DurationInput>,
    pub failure_count: Option<FailureCount>,
    pub lock_refuses_send: Option<bool>,
    pub otp_enabled: Option<bool>,
    pub sms_provider_configured: Option<bool>,
    pub request_id: Option<RequestIdSpelling>,
    pub request_id_always: Option<bool>,
    pub disabled_user_session: Option<DisabledUserSession>,
    pub is_readable: Option<bool>,
    pub told_instead: Option<Map<String, Value>>,
}

/// `PUT` changes the fields that are present. Codes that were already sent keep their deadline.
///
/// - `otp_length` (4 to 8, default 6), `otp_lifetime` (default 5 minutes), `max_failures` (1 to 20,
///   default 3), `lockout` (default 15 minutes): the tenant's OTP policy.
/// - `email_enabled` (default `true`): the application has codes by e-mail. `email_length`,
///   `email_lifetime`, `email_max_failures` and `email_lockout` are their policy, by default that
///   of codes by SMS.
/// - `failure_count` (`shared`, `per_channel`; default `shared`): which failures of a user count
///   together.
/// - `lock_refuses_send` (default `false`): send is refused for a locked user too.
/// - `otp_enabled` (default `true`): the application has the OTP method.
/// - `sms_provider_configured` (default `true`): the SMS provider works.
/// - `request_id` (`snake`, `camel`, `none`, `refused`; default `snake`): how the response of a
///   send spells the request id; `none` leaves it out, and `refused` is a tenant that does not know
///   the fields of requests for it.
/// - `request_id_always` (default `false`): every send returns a request id, and authenticate
///   needs it.
/// - `disabled_user_session` (`alive`, `403`, `400`; default `400`): how `session/authenticate`
///   responds for a disabled user. `400` is the response for an ended session.
/// - `is_readable` (default `true`): the client may read the policy (`loginPreferences`).
/// - `told_instead` (default `{}`): fields of `sms` and `email_otp` that `loginPreferences` says
///   instead of the true ones; `null` leaves one out.
pub async fn set(
    State(tenant): State<SharedTenant>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, ControlError> {
    let change: PolicyChange = parse_body(&headers, &body)?;
    let mut state = tenant.state();
    state.policy = change.apply(state.policy.clone())?;
    Ok(Json(to_json(&state.policy)))
}

/// `GET`
pub async fn show(State(tenant): State<SharedTenant>) -> Json<Value> {
    Json(to_json(&tenant.state().policy))
}

impl PolicyChange {
    /// The policy with these changes.
    ///
    /// # Errors
    /// A value is out of range.
    pub fn apply(self, old: OtpPolicy) -> Result<OtpPolicy, ControlError> {
        let in_range = |input: Option<DurationInput>, old: Duration| {
            let duration = input.map_or(Ok(old), |input| input.to_duration())?;
            (Duration::from_millis(1)..=DAY)
                .contains(&duration)
                .then_some(duration)
                .ok_or_else(|| ControlError("lifetimes and lockouts: 1 ms to 24 h".into()))
        };
        let changed = |input: Option<DurationInput>, old: Option<Duration>| match input {
            Some(input) => in_range(Some(input), Duration::ZERO).map(Some),
            None => Ok(old),
        };
        let policy = OtpPolicy {
            email: EmailPolicy {
                enabled: self.email_enabled.unwrap_or(old.email.enabled),
                length: self.email_length.or(old.email.length),
                lifetime: changed(self.email_lifetime, old.email.lifetime)?,
                max_failures: self.email_max_failures.or(old.email.max_failures),
                lockout: changed(self.email_lockout, old.email.lockout)?,
            },
            failure_count: self.failure_count.unwrap_or(old.failure_count),
            otp_length: self.otp_length.unwrap_or(old.otp_length),
            otp_lifetime: in_range(self.otp_lifetime, old.otp_lifetime)?,
            max_failures: self.max_failures.unwrap_or(old.max_failures),
            lockout: in_range(self.lockout, old.lockout)?,
            lock_refuses_send: self.lock_refuses_send.unwrap_or(old.lock_refuses_send),
            otp_enabled: self.otp_enabled.unwrap_or(old.otp_enabled),
            sms_provider_configured: self
                .sms_provider_configured
                .unwrap_or(old.sms_provider_configured),
            request_id: self.request_id.unwrap_or(old.request_id),
            request_id_always: self.request_id_always.unwrap_or(old.request_id_always),
            disabled_user_session: self
                .disabled_user_session
                .unwrap_or(old.disabled_user_session),
            is_readable: self.is_readable.unwrap_or(old.is_readable),
            told_instead: self.told_instead.unwrap_or(old.told_instead),
        };
        for channel in [Channel::Sms, Channel::Email] {
            let rules = policy.rules(channel);
            if !(4..=8).contains(&rules.length) {
                return Err(ControlError("otp_length and email_length: 4 to 8".into()));
            }
            if !(1..=20).contains(&rules.max_failures) {
                let sentence = "max_failures and email_max_failures: 1 to 20";
                return Err(ControlError(sentence.into()));
            }
        }
        Ok(policy)
    }
}

fn to_json(policy: &OtpPolicy) -> Value {
    let to_text = |duration: Duration| format!("{}ms", duration.as_millis());
    let email = policy.rules(Channel::Email);
    json!({
        "otp_length": policy.otp_length,
        "otp_lifetime": to_text(policy.otp_lifetime),
        "max_failures": policy.max_failures,
        "lockout": to_text(policy.lockout),
        "email_enabled": policy.email.enabled,
        "email_length": email.length,
        "email_lifetime": to_text(email.lifetime),
        "email_max_failures": email.max_failures,
        "email_lockout": to_text(email.lockout),
        "failure_count": policy.failure_count,
        "lock_refuses_send": policy.lock_refuses_send,
        "otp_enabled": policy.otp_enabled,
        "sms_provider_configured": policy.sms_provider_configured,
        "request_id": policy.request_id,
        "request_id_always": policy.request_id_always,
        "disabled_user_session": policy.disabled_user_session,
        "is_readable": policy.is_readable,
        "told_instead": policy.told_instead,
    })
}
