//! `POST /cis/v1/users/{user_id}/phone-numbers/{phone}/verify`

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::Value;

use crate::http::bearer::ClientToken;
use crate::http::body;
use crate::http::refusal::Refusal;
use crate::tenant::Shared;
use crate::users::{conflict, contact, enveloped, not_found};
use crate::world::directory::{Conflict, Identifier};
use crate::world::user::{Contact, User};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Input {
    change_to_primary: Option<bool>,
}

/// Marks a number of the user as proved elsewhere. A secondary one carries its proof only once it
/// is made the primary one, which then becomes secondary.
pub async fn verify(
    _: ClientToken,
    State(tenant): State<Shared>,
    Path((id, number)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    let input = if body.is_empty() {
        Input::default()
    } else {
        read(&headers, &body)?
    };
    let number = contact::phone(&number);
    let number =
        number.ok_or_else(|| Refusal::bad_request("phone_number must be a valid phone number"))?;
    let (identifier, now) = (Identifier::Phone(number.clone()), tenant.clock.now());

    let mut world = tenant.world();
    let user = world
        .users
        .find(&Identifier::UserId(id.clone()))
        .filter(|user| user.in_app)
        .ok_or_else(not_found)?;
    let is_primary = user
        .phone
        .as_ref()
        .is_some_and(|phone| phone.value == number);
    if !is_primary && !secondary(user).contains(&number) {
        return Err(not_found());
    }
    let changes = !is_primary && input.change_to_primary.unwrap_or(false);
    if changes && world.users.find(&identifier).is_some() {
        return Err(conflict(Conflict::Taken(identifier)));
    }
    let mut user = world.users.remove(&id).ok_or_else(not_found)?;
    if changes {
        make_primary(&mut user, number.clone());
    }
    if let Some(phone) = user.phone.as_mut().filter(|phone| phone.value == number) {
        phone.verified_at.get_or_insert(now);
    }
    user.updated_at = now;
    let answer = enveloped(&tenant, &user);
    world.users.save(user).map_err(conflict)?;
    Ok((StatusCode::ACCEPTED, Json(answer)))
}

fn read(headers: &HeaderMap, body: &Bytes) -> Result<Input, Refusal> {
    body::json(headers, body).map_err(Refusal::bad_request)
}

fn secondary(user: &User) -> Vec<String> {
    let numbers = user
        .profile
        .get("secondary_phone_numbers")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    numbers
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

fn make_primary(user: &mut User, number: String) {
    let mut numbers = secondary(user);
    numbers.retain(|other| *other != number);
    numbers.extend(
        user.phone
            .replace(Contact::unverified(number))
            .map(|former| former.value),
    );
    user.profile
        .insert("secondary_phone_numbers".into(), numbers.into());
}
