//! Documentation comments hold no Rust examples. Nothing would run them: compiling the library once
//! more for documentation tests takes longer than all unit tests of a module.

use crate::checkout::Checkout;
use crate::finding::Finding;

/// Code blocks in documentation comments that rustdoc would take for Rust.
pub fn check(checkout: &Checkout) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in checkout.files(&["rs"]) {
        let mut is_inside = false;
        for (number, line) in file.lines() {
            let Some(language) = fence(line) else {
                continue;
            };
            if !is_inside && is_rust(language) {
                let advice = "make this example a unit test, or name its language: `text`, `sh`";
                findings.push(Finding::new(&file.path, number, advice));
            }
            is_inside = !is_inside;
        }
    }
    findings
}

/// What follows three backticks at the beginning of a documentation comment.
fn fence(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let comment = line
        .strip_prefix("///")
        .or_else(|| line.strip_prefix("//!"))?;
    Some(comment.trim_start().strip_prefix("```")?.trim())
}

/// rustdoc runs a block without a language, and one with attributes of its own.
fn is_rust(language: &str) -> bool {
    let is_known = |word: &str| {
        matches!(
            word,
            "" | "rust" | "no_run" | "should_panic" | "compile_fail"
        ) || word.starts_with("edition")
    };
    language.split([',', ' ']).all(is_known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_found(text: &str) -> Vec<usize> {
        let found = check(&Checkout::of(&[("src/a.rs", text)]));
        found.into_iter().map(|found| found.line).collect()
    }

    #[test]
    fn an_example_that_rustdoc_would_run_is_reported_once() {
        assert_eq!(
            lines_found("/// ```\n/// one();\n/// ```\nfn one() {}"),
            [1]
        );
        assert_eq!(lines_found("//! ```rust,no_run\n//! ```\n"), [1]);
        assert_eq!(lines_found("    /// ```should_panic\n    /// ```\n"), [1]);
    }

    #[test]
    fn blocks_in_other_languages_and_other_comments_are_not() {
        assert!(lines_found("//! ```text\n//! a\n//! ```\n").is_empty());
        assert!(lines_found("/// ```sh\n/// ```\n// ```\nlet a = \"```\";").is_empty());
    }
}
