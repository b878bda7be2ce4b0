//! The one-time passcode that a person types.

use std::fmt;

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
    /// Parses a passcode of exactly `length` digits. Spaces and dashes are ignored. Decimal digits
    /// of other scripts are accepted, because keyboards follow the person's language.
    ///
    /// # Errors
    /// [`InvalidCodeFormat`] for anything else.
    pub fn parse(typed: &str, length: usize) -> Result<Self, InvalidCodeFormat> {
        let mut digits = String::with_capacity(length);
        for c in typed.chars() {
            match to_ascii_digit(c) {
                Some(digit) if digits.len() < length => digits.push(digit),
                None if is_separator(c) => {}
                _ => return Err(InvalidCodeFormat),
            }
        }
        if digits.len() == length {
            Ok(Self(digits))
        } else {
            Err(InvalidCodeFormat)
        }
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

fn is_separator(c: char) -> bool {
    // Text that is copied from a right-to-left page contains bidirectional marks.
    c.is_whitespace()
        || matches!(c, '-' | '\u{2010}'..='\u{2015}')
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2066}'..='\u{2069}')
}

/// The ASCII form of a decimal digit: ASCII, Arabic-Indic, extended Arabic-Indic, Devanagari,
/// Bengali, fullwidth.
pub fn to_ascii_digit(c: char) -> Option<char> {
    const ZEROS: [u32; 6] = ['0' as u32, 0x0660, 0x06f0, 0x0966, 0x09e6, 0xff10];
    let code = c as u32;
    let zero = ZEROS
        .into_iter()
        .find(|zero| (*zero..zero + 10).contains(&code))?;
    char::from_digit(code - zero, 10)
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
