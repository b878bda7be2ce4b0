//! Imports point down the list of layers in `ARCHITECTURE.md`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::checkout::Checkout;
use crate::finding::Finding;
use crate::modules::{Crate, Import};

/// Where the list of layers is explained.
pub const EXPLAINED: &str = "ARCHITECTURE.md";
/// Modules of one layer.
type Layer = &'static [&'static str];
/// A module, and those that may import it.
type Leaf = (&'static str, &'static [&'static str]);

/// The layers of `src/`, lowest first. Modules of one layer import each other one way only.
const LAYERS: [Layer; 10] = [
    &["domain", "embedded", "server::finding", "fuzz_assertions"],
    &[
        "server::brand",
        "server::identifier_parser",
        "server::settings",
        "server::system",
    ],
    &[
        "server::crypto",
        "server::audit",
        "server::telemetry",
        "server::store",
        "server::transmit",
        "server::webhooks",
    ],
    &[
        "server::passcode_policy",
        "server::guard",
        "server::session",
    ],
    &[
        "server::applications",
        "server::sign_in",
        "server::test_numbers",
    ],
    &["api", "app"],
    &["server::http", "server::admin", "server::sms_gateway"],
    &["server::wiring"],
    &["cli"],
    &["main"],
];
const TRANSMIT_ROOT: &str = "server::transmit";
/// The layers inside `server::transmit`, lowest first. Its own name stands for its own file, which
/// may import from all of them.
const TRANSMIT: [Layer; 5] = [
    &["server::transmit::transport"],
    &["server::transmit::auth"],
    &["server::transmit::tokens"],
    &[TRANSMIT_ROOT],
    &["server::transmit::operations", "server::transmit::fuzz"],
];
/// Modules that only declare and re-export others.
const FRAME: [&str; 2] = ["", "server"];
/// Leaves: the gateway is a service of its own, and the fuzz targets call parsers of every layer.
const LEAVES: [Leaf; 2] = [
    ("server::sms_gateway", &["server::wiring", "cli", "fuzz"]),
    ("fuzz", &[]),
];
/// The name of the library, which the binary imports.
const LIBRARY: &str = "latchkey";

/// Imports that point up the list, into a leaf, or around in a circle of modules.
pub fn check(checkout: &Checkout) -> Vec<Finding> {
    let library = Crate::of(checkout, "src/lib.rs");
    let binary = Crate::of(checkout, "src/main.rs");
    let mut imports = library.imports(&HashMap::new());
    imports.extend(binary.imports(&HashMap::from([(LIBRARY, &library)])));
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    files.extend(
        library
            .files()
            .map(|(file, module)| (file.to_owned(), module)),
    );
    // The root of the binary is the top layer.
    let named = |module: String| {
        if module.is_empty() {
            "main".to_owned()
        } else {
            module
        }
    };
    files.extend(
        binary
            .files()
            .map(|(file, module)| (file.to_owned(), named(module))),
    );

    let mut findings: Vec<Finding> = files
        .iter()
        .filter_map(|(file, module)| unplaced(file, module))
        .collect();
    // Of all imports from one file to another the first one is enough to find them.
    let mut seen = BTreeSet::new();
    imports.retain(|import| seen.insert((import.from.clone(), import.to.clone())));
    for (layers, leaves) in [(&LAYERS[..], &LEAVES[..]), (&TRANSMIT, &[])] {
        let places: BTreeMap<&str, Placed> = files
            .iter()
            .filter_map(|(file, module)| Some((file.as_str(), place(module, layers, leaves)?)))
            .collect();
        findings.extend(imports.iter().filter_map(|import| against(import, &places)));
        findings.extend(circles(&imports, &places));
    }
    findings
}

/// The lists as `ARCHITECTURE.md` writes them, by the last part of each name: that of `src/`, and
/// that of the folders of `transmit`.
pub fn lists() -> [String; 2] {
    let name = |module: &&str| format!("`{}`", module.rsplit("::").next().unwrap_or(module));
    let layer = |modules: &&[&str]| modules.iter().map(name).collect::<Vec<_>>().join(", ");
    let list = |layers: &[&[&str]]| layers.iter().map(layer).collect::<Vec<_>>().join(" ← ");
    [list(&LAYERS), list(&TRANSMIT)]
}

/// A module of the list, and how high it stands.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Placed {
    module: &'static str,
    /// `None` for a leaf outside of the list.
    layer: Option<usize>,
}

fn place(module: &str, layers: &[Layer], leaves: &[Leaf]) -> Option<Placed> {
    let layers = layers
        .iter()
        .enumerate()
        .flat_map(|(at, layer)| layer.iter().map(move |module| (*module, Some(at))));
    let leaves = leaves.iter().map(|(module, _)| (*module, None));
    layers
        .chain(leaves)
        .filter(|(prefix, _)| is_inside(module, prefix))
        .max_by_key(|(prefix, _)| prefix.len())
        .map(|(module, layer)| Placed { module, layer })
}

fn is_inside(module: &str, prefix: &str) -> bool {
    module
        .strip_prefix(prefix)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn unplaced(file: &str, module: &str) -> Option<Finding> {
    let is_known = FRAME.contains(&module) || place(module, &LAYERS, &LEAVES).is_some();
    // What is inside `transmit`, but in none of its folders.
    let is_loose = place(module, &TRANSMIT, &[])
        .is_some_and(|place| place.module == TRANSMIT_ROOT && module != TRANSMIT_ROOT);
    (!is_known || is_loose).then(|| {
        let advice = format!(
            "`{module}` is in no layer: add it to the list here and in {EXPLAINED}, or move it"
        );
        Finding::new(file, 1, advice)
    })
}

fn against(import: &Import, places: &BTreeMap<&str, Placed>) -> Option<Finding> {
    let (from, to) = (
        places.get(import.from.as_str())?,
        places.get(import.to.as_str())?,
    );
    // A module may use those inside it.
    if is_inside(to.module, from.module) {
        return None;
    }
    let advice = if let Some((leaf, users)) = LEAVES.iter().find(|(leaf, _)| *leaf == to.module) {
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
            import.path, from.module, to.module
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

#[cfg(test)]
mod tests {
    use super::*;

    const SERVER: &str = "pub mod guard;\npub mod session;\npub mod sms_gateway;\npub mod store;\n\
    pub mod transmit;\n";

    fn found(files: &[(&str, &str)]) -> Vec<(String, usize)> {
        let mut all = vec![
            ("src/lib.rs", "pub mod domain;\npub mod server;\n"),
            ("src/server.rs", SERVER),
        ];
        all.extend(files);
        for file in ["guard", "session", "sms_gateway", "store", "transmit"]
            .map(|name| format!("src/server/{name}.rs"))
        {
            if !files.iter().any(|(path, _)| *path == file) {
                all.push((Box::leak(file.into_boxed_str()), "pub struct Thing;\n"));
            }
        }
        let mut found: Vec<_> = check(&Checkout::of(&all))
            .into_iter()
            .map(|found| (found.file, found.line))
            .collect();
        found.sort();
        found
    }

    fn at(file: &str, line: usize) -> (String, usize) {
        (file.to_owned(), line)
    }

    #[test]
    fn imports_point_down() {
        let up = [(
            "src/server/store.rs",
            "\nuse crate::server::guard::Thing;\n",
        )];
        assert_eq!(found(&up), [at("src/server/store.rs", 2)]);
        let down = [("src/server/guard.rs", "use crate::server::store::Thing;\n")];
        assert_eq!(found(&down), []);
    }

    #[test]
    fn a_path_in_code_counts_like_an_import() {
        let up = [(
            "src/domain.rs",
            "pub fn f() {\n    crate::server::store::Thing::new();\n}\n",
        )];
        assert_eq!(found(&up), [at("src/domain.rs", 2)]);
    }

    #[test]
    fn modules_of_one_layer_import_each_other_one_way_only() {
        let one_way = (
            "src/server/guard.rs",
            "use crate::server::session::Thing;\npub struct Limit;\n",
        );
        assert_eq!(found(&[one_way]), []);
        let both = [
            one_way,
            (
                "src/server/session.rs",
                "use crate::server::guard::Limit;\npub struct Thing;\n",
            ),
        ];
        assert_eq!(
            found(&both),
            [at("src/server/guard.rs", 1), at("src/server/session.rs", 1)]
        );
    }

    #[test]
    fn a_leaf_is_imported_by_those_alone_that_start_it() {
        let files = [
            ("src/lib.rs", "pub mod server;\n"),
            (
                "src/server.rs",
                "pub mod http;\npub mod sms_gateway;\npub mod wiring;\n",
            ),
            (
                "src/server/http.rs",
                "use crate::server::sms_gateway::Gateway;\n",
            ),
            (
                "src/server/wiring.rs",
                "use crate::server::sms_gateway::Gateway;\n",
            ),
            ("src/server/sms_gateway.rs", "pub struct Gateway;\n"),
        ];
        let places: Vec<_> = check(&Checkout::of(&files))
            .into_iter()
            .map(|found| (found.file, found.line))
            .collect();
        assert_eq!(places, [at("src/server/http.rs", 1)]);
    }

    #[test]
    fn a_module_in_no_layer_is_found() {
        let files = [("src/lib.rs", "mod stray;\n"), ("src/stray.rs", "")];
        let places: Vec<_> = check(&Checkout::of(&files))
            .into_iter()
            .map(|found| found.file)
            .collect();
        assert_eq!(places, ["src/stray.rs"]);
    }

    #[test]
    fn folders_of_the_client_of_transmit_point_down_too() {
        let files = |call, token| {
            [
                ("src/server/transmit.rs", CLIENT),
                ("src/server/transmit/operations.rs", "use super::Client;\n"),
                ("src/server/transmit/tokens.rs", token),
                ("src/server/transmit/transport.rs", call),
            ]
        };
        const CLIENT: &str = "mod operations;\nmod tokens;\nmod transport;\n\
            use operations::Thing;\nuse tokens::Token;\npub struct Client(Token);\n";
        const TOKEN: &str = "use super::transport::Call;\npub struct Token;\n";
        assert_eq!(found(&files("pub struct Call;\n", TOKEN)), []);
        let up = "use super::tokens::Token;\npub struct Call;\n";
        assert_eq!(
            found(&files(up, "pub struct Token;\n")),
            [at("src/server/transmit/transport.rs", 1)]
        );
        let to_the_root = "use super::Client;\npub struct Call;\n";
        assert_eq!(
            found(&files(to_the_root, TOKEN)),
            [at("src/server/transmit/transport.rs", 1)]
        );
        let loose = [
            ("src/server/transmit.rs", "mod loose;\n"),
            ("src/server/transmit/loose.rs", "pub struct Thing;\n"),
        ];
        assert_eq!(found(&loose), [at("src/server/transmit/loose.rs", 1)]);
    }

    #[test]
    fn the_lists_are_written_from_the_bottom_to_the_top() {
        let [list, transmit] = lists();
        assert!(
            list.starts_with("`domain`, `embedded`, `finding`, `fuzz_assertions` ← "),
            "{list}"
        );
        assert!(list.ends_with("← `wiring` ← `cli` ← `main`"), "{list}");
        assert_eq!(
            transmit,
            "`transport` ← `auth` ← `tokens` ← `transmit` ← `operations`, `fuzz`"
        );
    }
}
