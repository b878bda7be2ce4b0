//! User names, user ids, and identifiers of types that a tenant defines.
//!
//! The canonical form is in Unicode's NFC, without the marks that come along when a name is copied.
//! Case is kept, because upstream may distinguish it; limits do not
//! ([`key_text`](Identifier::key_text)).

use icu_normalizer::ComposingNormalizerBorrowed;

use crate::domain::typed_text::{MAX_IDENTIFIER_TEXT, is_invisible, is_visible};
use crate::domain::{Identifier, IdentifierType};

/// Longest name that is sent to upstream, in bytes.
const MAX_LENGTH: usize = 128;

/// Parses a name. None if nothing of it can be seen, or if it is too long, or has a control
/// character. A user id has no spaces inside either.
pub fn parse_name(kind: IdentifierType, typed: &str) -> Option<Identifier> {
    if typed.chars().count() > MAX_IDENTIFIER_TEXT {
        return None;
    }
    let typed = typed.trim_matches(|c: char| c.is_whitespace() || is_invisible(c));
    if typed.chars().any(char::is_control) {
        return None;
    }
    let seen: String = typed
        .chars()
        .filter(|c| !is_invisible(*c) || is_joiner(*c))
        .collect();
    // Every space, as all white space that is no control character is, becomes a single one.
    let words: Vec<&str> = seen.split_whitespace().collect();
    let value = ComposingNormalizerBorrowed::new_nfc()
        .normalize(&words.join(" "))
        .into_owned();
    let has_forbidden_space = kind == IdentifierType::UserId && words.len() > 1;
    let fits = is_visible(&value) && value.len() <= MAX_LENGTH && !has_forbidden_space;
    fits.then(|| Identifier::canonical(kind, value, None))
}

/// Joiners are drawn as nothing, but names of some scripts are spelt with them.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(kind: &str, typed: &str) -> Option<String> {
        let parsed = parse_name(kind.parse().unwrap(), typed);
        parsed.map(|name| name.value().to_owned())
    }

    #[test]
    fn a_copied_name_is_read_without_what_came_along() {
        for kind in ["username", "user_id", "employee_number"] {
            for (typed, value) in [
                (" Ada ", "Ada"),
                ("\u{feff}Ada\u{200b}", "Ada"),
                ("A\u{202a}da\u{202c}", "Ada"),
                ("Ada\n", "Ada"),
                ("Zoe\u{308}", "Zoë"),
                ("علی\u{200c}رضا", "علی\u{200c}رضا"),
                ("管理者", "管理者"),
            ] {
                assert_eq!(
                    parse(kind, typed).as_deref(),
                    Some(value),
                    "{kind} {typed:?}"
                );
            }
        }
    }

    #[test]
    fn spaces_inside_a_name_are_single_ones_and_a_user_id_has_none() {
        for typed in ["Ada Lovelace", "Ada  Lovelace", "Ada\u{a0}\u{3000}Lovelace"] {
            for kind in ["username", "employee_number"] {
                assert_eq!(
                    parse(kind, typed).as_deref(),
                    Some("Ada Lovelace"),
                    "{typed:?}"
                );
            }
            assert_eq!(parse("user_id", typed), None, "{typed:?}");
        }
    }

    #[test]
    fn what_shows_nothing_or_has_control_characters_or_is_too_long_is_refused() {
        let longest = "é".repeat(MAX_LENGTH / 2);
        for kind in ["username", "user_id", "employee_number"] {
            for typed in [
                "",
                " ",
                "a\nb",
                "a\tb",
                "a\u{0}",
                "\u{7f}a",
                "a\u{85}b",
                "\u{200b}",
                "\u{2800}",
                "\u{3164} \u{feff}",
                "\u{200d}",
            ] {
                assert_eq!(parse(kind, typed), None, "{kind} {typed:?}");
            }
            assert_eq!(parse(kind, &longest), Some(longest.clone()));
            assert_eq!(parse(kind, &format!("{longest}a")), None);
            assert_eq!(parse(kind, &format!("a{}", " ".repeat(400))), None);
        }
    }
}
