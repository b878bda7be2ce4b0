//! `PUT /cis/v1/users/{user_id}`

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde_json::Value;

use crate::http::bearer::ClientToken;
use crate::http::body;
use crate::http::refusal::Refusal;
use crate::tenant::Shared;
use crate::users::input::UserInput;
use crate::users::{conflict, enveloped, not_found};
use crate::world::directory::{Conflict, Identifier};

/// Changes what the body names, and nothing else.
pub async fn update(
    _: ClientToken,
    State(tenant): State<Shared>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let input: UserInput = body::json(&headers, &body).map_err(Refusal::bad_request)?;
    input.check()?;
    let now = tenant.clock.now();
    let mut world = tenant.world();
    world
        .users
        .find(&Identifier::UserId(id.clone()))
        .filter(|user| user.in_app)
        .ok_or_else(not_found)?;
    let taken = |identifier: &Identifier| {
        world
            .users
            .find(identifier)
            .is_some_and(|other| other.id != id)
    };
    if let Some(identifier) = input.identifiers().into_iter().find(taken) {
        return Err(conflict(Conflict::Taken(identifier)));
    }
    let mut user = world.users.remove(&id).ok_or_else(not_found)?;
    input.apply(&mut user, now);
    let answer = enveloped(&tenant, &user);
    world.users.save(user).map_err(conflict)?;
    Ok(Json(answer))
}
