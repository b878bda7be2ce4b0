//! `GET /cis/v1/users/…`: by id, by phone number, by identifier.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use crate::http::bearer::ClientToken;
use crate::http::operation::Case;
use crate::http::refusal::Refusal;
use crate::tenant::{Shared, Tenant};
use crate::users::{contact, enveloped, not_found};
use crate::world::directory::Identifier;

/// The query of `/users/identifier`.
#[derive(Debug, Deserialize)]
pub struct ByIdentifier {
    identifier_name: String,
    identifier_value: String,
}

/// `GET /cis/v1/users/{user_id}`
pub async fn by_id(
    _: ClientToken,
    State(tenant): State<Shared>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    show(&tenant, &Identifier::UserId(id))
}

/// `GET /cis/v1/users/phone-number/{phone}`
pub async fn by_phone(
    _: ClientToken,
    State(tenant): State<Shared>,
    Path(number): Path<String>,
) -> Result<Response, Refusal> {
    show(&tenant, &phone(&number)?)
}

/// `GET /cis/v1/users/identifier?identifier_name=…&identifier_value=…`
pub async fn by_identifier(
    _: ClientToken,
    State(tenant): State<Shared>,
    query: Result<Query<ByIdentifier>, QueryRejection>,
) -> Result<Response, Refusal> {
    let Query(ByIdentifier {
        identifier_name,
        identifier_value: value,
    }) = query.map_err(|error| Refusal::bad_request(error.body_text()))?;
    let identifier = match identifier_name.as_str() {
        "phoneNumber" => phone(&value)?,
        "email" => {
            let address = contact::email(&value)
                .ok_or_else(|| Refusal::bad_request("email must be an email"))?;
            Identifier::Email(address)
        }
        "username" => Identifier::Username(value),
        "externalUserId" => Identifier::External(value),
        // Nobody here comes from another identity provider.
        "idpIdentifier" => return Err(not_found()),
        _ => {
            return Err(Refusal::bad_request(
                "identifier_name is not an identifier of this tenant",
            ));
        }
    };
    show(&tenant, &identifier)
}

fn phone(number: &str) -> Result<Identifier, Refusal> {
    let number = contact::phone(number);
    number
        .map(Identifier::Phone)
        .ok_or_else(|| Refusal::bad_request("phone_number must be a valid phone number"))
}

fn show(tenant: &Tenant, identifier: &Identifier) -> Result<Response, Refusal> {
    let world = tenant.world();
    let user = world
        .users
        .find(identifier)
        .filter(|user| user.in_app)
        .ok_or_else(not_found)?;
    let mut response = Json(enveloped(tenant, user)).into_response();
    response.extensions_mut().insert(Case::Known);
    Ok(response)
}
