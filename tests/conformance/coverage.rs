//! Nothing is missing from the table, and the table claims nothing that is not there.

use std::collections::BTreeSet;
use std::path::Path;

use latchkey::server::transmit::Operation;

use crate::compare::parent_of;
use crate::table::{Fields, Row, TABLE};
use latchkey_testkit::sandbox_client::start_sandbox;

fn operations<'a>(rows: impl Iterator<Item = &'a Row>) -> BTreeSet<String> {
    rows.map(|row| {
        row.operation
            .clone()
            .unwrap_or_else(|| panic!("{} has no operation", row.name))
    })
    .collect()
}

#[tokio::test]
async fn every_operation_of_client_and_stand_in_is_in_the_table_and_no_other() {
    let of_client: BTreeSet<String> = Operation::ALL
        .iter()
        .map(|operation| operation.as_str().to_owned())
        .collect();
    assert_eq!(operations(TABLE.of_client()), of_client);

    let calls = start_sandbox().await.get("/control/calls").await.1;
    let of_sandbox: BTreeSet<String> = calls.as_object().unwrap().keys().cloned().collect();
    assert_eq!(operations(TABLE.of_sandbox()), of_sandbox);

    let unused: Vec<_> = TABLE
        .rows
        .iter()
        .filter(|row| !row.client && !row.sandbox)
        .collect();
    assert!(unused.iter().all(|row| row.operation.is_none()));
    let names: BTreeSet<_> = TABLE.rows.iter().map(|row| &row.name).collect();
    assert_eq!(names.len(), TABLE.rows.len(), "a name twice");
}

#[test]
fn what_is_not_used_has_a_reason() {
    let reason = |what: &str, used: bool, why: &Option<String>| {
        assert!(
            used || why.is_some(),
            "{what}: nobody uses it, and nothing says why"
        );
    };
    for row in &TABLE.rows {
        reason(&row.name, row.client && row.sandbox, &row.why);
        if !row.client && !row.sandbox {
            continue;
        }
        for (fields, used) in [(&row.request, &row.sends), (&row.answer, &row.reads)] {
            for (path, field) in fields {
                reason(
                    &format!("{}: {path}", row.name),
                    used.contains(path) || row.in_sandbox(field),
                    &field.why,
                );
            }
        }
        for refusal in &row.refusals {
            reason(
                &format!("{}: {}", row.name, refusal.code),
                refusal.sandbox,
                &refusal.why,
            );
        }
    }
}

#[test]
fn the_table_is_sound() {
    let known = |fields: &Fields, used: &BTreeSet<String>, what: &str| {
        for path in used {
            assert!(
                fields.contains_key(path),
                "{what}: {path} is used and not described"
            );
        }
        for path in fields.keys() {
            let parent = parent_of(path);
            assert!(
                parent.is_empty() || fields.contains_key(parent),
                "{what}: {path} has no parent"
            );
        }
    };
    for row in &TABLE.rows {
        known(&row.request, &row.sends, &row.name);
        known(&row.answer, &row.reads, &row.name);
        assert!(
            row.client || (row.sends.is_empty() && row.reads.is_empty()),
            "{}",
            row.name
        );
        for refusal in row.all_refusals(&TABLE) {
            assert!(
                TABLE
                    .families
                    .iter()
                    .any(|family| family.name == refusal.family),
                "{}",
                refusal.family
            );
            assert!(
                refusal.client.is_some() || !row.client,
                "{}: {}",
                row.name,
                refusal.code
            );
            assert!(
                refusal.is(refusal.status, &refusal.body()),
                "{}: {}",
                row.name,
                refusal.code
            );
        }
    }
    for (name, token) in &TABLE.tokens {
        known(&token.claims, &token.reads, name);
    }
    for family in &TABLE.families {
        assert_eq!(
            crate::table::family_and_code(&family.example).0,
            family.name
        );
    }
}

/// One that borrowed the other's types would repeat its mistakes.
#[test]
fn client_and_stand_in_share_no_code() {
    fn check(path: &Path, forbidden: &[&str]) -> usize {
        if path.is_dir() {
            return std::fs::read_dir(path)
                .unwrap()
                .map(|entry| check(&entry.unwrap().path(), forbidden))
                .sum();
        }
        let source = std::fs::read_to_string(path).unwrap();
        for word in forbidden {
            assert!(!source.contains(word), "{} uses {word}", path.display());
        }
        1
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    assert!(
        check(
            &source.join("sandbox"),
            &["crate::server", "crate::domain", "crate::api", "crate::app"]
        ) > 10
    );
    assert!(check(&source.join("server/transmit"), &["crate::sandbox"]) > 10);
}
