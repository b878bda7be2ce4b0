//! Looks up one number for the support team: what the next code and the next attempt would meet,
//! and what happened lately.
//!
//! It answers "no code arrives" without a search through logs: whether a code was asked for,
//! withheld by a limit, or refused upstream, and until when.

use serde::{Deserialize, Serialize};

use crate::domain::timestamp::Timestamp;
use crate::server::admin::identifier_input::parse_identifier;
use crate::server::admin::personal_data::data::{AuditNames, EventData, Person, event_data};
use crate::server::admin::personal_data::{Found, PersonalDataError, find, find_by_key};
use crate::server::audit::{EventSource, FoundEvents};
use crate::server::crypto::hash::Digest;
use crate::server::guard::{LimitKind, LimitScope, LimitState, NumberLimits};
use crate::server::sign_in::SignInDeps;
use crate::server::sign_in::device_cookie::StoredDevice;
use crate::server::store::StoreError;

mod lookup_report;

pub use lookup_report::{LimitData, LookupReport, Permission, UpstreamData};

/// What is looked up.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookupKey {
    /// A number, as a person types it, in international form.
    Number(String),
    /// The user with this ID (`sub`).
    User(String),
    /// The request with this ID, and the number that it was about.
    Request(String),
    /// Whichever of these it is, tried in this order.
    Any(String),
}

/// What the report is made from.
struct Subject {
    found: Found,
    /// The key of the number; none if it is not known.
    identifier: Option<Digest>,
}

/// Looks up a number, a user or a request; none if nothing is known of the user or the request. Of
/// a number something is always known: its limits.
///
/// # Errors
/// [`PersonalDataError`].
pub async fn look_up(
    deps: &SignInDeps,
    key: &LookupKey,
    source: &EventSource,
) -> Result<Option<LookupReport>, PersonalDataError> {
    let Some(subject) = find_subject(deps, key).await? else {
        return Ok(None);
    };
    let report = report(deps, &subject).await?;
    // Of a number that nothing is stored about, nothing was read but limits of the service.
    if !subject.found.is_empty() {
        subject.found.emit_read(deps, source);
    }
    Ok(Some(report))
}

async fn find_subject(
    deps: &SignInDeps,
    key: &LookupKey,
) -> Result<Option<Subject>, PersonalDataError> {
    match key {
        LookupKey::Number(typed) => {
            let found = find(deps, &Person::Number(typed.clone())).await?;
            Ok(Some(Subject {
                identifier: found.number_keys.first().copied(),
                found,
            }))
        }
        LookupKey::User(subject) => {
            let found = find(deps, &Person::User(subject.clone())).await?;
            Ok((!found.is_empty()).then(|| Subject {
                identifier: found.number_keys.first().copied(),
                found,
            }))
        }
        LookupKey::Request(id) => Ok(find_request(deps, id).await?),
        LookupKey::Any(typed) => {
            let invalid = match parse_identifier(&deps.identifier_parser, typed) {
                Ok(_) => {
                    let number = LookupKey::Number(typed.clone());
                    return Box::pin(find_subject(deps, &number)).await;
                }
                Err(cause) => PersonalDataError::Invalid(cause),
            };
            let request = find_request(deps, typed).await?;
            if request.is_some() {
                return Ok(request);
            }
            let user = LookupKey::User(typed.clone());
            match Box::pin(find_subject(deps, &user)).await? {
                // Most likely a number that is not written as one.
                None if typed.starts_with(['+', '0']) => Err(invalid),
                found => Ok(found),
            }
        }
    }
}

/// The number that a request was about, found by its key: the number itself is not stored.
async fn find_request(deps: &SignInDeps, id: &str) -> Result<Option<Subject>, StoreError> {
    // Those of a moment ago wait to be stored.
    deps.recent_events.save().await;
    let Some(key) = deps.recent_events.find_request(id).await? else {
        return Ok(None);
    };
    let found = find_by_key(deps, key, None).await?;
    Ok(Some(Subject {
        found,
        identifier: Some(key),
    }))
}

async fn report(deps: &SignInDeps, subject: &Subject) -> Result<LookupReport, StoreError> {
    let (found, now) = (&subject.found, deps.clock.now());
    let (devices, is_cut) = match (subject.identifier, &found.identifier) {
        // A user's number is not known, but its key is.
        (Some(key), None) if found.devices.is_empty() => deps.devices.stored_for(key, now).await?,
        _ => (found.devices.clone(), found.is_cut),
    };
    let limits = match subject.identifier {
        Some(key) => Some(limits_of(deps, found, key, &devices, now).await?),
        None => None,
    };
    let attempts = |limits: &NumberLimits| of_unrecognised(&limits.attempts).cloned().collect();
    let attempts: Option<Vec<LimitState>> = limits.as_ref().map(attempts);
    // A person without a user signs up.
    let creates_user = found.users.is_empty();
    let of_next_code = |limits: &NumberLimits| {
        let sends = of_unrecognised(&limits.sends);
        Permission::by(sends.filter(|limit| limit.is_of_sms(creates_user)))
    };
    let next_code = limits.as_ref().map(of_next_code);
    let failures = attempts.iter().flatten();
    let failures = failures
        .clone()
        .find(|limit| limit.kind == LimitKind::Failures)
        .map_or(0, |limit| limit.used);
    Ok(LookupReport {
        audit_log: AuditNames {
            identifier: found.pseudonym.clone(),
            users: found.user_names(),
        },
        last_sign_in_at: last_sign_in(found).map(Timestamp::to_rfc3339),
        sessions: active_sessions(deps, found).await?,
        recognised_browsers: subject.identifier.map(|_| devices.len()),
        next_code,
        next_attempt: attempts
            .as_ref()
            .map(|limits| Permission::by(limits.iter())),
        failures,
        attempts_left: attempts.as_deref().and_then(attempts_left),
        limits: limits.iter().flat_map(limit_data).collect(),
        upstream: last_of_upstream(&found.events),
        recent_events: found.events.events.iter().map(event_data).collect(),
        is_cut,
    })
}

async fn limits_of(
    deps: &SignInDeps,
    found: &Found,
    key: Digest,
    devices: &[StoredDevice],
    now: Timestamp,
) -> Result<NumberLimits, StoreError> {
    let destination = found
        .identifier
        .as_ref()
        .and_then(|identifier| deps.destination(identifier));
    let country = found.events.country.as_deref();
    let ids: Vec<Digest> = devices.iter().map(|device| device.id).collect();
    deps.guard
        .number_limits(key, &ids, destination.as_ref(), country, now)
        .await
}

fn of_unrecognised(limits: &[LimitState]) -> impl Iterator<Item = &LimitState> {
    limits
        .iter()
        .filter(|limit| limit.scope != LimitScope::Browser)
}

/// What browsers that are not recognised may still try. The wait between attempts is no such limit.
fn attempts_left(limits: &[LimitState]) -> Option<u32> {
    let counting = limits
        .iter()
        .filter(|limit| limit.kind != LimitKind::Backoff);
    counting.filter_map(LimitState::left).min()
}

/// Every limit of the number and the service; of browsers those that have counted something.
fn limit_data(limits: &NumberLimits) -> Vec<LimitData> {
    let all = limits.attempts.iter().chain(&limits.sends);
    all.filter(|limit| limit.scope != LimitScope::Browser || limit.used > 0)
        .map(LimitData::from)
        .collect()
}

async fn active_sessions(deps: &SignInDeps, found: &Found) -> Result<usize, StoreError> {
    let stored = found.users.iter().flat_map(|user| &user.sessions);
    let mut subjects: Vec<&str> = stored
        .map(|session| session.record.subject.as_str())
        .collect();
    subjects.sort_unstable();
    subjects.dedup();
    let mut active = 0;
    for subject in subjects {
        active += deps.sessions.list_by_user(subject).await?.len();
    }
    Ok(active)
}

fn last_sign_in(found: &Found) -> Option<Timestamp> {
    let histories = found.users.iter().filter_map(|user| user.history.as_ref());
    histories.filter_map(|history| history.last_at).max()
}

/// The newest event that says what upstream did: it sent a code or not, or compared an attempt.
fn last_of_upstream(found: &FoundEvents) -> Option<UpstreamData> {
    let is_of_upstream = |event: &EventData| match event.event.as_str() {
        "otp_send_result" | "authn_login_success" => true,
        "authn_login_fail" => ["refused", "upstream", "invalid_token"].contains(&&*event.outcome),
        _ => false,
    };
    let mut newest_first = found.events.iter().rev().map(event_data);
    let event = newest_first.find(is_of_upstream)?;
    Some(UpstreamData {
        at: event.at,
        event: event.event,
        outcome: event.outcome,
        reason: event.detail,
    })
}
