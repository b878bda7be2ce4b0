//! Masks of identifiers, which their owners recognise and which tell others little.
//!
//! - A phone number keeps `+`, its calling code and its last two digits: `+44 ••• ••• 56`.
//! - An email address keeps its first letter and its domain: `a•••@example.com`.
//! - A user name keeps its first letter: `a•••`.
//! - A user id, or an identifier that the tenant defines, keeps its last two characters: `•••9f`.
//!
//! What would be the whole name, or most of it, is hidden too. Three dots say nothing of a length.

use crate::domain::IdentifierType;
use crate::domain::calling_code::calling_code_length;

const DOTS: &str = "•••";
/// What is between the calling code and the last digits of a number.
const NUMBER_DOTS: &str = " ••• ••• ";
/// Identifiers with fewer characters than this are hidden whole.
const MIN_SHOWN: usize = 3;
/// The same for those whose end is shown.
const MIN_ENDING_SHOWN: usize = 6;

/// What a mask shows, for a page to draw and to say in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MaskParts<'a> {
    /// A phone number, and its last digits.
    PhoneNumber {
        /// The last digits.
        ending: &'a str,
    },
    /// Any other identifier: what is before the dots, and what is after them.
    Other {
        /// The beginning, which may be empty.
        start: &'a str,
        /// The end, which may be empty.
        end: &'a str,
    },
}

/// The mask of an identifier in its canonical form.
pub fn mask(kind: IdentifierType, value: &str) -> String {
    match kind {
        IdentifierType::PhoneNumber => mask_phone_number(value),
        IdentifierType::Email => {
            let (local, domain) = value.split_once('@').unwrap_or((value, ""));
            // The letter of an address with one letter would be all of it.
            let start = first_characters(local, usize::from(local.chars().nth(1).is_some()));
            format!("{start}{DOTS}@{domain}")
        }
        IdentifierType::Username => {
            let is_long = value.chars().nth(MIN_SHOWN - 1).is_some();
            format!("{}{DOTS}", first_characters(value, usize::from(is_long)))
        }
        IdentifierType::UserId | IdentifierType::Custom(_) => {
            let length = value.chars().count();
            let shown = if length < MIN_ENDING_SHOWN { 0 } else { 2 };
            let end: String = value.chars().skip(length - shown).collect();
            format!("{DOTS}{end}")
        }
    }
}

fn mask_phone_number(value: &str) -> String {
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    let (code, rest) = digits.split_at(calling_code_length(&digits));
    let tail = rest.get(rest.len().saturating_sub(2)..).unwrap_or_default();
    format!("+{code}{NUMBER_DOTS}{tail}")
}

fn first_characters(text: &str, count: usize) -> String {
    text.chars().take(count).collect()
}

/// Whether a mask is that of a phone number.
pub fn is_phone_mask(masked: &str) -> bool {
    matches!(MaskParts::of(masked), MaskParts::PhoneNumber { .. })
}

impl<'a> MaskParts<'a> {
    /// Reads a mask, also one of an earlier version.
    pub fn of(masked: &'a str) -> Self {
        let number = masked
            .strip_prefix('+')
            .and_then(|number| number.split_once(NUMBER_DOTS));
        if let Some((_, ending)) = number {
            return Self::PhoneNumber { ending };
        }
        let (start, end) = masked.split_once(DOTS).unwrap_or((masked, ""));
        Self::Other { start, end }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_mask_keeps_only_the_ends() {
        for (number, masked, ending) in [
            ("+447400123456", "+44 ••• ••• 56", "56"),
            ("+12025550123", "+1 ••• ••• 23", "23"),
            ("+79123456789", "+7 ••• ••• 89", "89"),
            ("+352621123456", "+352 ••• ••• 56", "56"),
            ("+3545551234", "+354 ••• ••• 34", "34"),
            ("+201001234567", "+20 ••• ••• 67", "67"),
            ("+2348021234567", "+234 ••• ••• 67", "67"),
            ("+882999999999", "+882 ••• ••• 99", "99"),
            ("+", "+ ••• ••• ", ""),
        ] {
            assert_eq!(mask(IdentifierType::PhoneNumber, number), masked);
            assert_eq!(MaskParts::of(masked), MaskParts::PhoneNumber { ending });
        }
    }

    #[test]
    fn other_masks_show_a_beginning_or_an_end_and_never_most_of_it() {
        let custom: IdentifierType = "employee_number".parse().unwrap();
        for (kind, value, masked) in [
            (IdentifierType::Email, "ada@example.com", "a•••@example.com"),
            (IdentifierType::Email, "ab@example.com", "a•••@example.com"),
            (IdentifierType::Email, "a@example.com", "•••@example.com"),
            (IdentifierType::Username, "ada", "a•••"),
            (IdentifierType::Username, "ad", "•••"),
            (IdentifierType::Username, "+447400123456", "+•••"),
            (IdentifierType::Username, "管理者", "管•••"),
            (IdentifierType::UserId, "0d1f29f9f", "•••9f"),
            (IdentifierType::UserId, "12345", "•••"),
            (custom, "E-1042", "•••42"),
            (custom, "+447400123456", "•••56"),
        ] {
            assert_eq!(mask(kind, value), masked, "{kind:?} {value}");
            assert!(!is_phone_mask(masked), "{masked}");
        }
        let other = |start, end| MaskParts::Other { start, end };
        assert_eq!(
            MaskParts::of("a•••@example.com"),
            other("a", "@example.com")
        );
        assert_eq!(MaskParts::of("a•••"), other("a", ""));
        assert_eq!(MaskParts::of("•••9f"), other("", "9f"));
        assert_eq!(MaskParts::of("+•••"), other("+", ""));
        assert_eq!(MaskParts::of(""), other("", ""));
    }
}
