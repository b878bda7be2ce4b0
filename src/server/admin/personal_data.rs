//! What is stored about one person: exported and erased for the operator.
//!
//! An erasure ends the person's sessions, here and upstream, and forgets recognised devices, the
//! sign-in history and by which pseudonyms events name the person. It keeps the counters that limit
//! guesses and messages at a number until their windows end, unless the operator asks for more.
//! Otherwise somebody who asks the support team to erase an account would get new attempts, also
//! while the account is attacked. The counters hold no more than a keyed hash of the number,
//! amounts and times.
//!
//! - `data`: what the operator gets; `find`: what is found.

use crate::domain::Identifier;
use crate::domain::timestamp::Timestamp;
use crate::server::audit::{AuditSubject, Event, EventSource};
use crate::server::sign_in::SignInDeps;
use crate::server::store::StoreError;

pub mod data;
mod find;

pub use data::{AuditNames, Erasure, Person, PersonalData};
pub use find::PersonalDataError;

use data::{counter_data, device_data, event_data, history_data, session_data};
pub(super) use find::{Found, find, find_by_key};

/// Collects what is stored about a person; none if there is nothing.
///
/// # Errors
/// [`PersonalDataError`].
pub async fn export(
    deps: &SignInDeps,
    person: &Person,
    source: &EventSource,
) -> Result<Option<PersonalData>, PersonalDataError> {
    let found = find(deps, person).await?;
    if found.is_empty() {
        return Ok(None);
    }
    let data = PersonalData {
        audit_log: AuditNames {
            identifier: found.pseudonym.clone(),
            users: found.user_names(),
        },
        histories: found.users.iter().filter_map(history_data).collect(),
        sessions: found
            .users
            .iter()
            .flat_map(|user| &user.sessions)
            .map(session_data)
            .collect(),
        devices: found.devices.iter().map(device_data).collect(),
        counters: found.counters.iter().map(counter_data).collect(),
        recent_events: found.events.events.iter().map(event_data).collect(),
        is_cut: found.is_cut,
    };
    found.emit_read(deps, source);
    Ok(Some(data))
}

/// Erases what is stored about a person; none if there is nothing. `with_limits` also resets what
/// limits guesses and messages at the number, as `latchkey unlock` does.
///
/// # Errors
/// [`PersonalDataError`]; a part may be erased, and the erasure may be repeated.
pub async fn erase(
    deps: &SignInDeps,
    person: &Person,
    with_limits: bool,
    source: &EventSource,
) -> Result<Option<Erasure>, PersonalDataError> {
    let found = find(deps, person).await?;
    if found.is_empty() {
        return Ok(None);
    }
    let now = deps.clock.now();
    let mut subjects: Vec<&str> = match person {
        Person::User(user) => vec![user.as_str()],
        Person::Number(_) => Vec::new(),
    };
    let sessions = found.users.iter().flat_map(|user| &user.sessions);
    subjects.extend(
        sessions
            .clone()
            .map(|session| session.record.subject.as_str()),
    );
    subjects.sort_unstable();
    subjects.dedup();
    let mut erasure = Erasure {
        sessions: sessions.count(),
        names: found.user_names().len() + usize::from(found.pseudonym.is_some()),
        is_cut: found.is_cut,
        ..Erasure::default()
    };
    // Sessions first: a revocation also covers a sign-in that is in progress.
    for subject in subjects {
        deps.sessions.revoke_user(subject, source).await?;
    }
    for user in &found.users {
        deps.sessions.forget_user(user).await?;
        erasure.histories += usize::from(user.history.is_some());
    }
    if let Some(identifier) = &found.identifier {
        erase_of_identifier(deps, identifier, &found, with_limits, now, &mut erasure).await?;
        if with_limits {
            let subject = AuditSubject::new(identifier, None);
            deps.audit.emit(source, &Event::LoginUnlock { subject });
        }
    }
    // Last: the events of the steps before name the person as the older ones do.
    for key in &found.number_keys {
        deps.pseudonyms.forget(*key).await?;
        erasure.recent_events += deps.recent_events.forget(*key).await?;
    }
    let event = Event::PersonalDataErased {
        histories: erasure.histories,
        sessions: erasure.sessions,
        devices: erasure.devices,
        kept_counters: erasure.kept_counters.len(),
    };
    deps.audit.emit(source, &event);
    Ok(Some(erasure))
}

async fn erase_of_identifier(
    deps: &SignInDeps,
    identifier: &Identifier,
    found: &Found,
    with_limits: bool,
    now: Timestamp,
    erasure: &mut Erasure,
) -> Result<(), StoreError> {
    let (key, devices) = (deps.identifier_key(identifier), found.device_ids());
    for device in &found.devices {
        deps.devices.forget_stored(device, key, now).await?;
    }
    erasure.devices = devices.len();
    deps.guard
        .forget_device_counters(key, &devices, now)
        .await?;
    if with_limits {
        deps.guard.unlock(key, now).await?;
    }
    let kept = deps.guard.identifier_counters(key, &[], now).await?;
    erasure.counters = found.counters.len().saturating_sub(kept.len());
    erasure.kept_counters = kept.iter().map(counter_data).collect();
    Ok(())
}
