//! The assessment in `docs/auditors/asvs.md` names every requirement of ASVS 5.0.0 level 2 once,
//! and the tests that it names exist.

use std::collections::HashSet;

use crate::checkout::{Checkout, TextFile};
use crate::finding::Finding;

/// The assessment.
pub const PAGE: &str = "docs/auditors/asvs.md";

/// Sections of ASVS 5.0.0, each with how many requirements of levels 1 and 2 it has. They are
/// numbered from 1 in each section; those of level 3 come last.
const SECTIONS: [(&str, usize); 75] = [
    ("1.1", 2),
    ("1.2", 9),
    ("1.3", 11),
    ("1.4", 3),
    ("1.5", 2),
    ("2.1", 3),
    ("2.2", 3),
    ("2.3", 4),
    ("2.4", 1),
    ("3.2", 2),
    ("3.3", 4),
    ("3.4", 6),
    ("3.5", 5),
    ("3.7", 2),
    ("4.1", 3),
    ("4.2", 1),
    ("4.3", 2),
    ("4.4", 4),
    ("5.1", 1),
    ("5.2", 3),
    ("5.3", 2),
    ("5.4", 3),
    ("6.1", 3),
    ("6.2", 12),
    ("6.3", 4),
    ("6.4", 4),
    ("6.5", 5),
    ("6.6", 3),
    ("6.8", 4),
    ("7.1", 3),
    ("7.2", 4),
    ("7.3", 2),
    ("7.4", 5),
    ("7.5", 2),
    ("7.6", 2),
    ("8.1", 2),
    ("8.2", 3),
    ("8.3", 1),
    ("8.4", 1),
    ("9.1", 3),
    ("9.2", 4),
    ("10.1", 2),
    ("10.2", 2),
    ("10.3", 4),
    ("10.4", 11),
    ("10.5", 5),
    ("10.6", 2),
    ("10.7", 3),
    ("11.1", 2),
    ("11.2", 3),
    ("11.3", 3),
    ("11.4", 4),
    ("11.5", 1),
    ("11.6", 1),
    ("12.1", 3),
    ("12.2", 2),
    ("12.3", 4),
    ("13.1", 1),
    ("13.2", 5),
    ("13.3", 2),
    ("13.4", 5),
    ("14.1", 2),
    ("14.2", 4),
    ("14.3", 3),
    ("15.1", 3),
    ("15.2", 3),
    ("15.3", 7),
    ("16.1", 1),
    ("16.2", 5),
    ("16.3", 4),
    ("16.4", 3),
    ("16.5", 3),
    ("17.1", 1),
    ("17.2", 4),
    ("17.3", 2),
];

/// Spans of code with at least this many underscores name a test; fewer are names of the product.
const UNDERSCORES_OF_A_TEST: usize = 3;

/// One row of the assessment's tables.
struct Assessment<'a> {
    line: usize,
    requirement: &'a str,
    state: &'a str,
    evidence: &'a str,
}

/// What is wrong with the assessment.
pub fn check(checkout: &Checkout) -> Vec<Finding> {
    let Some(page) = checkout.file(PAGE) else {
        return vec![Finding::new(PAGE, 1, "write the assessment: it is missing")];
    };
    let rows: Vec<Assessment<'_>> = page.lines().filter_map(assessment).collect();
    let tests = tests(checkout);
    let mut findings = wrong_requirements(&rows);
    for row in &rows {
        findings
            .extend(wrong_evidence(row, &tests).map(|advice| Finding::new(PAGE, row.line, advice)));
    }
    findings.extend(wrong_counts(page, &rows));
    findings
}

/// The row of a requirement: four cells, of which the first is its number.
fn assessment((line, text): (usize, &str)) -> Option<Assessment<'_>> {
    let cells: Vec<&str> = text.strip_prefix('|')?.split('|').map(str::trim).collect();
    let [requirement, _, state, evidence, ""] = *cells.as_slice() else {
        return None;
    };
    let is_number = requirement.starts_with(|c: char| c.is_ascii_digit());
    is_number.then_some(Assessment {
        line,
        requirement,
        state,
        evidence,
    })
}

/// Every number in the order of the standard.
fn requirements() -> impl Iterator<Item = String> {
    let numbers = |(section, count): (&'static str, usize)| {
        (1..=count).map(move |number| format!("{section}.{number}"))
    };
    SECTIONS.into_iter().flat_map(numbers)
}

/// The first place at which the rows differ from the standard.
fn wrong_requirements(rows: &[Assessment<'_>]) -> Vec<Finding> {
    let mut found = rows.iter();
    for expected in requirements() {
        match found.next() {
            Some(row) if row.requirement == expected => {}
            row => {
                let line = row.map_or(1, |row| row.line);
                let advice = format!("{expected} is missing here: name each requirement once");
                return vec![Finding::new(PAGE, line, advice)];
            }
        }
    }
    let unknown = |row: &Assessment<'_>| {
        let advice = format!(
            "{} is no further requirement of level 1 or 2",
            row.requirement
        );
        Finding::new(PAGE, row.line, advice)
    };
    found.map(unknown).collect()
}

/// What is wrong with the state and the evidence of a row.
fn wrong_evidence(row: &Assessment<'_>, tests: &HashSet<&str>) -> Option<String> {
    if !["met", "not met", "n/a"].contains(&row.state) {
        return Some(format!("`{}` is not met, not met or n/a", row.state));
    }
    if row.evidence.is_empty() {
        return Some("say why".to_owned());
    }
    let named: Vec<&str> = code_spans(row.evidence)
        .filter(|span| is_test_name(span))
        .collect();
    if let Some(missing) = named.iter().find(|name| !tests.contains(*name)) {
        return Some(format!(
            "no test is called `{missing}`: name one that is there"
        ));
    }
    let has_document = row.evidence.contains("](") || row.evidence.contains(".lock`");
    (row.state == "met" && named.is_empty() && !has_document)
        .then(|| "name the test that proves it, or the document that it asks for".to_owned())
}

/// Whether the sentence with the counts agrees with the rows.
fn wrong_counts(page: &TextFile, rows: &[Assessment<'_>]) -> Option<Finding> {
    let count = |state: &str| rows.iter().filter(|row| row.state == state).count();
    let sentence = format!(
        "Of {} requirements {} are met, {} are not met, and {} do not apply.",
        rows.len(),
        count("met"),
        count("not met"),
        count("n/a")
    );
    (!page.text.contains(&sentence))
        .then(|| Finding::new(PAGE, 1, format!("correct the counts: {sentence}")))
}

fn code_spans(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

fn is_test_name(span: &str) -> bool {
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    span.chars().all(is_name) && span.matches('_').count() >= UNDERSCORES_OF_A_TEST
}

/// The names of all test functions, in macros too.
fn tests(checkout: &Checkout) -> HashSet<&str> {
    let files = checkout.files(&["rs"]);
    files.flat_map(|file| tests_of(&file.text)).collect()
}

fn tests_of(text: &str) -> Vec<&str> {
    let (mut names, mut is_test) = (Vec::new(), false);
    for line in text.lines().map(str::trim) {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            is_test = true;
        } else if let Some(name) = function_name(line) {
            if is_test {
                names.push(name);
            }
            is_test = false;
        }
    }
    names
}

fn function_name(line: &str) -> Option<&str> {
    let line = line.strip_prefix("async ").unwrap_or(line);
    line.strip_prefix("fn ")?.split(['(', '<']).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TESTS: &str = "#[test]\nfn a_rule_that_holds() {}\n\
        #[tokio::test(flavor = \"multi_thread\")]\nasync fn it_holds_in_time() {}\n\
        proptest! {\n    #[test]\n    fn it_holds_for_all(x in 0..9) {}\n}\n\
        fn no_test_at_all() {}\n";

    /// The findings for an assessment whose first rows are replaced by these.
    fn advice(first: &[&str]) -> Vec<String> {
        let rest = requirements().skip(first.len());
        let rows: Vec<String> = first
            .iter()
            .map(|row| (*row).to_owned())
            .chain(rest.map(|number| format!("| {number} | x | n/a | why |")))
            .collect();
        let met = rows.iter().filter(|row| row.contains("| met |")).count();
        let page = format!(
            "Of {} requirements {met} are met, 0 are not met, and {} do not apply.\n{}\n",
            rows.len(),
            rows.len() - met,
            rows.join("\n")
        );
        let files = [(PAGE, page.as_str()), ("tests/a.rs", TESTS)];
        let findings = check(&Checkout::of(&files));
        findings.into_iter().map(|finding| finding.advice).collect()
    }

    #[test]
    fn the_standard_has_253_requirements_of_level_1_and_2() {
        assert_eq!(requirements().count(), 253);
        assert_eq!(requirements().collect::<HashSet<_>>().len(), 253);
    }

    #[test]
    fn tests_that_exist_and_documents_are_evidence() {
        for evidence in [
            "`a_rule_that_holds`, `it_holds_in_time`",
            "`it_holds_for_all` (`auth_time`)",
            "[a page](a.md)",
        ] {
            assert_eq!(
                advice(&[&format!("| 1.1.1 | x | met | {evidence} |")]),
                [""; 0]
            );
        }
    }

    #[test]
    fn tests_that_do_not_exist_are_found() {
        for (row, expected) in [
            (
                "| 1.1.1 | x | met | `no_test_at_all` |",
                "no test is called",
            ),
            (
                "| 1.1.1 | x | n/a | `no_test_at_all` |",
                "no test is called",
            ),
            ("| 1.1.1 | x | met | because |", "name the test"),
            ("| 1.1.1 | x | n/a | |", "say why"),
        ] {
            let advice = advice(&[row]);
            assert!(
                matches!(advice.as_slice(), [text] if text.contains(expected)),
                "{advice:?}"
            );
        }
        assert!(advice(&["| 1.1.1 | x | perhaps | why |"])[0].contains("perhaps"));
    }

    #[test]
    fn every_requirement_is_named_once_and_in_order() {
        for rows in [
            ["| 1.1.2 | x | n/a | why |", "| 1.1.1 | x | n/a | why |"],
            ["| 1.1.1 | x | n/a | why |", "| 1.1.1 | x | n/a | why |"],
        ] {
            assert!(advice(&rows)[0].contains("is missing here"));
        }
        let page = format!("| {} | x | n/a | why |", "1.1.1");
        let findings = check(&Checkout::of(&[(PAGE, page.as_str())]));
        assert_eq!(
            findings.len(),
            2,
            "a requirement is missing, and the counts are"
        );
        assert_eq!(check(&Checkout::of(&[])).len(), 1);
    }
}
