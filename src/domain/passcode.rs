//! The one-time passcode that a person types.

use std::fmt;

use crate::domain::typed_text::find_code;

/// Allowed lengths of a code (Transmit's policy: 4 to 8 digits).
pub const LENGTHS: std::ops::RangeInclusive<usize> = 4..=8;

/// A passcode of ASCII digits. `Debug` hides it.
#[derive(Clone)]
#[cfg_attr(feature = "ssr", derive(zeroize::Zeroize, zeroize::ZeroizeOnDrop))]
pub struct Passcode(String);

/// The text is not a passcode of the expected length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidCodeFormat;

impl Passcode {
    /// Parses a passcode of exactly `length` digits, typed or in a pasted message
    /// ([`find_code`]).
    ///
    /// # Errors
    /// [`InvalidCodeFormat`] for anything else.
    pub fn parse(typed: &str, length: usize) -> Result<Self, InvalidCodeFormat> {
        find_code(typed, length).map(Self).ok_or(InvalidCodeFormat)
    }

    /// The digits. They are for the upstream call only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Passcode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passcode(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(typed: &str) -> Result<String, InvalidCodeFormat> {
        Passcode::parse(typed, 6).map(|code| code.expose().to_owned())
    }

    #[test]
    fn w1_separators_and_digits_of_other_scripts_are_accepted() {
        for typed in [
            "123456",
            " 123 456 ",
            "123-456",
            "１２３４５６",
            "١٢٣٤٥٦",
            "\u{200e}123456",
            "1 2 3 4 5 6",
        ] {
            assert_eq!(parse(typed).as_deref(), Ok("123456"), "{typed:?}");
        }
    }

    #[test]
    fn c1_only_exactly_that_many_digits_pass() {
        for typed in [
            "",
            "12345",
            "1234567",
            "12345a",
            "12345\0",
            "+12345",
            "12345６７",
            "½23456",
        ] {
            assert_eq!(parse(typed), Err(InvalidCodeFormat), "{typed:?}");
        }
    }

    #[test]
    fn debug_is_redacted() {
        assert_eq!(
            format!("{:?}", Passcode::parse("123456", 6)),
            "Ok(Passcode(redacted))"
        );
    }
}
