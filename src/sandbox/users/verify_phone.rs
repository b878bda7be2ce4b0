//! `POST /cis/v1/users/{user_id}/phone-numbers/{phone}/verify`

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use serde::Deserialize;
use serde_json::Value;

use super::{contact, enveloped, not_found};
use crate::sandbox::{
    http::{bearer::ClientToken, body, refusal::Refusal},
    tenant::Shared,
    world::directory::Identifier,
};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    #[serde(default, rename = "change_to_primary")]
    _change_to_primary: Option<bool>,
}

/// Marks the primary number as proved elsewhere. Numbers that are not the user's primary one are 404: secondary ones
/// carry no proof here, so there is nothing to change to.
pub async fn verify(
    _: ClientToken,
    State(tenant): State<Shared>,
    Path((id, number)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Value>), Refusal> {
    if !body.is_empty() {
        body::json::<Input>(&headers, &body).map_err(Refusal::bad_request)?;
    }
    let number = contact::phone(&number);
    let number = number.ok_or_else(|| Refusal::bad_request("phone_number must be a valid phone number"))?;
    let now = tenant.clock.now();
    let mut world = tenant.world();
    let user = world.users.find_mut(&Identifier::UserId(id)).filter(|user| user.in_app).ok_or_else(not_found)?;
    let phone = user.phone.as_mut().filter(|phone| phone.value == number).ok_or_else(not_found)?;
    phone.verified_at.get_or_insert(now);
    user.updated_at = now;
    Ok((StatusCode::ACCEPTED, Json(enveloped(&tenant, user))))
}
