//! An identifier that the operator typed.

use crate::domain::Identifier;
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
            None => "cannot be parsed; a phone number is written in international form, such as \
                     +447400123456"
                .to_owned(),
        })
        .map(|parsed| parsed.identifier)
}
