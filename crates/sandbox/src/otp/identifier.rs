//! `identifier_type` and `identifier`: whom a code is for.

use crate::http::refusal::Refusal;
use crate::users::contact;
use crate::world::directory::Identifier;

/// Reads the pair. The vendor lets tenants define further types; this tenant has not.
///
/// # Errors
/// An unknown type, an empty value, a number that is not E.164, an address that is none.
pub fn parse(identifier_type: &str, identifier: &str) -> Result<Identifier, Refusal> {
    let invalid = |what: &str| Refusal::invalid_input(format!("identifier must be {what}"));
    if identifier.is_empty() {
        return Err(invalid("a non-empty string"));
    }
    match identifier_type {
        "phone_number" => contact::phone(identifier)
            .map(Identifier::Phone)
            .ok_or_else(|| invalid("a number in E.164")),
        "email" => contact::email(identifier)
            .map(Identifier::Email)
            .ok_or_else(|| invalid("an e-mail address")),
        "user_id" => Ok(Identifier::UserId(identifier.to_owned())),
        "username" => Ok(Identifier::Username(identifier.to_owned())),
        _ => Err(Refusal::invalid_input(
            "identifier_type must be phone_number, email, user_id or username",
        )),
    }
}
