//! The modules of a crate, and which file imports what from which other file.
//!
//! A path is followed through re-exports to the file that declares what it names, so `pub use` is
//! no import. Code that only tests compile is left out. Names that macros make up are not seen.

mod collector;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use syn::visit::Visit;

use self::collector::Collector;
use crate::checkout::Checkout;

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
