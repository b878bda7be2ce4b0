//! What is stored about one person: exported and erased for the operator.
//!
//! An erasure ends the person's sessions, here and upstream, and forgets recognised devices, the
//! sign-in history and by which pseudonyms events name the person. It keeps the counters that limit
//! guesses and messages at a number until their windows end, unless the operator asks for more.
//! Otherwise somebody who asks the support team to erase an account would get new attempts, also
//! while the account is attacked. The counters hold no more than a keyed hash of the number,
//! amounts and times.

use serde::{Deserialize, Serialize};

use crate::domain::Identifier;
use crate::domain::timestamp::Timestamp;
use crate::server::admin::identifier_input::parse_identifier;
use crate::server::audit::{AuditSubject, Event, EventSource};
use crate::server::crypto::hash::{Digest, to_hex_128};
use crate::server::guard::CounterUse;
use crate::server::session::{ActiveSession, ListedSession, NewDevice, StoredUser};
use crate::server::sign_in::SignInDeps;
use crate::server::sign_in::device_cookie::StoredDevice;
use crate::server::store::StoreError;

/// Whose data.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Person {
    /// Who signs in with this number, as a person types it, in international form.
    Number(String),
    /// The user with this ID (`sub`).
    User(String),
}

/// What is stored about a person. Times are RFC 3339.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonalData {
    /// How events name the person.
    pub audit_log: AuditNames,
    /// Sign-in histories, by user.
    pub histories: Vec<HistoryData>,
    /// Sessions, also those that have ended and are not removed yet.
    pub sessions: Vec<SessionData>,
    /// Browsers that are recognised for the number.
    pub devices: Vec<DeviceData>,
    /// Counters of the number.
    pub counters: Vec<CounterData>,
    /// Whether there are so many recognised devices that not all of them were searched.
    pub is_cut: bool,
}

/// How events name a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditNames {
    /// `subject.identifier` of events about the number.
    pub identifier: Option<String>,
    /// `user` of events about the users.
    pub users: Vec<String>,
}

/// The sign-in history of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names of the fields say it")]
pub struct HistoryData {
    /// `user` in events.
    pub user: Option<String>,
    pub last_sign_in_at: Option<String>,
    /// Sign-ins from browsers that were not recognised.
    pub new_browsers: Vec<NewBrowserData>,
}

/// A sign-in from a browser that was not recognised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names of the fields say it")]
pub struct NewBrowserData {
    /// Browser and operating system, if known.
    pub agent: Option<String>,
    pub at: String,
}

/// A session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionData {
    /// What lists show.
    #[serde(flatten)]
    pub listed: ListedSession,
    /// `iss` of the user.
    pub issuer: String,
    /// How the person was authenticated.
    pub amr: Vec<String>,
    /// The roles of the user upstream.
    pub roles: Vec<String>,
    /// The number in full, only if applications are told it.
    pub phone: Option<String>,
}

/// A recognised browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names of the fields say it")]
pub struct DeviceData {
    /// Random; it names the browser in counters.
    pub id: String,
    pub recognised_until: String,
    /// How many numbers it is recognised for.
    pub numbers: usize,
}

/// A counter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names of the fields say it")]
pub struct CounterData {
    pub name: String,
    pub used: u32,
    pub resets_at: String,
}

/// What an erasure did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// How many sessions were deleted.
    pub sessions: usize,
    /// How many sign-in histories were deleted.
    pub histories: usize,
    /// How many browsers are no longer recognised for the number.
    pub devices: usize,
    /// How many pseudonyms of the audit log no longer lead to the person.
    pub names: usize,
    /// How many counters were reset.
    pub counters: usize,
    /// Counters that stay until their windows end, because they limit guesses and messages.
    pub kept_counters: Vec<CounterData>,
    /// Whether there are so many recognised devices that not all of them were searched.
    pub is_cut: bool,
}

/// Why nothing was exported or erased.
#[derive(Clone, Debug, thiserror::Error)]
pub enum PersonalDataError {
    /// What was typed is no number; for the operator.
    #[error("{0}")]
    Invalid(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What was found about a person.
struct Found {
    identifier: Option<Identifier>,
    /// The keys of the numbers that events may name.
    number_keys: Vec<Digest>,
    /// By which events name the first of these numbers that has a name.
    pseudonym: Option<String>,
    users: Vec<StoredUser>,
    devices: Vec<StoredDevice>,
    counters: Vec<CounterUse>,
    is_cut: bool,
}

impl Found {
    fn is_empty(&self) -> bool {
        self.pseudonym.is_none()
            && self.users.is_empty()
            && self.devices.is_empty()
            && self.counters.is_empty()
    }

    fn user_names(&self) -> Vec<String> {
        let names = self.users.iter().filter_map(StoredUser::pseudonym);
        names.map(str::to_owned).collect()
    }

    fn device_ids(&self) -> Vec<Digest> {
        self.devices.iter().map(|device| device.id).collect()
    }
}

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
    let subject = found
        .identifier
        .as_ref()
        .map(|identifier| AuditSubject::new(identifier, found.pseudonym.clone()));
    let users = found.user_names();
    let data = PersonalData {
        audit_log: AuditNames {
            identifier: found.pseudonym.clone(),
            users: users.clone(),
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
        is_cut: found.is_cut,
    };
    deps.audit
        .emit(source, &Event::PersonalDataExported { subject, users });
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

async fn find(deps: &SignInDeps, person: &Person) -> Result<Found, PersonalDataError> {
    let now = deps.clock.now();
    match person {
        Person::User(subject) => {
            let users = deps.sessions.stored_users_by_subject(subject).await?;
            let histories = users.iter().filter_map(|user| user.history.as_ref());
            let number_keys: Vec<_> = histories.filter_map(|found| found.identifier_key).collect();
            Ok(Found {
                identifier: None,
                pseudonym: find_pseudonym(deps, &number_keys, now).await?,
                number_keys,
                users,
                devices: Vec::new(),
                counters: Vec::new(),
                is_cut: false,
            })
        }
        Person::Number(typed) => {
            let identifier = parse_identifier(&deps.identifier_parser, typed)
                .map_err(PersonalDataError::Invalid)?;
            let key = deps.identifier_key(&identifier);
            let (devices, is_cut) = deps.devices.stored_for(key, now).await?;
            let ids: Vec<Digest> = devices.iter().map(|device| device.id).collect();
            Ok(Found {
                users: deps
                    .sessions
                    .stored_users_by_identifier(&identifier)
                    .await?,
                counters: deps.guard.identifier_counters(key, &ids, now).await?,
                identifier: Some(identifier),
                pseudonym: find_pseudonym(deps, &[key], now).await?,
                number_keys: vec![key],
                devices,
                is_cut,
            })
        }
    }
}

/// By which events name the first of several numbers that has a name.
async fn find_pseudonym(
    deps: &SignInDeps,
    keys: &[Digest],
    now: Timestamp,
) -> Result<Option<String>, StoreError> {
    for key in keys {
        if let Some(pseudonym) = deps.pseudonyms.find(*key, now).await? {
            return Ok(Some(pseudonym));
        }
    }
    Ok(None)
}

fn history_data(user: &StoredUser) -> Option<HistoryData> {
    let history = user.history.as_ref()?;
    let new_browser = |device: &NewDevice| NewBrowserData {
        agent: device.agent.describe(),
        at: device.at.to_rfc3339(),
    };
    Some(HistoryData {
        user: user.pseudonym().map(str::to_owned),
        last_sign_in_at: history.last_at.map(Timestamp::to_rfc3339),
        new_browsers: history.new_devices.iter().map(new_browser).collect(),
    })
}

fn session_data(session: &ActiveSession) -> SessionData {
    let record = &session.record;
    SessionData {
        listed: session.to_listed(),
        issuer: record.issuer.clone(),
        amr: record.amr.clone(),
        roles: record.roles.clone(),
        phone: record.phone.as_ref().map(|phone| phone.value().to_owned()),
    }
}

fn device_data(device: &StoredDevice) -> DeviceData {
    DeviceData {
        id: to_hex_128(&device.id),
        recognised_until: device.recognised_until.to_rfc3339(),
        numbers: device.identifiers,
    }
}

fn counter_data(counter: &CounterUse) -> CounterData {
    CounterData {
        name: counter.name.clone(),
        used: counter.used,
        resets_at: counter.resets_at.to_rfc3339(),
    }
}
