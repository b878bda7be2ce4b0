//! No files import each other in a circle, directly or through others.

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
    let mut graph: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for import in imports {
        graph.entry(&import.from).or_default().insert(&import.to);
    }
    let mut findings = Vec::new();
    for import in imports {
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
    fn parent_and_child_that_need_each_other_are_a_circle() {
        let checkout = Checkout::of(&[
            (
                "crates/x/src/main.rs",
                "mod child;\nstruct State;\nfn main() {\n    child::run();\n}\n",
            ),
            ("crates/x/src/child.rs", "pub fn run() -> crate::State {}\n"),
        ]);
        let places: Vec<_> = check(&checkout)
            .into_iter()
            .map(|found| (found.file, found.line))
            .collect();
        let file = |name: &str| format!("crates/x/src/{name}.rs");
        assert_eq!(places, [(file("child"), 1), (file("main"), 4)]);
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
