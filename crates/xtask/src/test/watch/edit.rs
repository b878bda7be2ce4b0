//! Temporary edits of source files.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::served::{Address, Reload};

/// The folders with sources.
const SOURCES: [&str; 2] = ["src", "crates"];
/// Where the path and the old content of an edited file are kept until it is as before.
const KEPT_PATH: &str = "edited-file.path";
const KEPT_CONTENT: &str = "edited-file.content";

/// A file, what becomes of it, and where that can be seen.
pub struct Edit {
    pub what: &'static str,
    pub within: Duration,
    pub at: Address,
    pub reload: Reload,
    file: PathBuf,
    from: String,
    to: String,
}

impl Edit {
    pub fn new(what: &'static str, file: PathBuf, within: u64) -> Self {
        let at = (0, String::new());
        let (from, to) = (String::new(), String::new());
        Self {
            what,
            within: Duration::from_secs(within),
            at,
            reload: Reload::Page,
            file,
            from,
            to,
        }
    }

    pub fn replacing(self, from: &str, to: &str) -> Self {
        Self {
            from: from.to_owned(),
            to: to.to_owned(),
            ..self
        }
    }

    pub fn appending(self, text: &str) -> Self {
        Self {
            to: text.to_owned(),
            ..self
        }
    }

    pub fn seen_at(self, at: Address, reload: Reload) -> Self {
        Self { at, reload, ..self }
    }

    fn applied(&self, text: &str) -> Result<String> {
        if self.from.is_empty() {
            return Ok(format!("{text}{}", self.to));
        }
        let Some((before, after)) = text.split_once(&self.from) else {
            bail!("{} does not contain {:?}", self.file.display(), self.from);
        };
        Ok(format!("{before}{}{after}", self.to))
    }
}

/// An edit that was made; when it is dropped, the file is as before.
pub struct Edited {
    file: PathBuf,
    content: String,
    kept: PathBuf,
    is_back: bool,
}

impl Edited {
    pub fn make(edit: &Edit, folder: &Path) -> Result<Self> {
        let content = fs::read_to_string(&edit.file)
            .with_context(|| format!("cannot read {}", edit.file.display()))?;
        let changed = edit.applied(&content)?;
        fs::write(folder.join(KEPT_CONTENT), &content)?;
        fs::write(
            folder.join(KEPT_PATH),
            edit.file.to_string_lossy().as_bytes(),
        )?;
        let edited = Self {
            file: edit.file.clone(),
            content,
            kept: folder.to_path_buf(),
            is_back: false,
        };
        fs::write(&edited.file, changed)
            .with_context(|| format!("cannot write {}", edited.file.display()))?;
        Ok(edited)
    }

    pub fn take_back(mut self) -> Result<()> {
        self.restore()
    }

    fn restore(&mut self) -> Result<()> {
        if std::mem::replace(&mut self.is_back, true) {
            return Ok(());
        }
        fs::write(&self.file, &self.content)
            .with_context(|| format!("cannot take back the edit of {}", self.file.display()))?;
        forget(&self.kept)
    }
}

impl Drop for Edited {
    fn drop(&mut self) {
        if let Err(error) = self.restore() {
            crate::ui::fail(&error);
        }
    }
}

/// Takes back the edit of a run that was killed.
pub fn take_back_leftovers(root: &Path, folder: &Path) -> Result<()> {
    let Ok(file) = fs::read_to_string(folder.join(KEPT_PATH)) else {
        return Ok(());
    };
    let file = PathBuf::from(file);
    if file.starts_with(root) {
        let content = fs::read_to_string(folder.join(KEPT_CONTENT)).with_context(|| {
            format!("the content of {} before its edit is lost", file.display())
        })?;
        fs::write(&file, content).with_context(|| format!("cannot write {}", file.display()))?;
        crate::ui::say(&format!(
            "took back the edit of an earlier run: {}",
            file.display()
        ));
    }
    forget(folder)
}

fn forget(folder: &Path) -> Result<()> {
    fs::remove_file(folder.join(KEPT_PATH)).context("cannot forget an edit")
}

/// The source file whose name ends so and that contains this. Found by content, so that files can
/// move.
pub fn find(root: &Path, name: &str, containing: &str) -> Result<PathBuf> {
    let found = SOURCES
        .iter()
        .find_map(|folder| search(&root.join(folder), name, containing));
    found.with_context(|| format!("no source file {name} contains {containing:?}"))
}

fn search(folder: &Path, name: &str, containing: &str) -> Option<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    paths.into_iter().find_map(|path| {
        // This very program contains what it looks for.
        if path.is_dir() {
            return if path.ends_with("xtask") {
                None
            } else {
                search(&path, name, containing)
            };
        }
        let fits = path.file_name()?.to_string_lossy().ends_with(name);
        (fits && fs::read_to_string(&path).ok()?.contains(containing)).then_some(path)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Workspace;

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("xtask-{}-{name}", std::process::id()));
            fs::create_dir_all(&path).unwrap();
            fs::write(path.join("file"), "one two").unwrap();
            Self(path)
        }

        fn edit(&self) -> Edit {
            Edit::new("a file", self.0.join("file"), 1).replacing("two", "three")
        }

        fn content(&self) -> String {
            fs::read_to_string(self.0.join("file")).unwrap()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn an_edit_that_is_dropped_is_taken_back() {
        let folder = Folder::new("dropped");
        let edited = Edited::make(&folder.edit(), &folder.0).unwrap();
        assert_eq!(folder.content(), "one three");
        drop(edited);
        assert_eq!(folder.content(), "one two");
    }

    #[test]
    fn an_edit_of_a_run_that_was_killed_is_taken_back_by_the_next_one() {
        let folder = Folder::new("killed");
        std::mem::forget(Edited::make(&folder.edit(), &folder.0).unwrap());
        take_back_leftovers(&folder.0, &folder.0).unwrap();
        assert_eq!(folder.content(), "one two");
        take_back_leftovers(&folder.0, &folder.0).unwrap();
    }

    #[test]
    fn a_text_that_is_not_there_cannot_be_edited() {
        let folder = Folder::new("missing");
        let edit = Edit::new("a file", folder.0.join("file"), 1).replacing("four", "five");
        assert!(Edited::make(&edit, &folder.0).is_err());
        assert_eq!(folder.content(), "one two");
    }

    #[test]
    fn every_kind_of_file_that_is_edited_exists() {
        let workspace = Workspace::locate().unwrap();
        for (name, containing) in [("en.ftl", "\nskip = "), (".rs", super::super::ROBOTS)] {
            assert!(find(workspace.root(), name, containing).is_ok(), "{name}");
        }
    }
}
