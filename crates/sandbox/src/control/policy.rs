//! `/control/policy`

use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::control::{BadControl, Length, input};
use crate::tenant::Shared;
use crate::world::policy::{DisabledUserSession, Policy, RequestId};

/// Longest lifetime and lockout.
const DAY: Duration = Duration::from_secs(24 * 3600);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    otp_length: Option<usize>,
    otp_lifetime: Option<Length>,
    max_failures: Option<u32>,
    lockout: Option<Length>,
    lock_refuses_send: Option<bool>,
    otp_enabled: Option<bool>,
    sms_provider_configured: Option<bool>,
    request_id: Option<RequestId>,
    request_id_always: Option<bool>,
    disabled_user_session: Option<DisabledUserSession>,
}

/// `PUT` changes what is named and leaves the rest; codes that are out keep the deadline they were
/// sent with.
///
/// | field | values | default |
/// |---|---|---|
/// | `otp_length`, `otp_lifetime`, `max_failures`, `lockout` | the tenant's policy | 6, 5 min, 3, 15 min |
/// | `lock_refuses_send` | whether a locked user is refused at send too | `false` |
/// | `otp_enabled`, `sms_provider_configured` | whether the application has the method, and whether its provider works | `true` |
/// | `request_id` | how a send spells it: `snake`, `camel`; `none` gives none | `snake` |
/// | `request_id_always` | give one and insist on it, asked for or not | `false` |
/// | `disabled_user_session` | what `session/authenticate` says then: `alive`, `403`, `400` (as of a dead one) | `400` |
pub async fn set(
    State(tenant): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, BadControl> {
    let change: Change = input(&headers, &body)?;
    let mut world = tenant.world();
    world.policy = change.apply(world.policy.clone())?;
    Ok(Json(to_json(&world.policy)))
}

/// `GET` says what holds.
pub async fn show(State(tenant): State<Shared>) -> Json<Value> {
    Json(to_json(&tenant.world().policy))
}

impl Change {
    fn apply(self, old: Policy) -> Result<Policy, BadControl> {
        let between = |length: Option<Length>, former: Duration| {
            let duration = length.map_or(Ok(former), |length| length.duration())?;
            let sensible = (Duration::from_millis(1)..=DAY).contains(&duration);
            sensible
                .then_some(duration)
                .ok_or_else(|| BadControl("otp_lifetime and lockout: 1 ms to 24 h".into()))
        };
        let policy = Policy {
            otp_length: self.otp_length.unwrap_or(old.otp_length),
            otp_lifetime: between(self.otp_lifetime, old.otp_lifetime)?,
            max_failures: self.max_failures.unwrap_or(old.max_failures),
            lockout: between(self.lockout, old.lockout)?,
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
        };
        if !(4..=8).contains(&policy.otp_length) {
            return Err(BadControl("otp_length: 4 to 8".into()));
        }
        if !(1..=20).contains(&policy.max_failures) {
            return Err(BadControl("max_failures: 1 to 20".into()));
        }
        Ok(policy)
    }
}

fn to_json(policy: &Policy) -> Value {
    let in_words = |length: Duration| format!("{}ms", length.as_millis());
    json!({
        "otp_length": policy.otp_length,
        "otp_lifetime": in_words(policy.otp_lifetime),
        "max_failures": policy.max_failures,
        "lockout": in_words(policy.lockout),
        "lock_refuses_send": policy.lock_refuses_send,
        "otp_enabled": policy.otp_enabled,
        "sms_provider_configured": policy.sms_provider_configured,
        "request_id": policy.request_id,
        "request_id_always": policy.request_id_always,
        "disabled_user_session": policy.disabled_user_session,
    })
}
