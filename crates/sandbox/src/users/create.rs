//! `POST /cis/v1/users`

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response},
};

use crate::http::bearer::ClientToken;
use crate::http::body;
use crate::http::operation::Case;
use crate::http::refusal::Refusal;
use crate::tenant::Shared;
use crate::users::input::UserInput;
use crate::users::{conflict, enveloped};
use crate::world::directory::Conflict;
use crate::world::user::User;

/// Creates a user, `Pending` until the first sign-in. A user of the tenant that is not yet in the
/// application is only added to it; one that is there already is 409.
pub async fn create(
    _: ClientToken,
    State(tenant): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let input: UserInput = body::json(&headers, &body).map_err(Refusal::bad_request)?;
    input.check()?;
    if input.status.is_some() {
        return Err(Refusal::bad_request(
            "status must not be given when a user is created",
        ));
    }
    if !input.can_be_reached() {
        return Err(Refusal::bad_request("email or phone_number is required"));
    }
    let (id, now) = (tenant.random.id()?, tenant.clock.now());

    let mut world = tenant.world();
    let existing = input
        .identifiers()
        .into_iter()
        .find(|identifier| world.users.find(identifier).is_some());
    if let Some(identifier) = existing {
        let elsewhere = world
            .users
            .find_mut(&identifier)
            .filter(|user| !user.in_app);
        let user = elsewhere.ok_or_else(|| conflict(Conflict::Taken(identifier)))?;
        user.in_app = true;
        let mut response = (StatusCode::CREATED, Json(enveloped(&tenant, user))).into_response();
        response.extensions_mut().insert(Case::Known);
        return Ok(response);
    }
    let mut user = User::new(id, now);
    input.apply(&mut user, now);
    let answer = enveloped(&tenant, &user);
    world.users.save(user).map_err(conflict)?;
    drop(world);

    let mut response = (StatusCode::CREATED, Json(answer)).into_response();
    response.extensions_mut().insert(Case::Unknown);
    Ok(response)
}
