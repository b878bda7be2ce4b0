//! Imports point down the lists of layers in `ARCHITECTURE.md`.

mod scopes;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use self::scopes::{LIBRARY_ROOT, SCOPES, Scope};
use crate::checkout::Checkout;
use crate::finding::Finding;
use crate::modules::{Crate, Import};

/// Where the list of layers is explained.
pub const EXPLAINED: &str = "ARCHITECTURE.md";
/// The name of the library, which the binary imports.
const LIBRARY: &str = "latchkey";
/// The root file of the binary, and its name in the list: it is the top layer.
const BINARY_ROOT: &str = "src/main.rs";
const BINARY: &str = "main";

/// Imports that point up a list, into a leaf, or around in a circle of modules.
pub fn check(checkout: &Checkout) -> Vec<Finding> {
    let roots: BTreeSet<&str> = SCOPES.iter().map(|scope| scope.root).collect();
    let of_root = |root| {
        let sources = Sources::read(checkout, root);
        let scopes = SCOPES.iter().filter(move |scope| scope.root == root);
        scopes.flat_map(move |scope| sources.check(scope))
    };
    roots.into_iter().flat_map(of_root).collect()
}

/// The lists as `ARCHITECTURE.md` writes them, by the last part of each name.
pub fn lists() -> Vec<String> {
    SCOPES.iter().map(Scope::list).collect()
}

/// The files of a crate, and what they import of each other.
struct Sources {
    /// The module path of each file.
    files: BTreeMap<String, String>,
    imports: Vec<Import>,
}

impl Sources {
    /// Reads a crate; with the library also the binary.
    fn read(checkout: &Checkout, root: &str) -> Self {
        let library = Crate::of(checkout, root);
        let owned = |(file, module): (&str, String)| (file.to_owned(), module);
        let mut files: BTreeMap<_, _> = library.files().map(owned).collect();
        let mut imports = library.imports(&HashMap::new());
        if root == LIBRARY_ROOT {
            let binary = Crate::of(checkout, BINARY_ROOT);
            imports.extend(binary.imports(&HashMap::from([(LIBRARY, &library)])));
            files.extend(
                binary
                    .files()
                    .map(owned)
                    .map(|(file, module)| match module {
                        module if module.is_empty() => (file, BINARY.to_owned()),
                        module => (file, module),
                    }),
            );
        }
        // Of all imports from one file to another the first one is enough to find them.
        let mut seen = BTreeSet::new();
        imports.retain(|import| seen.insert((import.from.clone(), import.to.clone())));
        Self { files, imports }
    }

    fn check(&self, scope: &Scope) -> Vec<Finding> {
        let files: Vec<(&str, &str)> = self
            .files
            .iter()
            .filter_map(|(file, module)| Some((file.as_str(), scope.inner_path(module)?)))
            .collect();
        let places: BTreeMap<&str, Placed> = files
            .iter()
            .filter_map(|(file, module)| Some((*file, scope.place(module)?)))
            .collect();
        let unplaced = files
            .iter()
            .filter(|(file, module)| !places.contains_key(file) && !scope.frame.contains(module))
            .map(|(file, module)| {
                let advice = format!(
                    "`{module}` is in no layer of `{}`: add it to the list here and in \
                     {EXPLAINED}, or move it",
                    scope.name
                );
                Finding::new(file, 1, advice)
            });
        let against = self
            .imports
            .iter()
            .filter_map(|import| against(scope, import, &places));
        unplaced
            .chain(against)
            .chain(circles(&self.imports, &places))
            .collect()
    }
}

/// A module of the list, and how high it stands.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Placed {
    module: &'static str,
    /// `None` for a leaf outside of the list.
    layer: Option<usize>,
}

impl Scope {
    /// The path of a module inside of the scope's.
    fn inner_path<'a>(&self, module: &'a str) -> Option<&'a str> {
        if self.module.is_empty() {
            return Some(module);
        }
        let rest = module.strip_prefix(self.module)?;
        if rest.is_empty() {
            Some(rest)
        } else {
            rest.strip_prefix("::")
        }
    }

    fn place(&self, module: &str) -> Option<Placed> {
        let layers = self
            .layers
            .iter()
            .enumerate()
            .flat_map(|(at, layer)| layer.iter().map(move |module| (*module, Some(at))));
        let leaves = self.leaves.iter().map(|(module, _)| (*module, None));
        layers
            .chain(leaves)
            .filter(|(prefix, _)| is_inside(module, prefix))
            .max_by_key(|(prefix, _)| prefix.len())
            .map(|(module, layer)| Placed { module, layer })
    }

    /// A module of the list as it is written: by the last part of its name.
    fn written<'a>(&'a self, module: &'a str) -> &'a str {
        match module.rsplit("::").next() {
            Some(last) if !last.is_empty() => last,
            _ => self.name,
        }
    }

    fn list(&self) -> String {
        let name = |module: &&str| format!("`{}`", self.written(module));
        let layer = |modules: &&[&str]| modules.iter().map(name).collect::<Vec<_>>().join(", ");
        self.layers
            .iter()
            .map(layer)
            .collect::<Vec<_>>()
            .join(" ← ")
    }
}

/// Whether a module is another one or inside of it. Nothing else is inside of the scope's own file.
fn is_inside(module: &str, prefix: &str) -> bool {
    module
        .strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn against(scope: &Scope, import: &Import, places: &BTreeMap<&str, Placed>) -> Option<Finding> {
    let (from, to) = (
        places.get(import.from.as_str())?,
        places.get(import.to.as_str())?,
    );
    // A module may use those inside it.
    if from.module.is_empty() || is_inside(to.module, from.module) {
        return None;
    }
    let advice =
        if let Some((leaf, users)) = scope.leaves.iter().find(|(leaf, _)| *leaf == to.module) {
            if users.contains(&from.module) {
                return None;
            }
            format!(
                "`{}` imports from `{leaf}`, which only {users:?} may do: move what is needed down",
                import.path
            )
        } else if from
            .layer
            .is_some_and(|from| to.layer.is_some_and(|to| to > from))
        {
            format!(
                "`{}` points up: `{}` is below `{}` in {EXPLAINED}. \
             Move what is needed down, or pass it in",
                import.path,
                scope.written(from.module),
                scope.written(to.module)
            )
        } else {
            return None;
        };
    Some(Finding::new(&import.from, import.line, advice))
}

/// Imports between two modules of one layer that import each other.
fn circles(imports: &[Import], places: &BTreeMap<&str, Placed>) -> Vec<Finding> {
    let mut between: BTreeMap<(&str, &str), Vec<&Import>> = BTreeMap::new();
    for import in imports {
        if let (Some(from), Some(to)) = (
            places.get(import.from.as_str()),
            places.get(import.to.as_str()),
        ) && from.layer == to.layer
            && from.module != to.module
        {
            between
                .entry((from.module, to.module))
                .or_default()
                .push(import);
        }
    }
    let mut graph: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (from, to) in between.keys() {
        graph.entry(from).or_default().insert(to);
    }
    let mut findings = Vec::new();
    for ((from, to), imports) in between
        .iter()
        .filter(|((from, to), _)| reaches(&graph, to, from))
    {
        for import in imports {
            let advice = format!(
                "`{}` closes a circle: `{to}` imports from `{from}` too, perhaps through others",
                import.path
            );
            findings.push(Finding::new(&import.from, import.line, advice));
        }
    }
    findings
}

fn reaches(graph: &BTreeMap<&str, BTreeSet<&str>>, from: &str, to: &str) -> bool {
    let (mut seen, mut next) = (BTreeSet::from([from]), vec![from]);
    while let Some(module) = next.pop() {
        if module == to {
            return true;
        }
        let neighbours = graph.get(module).into_iter().flatten();
        next.extend(neighbours.filter(|neighbour| seen.insert(**neighbour)));
    }
    false
}
