//! The style sheet in development: its imports in place, and nothing else done to it.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// The sheet with every `@import "file.css";` replaced by that file.
pub fn bundle(path: &Path) -> Result<String> {
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut bundled = String::with_capacity(text.len());
    for line in text.lines() {
        match imported(line) {
            Some(name) => bundled += &bundle(&path.with_file_name(name))?,
            None => bundled.extend([line, "\n"]),
        }
    }
    Ok(bundled)
}

fn imported(line: &str) -> Option<&str> {
    line.trim().strip_prefix("@import \"")?.strip_suffix("\";")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;
    use crate::workspace::Workspace;

    #[test]
    fn only_whole_import_lines_are_imports() {
        assert_eq!(imported("@import \"tokens.css\";"), Some("tokens.css"));
        assert_eq!(imported("@import url(tokens.css);"), None);
        assert_eq!(imported("a { color: red }"), None);
    }

    #[test]
    fn our_own_style_sheet_is_bundled_whole() {
        let workspace = Workspace::locate().unwrap();
        let project = Project::read(workspace.root()).unwrap();
        let bundled = bundle(&workspace.root().join(project.style_file().unwrap())).unwrap();
        assert!(
            !bundled.contains("@import"),
            "an import in a form that we do not read"
        );
        assert!(bundled.contains(":root"));
    }
}
