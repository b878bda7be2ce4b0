//! Words and names that were replaced, and where they may still be: `words.toml`.
//!
//! A name that is an ordinary word in prose (`line`, `share`) is looked for only where something is
//! declared under it. A name that means nothing else is looked for everywhere.

use std::cell::Cell;
use std::collections::HashMap;

use serde::Deserialize;

use crate::checkout::{Checkout, TextFile};
use crate::declarations::{DeclarationKind, declarations};
use crate::finding::Finding;

/// The text of `words.toml`.
const TEXT: &str = include_str!("../words.toml");
/// The file itself, which must name what it forbids.
const SELF: &str = "crates/repository/words.toml";

/// The lists of `words.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Words {
    /// Whole words in Rust, TypeScript, Lua and Markdown, in upper or lower case. Also words of the
    /// names of functions, such as tests.
    pub(crate) prose: Vec<Rename>,
    /// Whole words, in all text that people write.
    pub(crate) identifiers: Vec<Rename>,
    /// Types that Rust declares.
    pub(crate) types: Vec<Rename>,
    /// Functions and methods that Rust declares.
    pub(crate) functions: Vec<Rename>,
    /// Files and folders, by name or by path without extension, and modules inside a file.
    pub(crate) modules: Vec<Rename>,
    pub(crate) allow: Vec<Allowed>,
}

/// An old word and what is said instead.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rename {
    pub(crate) old: String,
    pub(crate) new: String,
    /// The folder in which the old word is looked for; everywhere without it.
    #[serde(default)]
    pub(crate) under: String,
}

/// A place where an old word may be.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allowed {
    pub(crate) old: String,
    /// A file, or a folder with a `/` at the end.
    pub(crate) file: String,
    /// Part of the line; any line without it.
    #[serde(default)]
    pub(crate) line: String,
    pub(crate) reason: String,
    #[serde(skip)]
    used: Cell<bool>,
}

impl Words {
    /// Those of this repository.
    ///
    /// # Errors
    ///
    /// The file is not what this module expects.
    pub fn of_repository() -> Result<Self, String> {
        Self::parse(TEXT)
    }

    fn parse(text: &str) -> Result<Self, String> {
        let words: Self = toml::from_str(text).map_err(|error| format!("words.toml: {error}"))?;
        match words
            .allow
            .iter()
            .find(|allowed| allowed.reason.trim().is_empty())
        {
            Some(allowed) => Err(format!(
                "words.toml: `{}` is allowed without a reason",
                allowed.old
            )),
            None => Ok(words),
        }
    }

    /// Where old words are.
    pub fn check(&self, checkout: &Checkout) -> Vec<Finding> {
        let mut findings = Vec::new();
        self.check_text(checkout, &mut findings);
        self.check_declarations(checkout, &mut findings);
        self.check_paths(checkout, &mut findings);
        for allowed in self.allow.iter().filter(|allowed| !allowed.used.get()) {
            let advice = format!(
                "remove the exception for `{}` in {}: it is not there",
                allowed.old, allowed.file
            );
            findings.push(Finding::new(SELF, 1, advice));
        }
        findings
    }

    fn check_text(&self, checkout: &Checkout, findings: &mut Vec<Finding>) {
        let prose = Index::new(&self.prose, str::to_lowercase);
        let identifiers = Index::new(&self.identifiers, str::to_owned);
        for file in checkout
            .files(&["rs", "md", "toml", "ts", "js", "css", "lua"])
            .filter(|file| file.path != SELF)
        {
            let is_prose = matches!(file.extension(), "rs" | "md" | "ts" | "lua");
            for (number, line) in file.lines() {
                let found = if is_prose {
                    prose.find(line, is_letter)
                } else {
                    Vec::new()
                };
                for rename in found
                    .into_iter()
                    .chain(identifiers.find(line, is_letter_or_hyphen))
                {
                    self.report(rename, &file.path, number, line, "say", findings);
                }
            }
        }
    }

    fn check_declarations(&self, checkout: &Checkout, findings: &mut Vec<Finding>) {
        let prose = Index::new(&self.prose, str::to_lowercase);
        for file in checkout.files(&["rs"]) {
            let Ok(declared) = declarations(&file.text) else {
                continue;
            };
            for declaration in declared {
                let (list, advice) = match declaration.kind {
                    DeclarationKind::Type => (&self.types, "name this type"),
                    DeclarationKind::Function => (&self.functions, "name this function"),
                    DeclarationKind::Module => (&self.modules, "name this module"),
                };
                let words = if declaration.kind == DeclarationKind::Function {
                    declaration.name.replace('_', " ")
                } else {
                    String::new()
                };
                let whole = list.iter().filter(|rename| rename.old == declaration.name);
                for rename in whole.chain(prose.find(&words, is_letter)) {
                    let line = line_text(file, declaration.line);
                    self.report(rename, &file.path, declaration.line, line, advice, findings);
                }
            }
        }
    }

    fn check_paths(&self, checkout: &Checkout, findings: &mut Vec<Finding>) {
        for path in checkout.paths().filter(|path| is_source(path)) {
            for rename in self
                .modules
                .iter()
                .filter(|rename| names_path(&rename.old, path))
            {
                self.report(rename, path, 1, "", "name this file or folder", findings);
            }
        }
    }

    fn report(
        &self,
        rename: &Rename,
        path: &str,
        number: usize,
        line: &str,
        what: &str,
        findings: &mut Vec<Finding>,
    ) {
        let allowed = self.allow.iter().find(|allowed| {
            let place = allowed.file == path
                || (allowed.file.ends_with('/') && path.starts_with(&allowed.file));
            allowed.old == rename.old && place && line.contains(&allowed.line)
        });
        if let Some(allowed) = allowed {
            allowed.used.set(true);
        } else if path.starts_with(&rename.under) {
            let advice = format!("`{}` was replaced: {what} {}", rename.old, rename.new);
            findings.push(Finding::new(path, number, advice));
        }
    }
}

/// Old words by their first part, so that a line is split only once.
struct Index<'a> {
    by_first: HashMap<String, Vec<(Vec<String>, &'a Rename)>>,
    fold: fn(&str) -> String,
}

impl<'a> Index<'a> {
    fn new(renames: &'a [Rename], fold: fn(&str) -> String) -> Self {
        let mut by_first: HashMap<String, Vec<_>> = HashMap::new();
        for rename in renames {
            let parts: Vec<String> = rename.old.split(' ').map(fold).collect();
            if let Some(first) = parts.first() {
                by_first
                    .entry(first.clone())
                    .or_default()
                    .push((parts, rename));
            }
        }
        Self { by_first, fold }
    }

    /// The old words of a line.
    fn find(&self, line: &str, is_part: fn(char) -> bool) -> Vec<&'a Rename> {
        let words: Vec<String> = line
            .split(|c| !is_part(c))
            .filter(|word| !word.is_empty())
            .map(self.fold)
            .collect();
        let mut found = Vec::new();
        for at in 0..words.len() {
            let rest = words.get(at..).unwrap_or_default();
            let first = rest.first().and_then(|first| self.by_first.get(first));
            for (parts, rename) in first.into_iter().flatten() {
                if rest.starts_with(parts) {
                    found.push(*rename);
                }
            }
        }
        found
    }
}

fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// `Sec-Fetch-Site` and `farewell-expired` are words of their own.
fn is_letter_or_hyphen(c: char) -> bool {
    is_letter(c) || c == '-'
}

fn is_source(path: &str) -> bool {
    [".rs", ".ts", ".js", ".css"]
        .iter()
        .any(|extension| path.ends_with(extension))
}

/// Whether `old` is the beginning of this path, or the name of its file or of one of its folders.
fn names_path(old: &str, path: &str) -> bool {
    if old.contains('/') {
        return path
            .strip_prefix(old)
            .is_some_and(|rest| rest.starts_with(['/', '.']));
    }
    path.split('/')
        .any(|part| part.split('.').next().unwrap_or(part).replace('-', "_") == old)
}

fn line_text(file: &TextFile, number: usize) -> &str {
    file.text
        .lines()
        .nth(number.saturating_sub(1))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(words: &str, files: &[(&str, &str)]) -> Vec<(String, usize)> {
        let words = Words::parse(words).unwrap();
        words
            .check(&Checkout::of(files))
            .into_iter()
            .map(|found| (found.file, found.line))
            .collect()
    }

    fn at(file: &str, line: usize) -> (String, usize) {
        (file.to_owned(), line)
    }

    #[test]
    fn the_list_of_this_repository_is_read() {
        let words = Words::of_repository().unwrap();
        assert!(words.types.len() > 50 && words.modules.len() > 50);
    }

    #[test]
    fn prose_is_searched_for_whole_words_in_any_case() {
        let words = "prose = [{ old = \"castle\", new = \"server\" }, \
                     { old = \"old rope\", new = \"rope\" }]";
        let text = "The Castle.\ncastles\nan old rope\nold ropes\ncastle_key\n";
        assert_eq!(
            found(words, &[("a.md", text), ("b.css", text)]),
            [at("a.md", 1), at("a.md", 3)]
        );
        let names = "fn an_old_rope_holds() {}\nfn old_ropes() {}\nstruct castle_key;\n";
        assert_eq!(found(words, &[("a.rs", names)]), [at("a.rs", 1)]);
    }

    #[test]
    fn identifiers_are_searched_for_in_all_text_but_not_inside_longer_words() {
        let words = "identifiers = [{ old = \"Castle\", new = \"Server\" }]";
        let text = "let a = Castle::new();\nX-Castle-Key\ncastle\nCastles\n";
        assert_eq!(
            found(words, &[("a.rs", text), ("b.css", text)]),
            [at("a.rs", 1), at("b.css", 1)]
        );
    }

    #[test]
    fn types_and_functions_are_searched_for_where_they_are_declared() {
        let words = "types = [{ old = \"Line\", new = \"Exchange\", under = \"src/\" }]\n\
                     functions = [{ old = \"share\", new = \"jitter\" }]";
        let text = "// A Line to share.\nstruct Line;\nimpl Line { fn share(&self) { share() } }\n";
        assert_eq!(
            found(
                words,
                &[("src/a.rs", text), ("tests/b.rs", "enum Line {}\n")]
            ),
            [at("src/a.rs", 2), at("src/a.rs", 3)]
        );
    }

    #[test]
    fn modules_are_files_folders_and_modules_inside_a_file() {
        let words = "modules = [{ old = \"old_gate\", new = \"gate\" }, \
                     { old = \"src/a/body\", new = \"src/a/form\" }]";
        let files = [
            ("src/old_gate.rs", ""),
            ("src/old_gate/x.rs", ""),
            ("end2end/old-gate.spec.ts", ""),
            ("src/a/body.rs", ""),
            ("src/b/body.rs", "mod old_gate {}\n"),
            ("docs/old_gate.md", ""),
        ];
        let mut found = found(words, &files);
        found.sort();
        let expected = [
            "end2end/old-gate.spec.ts",
            "src/a/body.rs",
            "src/b/body.rs",
            "src/old_gate.rs",
            "src/old_gate/x.rs",
        ];
        assert_eq!(found, expected.map(|file| at(file, 1)));
    }

    #[test]
    fn an_exception_is_let_pass_and_must_be_needed() {
        let words = "prose = [{ old = \"castle\", new = \"server\" }]\n\
                     allow = [{ old = \"castle\", file = \"a.md\", line = \"Windsor\", \
                     reason = \"a real one\" }]";
        assert_eq!(
            found(words, &[("a.md", "Windsor castle\ncastle\n")]),
            [at("a.md", 2)]
        );
        assert_eq!(found(words, &[("a.md", "nothing\n")]), [at(SELF, 1)]);
        assert!(Words::parse(&words.replace("a real one", " ")).is_err());
    }
}
