//! One public type name stands for one thing: no two files of a package declare the same one.

use std::collections::BTreeMap;

use crate::checkout::Checkout;
use crate::declarations::{Declaration, DeclarationKind, declarations};
use crate::exceptions::{Exceptions, names};
use crate::finding::Finding;

/// Public types that share their name with another one of the same package.
pub fn check(checkout: &Checkout, exceptions: &Exceptions) -> Vec<Finding> {
    checkout
        .packages()
        .iter()
        .flat_map(|package| of_package(checkout, package, exceptions))
        .collect()
}

fn of_package(checkout: &Checkout, package: &str, exceptions: &Exceptions) -> Vec<Finding> {
    let source = format!("{package}src/");
    let mut declared: BTreeMap<String, BTreeMap<&str, usize>> = BTreeMap::new();
    let mut findings = Vec::new();
    for file in checkout
        .files(&["rs"])
        .filter(|file| file.path.starts_with(&source))
    {
        match declarations(&file.text) {
            Ok(found) => {
                for declaration in found.into_iter().filter(is_public_type) {
                    let places = declared.entry(declaration.name).or_default();
                    places.entry(&file.path).or_insert(declaration.line);
                }
            }
            Err(error) => findings.push(Finding::new(
                &file.path,
                1,
                format!("this is not Rust: {error}"),
            )),
        }
    }
    for (name, places) in declared
        .iter()
        .filter(|(name, places)| places.len() > 1 && !names(&exceptions.types, name))
    {
        for (file, line) in places {
            let others: Vec<String> = places
                .iter()
                .filter(|(other, _)| *other != file)
                .map(|(other, line)| format!("{other}:{line}"))
                .collect();
            let advice = format!(
                "`{name}` is also declared at {}: give each a name that is clear by itself",
                others.join(", ")
            );
            findings.push(Finding::new(file, *line, advice));
        }
    }
    findings
}

fn is_public_type(declaration: &Declaration) -> bool {
    declaration.kind == DeclarationKind::Type && declaration.public && !declaration.in_tests
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exceptions::Exception;

    const FILES: [(&str, &str); 6] = [
        ("src/lib.rs", ""),
        (
            "src/a.rs",
            "pub struct Limits;\npub struct Flow;\nstruct Wire;\n",
        ),
        ("src/b.rs", "\npub(crate) enum Limits {}\nstruct Wire;\n"),
        ("src/c.rs", "#[cfg(test)]\nmod tests { pub struct Flow; }\n"),
        ("crates/x/src/lib.rs", "pub struct Flow;\n"),
        ("tests/d.rs", "pub struct Flow;\n"),
    ];

    #[test]
    fn a_public_name_is_declared_once_in_a_package() {
        let findings = check(&Checkout::of(&FILES), &Exceptions::default());
        let places: Vec<_> = findings
            .iter()
            .map(|found| (found.file.as_str(), found.line))
            .collect();
        assert_eq!(places, [("src/a.rs", 1), ("src/b.rs", 2)]);
        assert!(findings[0].advice.contains("src/b.rs:2"), "{}", findings[0]);
    }

    #[test]
    fn an_exception_is_let_pass() {
        let types = vec![Exception {
            of: "Limits".into(),
            reason: "sample".into(),
        }];
        assert_eq!(
            check(
                &Checkout::of(&FILES),
                &Exceptions {
                    types,
                    ..Exceptions::default()
                }
            ),
            []
        );
    }
}
