//! `GET` and `DELETE /cis/v1/auth/users/{user_id}/sessions`

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::http::bearer::ClientToken;
use crate::http::refusal::Refusal;
use crate::tenant::Shared;
use crate::users;
use crate::world::World;
use crate::world::directory::Identifier;

/// The user's living sessions, oldest first; times in milliseconds since the epoch.
pub async fn list(
    _: ClientToken,
    State(tenant): State<Shared>,
    Path(user_id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let now = tenant.clock.now();
    let world = tenant.world();
    exists(&world, &user_id)?;
    let sessions = world.sessions.of(&user_id, now).map(|session| {
        json!({
            "session_id": session.id,
            "start_time": session.started_at.milliseconds(),
            "expiration_time": session.expires_at.milliseconds(),
        })
    });
    Ok(Json(sessions.collect()))
}

/// Ends them all.
pub async fn revoke(
    _: ClientToken,
    State(tenant): State<Shared>,
    Path(user_id): Path<String>,
) -> Result<StatusCode, Refusal> {
    let mut world = tenant.world();
    exists(&world, &user_id)?;
    world.sessions.end_all(&user_id);
    Ok(StatusCode::NO_CONTENT)
}

fn exists(world: &World, user_id: &str) -> Result<(), Refusal> {
    let user = world.users.find(&Identifier::UserId(user_id.to_owned()));
    user.filter(|user| user.in_app)
        .map(|_| ())
        .ok_or_else(users::not_found)
}
