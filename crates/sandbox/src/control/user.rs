//! `PUT /control/users/{phone}`: creates, changes or deletes a user.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock::Timestamp;
use crate::control::request::{ControlError, parse_body};
use crate::state::TenantState;
use crate::state::contact;
use crate::state::user::{Contact, User, UserStatus};
use crate::state::user_directory::{Identifier, UserDirectory};
use crate::tenant::{SharedTenant, Tenant};

/// Longest identifier, and longest name of a type, in bytes.
const MAX_TEXT: usize = 254;

/// What changes about a user.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserChange {
    pub status: RequestedStatus,
    #[serde(default)]
    pub in_app: Option<bool>,
    #[serde(default)]
    pub roles: Option<Vec<String>>,
    /// An address that is not verified; empty to remove it.
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default)]
    pub username: Option<String>,
    /// Identifiers of types that the tenant defines, by type.
    #[serde(default)]
    pub identifiers: BTreeMap<String, String>,
}

/// The statuses of the API, and two more for tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum RequestedStatus {
    #[serde(alias = "active")]
    Active,
    #[serde(alias = "disabled")]
    Disabled,
    #[serde(alias = "pending")]
    Pending,
    /// Active, and locked for the policy's lockout.
    #[serde(alias = "locked")]
    Locked,
    /// Deleted, with all sessions.
    #[serde(alias = "absent")]
    Absent,
}

/// Sets the user's status, and creates the user if there is none.
pub async fn set(
    State(tenant): State<SharedTenant>,
    Path(phone): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, ControlError> {
    let change: UserChange = parse_body(&headers, &body)?;
    change_user(&tenant, &phone, change).map(Json)
}

/// Creates, changes or deletes the user with a number. The result is the user's JSON in the API.
///
/// `Locked` voids the user's code; every other status ends a lock. `"in_app":false` removes the
/// user from the application, not from the tenant. Tokens carry `roles`. Identifiers are added or
/// replaced, and an empty `email` removes the address.
///
/// # Errors
/// The number or an identifier is invalid or taken, or there are too many users.
pub fn change_user(
    tenant: &Tenant,
    phone: &str,
    change: UserChange,
) -> Result<Value, ControlError> {
    let phone = contact::parse_phone(phone)
        .ok_or_else(|| ControlError("the phone number must be in E.164".into()))?;
    let new_id = tenant
        .random
        .hex_id()
        .map_err(|_| ControlError("no randomness".into()))?;
    let now = tenant.clock.now();
    let identifier = Identifier::Phone(phone.clone());

    let mut state = tenant.state();
    let TenantState {
        users,
        sessions,
        policy,
        ..
    } = &mut *state;
    let id = users.find(&identifier).map(|user| user.id.clone());
    if change.status == RequestedStatus::Absent {
        if let Some(id) = id {
            users.remove(&id);
            sessions.remove_all_of_user(&id);
        }
        return Ok(json!({ "status": "Absent" }));
    }
    let identities = change.identities()?;
    let is_other = |user: &User| Some(&user.id) != id.as_ref();
    let taken = identities
        .iter()
        .find(|identity| users.find(identity).is_some_and(is_other));
    if let Some(taken) = taken {
        let field = taken.field_name();
        return Err(ControlError(format!("{field} is taken by another user")));
    }
    let mut user = id
        .and_then(|id| users.remove(&id))
        .unwrap_or_else(|| new_user(new_id, phone, change.status, now));
    let status = match change.status {
        RequestedStatus::Disabled => UserStatus::Disabled,
        RequestedStatus::Pending => UserStatus::Pending,
        _ => UserStatus::Active,
    };
    user.set_status(status, now);
    user.passcodes.unlock();
    if change.status == RequestedStatus::Locked {
        user.passcodes.lock(now, policy.lockout);
    }
    user.in_app = change.in_app.unwrap_or(user.in_app);
    user.roles = change.roles.unwrap_or_else(|| user.roles.clone());
    user.updated_at = now;
    for identity in identities {
        add_identity(&mut user, identity);
    }
    if change.email.as_deref() == Some("") {
        user.email = None;
    }
    save(users, user, &tenant.app_name)
}

/// Saves a user whose identifiers nobody else has.
fn save(users: &mut UserDirectory, user: User, app_name: &str) -> Result<Value, ControlError> {
    let json = user.to_json(app_name);
    users
        .save(user)
        .map_err(|_| ControlError("there are too many users".into()))?;
    Ok(json)
}

impl UserChange {
    /// The identifiers besides the number.
    fn identities(&self) -> Result<Vec<Identifier>, ControlError> {
        let mut identities = Vec::new();
        if let Some(address) = self.email.as_ref().filter(|email| !email.is_empty()) {
            let email = contact::parse_email(address).map(Identifier::Email);
            identities.push(email.ok_or_else(|| ControlError("email must be an address".into()))?);
        }
        identities.extend(self.username.clone().map(Identifier::Username));
        let custom = self.identifiers.iter();
        identities.extend(custom.map(|(name, value)| Identifier::Custom {
            name: name.clone(),
            value: value.clone(),
        }));
        let is_valid = |text: &String| (1..=MAX_TEXT).contains(&text.len());
        let texts = self.username.iter().chain(self.identifiers.keys());
        if texts.chain(self.identifiers.values()).all(is_valid) {
            Ok(identities)
        } else {
            let text = format!("identifiers and their types: 1 to {MAX_TEXT} bytes");
            Err(ControlError(text))
        }
    }
}

/// An address that the user has already stays verified.
fn add_identity(user: &mut User, identity: Identifier) {
    match identity {
        Identifier::Email(address) => {
            let same = user.email.take().filter(|email| email.value == address);
            user.email = same.or(Some(Contact::unverified(address)));
        }
        Identifier::Username(name) => user.username = Some(name),
        Identifier::Custom { name, value } => {
            user.custom_identifiers.insert(name, value);
        }
        Identifier::Phone(_) | Identifier::External(_) | Identifier::UserId(_) => {}
    }
}

/// A user who is not pending has signed in before, so their number is verified.
fn new_user(id: String, phone: String, status: RequestedStatus, now: Timestamp) -> User {
    let verified_at = (status != RequestedStatus::Pending).then_some(now);
    let mut user = User::new(id, now);
    user.phone = Some(Contact {
        value: phone,
        verified_at,
    });
    user.last_auth = verified_at;
    user
}
