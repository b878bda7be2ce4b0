//! `POST /cis/v1/users/{user_id}/phone-numbers/{phone}/verify`

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;

use crate::http::api_error::ApiError;
use crate::http::client_token::ClientToken;
use crate::http::request_body;
use crate::state::contact;
use crate::state::user::User;
use crate::state::user_directory::{Identifier, SaveUserError};
use crate::tenant::SharedTenant;
use crate::users::response::{invalid_phone, save_user_error, user_not_found};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct VerifyPhoneInput {
    change_to_primary: Option<bool>,
}

/// Marks a number of the user as verified; 202 without a body. With `change_to_primary`, a
/// secondary number becomes the primary one, and the old primary number becomes secondary.
pub async fn verify_phone(
    _: ClientToken,
    State(tenant): State<SharedTenant>,
    Path((id, number)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, ApiError> {
    let input: VerifyPhoneInput = if body.is_empty() {
        VerifyPhoneInput::default()
    } else {
        request_body::parse_json(&headers, &body).map_err(ApiError::bad_request)?
    };
    let number = contact::parse_phone(&number).ok_or_else(invalid_phone)?;
    let (identifier, now) = (Identifier::Phone(number.clone()), tenant.clock.now());

    let mut state = tenant.state();
    let user = state
        .users
        .find(&Identifier::UserId(id.clone()))
        .filter(|user| user.in_app)
        .ok_or_else(user_not_found)?;
    let is_primary = user
        .phone
        .as_ref()
        .is_some_and(|phone| phone.value == number);
    let is_secondary = user
        .secondary_phones
        .iter()
        .any(|phone| phone.value == number);
    if !is_primary && !is_secondary {
        return Err(user_not_found());
    }
    let becomes_primary = !is_primary && input.change_to_primary.unwrap_or(false);
    if becomes_primary && state.users.find(&identifier).is_some() {
        return Err(save_user_error(SaveUserError::IdentifierTaken(identifier)));
    }
    let mut user = state.users.remove(&id).ok_or_else(user_not_found)?;
    if becomes_primary {
        make_primary(&mut user, &number);
    }
    for contact in user.contacts_mut() {
        if contact.value == number {
            contact.verified_at.get_or_insert(now);
        }
    }
    user.updated_at = now;
    state.users.save(user).map_err(save_user_error)?;
    Ok(StatusCode::ACCEPTED)
}

/// Exchanges a secondary number with the primary one.
fn make_primary(user: &mut User, number: &str) {
    let (chosen, others) = std::mem::take(&mut user.secondary_phones)
        .into_iter()
        .partition(|phone| phone.value == number);
    user.secondary_phones = others;
    let chosen: Vec<_> = chosen;
    let old_primary = std::mem::replace(&mut user.phone, chosen.into_iter().next());
    user.secondary_phones.extend(old_primary);
}
