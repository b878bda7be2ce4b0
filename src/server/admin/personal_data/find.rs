//! Finds what is stored about one person.

use crate::domain::timestamp::Timestamp;
use crate::domain::{Identifier, IdentifierType};
use crate::server::admin::identifier_input::parse_identifier;
use crate::server::admin::personal_data::data::Person;
use crate::server::audit::{AuditSubject, Event, EventSource, FoundEvents};
use crate::server::crypto::hash::Digest;
use crate::server::guard::CounterUse;
use crate::server::session::StoredUser;
use crate::server::sign_in::SignInDeps;
use crate::server::sign_in::device_cookie::StoredDevice;
use crate::server::store::StoreError;

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
pub(in crate::server::admin) struct Found {
    pub identifier: Option<Identifier>,
    /// The keys of the numbers that events may name.
    pub number_keys: Vec<Digest>,
    /// By which events name the first of these numbers that has a name.
    pub pseudonym: Option<String>,
    pub users: Vec<StoredUser>,
    pub devices: Vec<StoredDevice>,
    pub counters: Vec<CounterUse>,
    /// Recent events of the number, or of the numbers of the user.
    pub events: FoundEvents,
    pub is_cut: bool,
}

impl Found {
    pub fn is_empty(&self) -> bool {
        self.pseudonym.is_none()
            && self.users.is_empty()
            && self.devices.is_empty()
            && self.counters.is_empty()
            && self.events.events.is_empty()
    }

    pub fn user_names(&self) -> Vec<String> {
        let names = self.users.iter().filter_map(StoredUser::pseudonym);
        names.map(str::to_owned).collect()
    }

    /// Records in the audit log that the operator read this.
    pub fn emit_read(&self, deps: &SignInDeps, source: &EventSource) {
        let event = Event::PersonalDataRead {
            subject: self.audit_subject(deps.identifier_parser.kind()),
            users: self.user_names(),
        };
        deps.audit.emit(source, &event);
    }

    /// The number as events name it; none if neither it nor its name is known.
    fn audit_subject(&self, kind: IdentifierType) -> Option<AuditSubject> {
        let pseudonym = self.pseudonym.clone();
        match &self.identifier {
            Some(identifier) => Some(AuditSubject::new(identifier, pseudonym)),
            None => {
                let country = self.events.country.clone();
                pseudonym.map(|name| AuditSubject::of_pseudonym(kind, name, country))
            }
        }
    }

    pub fn device_ids(&self) -> Vec<Digest> {
        self.devices.iter().map(|device| device.id).collect()
    }
}

/// Finds what is stored about a person.
///
/// # Errors
/// [`PersonalDataError`].
pub(in crate::server::admin) async fn find(
    deps: &SignInDeps,
    person: &Person,
) -> Result<Found, PersonalDataError> {
    let now = deps.clock.now();
    match person {
        Person::User(subject) => {
            let users = deps.sessions.stored_users_by_subject(subject).await?;
            let histories = users.iter().filter_map(|user| user.history.as_ref());
            let number_keys: Vec<_> = histories.filter_map(|found| found.identifier_key).collect();
            Ok(Found {
                identifier: None,
                pseudonym: find_pseudonym(deps, &number_keys, now).await?,
                events: find_events(deps, &number_keys).await?,
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
            Ok(find_by_key(deps, key, Some(identifier)).await?)
        }
    }
}

/// Finds what is stored about a number with this key, which itself may not be known.
///
/// # Errors
/// The store's.
pub(in crate::server::admin) async fn find_by_key(
    deps: &SignInDeps,
    key: Digest,
    identifier: Option<Identifier>,
) -> Result<Found, StoreError> {
    let now = deps.clock.now();
    let (devices, is_cut) = deps.devices.stored_for(key, now).await?;
    let ids: Vec<Digest> = devices.iter().map(|device| device.id).collect();
    let sessions = &deps.sessions;
    Ok(Found {
        users: match &identifier {
            Some(identifier) => sessions.stored_users_by_identifier(identifier).await?,
            None => sessions.stored_users_by_identifier_key(key).await?,
        },
        counters: deps.guard.identifier_counters(key, &ids, now).await?,
        identifier,
        pseudonym: find_pseudonym(deps, &[key], now).await?,
        events: find_events(deps, &[key]).await?,
        number_keys: vec![key],
        devices,
        is_cut,
    })
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

/// The recent events of several numbers: the first of them that has any.
async fn find_events(deps: &SignInDeps, keys: &[Digest]) -> Result<FoundEvents, StoreError> {
    // Those of a moment ago wait to be stored.
    deps.recent_events.save().await;
    for key in keys {
        let found = deps.recent_events.find(*key).await?;
        if !found.events.is_empty() {
            return Ok(found);
        }
    }
    Ok(FoundEvents::default())
}
