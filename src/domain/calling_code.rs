//! The country calling code at the beginning of a phone number.

use super::typed_text::simplify;

/// Longest calling code, in digits.
pub const MAX_CALLING_CODE: usize = 3;

/// What follows the `+` or `00` of a number, as far as it is typed: the calling code comes first,
/// and characters that no number has are question marks. None for a national number.
pub fn international_digits(typed: &str) -> Option<String> {
    let mut number = simplify(typed);
    number.retain(|c| c != ' ');
    let digits = number
        .strip_prefix('+')
        .or_else(|| number.strip_prefix("00"))?;
    Some(digits.to_owned())
}

/// The calling code of a number that is typed with a `+` or `00`, as far as it is typed. None for a
/// national number.
pub fn typed_calling_code(typed: &str) -> Option<String> {
    let mut digits = international_digits(typed)?;
    digits.retain(|c| c.is_ascii_digit());
    digits.truncate(calling_code_length(&digits));
    Some(digits)
}

/// How many of a number's digits are its calling code (ITU-T E.164 list of assigned codes): one for
/// 1 and 7, two for the codes below, three for all others.
pub fn calling_code_length(digits: &str) -> usize {
    let length = match digits.as_bytes() {
        [b'1' | b'7', ..] => 1,
        [b'2', b'0' | b'7', ..]
        | [b'3', b'0'..=b'4' | b'6' | b'9', ..]
        | [b'4', b'0' | b'1' | b'3'..=b'9', ..]
        | [b'5', b'1'..=b'8', ..]
        | [b'6', b'0'..=b'6', ..]
        | [b'8', b'1' | b'2' | b'4' | b'6', ..]
        | [b'9', b'0'..=b'5' | b'8', ..] => 2,
        _ => MAX_CALLING_CODE,
    };
    length.min(digits.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calling_code_is_read_as_soon_as_it_is_typed() {
        for (typed, code) in [
            ("+44 7400 12", "44"),
            ("+44", "44"),
            ("0044", "44"),
            ("00 1 202", "1"),
            ("+1", "1"),
            ("+7", "7"),
            ("+353 85", "353"),
            ("(+20) 100", "20"),
            ("\u{202a}\u{ff0b}\u{664}\u{664}", "44"),
            ("+49-151", "49"),
            ("+49 CALL ME", "49"),
            ("+4", "4"),
            ("+35", "35"),
        ] {
            assert_eq!(
                typed_calling_code(typed).as_deref(),
                Some(code),
                "{typed:?}"
            );
        }
        for typed in ["", "44", "07400 12", "020 7946", "0", "my number", "4 +4"] {
            assert_eq!(typed_calling_code(typed), None, "{typed:?}");
        }
        for typed in ["+", "00", "+ab"] {
            assert_eq!(typed_calling_code(typed).as_deref(), Some(""), "{typed:?}");
        }
    }
}
