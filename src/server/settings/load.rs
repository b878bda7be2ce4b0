//! Reads the file and the environment into [`Settings`].

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::server::settings::{Secret, Settings};

/// The prefix of every variable.
const PREFIX: &str = "LATCHKEY_";

/// The settings cannot be read.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the names say it")]
pub enum LoadError {
    /// The file cannot be read.
    #[error("{path}: {source}")]
    Unreadable {
        path: PathBuf,
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("{path}: {message}")]
    NotToml { path: PathBuf, message: String },
    /// A value is invalid, or a key does not exist.
    #[error("{key}: {message} (variable {})", variable(key))]
    Invalid {
        /// The key, dotted.
        key: String,
        message: String,
    },
}

/// Reads `file` and overrides it with the variables.
///
/// # Errors
/// [`LoadError`]; a message never repeats the value of a secret.
pub fn load(
    file: Option<&Path>,
    variables: impl Iterator<Item = (String, String)>,
) -> Result<Settings, LoadError> {
    let mut table = match file {
        Some(path) => read_file(path)?,
        None => Table::new(),
    };
    let defaults = Table::try_from(Settings::default()).unwrap_or_default();
    for (name, text) in variables {
        let Some(rest) = name.strip_prefix(PREFIX) else {
            continue;
        };
        let key: Vec<String> = rest.split("__").map(str::to_lowercase).collect();
        // A variable without a section may belong to another program, unless only an underscore is
        // missing.
        if key.len() == 1 && find(&defaults, &key).is_none_or(Value::is_table) {
            match suggest_key(&defaults, &rest.to_lowercase()) {
                Some(key) => {
                    let message =
                        format!("`{name}` is ignored: two underscores must follow a section");
                    return Err(LoadError::Invalid { key, message });
                }
                None => continue,
            }
        }
        let value =
            parse_variable(&text, find(&defaults, &key)).map_err(|message| LoadError::Invalid {
                key: key.join("."),
                message,
            })?;
        insert(&mut table, &key, value);
    }
    serde_path_to_error::deserialize(Value::Table(table)).map_err(|error| LoadError::Invalid {
        key: error.path().to_string(),
        message: error.inner().message().trim().to_owned(),
    })
}

/// The key that a name with too few underscores may mean.
fn suggest_key(defaults: &Table, name: &str) -> Option<String> {
    let sections = defaults.iter().filter(|(_, value)| value.is_table());
    let candidates = sections
        .filter_map(|(section, _)| Some((section, name.strip_prefix(section)?.strip_prefix('_')?)));
    candidates
        .map(|(section, key)| [section.clone(), key.to_owned()])
        .find(|key| is_known_key(key))
        .map(|key| key.join("."))
}

/// Whether the key exists, even if it is unset by default.
fn is_known_key(key: &[String]) -> bool {
    let mut table = Table::new();
    insert(&mut table, key, Value::String(String::new()));
    let parsed = Value::Table(table).try_into::<Settings>();
    !parsed.is_err_and(|error| error.message().contains("unknown field"))
}

fn read_file(path: &Path) -> Result<Table, LoadError> {
    let text = std::fs::read_to_string(path).map_err(|source| LoadError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    text.parse().map_err(|error: toml::de::Error| {
        // The library's own message quotes the line, which may hold a secret.
        let line = error.span().map_or(0, |span| {
            text.get(..span.start)
                .unwrap_or_default()
                .lines()
                .count()
                .max(1)
        });
        LoadError::NotToml {
            path: path.to_owned(),
            message: format!("line {line}: {}", error.message()),
        }
    })
}

/// The variable of a key; a list is one variable.
fn variable(key: &str) -> String {
    let list = key.split('[').next().unwrap_or_default();
    format!("{PREFIX}{}", list.to_uppercase().replace('.', "__"))
}

/// Parses a variable as the type of its key's default.
fn parse_variable(text: &str, default: Option<&Value>) -> Result<Value, String> {
    let invalid = |what: &str| format!("`{text}` is not {what}");
    Ok(match default {
        Some(Value::Integer(_)) => {
            Value::Integer(text.trim().parse().map_err(|_| invalid("a whole number"))?)
        }
        Some(Value::Boolean(_)) => {
            Value::Boolean(text.trim().parse().map_err(|_| invalid("true or false"))?)
        }
        Some(Value::Array(_)) => {
            let items = text
                .split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty());
            Value::Array(items.map(|item| Value::String(item.to_owned())).collect())
        }
        _ => Value::String(text.to_owned()),
    })
}

fn find<'t>(table: &'t Table, key: &[String]) -> Option<&'t Value> {
    let (last, path) = key.split_last()?;
    path.iter()
        .try_fold(table, |table, part| table.get(part)?.as_table())?
        .get(last)
}

fn insert(table: &mut Table, key: &[String], value: Value) {
    match key {
        [] => {}
        [last] => {
            table.insert(last.clone(), value);
        }
        [first, rest @ ..] => {
            let slot = table
                .entry(first.clone())
                .or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(inner) = slot {
                insert(inner, rest, value);
            }
        }
    }
}

/// Reads a secret that can also be set by a file.
///
/// # Errors
/// [`LoadError::Unreadable`].
pub fn read_secret(
    value: Option<&Secret>,
    file: Option<&Path>,
) -> Result<Option<Secret>, LoadError> {
    match (value, file) {
        (Some(secret), _) => Ok(Some(Secret::new(secret.expose().trim()))),
        (None, Some(path)) => {
            let text = std::fs::read_to_string(path).map(zeroize::Zeroizing::new);
            let text = text.map_err(|source| LoadError::Unreadable {
                path: path.to_owned(),
                source,
            })?;
            Ok(Some(Secret::new(text.trim())))
        }
        (None, None) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::timestamp::Timestamp;

    fn from_variables(variables: &[(&str, &str)]) -> Result<Settings, LoadError> {
        load(
            None,
            variables
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned())),
        )
    }

    #[test]
    fn variables_are_parsed_as_the_type_of_their_key() {
        let settings = from_variables(&[
            ("LATCHKEY_SERVER__ADDRESS", "127.0.0.1:8080"),
            ("LATCHKEY_GUARD__ENABLED", "false"),
            ("LATCHKEY_GUARD__COUNTRIES", "US, GB"),
            ("LATCHKEY_TRANSMIT__REGION", "eu"),
            ("LATCHKEY_TRANSMIT__OTP_MAX_FAILURES", "5"),
            ("LATCHKEY_SIGN_IN__REFUSE_AFTER", "100ms,200ms"),
            ("LATCHKEY_SERVER__TRUSTED_PROXIES", "10.0.0.0/8,::1/128"),
            (
                "LATCHKEY_FORWARD_AUTH__ORIGINS",
                "http://app.localhost:8080",
            ),
            ("LATCHKEY_CHROMIUM", "not a setting"),
            ("LATCHKEY_SANDBOX_URL", "not a setting either"),
            ("PATH", "/bin"),
        ])
        .unwrap();
        assert_eq!(settings.server.address.port(), 8080);
        assert!(!settings.guard.enabled);
        assert_eq!(settings.guard.countries, ["US", "GB"]);
        assert_eq!(
            settings.transmit.issuer().as_deref(),
            Some("https://eu.userid.security")
        );
        assert_eq!(settings.transmit.attempts_per_code(), 4);
        assert_eq!(settings.sign_in.refuse_after.len(), 2);
        assert_eq!(settings.server.trusted_proxies.len(), 2);
    }

    #[test]
    fn an_invalid_value_names_its_key() {
        for (name, value, key) in [
            (
                "LATCHKEY_SESSION__IDLE_TIMEOUT",
                "30",
                "session.idle_timeout",
            ),
            ("LATCHKEY_SESSION__IDEL_TIMEOUT", "30m", "session"),
            ("LATCHKEY_SESION__IDLE_TIMEOUT", "30m", "sesion"),
            (
                "LATCHKEY_TRANSMIT__OTP_LENGTH",
                "six",
                "transmit.otp_length",
            ),
            ("LATCHKEY_SERVER__ADDRESS", "nowhere", "server.address"),
            ("LATCHKEY_GUARD_COUNTRIES", "GB", "guard.countries"),
            ("LATCHKEY_SIGN_IN_SENDER_ID", "Us", "sign_in.sender_id"),
            ("LATCHKEY_TRANSMIT__REGION", "mars", "transmit.region"),
        ] {
            let message = from_variables(&[(name, value)]).unwrap_err().to_string();
            assert!(message.starts_with(key), "{name}: {message}");
        }
    }

    #[test]
    fn t9_debug_output_hides_secrets() {
        let settings =
            from_variables(&[("LATCHKEY_TRANSMIT__CLIENT_SECRET", "hunter2hunter2")]).unwrap();
        assert!(!format!("{settings:?}").contains("hunter2"));
        let key = from_variables(&[("LATCHKEY_SECRETS__KEY", "aHVudGVyMg==")]).unwrap();
        assert!(!format!("{:?}", key.validate(Timestamp::default())).contains("aHVudGVyMg"));
    }

    #[test]
    fn variables_override_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("latchkey.toml");
        std::fs::write(
            &path,
            "[session]\nidle_timeout = \"10m\"\nabsolute_timeout = \"1h\"\n",
        )
        .unwrap();
        let variables = [(
            "LATCHKEY_SESSION__IDLE_TIMEOUT".to_owned(),
            "20m".to_owned(),
        )];
        let settings = load(Some(&path), variables.into_iter()).unwrap();
        assert_eq!(settings.session.idle_timeout.to_string(), "20m");
        assert_eq!(settings.session.absolute_timeout.to_string(), "1h");
        std::fs::write(&path, "[transmit]\nclient_secret = 987654321").unwrap();
        let message = load(Some(&path), std::iter::empty())
            .unwrap_err()
            .to_string();
        assert!(
            message.starts_with("transmit.client_secret") && !message.contains("9876"),
            "{message}"
        );
        std::fs::write(&path, "[transmit]\nclient_secret = hunter2").unwrap();
        let message = load(Some(&path), std::iter::empty())
            .unwrap_err()
            .to_string();
        assert!(
            message.contains("line 2") && !message.contains("hunter2"),
            "{message}"
        );
    }

    #[test]
    fn empty_settings_name_the_required_keys() {
        let errors = Settings::default().validate(Timestamp::default());
        let keys: Vec<_> = errors.iter().map(|error| error.key).collect();
        assert_eq!(
            keys,
            [
                "transmit.region",
                "transmit.issuer",
                "transmit.client_id",
                "transmit.client_secret"
            ]
        );
    }
}
