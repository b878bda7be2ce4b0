//! Names that operators give, and that are part of sentences on pages and in messages.

use super::typed_text::is_invisible;

/// What is wrong with a name, as the end of a sentence that starts with what it names.
///
/// A name is part of sentences in both directions of writing, and controls in it would turn or
/// break the text behind it (Unicode UAX #9).
pub fn shown_name_error(name: &str) -> Option<&'static str> {
    if name.chars().any(is_control) {
        return Some("must have no control characters, line breaks or marks of direction");
    }
    let is_seen = |c: char| c.is_alphanumeric() && !is_invisible(c);
    (!name.chars().any(is_seen)).then_some("must have a letter or a digit that is seen")
}

/// Whether a character breaks lines or changes the direction of what follows.
fn is_control(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_a_letter_that_is_seen_and_turns_no_other_text() {
        for name in [
            "Example",
            "Example & Co.",
            "7",
            "Müller’s <shop>",
            "株式会社",
            "شركة",
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "🦊 Fox",
        ] {
            assert_eq!(shown_name_error(name), None, "{name}");
        }
        for name in [
            "",
            " ",
            "\u{a0}\u{3000}",
            "\u{200b}\u{2060}",
            "\u{115f}\u{1160}",
            "\u{3164}",
            "\u{ffa0}",
            "\u{2800}",
            "\u{feff}",
            "-",
            "…",
            "\u{301}",
        ] {
            let found = shown_name_error(name).unwrap_or_default();
            assert!(found.contains("a letter or a digit"), "{name:?}: {found}");
        }
        for mark in [
            '\0', '\t', '\n', '\r', '\u{7f}', '\u{85}', '\u{9b}', '\u{61c}', '\u{200e}',
            '\u{200f}', '\u{2028}', '\u{2029}', '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}',
            '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}',
        ] {
            for name in [
                format!("Ex{mark}ample"),
                format!("{mark}Example"),
                format!("Example{mark}"),
            ] {
                let found = shown_name_error(&name).unwrap_or_default();
                assert!(found.contains("control characters"), "{name:?}: {found}");
            }
        }
    }
}
