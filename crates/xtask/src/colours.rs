//! The escape sequences for colours in the output of other programs.

/// Removes the escape sequences `ESC [ … letter`.
pub fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            characters.by_ref().skip(1).find(char::is_ascii_alphabetic);
        } else {
            plain.push(character);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_removed() {
        assert_eq!(
            without_colours("\u{1b}[32;1m  3 passed\u{1b}[0m (1.2s)"),
            "  3 passed (1.2s)"
        );
        assert_eq!(without_colours("plain"), "plain");
    }
}
