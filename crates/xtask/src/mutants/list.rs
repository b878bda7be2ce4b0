//! The list of mutants, and what makes one valid.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use toml::{Table, Value};

/// Where the list is, from the root of the checkout.
const LIST: &str = "crates/xtask/mutants.toml";

/// One change to one file.
#[derive(Debug)]
pub struct Mutant {
    /// What is no longer checked, in words; no two alike.
    pub name: String,
    /// Where, from the root of the checkout.
    pub file: String,
    /// What stands there, exactly once.
    old: String,
    /// What stands there instead.
    new: String,
}

/// Reads the list, and makes sure that every change can be made.
pub fn read(root: &Path) -> Result<Vec<Mutant>> {
    let text =
        fs::read_to_string(root.join(LIST)).with_context(|| format!("cannot read {LIST}"))?;
    let list: Table = text
        .parse()
        .with_context(|| format!("{LIST} cannot be understood"))?;
    let entries = list
        .get("mutant")
        .and_then(Value::as_array)
        .filter(|_| list.len() == 1);
    let entries = entries.with_context(|| format!("{LIST} is not a list of `mutant`"))?;
    let mutants = entries.iter().map(Mutant::read).collect::<Option<Vec<_>>>();
    let mutants =
        mutants.with_context(|| format!("{LIST}: a mutant has `name`, `file`, `old` and `new`"))?;
    let mut names = HashSet::new();
    for mutant in &mutants {
        ensure!(
            names.insert(&mutant.name),
            "{LIST}: `{}` stands twice",
            mutant.name
        );
        mutant.applied_in(root)?;
    }
    Ok(mutants)
}

impl Mutant {
    fn read(entry: &Value) -> Option<Self> {
        let text = |key: &str| entry.get(key)?.as_str().map(str::to_owned);
        let mutant = Self {
            name: text("name")?,
            file: text("file")?,
            old: text("old")?,
            new: text("new")?,
        };
        entry
            .as_table()
            .is_some_and(|table| table.len() == 4)
            .then_some(mutant)
    }

    /// Whether its name or its file contains this.
    pub fn is_about(&self, text: &str) -> bool {
        self.name.contains(text) || self.file.contains(text)
    }

    /// The file with the change in it.
    pub fn applied_in(&self, root: &Path) -> Result<String> {
        let text = fs::read_to_string(root.join(&self.file))
            .with_context(|| format!("cannot read {}", self.file))?;
        let times = text.matches(&self.old).count();
        ensure!(
            times == 1,
            "`{}`: its old text stands {times} times in {}, not once",
            self.name,
            self.file
        );
        ensure!(self.old != self.new, "`{}` changes nothing", self.name);
        Ok(text.replacen(&self.old, &self.new, 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Workspace;

    #[test]
    fn every_mutant_can_be_made_of_the_code_as_it_is() {
        let mutants = read(Workspace::locate().unwrap().root()).unwrap();
        assert!(mutants.len() >= 35, "{}", mutants.len());
    }

    #[test]
    fn a_text_that_stands_twice_or_nowhere_is_refused() {
        let mutant = |old: &str, new: &str| Mutant {
            name: "x".into(),
            file: "Cargo.toml".into(),
            old: old.into(),
            new: new.into(),
        };
        let root = Workspace::locate().unwrap().root().to_path_buf();
        assert!(
            !mutant("resolver = \"3\"", "")
                .applied_in(&root)
                .unwrap()
                .contains("resolver")
        );
        assert!(
            mutant("resolver = \"3\"", "resolver = \"3\"")
                .applied_in(&root)
                .is_err()
        );
        assert!(mutant("optional", "").applied_in(&root).is_err());
        assert!(mutant("no such text", "").applied_in(&root).is_err());
    }
}
