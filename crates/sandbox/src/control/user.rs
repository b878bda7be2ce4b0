//! `PUT /control/users/{phone}`

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock::Moment;
use crate::control::{BadControl, input};
use crate::tenant::Shared;
use crate::users::contact;
use crate::world::World;
use crate::world::directory::Identifier;
use crate::world::user::{Contact, Status, User};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    status: Wanted,
    in_app: Option<bool>,
    roles: Option<Vec<String>>,
}

/// The three statuses of the API, and two more that a test may want.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum Wanted {
    #[serde(alias = "active")]
    Active,
    #[serde(alias = "disabled")]
    Disabled,
    #[serde(alias = "pending")]
    Pending,
    /// Active, and locked from now on for the policy's lockout.
    #[serde(alias = "locked")]
    Locked,
    /// Deleted, with all sessions.
    #[serde(alias = "absent")]
    Absent,
}

/// Puts a user into a state, making one when there is none. Every status but `Locked` ends a lock.
/// With `"in_app":false` the user is in the tenant only; `roles` are what tokens say.
pub async fn set(
    State(tenant): State<Shared>,
    Path(phone): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, BadControl> {
    let input: Input = input(&headers, &body)?;
    let phone = contact::phone(&phone)
        .ok_or_else(|| BadControl("the phone number must be in E.164".into()))?;
    let (new_id, now) = (
        tenant
            .random
            .id()
            .map_err(|_| BadControl("no randomness".into()))?,
        tenant.clock.now(),
    );
    let identifier = Identifier::Phone(phone.clone());

    let mut world = tenant.world();
    let World {
        users,
        sessions,
        policy,
        ..
    } = &mut *world;
    if input.status == Wanted::Absent {
        if let Some(id) = users.find(&identifier).map(|user| user.id.clone()) {
            users.remove(&id);
            sessions.end_all(&id);
        }
        return Ok(Json(json!({ "status": "Absent" })));
    }
    if users.find(&identifier).is_none() {
        let user = newcomer(new_id, phone, input.status, now);
        users
            .save(user)
            .map_err(|_| BadControl("there are too many users".into()))?;
    }
    let user = users
        .find_mut(&identifier)
        .ok_or_else(|| BadControl("no such user".into()))?;
    user.status = match input.status {
        Wanted::Disabled => Status::Disabled,
        Wanted::Pending => Status::Pending,
        _ => Status::Active,
    };
    user.passcodes.unlock();
    if input.status == Wanted::Locked {
        user.passcodes.lock(now, policy.lockout);
    }
    user.in_app = input.in_app.unwrap_or(user.in_app);
    user.roles = input.roles.unwrap_or_else(|| user.roles.clone());
    user.updated_at = now;
    Ok(Json(user.to_api(&tenant.app_name)))
}

/// One who is not pending has signed in before, and so has a proved number.
fn newcomer(id: String, phone: String, status: Wanted, now: Moment) -> User {
    let proved = (status != Wanted::Pending).then_some(now);
    let mut user = User::new(id, now);
    user.phone = Some(Contact {
        value: phone,
        verified_at: proved,
    });
    user.last_auth = proved;
    user
}
