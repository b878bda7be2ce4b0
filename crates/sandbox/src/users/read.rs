//! `GET /cis/v1/users/…`: by id, phone number or identifier.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use serde::Deserialize;

use crate::http::api_error::ApiError;
use crate::http::client_token::ClientToken;
use crate::operation::ResponseCase;
use crate::state::contact;
use crate::state::user_directory::Identifier;
use crate::tenant::{SharedTenant, Tenant};
use crate::users::response::{invalid_email, invalid_phone, user_not_found, user_result};

#[derive(Debug, Deserialize)]
pub struct IdentifierQuery {
    identifier_name: String,
    identifier_value: String,
}

/// `GET /cis/v1/users/{user_id}`
pub async fn get_by_id(
    _: ClientToken,
    State(tenant): State<SharedTenant>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    find_user(&tenant, &Identifier::UserId(id))
}

/// `GET /cis/v1/users/phone-number/{phone}`
pub async fn get_by_phone(
    _: ClientToken,
    State(tenant): State<SharedTenant>,
    Path(number): Path<String>,
) -> Result<Response, ApiError> {
    find_user(&tenant, &parse_phone(&number)?)
}

/// `GET /cis/v1/users/identifier?identifier_name=…&identifier_value=…`
pub async fn get_by_identifier(
    _: ClientToken,
    State(tenant): State<SharedTenant>,
    query: Result<Query<IdentifierQuery>, QueryRejection>,
) -> Result<Response, ApiError> {
    let Query(IdentifierQuery {
        identifier_name,
        identifier_value: value,
    }) = query.map_err(|error| ApiError::bad_request(error.body_text()))?;
    let identifier = match identifier_name.as_str() {
        "phoneNumber" => parse_phone(&value)?,
        "email" => {
            let address = contact::parse_email(&value).ok_or_else(invalid_email)?;
            Identifier::Email(address)
        }
        "username" => Identifier::Username(value),
        "externalUserId" => Identifier::External(value),
        // No user of the sandbox comes from another identity provider.
        "idpIdentifier" => return Err(user_not_found()),
        name if tenant.state().users.has_custom_type(name) => Identifier::Custom {
            name: name.to_owned(),
            value,
        },
        _ => {
            return Err(ApiError::bad_request(
                "identifier_name is not an identifier of this tenant",
            ));
        }
    };
    find_user(&tenant, &identifier)
}

fn parse_phone(number: &str) -> Result<Identifier, ApiError> {
    contact::parse_phone(number)
        .map(Identifier::Phone)
        .ok_or_else(invalid_phone)
}

fn find_user(tenant: &Tenant, identifier: &Identifier) -> Result<Response, ApiError> {
    let state = tenant.state();
    let user = state
        .users
        .find(identifier)
        .filter(|user| user.in_app)
        .ok_or_else(user_not_found)?;
    let body = Json(user_result(tenant, user));
    Ok((Extension(ResponseCase::Known), body).into_response())
}
