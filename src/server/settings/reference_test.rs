//! The reference of the settings (`docs/operators/settings.md`) names every key and no other, and
//! states the defaults that the program has.

use toml::{Table, Value};

use super::known_keys::known_keys;
use super::{HumanDuration, Settings, TenantPolicy, load};

const REFERENCE: &str = include_str!("../../../docs/operators/settings.md");

/// What is in the parentheses of each entry, by its key: ``- `transmit.region` (required): …``.
fn entries() -> Vec<(&'static str, &'static str)> {
    let entries = REFERENCE.split("\n- `").skip(1);
    entries
        .filter_map(|entry| {
            let (key, rest) = entry.split_once("` (")?;
            Some((key, rest.split_once(')')?.0))
        })
        .collect()
}

/// What stands between backticks in a statement that begins with a default.
fn stated_default(parentheses: &str) -> Option<String> {
    let stated = parentheses.strip_prefix("default `")?;
    let quoted: Vec<&str> = stated.split('`').step_by(2).collect();
    Some(quoted.join(" ").trim_end().to_owned())
}

/// Whether a statement is a default value and nothing else: ``default `a` `b` ``. One of a key
/// that is unset in the program says instead what follows from that, in words.
fn is_value(parentheses: &str) -> bool {
    let Some(stated) = parentheses.strip_prefix("default") else {
        return false;
    };
    let stated = stated.trim_start_matches(':').trim();
    let words: String = stated.split('`').step_by(2).collect();
    let is_bare = format!("x = {stated}").parse::<Table>().is_ok();
    is_bare || !words.contains(char::is_alphanumeric)
}

/// A value as the reference writes it: without quotes, and the items of a list one after another.
fn written(value: &Value) -> String {
    match value {
        Value::Array(items) => items.iter().map(written).collect::<Vec<_>>().join(" "),
        // The slash that every URL has in the program.
        Value::String(text) => text.trim_end_matches('/').to_owned(),
        other => other.to_string(),
    }
}

fn default_of<'v>(defaults: &'v Value, key: &str) -> Option<&'v Value> {
    let mut names = key.split('.');
    names.try_fold(defaults, |table, name| table.get(name))
}

#[test]
fn the_reference_documents_every_key_once() {
    let entries = entries();
    for key in known_keys() {
        let count = entries.iter().filter(|(entry, _)| entry == key).count();
        assert_eq!(count, 1, "docs/operators/settings.md: entries of {key}");
    }
}

#[test]
fn the_reference_documents_no_unknown_key() {
    for (key, _) in entries() {
        let variable = format!("LATCHKEY_{}", key.to_uppercase().replace('.', "__"));
        // A key that exists is not unknown, whatever its value.
        let error = load(None, std::iter::once((variable, "\u{0}".to_owned())))
            .err()
            .map(|error| error.to_string());
        assert!(
            !error.unwrap_or_default().contains("unknown field"),
            "{key}"
        );
    }
}

#[test]
fn the_reference_states_the_defaults_of_the_program() {
    let defaults = Value::Table(Table::try_from(Settings::default()).unwrap());
    let mut compared = 0;
    for (key, parentheses) in entries() {
        let Some(default) = default_of(&defaults, key) else {
            assert!(
                !is_value(parentheses),
                "docs/operators/settings.md: {key} is unset, and not {parentheses}"
            );
            continue;
        };
        let written = written(default);
        match stated_default(parentheses) {
            Some(stated) => {
                assert_eq!(stated, written, "docs/operators/settings.md: {key}");
                compared += 1;
            }
            // What it is in words: none, required, or a list that follows.
            None => assert!(
                written.is_empty() || parentheses.starts_with("default: "),
                "docs/operators/settings.md states no default of {key}, which is {written}"
            ),
        }
    }
    assert!(compared >= 80, "{compared} defaults were compared");
}

/// These keys are unset: the tenant tells the values, and until then those of the vendor hold.
#[test]
fn the_reference_states_what_holds_until_the_tenant_has_told_its_policy() {
    let policy = TenantPolicy::DEFAULT;
    for (name, value) in [
        ("length", policy.length.to_string()),
        ("lifetime", HumanDuration(policy.lifetime).to_string()),
        ("max_failures", policy.max_failures.to_string()),
        ("lockout", HumanDuration(policy.lockout).to_string()),
    ] {
        let key = format!("transmit.otp_{name}");
        let expected = format!("default: the tenant's, or `{value}`");
        assert!(entries().contains(&(&key, &expected)), "{key}: {expected}");
    }
}

#[test]
fn a_value_is_told_from_what_an_unset_key_means() {
    for value in [
        "default `5m`",
        "default `a` `b`",
        "default `a`, `b`",
        "default `#004488`",
        "default 12",
        "default: true",
        "default `12`",
    ] {
        assert!(is_value(value), "{value}");
    }
    for words in [
        "required",
        "required for `twilio`",
        "default none",
        "default: off",
        "default `http://` and the address",
        "default: the `app_id` of the client token",
    ] {
        assert!(!is_value(words), "{words}");
    }
}
