//! What a rule reports: a place in the repository, and what to do about it.

use std::fmt;

/// One violation of a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    pub(crate) file: String,
    pub(crate) line: usize,
    /// What is wrong and what to do, in one sentence.
    pub(crate) advice: String,
}

impl Finding {
    pub(crate) fn new(file: &str, line: usize, advice: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line,
            advice: advice.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}", self.file, self.line, self.advice)
    }
}

/// All findings in the order of files, one a line, with their number at the end.
pub fn report(mut findings: Vec<Finding>) -> String {
    findings.sort();
    findings.dedup();
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    format!("{}\n{} findings", lines.join("\n"), lines.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_sorted_and_counted() {
        let findings = vec![
            Finding::new("b.rs", 2, "shorten"),
            Finding::new("a.rs", 10, "rename"),
        ];
        assert_eq!(
            report(findings),
            "a.rs:10: rename\nb.rs:2: shorten\n2 findings"
        );
    }
}
