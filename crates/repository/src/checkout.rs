//! The files of the checkout as Git lists them: tracked ones, and new ones that are not ignored.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Kinds of files whose text is read; of the others only the path is known.
const READ: [&str; 9] = ["rs", "md", "toml", "ts", "js", "css", "lua", "yaml", "tpl"];

/// A file and its text.
#[derive(Debug)]
pub struct TextFile {
    /// From the root of the checkout, with `/`.
    pub(crate) path: String,
    /// All of it.
    pub text: String,
}

impl TextFile {
    /// The extension, without the dot.
    pub fn extension(&self) -> &str {
        extension(&self.path)
    }

    /// Lines with their numbers, from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .map(|(at, line)| (at + 1, line))
    }
}

/// The repository.
#[derive(Debug)]
pub struct Checkout {
    files: Vec<TextFile>,
    paths: BTreeSet<String>,
}

impl Checkout {
    /// Reads the checkout with this root.
    ///
    /// # Errors
    ///
    /// Git cannot be called, or is not in a checkout.
    pub fn read(root: &Path) -> Result<Self, String> {
        let listed = Command::new("git")
            .args([
                "ls-files",
                "-z",
                "--cached",
                "--others",
                "--exclude-standard",
            ])
            .current_dir(root)
            .output()
            .map_err(|error| format!("cannot start git: {error}"))?;
        if !listed.status.success() {
            return Err(String::from_utf8_lossy(&listed.stderr).into_owned());
        }
        let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
        let (mut files, mut paths) = (Vec::new(), BTreeSet::new());
        // A file that was deleted or moved, and not yet staged, is still listed.
        for path in listed
            .split('\0')
            .filter(|path| !path.is_empty() && root.join(path).is_file())
        {
            paths.insert(path.to_owned());
            if READ.contains(&extension(path)) {
                let text = fs::read_to_string(root.join(path))
                    .map_err(|error| format!("{path}: {error}"))?;
                files.push(TextFile {
                    path: path.to_owned(),
                    text,
                });
            }
        }
        Ok(Self { files, paths })
    }

    /// A checkout in memory.
    pub fn of(files: &[(&str, &str)]) -> Self {
        let text = |(path, text): &(&str, &str)| TextFile {
            path: (*path).to_owned(),
            text: (*text).to_owned(),
        };
        Self {
            files: files.iter().map(text).collect(),
            paths: files.iter().map(|(path, _)| (*path).to_owned()).collect(),
        }
    }

    /// The files with one of these extensions.
    pub fn files<'a>(&'a self, extensions: &'a [&str]) -> impl Iterator<Item = &'a TextFile> {
        self.files
            .iter()
            .filter(move |file| extensions.contains(&file.extension()))
    }

    /// The file at this path.
    pub fn file(&self, path: &str) -> Option<&TextFile> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Every path, also of files that are not text.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().map(String::as_str)
    }

    /// Whether a file or a folder is there.
    pub fn exists(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let folder = format!("{path}/");
        path.is_empty()
            || self.paths.contains(path)
            || self
                .paths
                .range(folder.clone()..)
                .next()
                .is_some_and(|next| next.starts_with(&folder))
    }

    /// The packages with code of their own: the folder of each `src`, the root's as an empty one.
    pub fn packages(&self) -> Vec<String> {
        let roots = ["src/lib.rs", "src/main.rs"];
        let found: BTreeSet<String> = self
            .paths()
            .filter_map(|path| roots.iter().find_map(|root| path.strip_suffix(root)))
            .filter(|folder| folder.is_empty() || folder.ends_with('/'))
            .map(str::to_owned)
            .collect();
        found.into_iter().collect()
    }
}

fn extension(path: &str) -> &str {
    Path::new(path)
        .extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Checkout {
        Checkout::of(&[
            ("src/lib.rs", ""),
            ("src/a/b.rs", ""),
            ("crates/x/src/main.rs", ""),
            ("docs/a.md", ""),
        ])
    }

    #[test]
    fn files_and_folders_exist() {
        let checkout = sample();
        assert!(
            checkout.exists("src/a/b.rs") && checkout.exists("src/a") && checkout.exists("docs/")
        );
        assert!(!checkout.exists("src/a/b") && !checkout.exists("doc"));
    }

    #[test]
    fn packages_are_folders_with_a_crate_root() {
        assert_eq!(sample().packages(), ["", "crates/x/"]);
    }

    #[test]
    fn files_are_chosen_by_extension() {
        let checkout = sample();
        assert_eq!(
            checkout
                .files(&["md"])
                .map(|file| file.path.as_str())
                .collect::<Vec<_>>(),
            ["docs/a.md"]
        );
    }
}
