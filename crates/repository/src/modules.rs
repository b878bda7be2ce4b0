//! The modules of a crate, and which file imports what from which other file.
//!
//! A path is followed through re-exports to the file that declares what it names, so that `pub use`
//! is no import of its own. Code that only tests compile is left out. Names that macros make up are
//! not seen.

use std::collections::HashMap;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};

use crate::checkout::Checkout;
use crate::declarations::{is_for_tests, line_of};

/// A use of something that another file declares.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Import {
    pub from: String,
    pub line: usize,
    /// The path as it is written.
    pub path: String,
    pub to: String,
}

/// The modules of one crate.
#[derive(Debug, Default)]
pub struct Crate {
    modules: Vec<Module>,
}

#[derive(Debug, Default)]
struct Module {
    /// From the root of the crate; empty for the root.
    path: Vec<String>,
    file: String,
    parent: Option<usize>,
    children: HashMap<String, usize>,
    /// What `use` binds: a name, and the path behind it.
    aliases: HashMap<String, Vec<Vec<String>>>,
    globs: Vec<Vec<String>>,
    /// Every path in the text of the module, with its line.
    written: Vec<(Vec<String>, usize)>,
}

/// What a path names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Target {
    Module(usize),
    /// Something that a module declares.
    Item(usize),
}

/// A `use` that leads back to itself.
const LONGEST_CHAIN: usize = 16;

impl Crate {
    /// Parses the crate with this root file. Files that are not Rust are left out.
    pub fn of(checkout: &Checkout, root: &str) -> Self {
        let mut found = Self::default();
        found.add(checkout, root, None, Vec::new());
        found
    }

    fn add(
        &mut self,
        checkout: &Checkout,
        file: &str,
        parent: Option<usize>,
        path: Vec<String>,
    ) -> Option<usize> {
        let parsed = syn::parse_file(&checkout.file(file)?.text).ok()?;
        let id = self.push(Module {
            path,
            file: file.to_owned(),
            parent,
            ..Module::default()
        });
        let folder = folder_of(file, parent.is_none());
        self.fill(checkout, id, &folder, &parsed.items);
        Some(id)
    }

    fn push(&mut self, module: Module) -> usize {
        self.modules.push(module);
        self.modules.len() - 1
    }

    fn fill(&mut self, checkout: &Checkout, id: usize, folder: &str, items: &[syn::Item]) {
        let mut collector = Collector::default();
        for item in items {
            collector.visit_item(item);
        }
        let Some(module) = self.modules.get_mut(id) else {
            return;
        };
        let (file, path) = (module.file.clone(), module.path.clone());
        module.aliases = collector.aliases;
        module.globs = collector.globs;
        module.written = collector.written;
        for child in collector.modules {
            let name = child.ident.to_string();
            let path = [path.clone(), vec![name.clone()]].concat();
            let inner = format!("{folder}{name}/");
            let added = if let Some((_, items)) = &child.content {
                let added = self.push(Module {
                    path,
                    file: file.clone(),
                    parent: Some(id),
                    ..Module::default()
                });
                self.fill(checkout, added, &inner, items);
                Some(added)
            } else {
                self.add(checkout, &format!("{folder}{name}.rs"), Some(id), path)
            };
            if let (Some(added), Some(module)) = (added, self.modules.get_mut(id)) {
                module.children.insert(name, added);
            }
        }
    }

    /// The module path of every file.
    pub fn files(&self) -> impl Iterator<Item = (&str, String)> {
        // Modules inside a file come after the file's own.
        let own = self.modules.iter().filter(|module| {
            module
                .parent
                .and_then(|parent| self.modules.get(parent))
                .is_none_or(|parent| parent.file != module.file)
        });
        own.map(|module| (module.file.as_str(), module.path.join("::")))
    }

    /// What the files of the crate use of each other. `outer` is what paths that begin with another
    /// crate's name lead to.
    pub fn imports(&self, outer: &HashMap<&str, &Self>) -> Vec<Import> {
        let mut imports = Vec::new();
        for (id, module) in self.modules.iter().enumerate() {
            for (path, line) in &module.written {
                let own = self
                    .resolve(id, path, 0)
                    .and_then(|target| self.file_of(target));
                let other = || {
                    let (first, rest) = path.split_first()?;
                    let outer = outer.get(first.as_str())?;
                    outer.file_of(outer.walk(0, rest, 0)?)
                };
                if let Some(to) = own.or_else(other).filter(|to| *to != module.file) {
                    let (from, path) = (module.file.clone(), path.join("::"));
                    imports.push(Import {
                        from,
                        line: *line,
                        path,
                        to: to.to_owned(),
                    });
                }
            }
        }
        imports.sort();
        imports.dedup();
        imports
    }

    /// The file that declares an item. A module alone is no import: what is used of it is.
    fn file_of(&self, target: Target) -> Option<&str> {
        match target {
            Target::Item(module) => self.modules.get(module).map(|module| module.file.as_str()),
            Target::Module(_) => None,
        }
    }

    /// What a path means that is written in this module.
    fn resolve(&self, at: usize, path: &[String], depth: usize) -> Option<Target> {
        let (first, rest) = path.split_first()?;
        match first.as_str() {
            "crate" => self.walk(0, rest, depth),
            "self" => self.walk(at, rest, depth),
            "super" => self.resolve_in_parent(at, rest, depth),
            _ => self.walk_named(at, path, depth),
        }
    }

    fn resolve_in_parent(&self, at: usize, rest: &[String], depth: usize) -> Option<Target> {
        let parent = self.modules.get(at)?.parent?;
        match rest.split_first() {
            Some((next, rest)) if next == "super" => self.resolve_in_parent(parent, rest, depth),
            _ => self.walk(parent, rest, depth),
        }
    }

    /// Follows a path from a module. What the module neither binds nor contains is declared by it.
    fn walk(&self, at: usize, path: &[String], depth: usize) -> Option<Target> {
        if path.is_empty() {
            return Some(Target::Module(at));
        }
        self.walk_named(at, path, depth).or(Some(Target::Item(at)))
    }

    /// Follows a path whose first name a module contains, binds or imports with `*`.
    fn walk_named(&self, at: usize, path: &[String], depth: usize) -> Option<Target> {
        if depth > LONGEST_CHAIN {
            return None;
        }
        let (first, rest) = path.split_first()?;
        let module = self.modules.get(at)?;
        let child = || {
            module
                .children
                .get(first)
                .and_then(|child| self.walk(*child, rest, depth))
        };
        let alias = || {
            module
                .aliases
                .get(first)?
                .iter()
                .find_map(|alias| self.follow(at, alias, rest, depth))
        };
        let glob = || {
            module
                .globs
                .iter()
                .find_map(|glob| self.look_into(at, glob, path, depth))
        };
        // A module and a function may have one name: `get::get`.
        if rest.is_empty() {
            alias().or_else(child)
        } else {
            child().or_else(alias)
        }
        .or_else(glob)
    }

    fn follow(&self, at: usize, alias: &[String], rest: &[String], depth: usize) -> Option<Target> {
        match self.resolve(at, alias, depth + 1)? {
            Target::Module(module) => self.walk(module, rest, depth + 1),
            item @ Target::Item(_) => Some(item),
        }
    }

    /// What `use glob::*` brings under this name.
    fn look_into(
        &self,
        at: usize,
        glob: &[String],
        path: &[String],
        depth: usize,
    ) -> Option<Target> {
        match self.resolve(at, glob, depth + 1)? {
            Target::Module(module) if module != at => self.walk_named(module, path, depth + 1),
            _ => None,
        }
    }
}

/// The folder of the modules that a file declares.
fn folder_of(file: &str, is_root: bool) -> String {
    let (folder, _) = file.rsplit_once('/').unwrap_or_default();
    if is_root {
        format!("{folder}/")
    } else {
        format!("{}/", file.trim_end_matches(".rs"))
    }
}

/// Collects what one module binds and names, without the modules inside it.
#[derive(Default)]
struct Collector {
    modules: Vec<syn::ItemMod>,
    aliases: HashMap<String, Vec<Vec<String>>>,
    globs: Vec<Vec<String>>,
    written: Vec<(Vec<String>, usize)>,
}

impl Collector {
    fn bind(&mut self, tree: &syn::UseTree, before: &[String], is_private: bool, line: usize) {
        match tree {
            syn::UseTree::Path(path) => {
                let path = (path.ident.to_string(), &path.tree);
                self.bind(path.1, &[before, &[path.0]].concat(), is_private, line);
            }
            syn::UseTree::Name(name) => {
                self.bind_name(&name.ident, &name.ident, before, is_private)
            }
            syn::UseTree::Rename(rename) => {
                self.bind_name(&rename.ident, &rename.rename, before, is_private)
            }
            syn::UseTree::Glob(_) => {
                self.globs.push(before.to_vec());
                if is_private {
                    // Anything may be used of it.
                    self.written
                        .push(([before, &["*".to_owned()]].concat(), line));
                }
            }
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.bind(tree, before, is_private, line);
                }
            }
        }
    }

    fn bind_name(
        &mut self,
        name: &syn::Ident,
        bound: &syn::Ident,
        before: &[String],
        is_private: bool,
    ) {
        // `a::{self}` binds `a`.
        let (path, bound) = if name == "self" {
            (
                before.to_vec(),
                before
                    .last()
                    .filter(|_| bound == "self")
                    .cloned()
                    .unwrap_or_else(|| bound.to_string()),
            )
        } else {
            ([before, &[name.to_string()]].concat(), bound.to_string())
        };
        if is_private {
            self.written.push((path.clone(), line_of(name.span())));
        }
        self.aliases.entry(bound).or_default().push(path);
    }

    /// Paths in the text of a macro's call, which is not parsed.
    fn scan(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let (mut line, mut colons) = (0, 0);
        for token in tokens {
            match token {
                TokenTree::Ident(word) if path.is_empty() || colons == 2 => {
                    if path.is_empty() {
                        line = line_of(word.span());
                    }
                    path.push(word.to_string());
                    colons = 0;
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' && !path.is_empty() => colons += 1,
                TokenTree::Ident(word) => {
                    self.note(std::mem::take(&mut path), line);
                    (line, colons) = (line_of(word.span()), 0);
                    path.push(word.to_string());
                }
                TokenTree::Group(group) => {
                    self.note(std::mem::take(&mut path), line);
                    colons = 0;
                    self.scan(group.stream());
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {
                    self.note(std::mem::take(&mut path), line);
                    colons = 0;
                }
            }
        }
        self.note(path, line);
    }

    fn note(&mut self, path: Vec<String>, line: usize) {
        if !path.is_empty() {
            self.written.push((path, line));
        }
    }
}

impl<'ast> Visit<'ast> for Collector {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !is_for_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.modules.push(item.clone());
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if item.leading_colon.is_none() {
            let is_private = matches!(item.vis, syn::Visibility::Inherited);
            self.bind(&item.tree, &[], is_private, line_of(item.use_token.span));
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            let words = path
                .segments
                .iter()
                .map(|segment| segment.ident.to_string())
                .collect();
            let line = path
                .segments
                .first()
                .map_or(0, |first| line_of(first.ident.span()));
            self.note(words, line);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        visit::visit_macro(self, call);
        self.scan(call.tokens.clone());
    }

    // `pub(in crate::server)` and `#[derive(…)]` import nothing.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imports(files: &[(&str, &str)]) -> Vec<(String, usize, String)> {
        let found = Crate::of(&Checkout::of(files), "src/lib.rs").imports(&HashMap::new());
        let short = |file: String| file.trim_start_matches("src/").to_owned();
        found
            .into_iter()
            .map(|import| (short(import.from), import.line, short(import.to)))
            .collect()
    }

    fn expected<const N: usize>(list: [(&str, usize, &str); N]) -> Vec<(String, usize, String)> {
        list.map(|(from, line, to)| (from.to_owned(), line, to.to_owned()))
            .to_vec()
    }

    const ROOT: (&str, &str) = ("src/lib.rs", "pub mod a;\npub mod b;\n");

    #[test]
    fn an_import_names_the_file_that_declares_the_item() {
        let files = [
            ROOT,
            (
                "src/a.rs",
                "mod inner;\npub use inner::Deep;\npub struct Top;\n",
            ),
            (
                "src/a/inner.rs",
                "pub struct Deep;\nfn f(_: super::Top) {}\n",
            ),
            ("src/b.rs", "use crate::a::{Deep, Top as Other};\n"),
        ];
        let list = [
            ("a/inner.rs", 2, "a.rs"),
            ("b.rs", 1, "a/inner.rs"),
            ("b.rs", 1, "a.rs"),
        ];
        assert_eq!(imports(&files), expected(list));
    }

    #[test]
    fn paths_in_code_and_in_macros_are_seen() {
        let files = [
            ROOT,
            ("src/a.rs", "pub fn f() {}\npub mod c { pub fn g() {} }\n"),
            (
                "src/b.rs",
                "use crate::a;\nfn h() {\n    a::f();\n    assert!(x == crate::a::c::g());\n}\n",
            ),
        ];
        assert_eq!(
            imports(&files),
            expected([("b.rs", 3, "a.rs"), ("b.rs", 4, "a.rs")])
        );
    }

    #[test]
    fn a_parent_that_uses_its_child_imports_it_and_one_that_only_re_exports_it_does_not() {
        let files = [
            ("src/lib.rs", "mod a;\nmod b;\n"),
            ("src/a.rs", "mod child;\npub use child::run;\n"),
            ("src/a/child.rs", "pub fn run() {}\n"),
            (
                "src/b.rs",
                "mod child;\npub use child::run;\nfn f() {\n    run();\n}\n",
            ),
            ("src/b/child.rs", "pub fn run() {}\n"),
        ];
        assert_eq!(imports(&files), expected([("b.rs", 4, "b/child.rs")]));
    }

    #[test]
    fn globs_are_followed() {
        let files = [
            ROOT,
            ("src/a.rs", "mod inner;\npub use inner::*;\n"),
            ("src/a/inner.rs", "mod deep;\npub use deep::Thing;\n"),
            ("src/a/inner/deep.rs", "pub struct Thing;\n"),
            ("src/b.rs", "use crate::a::Thing;\n"),
        ];
        assert_eq!(imports(&files), expected([("b.rs", 1, "a/inner/deep.rs")]));
    }

    #[test]
    fn a_module_and_its_function_may_have_one_name() {
        let files = [
            ROOT,
            ("src/a.rs", "mod get;\npub use get::get;\n"),
            ("src/a/get.rs", "pub fn get() {}\n"),
            ("src/b.rs", "use crate::a::get;\n"),
        ];
        assert_eq!(imports(&files), expected([("b.rs", 1, "a/get.rs")]));
    }

    #[test]
    fn tests_visibility_and_attributes_import_nothing() {
        let files = [
            ROOT,
            ("src/a.rs", "pub struct Top;\n"),
            (
                "src/b.rs",
                "#[cfg(test)]\nmod tests { use crate::a::Top; }\n\
                 #[cfg(all(test, unix))]\nuse crate::a::Top;\n\
                 pub(in crate::a) struct B;\n",
            ),
        ];
        assert_eq!(imports(&files), []);
    }

    #[test]
    fn a_binary_imports_from_its_library() {
        let files = [
            ROOT,
            ("src/a.rs", "pub struct Top;\n"),
            ("src/b.rs", ""),
            ("src/main.rs", "use sample::a::Top;\n"),
        ];
        let checkout = Checkout::of(&files);
        let library = Crate::of(&checkout, "src/lib.rs");
        let binary = Crate::of(&checkout, "src/main.rs");
        let imports = binary.imports(&HashMap::from([("sample", &library)]));
        let import = Import {
            from: "src/main.rs".into(),
            line: 1,
            path: "sample::a::Top".into(),
            to: "src/a.rs".into(),
        };
        assert_eq!(imports, [import]);
    }
}
