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
            "people sign in with identifiers of the type {}, without control characters",
            kind.as_str()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operator_is_told_what_people_sign_in_with() {
        for (kind, typed, part) in [
            ("phone_number", "ada@example.com", "such as +447400123456"),
            (
                "phone_number",
                "+79123456789",
                "guard.countries does not name RU",
            ),
            ("email", "+447400123456", "such as ada@example.com"),
            ("username", "", "of the type username"),
            ("user_id", "two words", "of the type user_id"),
            ("employee_number", "\u{200b}", "of the type employee_number"),
        ] {
            let parser = IdentifierParser::new(kind.parse().unwrap(), &["GB".to_owned()]);
            let error = parse_identifier(&parser, typed).unwrap_err();
            assert!(error.contains(part), "{kind}: {error}");
        }
        let email = IdentifierParser::new(IdentifierType::Email, &[]);
        let parsed = parse_identifier(&email, " Ada@Example.com").unwrap();
        assert_eq!(parsed.value(), "ada@example.com");
    }
}
