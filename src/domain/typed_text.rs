//! Reads numbers and codes that people type or paste.
//!
//! Keyboards, messages and contact lists bring digits of many scripts, invisible marks and every
//! kind of dash, bracket and quote. Server and browser read them by these rules, so that what one
//! accepts the other does not refuse.

/// Longest text of a phone number that is read, in characters, with all marks and spaces.
pub const MAX_PHONE_TEXT: usize = 200;
/// Longest text of any other identifier that is read, in characters: the longest email address, and
/// what comes along when it is copied.
pub const MAX_IDENTIFIER_TEXT: usize = 320;
/// What [`simplify`] writes for a character that belongs to no number.
const OTHER: u8 = b'?';

/// The zeros of the decimal digits of all scripts in the basic plane (Unicode 17, general category
/// `Nd`). The nine digits after a zero follow it in order.
const ZEROS: [u16; 37] = [
    0x0030, 0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6,
    0x0d66, 0x0de6, 0x0e50, 0x0ed0, 0x0f20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80,
    0x1a90, 0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0,
    0xff10,
];
/// The same for the supplementary plane, less 0x10000.
const SUPPLEMENTARY_ZEROS: [u16; 40] = [
    0x04a0, 0x0d30, 0x0d40, 0x1066, 0x10f0, 0x1136, 0x11d0, 0x12f0, 0x1450, 0x14d0, 0x1650, 0x16c0,
    0x16d0, 0x16da, 0x1730, 0x18e0, 0x1950, 0x1bf0, 0x1c50, 0x1d50, 0x1da0, 0x1de0, 0x1f50, 0x6130,
    0x6a60, 0x6ac0, 0x6b50, 0x6d70, 0xccf0, 0xd7ce, 0xd7d8, 0xd7e2, 0xd7ec, 0xd7f6, 0xe140, 0xe2f0,
    0xe4f0, 0xe5f1, 0xe950, 0xfbf0,
];

/// The ASCII form of a decimal digit of any script (general category `Nd`).
pub fn to_ascii_digit(c: char) -> Option<char> {
    let code = u32::from(c);
    let (zeros, base) = match code >> 16 {
        0 => (&ZEROS[..], 0),
        1 => (&SUPPLEMENTARY_ZEROS[..], 0x10000),
        _ => return None,
    };
    let offset = code - base;
    let mut values = zeros
        .iter()
        .map(|zero| offset.wrapping_sub(u32::from(*zero)));
    char::from_digit(values.find(|value| *value < 10)?, 10)
}

/// Whether a character is drawn as nothing: format characters and fillers (`Default_Ignorable` of
/// Unicode), such as bidirectional marks, zero-width spaces and the byte-order mark, and the blank
/// of Braille.
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether a character only separates digits: white space, dashes, brackets, quotes, full stops,
/// commas and strokes of every kind.
fn is_separator(c: char) -> bool {
    matches!(c,
        '\t'..='\r' | ' ' | '"' | '\'' | '(' | ')' | ',' | '-' | '.' | '/' | ':' | ';' | '<' | '>'
        | '[' | ']' | '_' | '`' | '{' | '|' | '}' | '~'
        | '\u{85}' | '\u{a0}' | '\u{ab}' | '\u{b4}' | '\u{b7}' | '\u{bb}'
        | '\u{2b9}'..='\u{2bf}' | '\u{2d7}'
        | '\u{58a}' | '\u{5be}' | '\u{60c}' | '\u{61b}' | '\u{66b}' | '\u{66c}' | '\u{6d4}'
        | '\u{f3a}'..='\u{f3d}' | '\u{1400}' | '\u{1680}' | '\u{169b}' | '\u{169c}' | '\u{1806}'
        | '\u{2000}'..='\u{205f}' | '\u{207b}' | '\u{207d}' | '\u{207e}' | '\u{208b}'
        | '\u{208d}' | '\u{208e}' | '\u{2212}' | '\u{2215}' | '\u{2219}' | '\u{22c5}'
        | '\u{2308}'..='\u{230b}' | '\u{2329}' | '\u{232a}' | '\u{23af}' | '\u{2500}'
        | '\u{2501}' | '\u{275b}'..='\u{2760}' | '\u{2768}'..='\u{2775}' | '\u{2796}'
        | '\u{27c5}' | '\u{27c6}' | '\u{27e6}'..='\u{27ef}' | '\u{2983}'..='\u{2998}'
        | '\u{29d8}'..='\u{29db}' | '\u{29fc}' | '\u{29fd}' | '\u{2e00}'..='\u{2e7f}'
        | '\u{3000}'..='\u{3003}' | '\u{3008}'..='\u{301f}' | '\u{3030}' | '\u{30a0}'
        | '\u{30fb}' | '\u{30fc}' | '\u{fd3e}' | '\u{fd3f}' | '\u{fe10}'..='\u{fe19}'
        | '\u{fe30}'..='\u{fe5e}' | '\u{fe63}' | '\u{ff5f}'..='\u{ff65}' | '\u{ff70}'
        | '\u{10d6e}' | '\u{10ead}' | '\u{1f676}'..='\u{1f678}')
}

/// Reduces a text to what matters in a number: ASCII digits, `+`, a space for each separator, and a
/// question mark for everything else. Invisible characters are left out.
pub fn simplify(text: &str) -> String {
    let visible = text.chars().filter(|c| !is_invisible(*c));
    visible
        .map(|c| match c {
            // Full-width forms of ASCII.
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            '\u{fe62}' | '\u{207a}' | '\u{2795}' => '+',
            _ => c,
        })
        .map(|c| match to_ascii_digit(c) {
            Some(digit) => digit,
            None if c == '+' => c,
            None if is_separator(c) => ' ',
            None => char::from(OTHER),
        })
        .collect()
}

/// The code of `length` digits in a text: what was typed, with separators anywhere, or a whole
/// message that was pasted. None if there is no code of exactly that length, or more than one.
pub fn find_code(text: &str, length: usize) -> Option<String> {
    if let Some(code) = bound_part(text).and_then(|part| only_code(&simplify(part), length, 0)) {
        return Some(code);
    }
    let simple = simplify(text);
    let has_words = simple.bytes().any(ends_part);
    // A number that stands alone is likelier than one that is written in groups: a time or a date
    // may stand before it.
    only_code(&simple, length, 0)
        .or_else(|| only_code(&simple, length, if has_words { 1 } else { usize::MAX }))
}

/// What follows the `@host ` of a message, from its `#` (WICG origin-bound one-time codes). A `#`
/// elsewhere may begin any number.
fn bound_part(text: &str) -> Option<&str> {
    let hash = text.rfind('#')?;
    let at = text.get(..hash)?.rfind('@')?;
    let host = text.get(at..hash)?.as_bytes();
    let space = host.iter().position(|byte| *byte <= b' ')?;
    (space + 1 == host.len()).then(|| text.get(hash..))?
}

/// Whether no number goes on after a character of a simplified text.
fn ends_part(c: u8) -> bool {
    matches!(c, OTHER | b'+')
}

/// The digits of the only part that has exactly `length` of them. A part goes on after up to
/// `spaces` separators in a row. Parts with the same digits count as one: a message repeats its
/// code in its last line.
fn only_code(simple: &str, length: usize, spaces: usize) -> Option<String> {
    let mut code: Option<String> = None;
    let mut part = String::new();
    let mut gap = 0;
    // The end of the text ends a part.
    for c in simple.bytes().chain([OTHER]) {
        gap = if c == b' ' { gap + 1 } else { 0 };
        if c.is_ascii_digit() {
            part.push(char::from(c));
        } else if ends_part(c) || gap > spaces {
            if part.len() == length {
                if code.is_some_and(|code| code != part) {
                    return None;
                }
                code = Some(part);
            }
            part = String::new();
        }
    }
    code
}

/// The digits of a phone number, after a `+` if it was typed with one. None for a text with letters
/// or other characters that no phone number has, but for the prefix `tel:` (RFC 3966).
pub fn read_phone(typed: &str) -> Option<String> {
    if typed.chars().count() > MAX_PHONE_TEXT {
        return None;
    }
    let text = typed.trim_start_matches(|c| is_invisible(c) || is_separator(c));
    let scheme = text
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("tel:"));
    let text = text.get(if scheme { 4 } else { 0 }..)?;
    let number: String = simplify(text).split(' ').collect();
    let digits = number.strip_prefix('+').unwrap_or(&number);
    (!digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit())).then_some(number)
}

/// Whether a text shows something. A name of invisible characters alone is no name.
pub fn is_visible(text: &str) -> bool {
    text.chars()
        .any(|c| !c.is_whitespace() && !c.is_control() && !is_invisible(c))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn w1_digits_of_every_script_have_their_value() {
        for (zeros, base) in [(&ZEROS[..], 0), (&SUPPLEMENTARY_ZEROS[..], 0x10000)] {
            assert!(zeros.is_sorted());
            for zero in zeros {
                for value in 0..10 {
                    let c = char::from_u32(base + u32::from(*zero) + value).unwrap();
                    assert_eq!(to_ascii_digit(c), char::from_digit(value, 10), "{c:?}");
                }
            }
        }
        for other in [
            'a', '½', '²', '①', '一', '〇', '\u{ff0f}', '\u{ff1a}', '/', ':',
        ] {
            assert_eq!(to_ascii_digit(other), None, "{other:?}");
        }
    }

    #[test]
    fn w1_a_code_is_found_among_separators_and_invisible_characters() {
        for typed in [
            "123456",
            "\u{feff}123\u{200b}456\u{202c}",
            "１２３４５６",
            "๑๒๓๔๕๖",
            "𝟏𝟐𝟑𝟜𝟝𝟞",
            "123\u{2212}456",
            "123\u{2013}456,",
            "「123456」",
            "“123 456”",
            "( 1 2 3 4 5 6 )",
            "Latchkey code 123456",
            "Your Latchkey code is 123456. Never share it.\n@id.example.com #123456",
            "G-123 456",
            "code: 123-456, for 5 minutes",
            "G-123456 is your code, 12345 is not",
            "ref 654321, call 0800\n@id.example.com #123456",
            "09:41 123456",
            "12:34\n123456",
            "[12:34] 123456",
            "01.12.2026 12:34 123456",
            "1) 123456",
            "123456 7",
            "123456 123456",
            "12345 6",
            "Code 123456 for order #98765 at 10:00",
            "\u{2800}123456",
            "رمزك هو ١٢٣٤٥٦.",
        ] {
            assert_eq!(find_code(typed, 6).as_deref(), Some("123456"), "{typed:?}");
        }
    }

    #[test]
    fn c1_a_text_without_exactly_one_code_of_the_length_has_none() {
        for typed in [
            "",
            "12345",
            "1234567",
            "12 345 67",
            "123456 654321",
            "123456 or 654321",
            "Your Latchkey code is 123456. Ticket #654321",
            "Code 123456 for order #654321 at 10:00",
            "Your code 12345678",
            "12345a",
            "½23456",
            "call 020 7946 0958",
        ] {
            assert_eq!(find_code(typed, 6), None, "{typed:?}");
        }
    }

    #[test]
    fn phone_numbers_are_read_in_every_spelling() {
        for typed in [
            "+447400123456",
            "tel:+44-7400-123456",
            " TEL:+44 (7400) 123456",
            "＋４４ ７４００ １２３４５６",
            "\u{2066}+44 7400 123456\u{2069},",
            "+44\u{2212}7400\u{2043}123456",
            "«+44.7400/123456»",
            "➕44 7400 123456",
        ] {
            assert_eq!(
                read_phone(typed).as_deref(),
                Some("+447400123456"),
                "{typed:?}"
            );
        }
        assert_eq!(read_phone("٠٧٤٠٠ ١٢٣٤٥٦").as_deref(), Some("07400123456"));
        for typed in [
            "",
            " ",
            "+",
            "call me",
            "+44 7400#5",
            "*31#07400",
            "07400+123456",
            "tel:",
        ] {
            assert_eq!(read_phone(typed), None, "{typed:?}");
        }
        assert_eq!(read_phone(&" 1".repeat(MAX_PHONE_TEXT)), None);
    }

    #[test]
    fn names_of_invisible_characters_show_nothing() {
        for name in [
            "",
            " ",
            "\u{200b}\u{2060}",
            "\u{3164}",
            "\u{2800}\u{feff}",
            "\u{0}\t",
        ] {
            assert!(!is_visible(name), "{name:?}");
        }
        assert!(is_visible("\u{200f}Ада"));
    }

    proptest! {
        #[test]
        fn w1_every_decimal_digit_of_unicode_is_read(c in "\\p{Nd}") {
            prop_assert!(c.chars().all(|c| to_ascii_digit(c).is_some()));
        }

        #[test]
        fn w1_every_dash_bracket_quote_and_space_separates(
            c in "[\\p{Pd}\\p{Ps}\\p{Pe}\\p{Pi}\\p{Pf}\\p{Zs}]"
        ) {
            let code = find_code(&format!("{c}123{c}456{c}"), 6);
            prop_assert_eq!(code.as_deref(), Some("123456"));
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in "\\PC{0,60}", length in 0_usize..9) {
            let _ = (find_code(&text, length), read_phone(&text));
        }
    }
}
