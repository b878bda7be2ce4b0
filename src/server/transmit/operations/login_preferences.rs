//! The passcode policy that the tenant has set for the application
//! (`GET /cis/loginPreferences/{app_id}`).

use std::time::Duration;

use serde_json::Value;

use crate::server::settings::{TenantPolicies, TenantPolicy};
use crate::server::transmit::Transmit;
use crate::server::transmit::operations::probe::ClientTokenFacts;
use crate::server::transmit::operations::users::check_id;
use crate::server::transmit::transport::deadline::Deadline;
use crate::server::transmit::transport::exchange::{self, UpstreamCall};
use crate::server::transmit::transport::failure::{Failure, FailureKind};
use crate::server::transmit::transport::operation::Operation;
use crate::server::transmit::transport::reason::Reason;
use crate::server::transmit::transport::{metrics, retry};

const OPERATION: Operation = Operation::LoginPreferences;

/// Why the tenant's policy is not known. `Display` says what an operator can do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// The tenant withholds it.
    #[error(
        "the tenant does not tell its passcode policy ({0}): give the client a role with the \
         permission apps:read, config:read or authentication-methods:read"
    )]
    Withheld(Failure),
    /// The tenant has no such application.
    #[error("the tenant has no policy for the application ({0}): check transmit.app_id")]
    NotFound(Failure),
    /// Upstream cannot be asked now.
    #[error("the tenant's passcode policy could not be read: {0}")]
    Failed(Failure),
    /// It is not known for which application to ask.
    #[error("the client token does not say its application: set transmit.app_id")]
    NoAppId,
    /// The application has no codes by SMS.
    #[error(
        "codes by SMS are switched off for the application: switch the method on in the portal"
    )]
    MethodOff,
    /// A value is missing or is not one that the vendor's documents allow.
    #[error("the tenant's passcode policy is not understood: its {0} is missing or out of range")]
    Implausible(&'static str),
}

impl PolicyError {
    /// Whether it may pass by itself, so that it is worth asking again soon.
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::Failed(_))
    }

    fn of(failure: Failure) -> Self {
        match (failure.kind, failure.status) {
            (FailureKind::Refused(Reason::MethodNotConfigured), _) => Self::MethodOff,
            (_, Some(401 | 403)) => Self::Withheld(failure),
            (_, Some(404)) => Self::NotFound(failure),
            _ => Self::Failed(failure),
        }
    }
}

impl Transmit {
    /// Reads the policy of the application: that of `transmit.app_id`, else of the client token.
    ///
    /// A 401 is no reason to replace the client token: a tenant may answer so where the client
    /// lacks the permission, and every sign-in needs the token.
    ///
    /// # Errors
    /// [`PolicyError`].
    pub async fn tenant_policy(&self) -> Result<TenantPolicies, PolicyError> {
        let shared = &*self.shared;
        let deadline = Deadline::after(&shared.clock, shared.timeout);
        let token = shared.client_token.get(&deadline).await.map_err(|cause| {
            let failure = Failure::not_written(OPERATION, FailureKind::NoClientToken);
            PolicyError::Failed(failure.caused_by(cause))
        })?;
        let app_id = shared.app_id.clone();
        let app_id = app_id
            .or_else(|| ClientTokenFacts::of(&token.bearer).app_id)
            .ok_or(PolicyError::NoAppId)?;
        check_id(OPERATION, &app_id).map_err(|_| PolicyError::NoAppId)?;
        let url = self.host_url(&["cis", "loginPreferences", &app_id]);
        let call = UpstreamCall::get(OPERATION, url);
        let attempt = || {
            shared.upstream.exchange(
                &call,
                Some(&token.bearer),
                &deadline,
                exchange::json::<Value>,
            )
        };
        let request = retry::retry(&deadline, OPERATION.retry(), &shared.random, attempt);
        let preferences = metrics::measure(OPERATION, request).await;
        read_policies(&preferences.map_err(PolicyError::of)?)
    }
}

/// The policies in a response. Without a usable one for codes by SMS there is none at all; one for
/// codes by e-mail that cannot be only means that none come by e-mail.
fn read_policies(preferences: &Value) -> Result<TenantPolicies, PolicyError> {
    let methods = preferences.pointer("/result/auth_methods");
    let methods = methods
        .and_then(Value::as_object)
        .ok_or(PolicyError::Implausible("list of methods"))?;
    // A method that is switched off is missing.
    let method = |name| methods.get(name).filter(|method| !method.is_null());
    Ok(TenantPolicies {
        sms: read_policy(method("sms").ok_or(PolicyError::MethodOff)?)?,
        email: method("email_otp").and_then(|email| read_policy(email).ok()),
    })
}

/// The policy of one method.
fn read_policy(method: &Value) -> Result<TenantPolicy, PolicyError> {
    let field = |name: &'static str| method.get(name).filter(|value| !value.is_null());
    let implausible = PolicyError::Implausible;
    let default = TenantPolicy::DEFAULT;
    let policy = TenantPolicy {
        lifetime: field("expiresIn")
            .and_then(minutes)
            .ok_or(implausible("expiresIn"))?,
        max_failures: field("maxFailures")
            .and_then(whole)
            .ok_or(implausible("maxFailures"))?,
        lockout: field("lockoutDuration")
            .map_or(Some(default.lockout), minutes)
            .ok_or(implausible("lockoutDuration"))?,
        length: field("codeLength")
            .map_or(Some(default.length), whole)
            .ok_or(implausible("codeLength"))?,
    };
    // One value out of range makes the others doubtful, so nothing of such a policy is used.
    match implausible_field(&policy) {
        Some(field) => Err(PolicyError::Implausible(field)),
        None => Ok(policy),
    }
}

fn implausible_field(policy: &TenantPolicy) -> Option<&'static str> {
    let default = TenantPolicy::DEFAULT;
    let alone = [
        (
            "expiresIn",
            TenantPolicy {
                lifetime: policy.lifetime,
                ..default
            },
        ),
        (
            "maxFailures",
            TenantPolicy {
                max_failures: policy.max_failures,
                ..default
            },
        ),
        (
            "lockoutDuration",
            TenantPolicy {
                lockout: policy.lockout,
                ..default
            },
        ),
        (
            "codeLength",
            TenantPolicy {
                length: policy.length,
                ..default
            },
        ),
    ];
    let implausible = alone.into_iter().find(|(_, one)| !one.is_plausible());
    implausible.map(|(field, _)| field)
}

/// Minutes, which may have a fraction; rounded to milliseconds.
fn minutes(value: &Value) -> Option<Duration> {
    let millis = (value.as_f64()? * 60_000.0).round();
    Duration::try_from_secs_f64(millis / 1000.0).ok()
}

fn whole<N: TryFrom<u64>>(value: &Value) -> Option<N> {
    value.as_u64().and_then(|number| number.try_into().ok())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(sms: Value) -> Result<TenantPolicy, PolicyError> {
        let preferences = json!({ "result": { "auth_methods": { "sms": sms, "other": 7 } } });
        read_policies(&preferences).map(|policies| policies.sms)
    }

    #[test]
    fn the_policy_is_in_minutes_and_missing_values_have_the_vendors_defaults() {
        let full = json!({ "expiresIn": 2, "maxFailures": 20, "lockoutDuration": 1.5,
            "codeLength": 8, "new": {} });
        let policy = TenantPolicy {
            length: 8,
            lifetime: Duration::from_secs(120),
            max_failures: 20,
            lockout: Duration::from_secs(90),
        };
        assert_eq!(told(full), Ok(policy));
        for sms in [
            json!({ "expiresIn": 5, "maxFailures": 3 }),
            json!({ "expiresIn": 5.0, "maxFailures": 3, "lockoutDuration": null,
                "codeLength": null }),
        ] {
            assert_eq!(told(sms), Ok(TenantPolicy::DEFAULT));
        }
    }

    #[test]
    fn nonsense_is_refused_as_a_whole() {
        let good = json!({ "expiresIn": 5, "maxFailures": 3, "lockoutDuration": 15,
            "codeLength": 6 });
        for (field, values) in [
            (
                "expiresIn",
                vec![json!(0), json!(-5), json!(1e300), json!("5"), Value::Null],
            ),
            (
                "maxFailures",
                vec![
                    json!(0),
                    json!(21),
                    json!(2.5),
                    json!(-1),
                    json!([3]),
                    Value::Null,
                ],
            ),
            (
                "lockoutDuration",
                vec![json!(0), json!(-15), json!(1e9), json!({})],
            ),
            (
                "codeLength",
                vec![json!(3), json!(9), json!(5.5), json!(-6), json!(true)],
            ),
        ] {
            for value in values {
                let mut sms = good.clone();
                sms[field] = value.clone();
                assert_eq!(told(sms), Err(PolicyError::Implausible(field)), "{value}");
            }
        }
        for sms in [json!("on"), json!([]), json!(7)] {
            assert_eq!(told(sms), Err(PolicyError::Implausible("expiresIn")));
        }
        for preferences in [
            json!({}),
            json!([]),
            json!({ "result": { "auth_methods": [] } }),
        ] {
            let error = PolicyError::Implausible("list of methods");
            assert_eq!(read_policies(&preferences), Err(error));
        }
    }

    #[test]
    fn a_method_that_is_missing_is_switched_off() {
        for methods in [
            json!({}),
            json!({ "sms": null }),
            json!({ "email_otp": {} }),
        ] {
            let preferences = json!({ "result": { "auth_methods": methods } });
            assert_eq!(read_policies(&preferences), Err(PolicyError::MethodOff));
        }
    }

    #[test]
    fn a_policy_of_codes_by_email_that_cannot_be_leaves_that_of_sms() {
        let sms = json!({ "expiresIn": 5, "maxFailures": 3 });
        let told = |email: Value| {
            let methods = json!({ "sms": sms, "email_otp": email });
            read_policies(&json!({ "result": { "auth_methods": methods } })).unwrap()
        };
        let email = json!({ "expiresIn": 10, "maxFailures": 2, "lockoutDuration": 60,
            "codeLength": 8, "message": { "subject": "x" } });
        let policy = TenantPolicy {
            length: 8,
            lifetime: Duration::from_secs(600),
            max_failures: 2,
            lockout: Duration::from_secs(3600),
        };
        assert_eq!(told(email.clone()).email, Some(policy));
        let mut odd = vec![Value::Null, json!("on"), json!([]), json!({}), json!(true)];
        for (field, value) in [("expiresIn", json!(0)), ("codeLength", json!(9))] {
            let mut one = email.clone();
            one[field] = value;
            odd.push(one);
        }
        for email in odd {
            let policies = told(email.clone());
            assert_eq!(
                (policies.email, policies.sms),
                (None, TenantPolicy::DEFAULT),
                "{email}"
            );
        }
    }
}
