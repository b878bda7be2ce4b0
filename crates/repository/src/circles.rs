//! No files import each other in a circle, directly or through others.
//!
//! A module and the modules inside it may use each other: Rust shows them what others cannot see.
//! So what a module imports of those inside it is no step of a circle; every other import is.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use crate::checkout::Checkout;
use crate::finding::Finding;
use crate::modules::{Crate, Import};

/// The imports that are part of a circle, in every package.
pub fn check(checkout: &Checkout) -> Vec<Finding> {
    let packages = checkout.packages();
    let roots = packages
        .iter()
        .flat_map(|package| ["lib.rs", "main.rs"].map(|root| format!("{package}src/{root}")));
    roots
        .filter(|root| checkout.exists(root))
        .flat_map(|root| of_imports(&Crate::of(checkout, &root).imports(&HashMap::new())))
        .collect()
}

fn of_imports(imports: &[Import]) -> Vec<Finding> {
    let imports: Vec<&Import> = imports
        .iter()
        .filter(|import| !is_inside(&import.to, &import.from))
        .collect();
    let mut graph: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for import in &imports {
        graph.entry(&import.from).or_default().insert(&import.to);
    }
    let mut findings = Vec::new();
    let mut seen = BTreeSet::new();
    // Of all imports from one file to another the first one is enough to find them.
    for import in imports
        .into_iter()
        .filter(|import| seen.insert((&import.from, &import.to)))
    {
        if let Some(way) = shortest(&graph, &import.to, &import.from) {
            let advice = format!(
                "`{}` closes a circle: {} → {}. Move what both need into a file of its own",
                import.path,
                import.from,
                way.join(" → ")
            );
            findings.push(Finding::new(&import.from, import.line, advice));
        }
    }
    findings
}

/// Whether a file holds a module that is inside the module of another file.
fn is_inside(file: &str, outer: &str) -> bool {
    let (folder, name) = outer.rsplit_once('/').unwrap_or_default();
    let folder = match name {
        "lib.rs" | "main.rs" => format!("{folder}/"),
        _ => format!("{}/", outer.trim_end_matches(".rs")),
    };
    file.starts_with(&folder)
}

/// The shortest chain of imports from a file to another one.
fn shortest<'a>(
    graph: &BTreeMap<&'a str, BTreeSet<&'a str>>,
    from: &'a str,
    to: &str,
) -> Option<Vec<&'a str>> {
    let mut before: BTreeMap<&str, &str> = BTreeMap::new();
    let mut next = VecDeque::from([from]);
    while let Some(file) = next.pop_front() {
        if file == to {
            let mut way = vec![file];
            while let Some(earlier) = way
                .last()
                .filter(|last| **last != from)
                .and_then(|last| before.get(*last))
            {
                way.push(earlier);
            }
            way.reverse();
            return Some(way);
        }
        for neighbour in graph.get(file).into_iter().flatten() {
            if *neighbour != from && !before.contains_key(neighbour) {
                before.insert(neighbour, file);
                next.push_back(neighbour);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_of_three_is_found_at_each_of_its_imports() {
        let checkout = Checkout::of(&[
            ("src/lib.rs", "mod a;\nmod b;\nmod c;\nmod d;\n"),
            ("src/a.rs", "use crate::b::B;\npub struct A;\n"),
            ("src/b.rs", "use crate::c::C;\npub struct B;\n"),
            (
                "src/c.rs",
                "use crate::d::D;\nuse crate::a::A;\npub struct C;\n",
            ),
            ("src/d.rs", "pub struct D;\n"),
        ]);
        let findings = check(&checkout);
        let places: Vec<_> = findings
            .iter()
            .map(|found| (found.file.as_str(), found.line))
            .collect();
        assert_eq!(places, [("src/a.rs", 1), ("src/b.rs", 1), ("src/c.rs", 2)]);
        assert!(
            findings[0]
                .advice
                .contains("src/a.rs → src/b.rs → src/c.rs → src/a.rs"),
            "{}",
            findings[0]
        );
    }

    #[test]
    fn a_module_and_those_inside_it_may_use_each_other() {
        let checkout = Checkout::of(&[
            (
                "crates/x/src/main.rs",
                "mod child;\nstruct State;\nfn main() {\n    child::run();\n}\n",
            ),
            ("crates/x/src/child.rs", "pub fn run() -> crate::State {}\n"),
        ]);
        assert_eq!(check(&checkout), []);
    }

    #[test]
    fn a_circle_through_a_parent_is_found() {
        let checkout = Checkout::of(&[
            ("src/lib.rs", "mod a;\nmod b;\n"),
            (
                "src/a.rs",
                "mod child;\nuse crate::b::B;\npub struct State;\n",
            ),
            ("src/a/child.rs", "use super::State;\npub struct Child;\n"),
            ("src/b.rs", "use crate::a::State;\npub struct B;\n"),
        ]);
        let places: Vec<_> = check(&checkout)
            .into_iter()
            .map(|found| (found.file, found.line))
            .collect();
        assert_eq!(
            places,
            [("src/a.rs".to_owned(), 2), ("src/b.rs".to_owned(), 1)]
        );
    }

    #[test]
    fn a_tree_has_no_circle() {
        let checkout = Checkout::of(&[
            (
                "src/lib.rs",
                "mod a;\nmod b;\nfn f() { a::run(); b::run(); }\n",
            ),
            ("src/a.rs", "pub fn run() { crate::b::run(); }\n"),
            ("src/b.rs", "pub fn run() {}\n"),
        ]);
        assert_eq!(check(&checkout), []);
    }
}
