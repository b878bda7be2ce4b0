//! `PUT /control/users/{phone}`: creates, changes or deletes a user.

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
use crate::state::user_directory::Identifier;
use crate::tenant::SharedTenant;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct UserChange {
    status: RequestedStatus,
    in_app: Option<bool>,
    roles: Option<Vec<String>>,
}

/// The statuses of the API, and two more for tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum RequestedStatus {
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
///
/// `Locked` voids the user's code; every other status ends a lock. `"in_app":false` removes the
/// user from the application, not from the tenant. Tokens carry `roles`.
pub async fn set(
    State(tenant): State<SharedTenant>,
    Path(phone): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, ControlError> {
    let change: UserChange = parse_body(&headers, &body)?;
    let phone = contact::parse_phone(&phone)
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
    if change.status == RequestedStatus::Absent {
        if let Some(id) = users.find(&identifier).map(|user| user.id.clone()) {
            users.remove(&id);
            sessions.remove_all_of_user(&id);
        }
        return Ok(Json(json!({ "status": "Absent" })));
    }
    if users.find(&identifier).is_none() {
        users
            .save(new_user(new_id, phone, change.status, now))
            .map_err(|_| ControlError("there are too many users".into()))?;
    }
    let user = users
        .find_mut(&identifier)
        .ok_or_else(|| ControlError("no such user".into()))?;
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
    Ok(Json(user.to_json(&tenant.app_name)))
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
