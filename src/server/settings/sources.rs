//! Where each setting comes from: a variable, a line of the file, or the default. Errors and
//! `latchkey check --dump` name it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::server::settings::setting_key::variable;

/// The origin of one setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingSource<'a> {
    /// An environment variable, by name.
    Variable(&'a str),
    /// A line of the settings file, counted from 1.
    File {
        /// The file.
        path: &'a Path,
        /// The line of the key.
        line: usize,
    },
    /// Neither names it.
    Default,
}

impl fmt::Display for SettingSource<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(f, "variable {name}"),
            Self::File { path, line } => write!(f, "{} line {line}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// The origins of all settings that are not defaults, by dotted key.
#[derive(Clone, Debug, Default)]
pub struct SettingSources {
    file: Option<PathBuf>,
    lines: BTreeMap<String, usize>,
    variables: BTreeMap<String, String>,
}

impl SettingSources {
    /// The sources in the text of a settings file. A text that is not TOML has none.
    pub(super) fn of_file(path: &Path, text: &str) -> Self {
        let mut lines = BTreeMap::new();
        if let Ok(table) = DeTable::parse(text) {
            add_lines(text, "", table.get_ref(), &mut lines);
        }
        Self {
            file: Some(path.to_owned()),
            lines,
            variables: BTreeMap::new(),
        }
    }

    /// Notes that a variable sets a key.
    pub(super) fn add_variable(&mut self, key: String, name: String) {
        self.variables.insert(key, name);
    }

    /// Where the value of a key comes from. An element of a list (`a.b[0]`) comes from where the
    /// list does, unless the file has a line for it.
    pub fn of(&self, key: &str) -> SettingSource<'_> {
        let list = key.split('[').next().unwrap_or_default();
        if let Some(name) = self.variables.get(list) {
            return SettingSource::Variable(name);
        }
        let line = self.lines.get(key).or_else(|| self.lines.get(list));
        match (&self.file, line) {
            (Some(path), Some(line)) => SettingSource::File { path, line: *line },
            _ => SettingSource::Default,
        }
    }

    /// A key that is set and lies within a section.
    pub(super) fn first_within(&self, section: &str) -> Option<&str> {
        let within = |key: &&String| {
            key.strip_prefix(section)
                .is_some_and(|rest| rest.starts_with('.'))
        };
        let mut keys = self.variables.keys().chain(self.lines.keys());
        keys.find(within).map(String::as_str)
    }

    /// The end of an error about a key: where it is set, or the variable that can set it.
    pub fn describe(&self, key: &str) -> String {
        let within = || self.first_within(key).map(|inner| self.of(inner));
        match self.of(key) {
            SettingSource::Default => match within() {
                Some(source) => source.to_string(),
                None => format!("variable {}", variable(key)),
            },
            source => source.to_string(),
        }
    }
}

fn add_lines(text: &str, prefix: &str, table: &DeTable<'_>, lines: &mut BTreeMap<String, usize>) {
    for (name, value) in table {
        let key = format!("{prefix}{}", name.get_ref());
        lines.insert(key.clone(), line_at(text, name.span().start));
        add_lines_of_value(text, &key, value, lines);
    }
}

fn add_lines_of_value(
    text: &str,
    key: &str,
    value: &Spanned<DeValue<'_>>,
    lines: &mut BTreeMap<String, usize>,
) {
    match value.get_ref() {
        DeValue::Table(inner) => add_lines(text, &format!("{key}."), inner, lines),
        DeValue::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let key = format!("{key}[{index}]");
                lines.insert(key.clone(), line_at(text, item.span().start));
                add_lines_of_value(text, &key, item, lines);
            }
        }
        _ => {}
    }
}

/// The line of a position in a text, counted from 1.
pub(super) fn line_at(text: &str, position: usize) -> usize {
    let before = text.get(..position).unwrap_or(text);
    before.bytes().filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_at_its_line_whatever_its_form() {
        let text = "# first\n[server]\naddress = \"127.0.0.1:1\"\n\n[gateway]\n\
            twilio.from = \"x\"\n[guard]\ndelays = [\n  \"1s\",\n  \"2s\",\n]\n\
            [[test_numbers]]\nphone = \"1\"\n[[test_numbers]]\nphone = \"2\"\n";
        let mut sources = SettingSources::of_file(Path::new("a.toml"), text);
        let line = |key: &str| match sources.of(key) {
            SettingSource::File { line, .. } => line,
            _ => 0,
        };
        for (key, at) in [
            ("server.address", 3),
            ("gateway.twilio.from", 6),
            ("guard.delays", 8),
            ("guard.delays[1]", 10),
            ("test_numbers[1].phone", 15),
            ("server.public_url", 0),
        ] {
            assert_eq!(line(key), at, "{key}");
        }
        assert_eq!(sources.describe("server.address"), "a.toml line 3");
        assert_eq!(
            sources.describe("server.public_url"),
            "variable LATCHKEY_SERVER__PUBLIC_URL"
        );
        let name = "LATCHKEY_GUARD__DELAYS".to_owned();
        sources.add_variable("guard.delays".to_owned(), name.clone());
        assert_eq!(
            sources.of("guard.delays[1]"),
            SettingSource::Variable(&name),
            "a variable replaces the whole list"
        );
    }
}
