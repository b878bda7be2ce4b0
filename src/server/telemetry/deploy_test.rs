//! The alerts and the dashboard in `deploy/` ask for metrics that this program exports, with labels
//! and values that they have, and every alert has an entry in the runbook.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use super::tests::{COMPUTED, METRICS_REFERENCE};
use super::{METRICS, tests::is_histogram};

const RULES: &str = "deploy/prometheus/latchkey.rules.yml";
const RULE_TESTS: &str = "deploy/prometheus/latchkey.tests.yml";
const DASHBOARD: &str = "deploy/grafana/latchkey.json";
const RUNBOOK: &str = "docs/operators/runbook.md";

/// Labels that Prometheus adds.
const ADDED: [&str; 3] = ["job", "instance", "alertname"];

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every series of a scrape by name, with the labels that the reference gives it.
fn exported() -> BTreeMap<String, BTreeSet<String>> {
    let mut exported = BTreeMap::new();
    for name in METRICS.iter().map(|(name, _)| *name).chain(COMPUTED) {
        let labels = labels_of(name);
        if is_histogram(name) {
            let mut of_bucket = labels.clone();
            of_bucket.insert("le".to_owned());
            exported.insert(format!("{name}_bucket"), of_bucket);
            exported.insert(format!("{name}_sum"), labels.clone());
            exported.insert(format!("{name}_count"), labels);
        } else {
            exported.insert(name.to_owned(), labels);
        }
    }
    exported.insert("up".to_owned(), BTreeSet::new());
    exported
}

/// The labels in the parentheses after a metric's name in the reference: `(counter; labels …)`.
fn labels_of(name: &str) -> BTreeSet<String> {
    let reference = read(METRICS_REFERENCE);
    let Some((_, rest)) = reference.split_once(&format!("`{name}` (")) else {
        return BTreeSet::new();
    };
    let described = rest.split(')').next().unwrap_or_default();
    let labels = described
        .split_once("label")
        .map_or("", |(_, labels)| labels);
    // `class`: `2xx`, … are values of the label before them.
    let labels = labels.split(':').next().unwrap_or_default();
    quoted(labels).map(str::to_owned).collect()
}

/// What is between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The metrics that a text names, each with what follows it.
fn named<'t>(text: &'t str, known: &BTreeMap<String, BTreeSet<String>>) -> Vec<(&'t str, &'t str)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(is_part) {
        let word_and_more = &rest[start..];
        let end = word_and_more
            .find(|c| !is_part(c))
            .unwrap_or(word_and_more.len());
        let (word, after) = word_and_more.split_at(end);
        let is_metric = word.starts_with("latchkey_") || word.starts_with("process_");
        if is_metric || known.contains_key(word) && after.starts_with('{') {
            found.push((word, after));
        }
        rest = after;
    }
    found
}

/// The matchers of a selector: `{label="value", …}`.
fn matchers(after: &str) -> Vec<(String, String)> {
    let Some((inner, _)) = after
        .strip_prefix('{')
        .and_then(|rest| rest.split_once('}'))
    else {
        return Vec::new();
    };
    let parts: Vec<&str> = inner.split('"').collect();
    let pairs = parts.chunks_exact(2);
    pairs
        .map(|pair| {
            let label = pair[0].trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            (label.to_owned(), pair[1].to_owned())
        })
        .collect()
}

/// Expressions, without the escapes of JSON.
fn text_of(path: &str) -> String {
    read(path).replace("\\\"", "\"")
}

#[test]
fn alerts_and_panels_name_metrics_that_are_exported() {
    let known = exported();
    for path in [RULES, RULE_TESTS, DASHBOARD] {
        let text = text_of(path);
        let named = named(&text, &known);
        assert!(named.len() >= 20, "{path}: {}", named.len());
        for (name, _) in named {
            assert!(known.contains_key(name), "{path}: {name} is not exported");
        }
    }
}

#[test]
fn alerts_and_panels_select_labels_and_values_that_exist() {
    let known = exported();
    let values: BTreeSet<String> = [
        METRICS_REFERENCE,
        "docs/developers/faults.md",
        "docs/auditors/audit-log.md",
    ]
    .map(read)
    .iter()
    .flat_map(|page| quoted(page).map(str::to_owned).collect::<Vec<_>>())
    .collect();
    for path in [RULES, DASHBOARD] {
        let text = text_of(path);
        for (name, after) in named(&text, &known) {
            for (label, value) in matchers(after) {
                if ADDED.contains(&label.as_str()) {
                    continue;
                }
                assert!(
                    known[name].contains(&label),
                    "{path}: {name} has no {label}"
                );
                for value in value.split('|') {
                    assert!(values.contains(value), "{path}: {name}: {label}={value}");
                }
            }
        }
        let labels: BTreeSet<&str> = known.values().flatten().map(String::as_str).collect();
        for grouping in text.split(" by (").skip(1) {
            for label in grouping
                .split(')')
                .next()
                .unwrap()
                .split(',')
                .map(str::trim)
            {
                let exists = labels.contains(label) || ADDED.contains(&label);
                assert!(exists, "{path}: by ({label})");
            }
        }
    }
}

#[test]
fn every_alert_has_a_test_and_an_entry_in_the_runbook() {
    let (rules, tests, runbook) = (read(RULES), read(RULE_TESTS), read(RUNBOOK));
    let values = |key: &str| {
        let lines = rules.lines().map(str::trim);
        let values = lines.filter_map(|line| line.strip_prefix(key));
        values.map(str::to_owned).collect::<Vec<_>>()
    };
    let (alerts, links) = (values("- alert: "), values("runbook: "));
    assert!(alerts.len() >= 25 && alerts.len() == links.len());
    for (alert, link) in alerts.iter().zip(&links) {
        assert_eq!(
            *link,
            format!("{RUNBOOK}#{}", alert.to_lowercase()),
            "{alert}"
        );
        let label = format!("alertname=\"{alert}\"");
        assert!(
            tests.contains(&label),
            "{RULE_TESTS} does not expect {alert}"
        );
    }
    let entries: Vec<&str> = runbook
        .lines()
        .filter_map(|line| line.strip_prefix("### "))
        .filter(|heading| heading.starts_with("Latchkey"))
        .collect();
    let names: BTreeSet<&str> = alerts.iter().map(String::as_str).collect();
    assert_eq!(entries.iter().copied().collect::<BTreeSet<_>>(), names);
    assert_eq!(entries.len(), names.len(), "an entry occurs twice");
}

/// Prometheus itself reads the rules, and plays their tests.
#[test]
fn prometheus_accepts_the_rules_and_their_tests_pass() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(RULES);
    let folder = folder.parent().unwrap();
    for arguments in [
        ["check", "rules", "latchkey.rules.yml"],
        ["test", "rules", "latchkey.tests.yml"],
    ] {
        let run = Command::new("promtool")
            .args(arguments)
            .current_dir(folder)
            .output();
        let output = match run {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                eprintln!("not run: promtool is not installed (`cargo xtask doctor`)");
                return;
            }
            run => run.unwrap(),
        };
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(output.status.success(), "promtool {arguments:?}: {said}");
    }
}
