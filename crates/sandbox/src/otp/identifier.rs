//! Parses `identifier_type` and `identifier`, which name the user of a code.

use crate::http::api_error::ApiError;
use crate::state::contact;
use crate::state::user_directory::{Identifier, UserDirectory};

/// A tenant may define more types than the vendor's four. This one has those that its users were
/// given by `/control/users`.
///
/// # Errors
/// An unknown type, an empty value, or an invalid number or address.
pub fn parse_identifier(
    users: &UserDirectory,
    identifier_type: &str,
    identifier: &str,
) -> Result<Identifier, ApiError> {
    let invalid =
        |expected: &str| ApiError::invalid_input(format!("identifier must be {expected}"));
    if identifier.is_empty() {
        return Err(invalid("a non-empty string"));
    }
    match identifier_type {
        "phone_number" => contact::parse_phone(identifier)
            .map(Identifier::Phone)
            .ok_or_else(|| invalid("a number in E.164")),
        "email" => contact::parse_email(identifier)
            .map(Identifier::Email)
            .ok_or_else(|| invalid("an e-mail address")),
        "user_id" => Ok(Identifier::UserId(identifier.to_owned())),
        "username" => Ok(Identifier::Username(identifier.to_owned())),
        name if users.has_custom_type(name) => Ok(Identifier::Custom {
            name: name.to_owned(),
            value: identifier.to_owned(),
        }),
        _ => Err(ApiError::invalid_input(
            "identifier_type must be phone_number, email, user_id or username",
        )),
    }
}
