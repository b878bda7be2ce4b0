//! What the rules let pass, each with its reason: `exceptions.toml`.

use serde::Deserialize;

/// The text of `exceptions.toml`.
const TEXT: &str = include_str!("../exceptions.toml");

/// Exceptions from the rules, by rule.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Exceptions {
    /// Public type names that several files declare.
    pub(crate) types: Vec<Exception>,
    /// Files, or folders with a `/` at the end, whose lines may be longer.
    pub(crate) lines: Vec<Exception>,
    /// Paths that Markdown names although they are not in the repository.
    pub(crate) links: Vec<Exception>,
}

/// One exception.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// A type name, a file or a folder, depending on the rule.
    pub(crate) of: String,
    pub(crate) reason: String,
}

impl Exceptions {
    /// Those of this repository.
    ///
    /// # Errors
    ///
    /// The file is not what this module expects.
    pub fn of_repository() -> Result<Self, String> {
        let exceptions: Self =
            toml::from_str(TEXT).map_err(|error| format!("exceptions.toml: {error}"))?;
        let all = exceptions
            .types
            .iter()
            .chain(&exceptions.lines)
            .chain(&exceptions.links);
        match all
            .into_iter()
            .find(|exception| exception.reason.trim().is_empty())
        {
            Some(exception) => Err(format!("exceptions.toml: `{}` has no reason", exception.of)),
            None => Ok(exceptions),
        }
    }
}

/// Whether the list names this very text.
pub fn names(exceptions: &[Exception], what: &str) -> bool {
    exceptions.iter().any(|exception| exception.of == what)
}

/// Whether the list names this path or a folder above it.
pub fn covers(exceptions: &[Exception], path: &str) -> bool {
    exceptions.iter().any(|exception| {
        exception.of == path || (exception.of.ends_with('/') && path.starts_with(&exception.of))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_this_repository_is_read() {
        Exceptions::of_repository().unwrap();
    }

    #[test]
    fn folders_cover_what_is_in_them() {
        let exceptions = [Exception {
            of: "docs/old/".into(),
            reason: "history".into(),
        }];
        assert!(covers(&exceptions, "docs/old/a.md"));
        assert!(!covers(&exceptions, "docs/older.md"));
    }
}
