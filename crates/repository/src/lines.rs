//! Lines of Rust, Lua and Markdown have at most 100 columns. Only an address on the web may be
//! longer.

use crate::checkout::Checkout;
use crate::exceptions::{Exceptions, covers};
use crate::finding::Finding;

/// What fits beside a second file on a common screen, and in a review.
pub const COLUMNS: usize = 100;

/// Lines that are too long.
pub fn check(checkout: &Checkout, exceptions: &Exceptions) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in checkout
        .files(&["rs", "md", "lua"])
        .filter(|file| !covers(&exceptions.lines, &file.path))
    {
        for (number, line) in file.lines() {
            let columns = columns(line);
            if columns > COLUMNS && !is_long_by_address(line) {
                let advice = format!(
                    "break this line of {columns} columns; {}",
                    how(&file.path, line)
                );
                findings.push(Finding::new(&file.path, number, advice));
            }
        }
    }
    findings
}

fn columns(line: &str) -> usize {
    line.chars().count()
}

fn is_long_by_address(line: &str) -> bool {
    let addresses = line.split_whitespace().filter(|word| word.contains("://"));
    columns(line) - addresses.map(columns).sum::<usize>() <= COLUMNS && line.contains("://")
}

fn how(path: &str, line: &str) -> &'static str {
    let line = line.trim_start();
    if path.ends_with(".md") && line.starts_with('|') {
        "a table with long cells becomes a list or sections"
    } else if path.ends_with(".rs") && line.contains('"') {
        "end a long string with `\\` and go on in the next line"
    } else {
        "at most 100 are allowed"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exceptions::Exception;

    fn lines_found(text: &str, exceptions: &Exceptions) -> Vec<usize> {
        check(&Checkout::of(&[("docs/a.md", text)]), exceptions)
            .into_iter()
            .map(|found| found.line)
            .collect()
    }

    #[test]
    fn the_101st_column_is_one_too_many() {
        let (fits, long) = ("é".repeat(COLUMNS), "é".repeat(COLUMNS + 1));
        assert_eq!(
            lines_found(&format!("{fits}\n{long}\n"), &Exceptions::default()),
            [2]
        );
    }

    #[test]
    fn an_address_may_be_long_but_not_the_text_around_it() {
        let address = format!("https://example.com/{}", "a".repeat(COLUMNS));
        assert_eq!(
            lines_found(&format!("see {address}\n"), &Exceptions::default()),
            [0; 0]
        );
        let text = "word ".repeat(25);
        assert_eq!(
            lines_found(&format!("{text}{address}\n"), &Exceptions::default()),
            [1]
        );
    }

    #[test]
    fn an_exception_covers_a_file() {
        let of = |of: &str| {
            vec![Exception {
                of: of.into(),
                reason: "sample".into(),
            }]
        };
        let exceptions = Exceptions {
            lines: of("docs/"),
            ..Exceptions::default()
        };
        assert_eq!(lines_found(&"a".repeat(200), &exceptions), [0; 0]);
    }
}
