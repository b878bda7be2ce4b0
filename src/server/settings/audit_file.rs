//! `telemetry.audit_file` must be a file of its own: the server appends to it, and would destroy a
//! store or a key.

use std::path::PathBuf;

use toml::{Table, Value};

use crate::server::settings::{ConfigError, KEY_FILE, SOCKET_FILE, Settings, StoreEngine};
use crate::server::system::same_file::is_same_file;

const KEY: &str = "telemetry.audit_file";

impl Settings {
    pub(super) fn validate_audit_file(&self, errors: &mut Vec<ConfigError>) {
        let Some(audit_file) = &self.telemetry.audit_file else {
            return;
        };
        if audit_file.as_os_str().is_empty() {
            let text = "is empty; without it the audit log goes to standard output";
            errors.push(ConfigError::new(KEY, text));
        }
        let mut others = self.other_files().into_iter();
        if let Some((name, path)) = others.find(|(_, path)| is_same_file(audit_file, path)) {
            let text = format!(
                "{} is {name}: lines of the audit log would destroy it",
                path.display()
            );
            errors.push(ConfigError::new(KEY, text));
        }
    }

    /// Every file that the settings name besides the audit log, with what it is.
    fn other_files(&self) -> Vec<(String, PathBuf)> {
        let mut files = Vec::new();
        let table = Table::try_from(self).unwrap_or_default();
        add_files("", &Value::Table(table), &mut files);
        if let Ok(StoreEngine::Redb(store)) = self.store.engine() {
            let data = self.data_directory();
            files.push(("the store".to_owned(), store));
            files.push(("the secret key".to_owned(), data.join(KEY_FILE)));
            files.push(("the admin socket".to_owned(), data.join(SOCKET_FILE)));
        }
        files
    }
}

/// The paths in a value: those of the keys that end with `_file` or `_files`.
fn add_files(key: &str, value: &Value, files: &mut Vec<(String, PathBuf)>) {
    match value {
        Value::Table(table) => {
            for (name, value) in table {
                let key = format!("{key}{}{name}", if key.is_empty() { "" } else { "." });
                add_files(&key, value, files);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| add_files(key, item, files)),
        Value::String(path)
            if (key.ends_with("_file") || key.ends_with("_files")) && key != KEY =>
        {
            files.push((format!("the file of {key}"), PathBuf::from(path)));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::timestamp::Timestamp;
    use crate::server::settings::load;

    /// The error about the audit file, with a store in `folder`.
    fn error(folder: &std::path::Path, variables: &[(&str, &str)]) -> Option<String> {
        let store = format!("redb:{}/data/latchkey.redb", folder.display());
        let of_store = [("STORE__URL", store.as_str())];
        let variables = variables.iter().chain(&of_store);
        let variables = variables.map(|(name, value)| {
            let value = value.replace("DIR", &folder.display().to_string());
            (format!("LATCHKEY_{name}"), value)
        });
        let settings = load(None, variables).unwrap();
        let errors = settings.validate(Timestamp::default());
        let error = errors.into_iter().find(|error| error.key == KEY);
        error.map(|error| error.text)
    }

    #[test]
    fn the_audit_log_has_a_file_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("data")).unwrap();
        std::os::unix::fs::symlink("data", folder.path().join("link")).unwrap();
        for (variables, what) in [
            (&[("TELEMETRY__AUDIT_FILE", "DIR/data/audit.jsonl")][..], ""),
            (&[("TELEMETRY__AUDIT_FILE", "DIR/audit.jsonl")], ""),
            (&[("TELEMETRY__AUDIT_FILE", "")], "is empty"),
            (
                &[("TELEMETRY__AUDIT_FILE", "DIR/data/latchkey.redb")],
                "the store",
            ),
            (
                &[("TELEMETRY__AUDIT_FILE", "DIR/link/latchkey.redb")],
                "the store",
            ),
            (
                &[("TELEMETRY__AUDIT_FILE", "DIR/data/../data/secrets.key")],
                "the secret key",
            ),
            (
                &[("TELEMETRY__AUDIT_FILE", "DIR/data/control.sock")],
                "the admin socket",
            ),
            (
                &[
                    ("TELEMETRY__AUDIT_FILE", "DIR/client"),
                    ("TRANSMIT__CLIENT_SECRET_FILE", "DIR/client"),
                ],
                "the file of transmit.client_secret_file",
            ),
            (
                &[
                    ("TELEMETRY__AUDIT_FILE", "DIR/old"),
                    ("SECRETS__PREVIOUS_KEY_FILES", "DIR/older,DIR/old"),
                ],
                "the file of secrets.previous_key_files",
            ),
        ] {
            let found = error(folder.path(), variables);
            match what {
                "" => assert_eq!(found, None, "{variables:?}"),
                _ => assert!(
                    found.is_some_and(|text| text.contains(what)),
                    "{variables:?}"
                ),
            }
        }
    }
}
