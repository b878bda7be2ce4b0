//! The Helm chart: its templates use the values that `values.yaml` describes, and it is released
//! with the program.
//!
//! Helm renders a value that does not exist as nothing, so a misspelt one would go unnoticed.

use std::collections::BTreeSet;

use crate::checkout::{Checkout, TextFile};
use crate::finding::Finding;

const FOLDER: &str = "deploy/helm/latchkey/";
const VALUES: &str = "deploy/helm/latchkey/values.yaml";
const CHART: &str = "deploy/helm/latchkey/Chart.yaml";

/// Values that do not fit templates, and versions that do not fit the program.
pub fn check(checkout: &Checkout) -> Vec<Finding> {
    let Some(values) = checkout.file(VALUES) else {
        return vec![Finding::new(
            VALUES,
            1,
            "the values of the chart are missing",
        )];
    };
    let described = described(values);
    let mut used = BTreeSet::new();
    let mut findings = Vec::new();
    for template in checkout.files(&["yaml", "tpl"]) {
        if !template.path.starts_with(&format!("{FOLDER}templates/")) {
            continue;
        }
        for (number, line) in template.lines() {
            for name in references(line) {
                if !described.iter().any(|(path, _)| *path == name) {
                    let advice = format!("`.Values.{name}` is no value: describe it in {VALUES}");
                    findings.push(Finding::new(&template.path, number, advice));
                }
                used.insert(name);
            }
        }
    }
    for (path, number) in &described {
        // A section is used with what is in it, and what is in a value that is used as a whole.
        let is_used = used.iter().any(|name| {
            name == path
                || name.starts_with(&format!("{path}."))
                || path.starts_with(&format!("{name}."))
        });
        if !is_used {
            let advice = format!("no template uses `{path}`: remove it, or use it");
            findings.push(Finding::new(VALUES, *number, advice));
        }
    }
    findings.extend(versions(checkout));
    findings
}

/// The paths of `values.yaml` with their lines. Keys are indented by two blanks for each level;
/// lists, comments and the text of a block are none.
fn described(values: &TextFile) -> Vec<(String, usize)> {
    let mut sections: Vec<&str> = Vec::new();
    let mut block: Option<usize> = None;
    let mut found = Vec::new();
    for (number, line) in values.lines() {
        let text = line.trim_start();
        let level = (line.len() - text.len()) / 2;
        if text.is_empty() || text.starts_with(['#', '-']) || block.is_some_and(|of| level > of) {
            continue;
        }
        block = None;
        let Some((key, value)) = text.split_once(':') else {
            continue;
        };
        sections.truncate(level);
        sections.push(key);
        found.push((sections.join("."), number));
        if value.trim_start().starts_with('|') {
            block = Some(level);
        }
    }
    found
}

/// The values that a line of a template uses.
fn references(line: &str) -> impl Iterator<Item = String> {
    line.split(".Values.").skip(1).map(|rest| {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '.';
        let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let name = rest.get(..end).unwrap_or_default();
        name.trim_end_matches('.').to_owned()
    })
}

/// The chart names the version of the program, and has the same one itself.
fn versions(checkout: &Checkout) -> Vec<Finding> {
    let line = |path: &str, start: &str| {
        let lines = checkout.file(path)?.lines();
        lines
            .filter_map(|(number, line)| Some((number, line.strip_prefix(start)?)))
            .map(|(number, rest)| (number, rest.trim().trim_matches('"').to_owned()))
            .next()
    };
    let program = line("Cargo.toml", "version = ").map(|(_, version)| version);
    let named = ["version:", "appVersion:"].map(|key| line(CHART, key));
    let wrong = named.into_iter().map(|named| named.unwrap_or_default());
    wrong
        .filter(|(_, version)| Some(version) != program.as_ref())
        .map(|(number, version)| {
            let program = program.clone().unwrap_or_default();
            let advice = format!("`{version}` must be the program's version, {program}");
            Finding::new(CHART, number, advice)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES_TEXT: &str = "# Values\nimage:\n  # Required.\n  tag: \"\"\nsettings: |\n  \
                               [server]\n  a: b\nlist: []\n";

    fn advice(template: &str, chart: &str) -> Vec<String> {
        let checkout = Checkout::of(&[
            ("Cargo.toml", "[package]\nversion = \"1.2.3\"\n"),
            (VALUES, VALUES_TEXT),
            (CHART, chart),
            ("deploy/helm/latchkey/templates/a.yaml", template),
        ]);
        let findings = check(&checkout);
        findings.iter().map(ToString::to_string).collect()
    }

    const CHART_TEXT: &str = "version: 1.2.3\nappVersion: \"1.2.3\"\n";
    const TEMPLATE: &str = "{{ .Values.image.tag }}\n{{ .Values.list }} {{ .Values.settings }}\n";

    #[test]
    fn templates_use_the_values_that_are_described() {
        assert_eq!(advice(TEMPLATE, CHART_TEXT), Vec::<String>::new());
        let misspelt = advice(
            &format!("{TEMPLATE}{{{{ .Values.image.tga }}}}\n"),
            CHART_TEXT,
        );
        assert!(misspelt.len() == 1 && misspelt[0].contains("a.yaml:3: `.Values.image.tga`"));
        let unused = advice(&TEMPLATE.replace("image.tag", "list"), CHART_TEXT);
        assert_eq!(unused.len(), 2, "{unused:?}");
    }

    #[test]
    fn the_chart_has_the_version_of_the_program() {
        let older = advice(TEMPLATE, "version: 1.2.3\nappVersion: \"1.2.2\"\n");
        assert!(
            older.len() == 1 && older[0].contains("Chart.yaml:2"),
            "{older:?}"
        );
        assert_eq!(advice(TEMPLATE, "version: 1.2.3\n").len(), 1);
    }
}
