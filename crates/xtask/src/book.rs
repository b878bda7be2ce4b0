//! The documentation as a site: mdBook makes it, and every link in it is followed.
//!
//! Pages link to files outside of `docs/`, such as `SECURITY.md` and the examples of `deploy/`. So
//! the site is made from a copy of all that they link to, in the same folders, and no page is
//! written for mdBook.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::setup;
use crate::tools::{self, Tools};
use crate::ui;
use crate::workspace::Workspace;

mod links;

/// What the site is made of, as `git ls-files` names it: pages, and the files that they link to.
const FILES: [&str; 6] = [
    "*.md",
    "LICENSE-*",
    "docs",
    "deploy",
    "end2end/screenshots",
    "examples",
];

/// Makes the site in `target/book/book`. Fails if a link in it leads nowhere.
pub fn book(workspace: &Workspace) -> Result<()> {
    let tools = Tools::new(workspace)?;
    setup::book(workspace, &tools)?;
    let folder = workspace.target().join("book");
    copy_sources(workspace, &tools, &folder)?;
    tools::run(tools.command("mdbook").arg("build").arg(&folder))?;
    let site = folder.join("book");
    let broken = links::broken(&site)?;
    for link in &broken {
        ui::plain(link);
    }
    if !broken.is_empty() {
        bail!("{} links of the site lead nowhere", broken.len());
    }
    ui::plain(&format!(
        "The site is {}.",
        site.join("index.html").display()
    ));
    Ok(())
}

/// Copies the files, and writes the table of contents for their folder.
fn copy_sources(workspace: &Workspace, tools: &Tools, folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).context("cannot remove the earlier site")?;
    }
    let mut list = tools.command("git");
    // New pages are part of it before they are committed.
    list.args(["ls-files", "--cached", "--others", "--exclude-standard"]);
    list.arg("--").args(FILES);
    let sources = folder.join("src");
    for path in tools::output(&mut list)?.lines().map(PathBuf::from) {
        let from = workspace.root().join(&path);
        // One that is deleted and not committed yet.
        if !from.is_file() {
            continue;
        }
        let to = sources.join(&path);
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::copy(&from, &to).with_context(|| format!("cannot copy {}", path.display()))?;
    }
    let docs = workspace.root().join("docs");
    fs::copy(docs.join("book.toml"), folder.join("book.toml"))?;
    let contents = fs::read_to_string(docs.join("SUMMARY.md"))?;
    fs::write(sources.join("SUMMARY.md"), from_the_root(&contents))?;
    Ok(())
}

/// A table of contents of `docs/`, with its links as they are one folder above.
fn from_the_root(contents: &str) -> String {
    contents
        .replace("](", "](docs/")
        .replace("](docs/../", "](")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contents_lead_to_the_same_files_from_the_folder_above() {
        let contents = "[A](../README.md)\n- [B](a/b.md)\n  - [C](../deploy/README.md)\n";
        let moved = "[A](README.md)\n- [B](docs/a/b.md)\n  - [C](deploy/README.md)\n";
        assert_eq!(from_the_root(contents), moved);
    }
}
