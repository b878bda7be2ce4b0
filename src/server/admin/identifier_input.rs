//! An identifier that the operator typed.

use crate::domain::{Identifier, IdentifierType};
use crate::server::identifier_parser::IdentifierParser;

/// Parses an identifier, with an error for the operator.
pub(super) fn parse_identifier(
    parser: &IdentifierParser,
    typed: &str,
) -> Result<Identifier, String> {
    parser
        .parse(typed, None)
        .map_err(|invalid| match invalid.country {
            Some(country) => {
                format!("guard.countries does not name {country}: nobody signs in with this number")
            }
            None => format!("cannot be parsed; {}", expected(parser.kind())),
        })
        .map(|parsed| parsed.identifier)
}

/// What people sign in with, in words.
fn expected(kind: IdentifierType) -> String {
    match kind {
        IdentifierType::PhoneNumber => {
            "a phone number is written in international form, such as +447400123456".to_owned()
        }
        IdentifierType::Email => {
            "people sign in with an email address, such as ada@example.com".to_owned()
        }
        kind => format!(
            "people sign in with a {}, without control characters",
            kind.as_str()
        ),
    }
}
