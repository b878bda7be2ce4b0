//! Reads the file and the environment into [`Settings`].

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::server::settings::known_keys::{is_service_variable, nearest_key};
use crate::server::settings::setting_key::{PREFIX, find, insert, variable};
use crate::server::settings::sources::line_at;
use crate::server::settings::{Secret, SettingSources, Settings};
use crate::server::system::same_file::is_same_file;
use crate::server::system::setting_file;

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
    /// The file of a secret holds nothing.
    #[error("{0}: is empty")]
    Empty(PathBuf),
    /// The file is not TOML.
    #[error("{path}: {message}")]
    NotToml { path: PathBuf, message: String },
    /// A value is invalid, or a key does not exist.
    #[error("{key}: {message} ({origin})")]
    Invalid {
        /// The key, dotted.
        key: String,
        message: String,
        /// The variable, or the file and its line.
        origin: String,
    },
    /// A variable that no setting has, and that nearly spells one.
    #[error("{key}: `{name}` is not read; the variable is {}", variable(key))]
    Misspelt {
        /// The key that is meant, dotted.
        key: &'static str,
        /// The variable as it is set.
        name: String,
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
    load_with_sources(file, variables).map(|(settings, _)| settings)
}

/// The same, with the source of each setting.
///
/// # Errors
/// [`LoadError`].
pub fn load_with_sources(
    file: Option<&Path>,
    variables: impl Iterator<Item = (String, String)>,
) -> Result<(Settings, SettingSources), LoadError> {
    let (mut table, mut sources) = match file {
        Some(path) => read_file(path)?,
        None => (Table::new(), SettingSources::default()),
    };
    let defaults = Table::try_from(Settings::default()).unwrap_or_default();
    for (name, text) in variables {
        let Some(rest) = name.strip_prefix(PREFIX) else {
            continue;
        };
        let key: Vec<String> = rest.split("__").map(str::to_lowercase).collect();
        // A variable without a section may belong to another program, unless it nearly spells a
        // key.
        if key.len() == 1 && find(&defaults, &key).is_none_or(Value::is_table) {
            match nearest_key(rest).filter(|_| !is_service_variable(rest)) {
                Some(key) => return Err(LoadError::Misspelt { key, name }),
                None => continue,
            }
        }
        let dotted = key.join(".");
        let value = parse_variable(&text, find(&defaults, &key));
        let value = value.map_err(|message| LoadError::Invalid {
            key: dotted.clone(),
            message,
            origin: format!("variable {name}"),
        })?;
        insert(&mut table, &key, value);
        sources.add_variable(dotted, name);
    }
    let settings: Settings = serde_path_to_error::deserialize(Value::Table(table))
        .map_err(|error| invalid(&error, &sources))?;
    if let (Some(file), Some(audit_file)) = (file, &settings.telemetry.audit_file)
        && is_same_file(file, audit_file)
    {
        let key = "telemetry.audit_file".to_owned();
        return Err(LoadError::Invalid {
            message: "is the file of the settings, which lines of the audit log would destroy"
                .to_owned(),
            origin: sources.describe(&key),
            key,
        });
    }
    Ok((settings, sources))
}

/// The error about a value, or about a key that does not exist.
fn invalid(
    error: &serde_path_to_error::Error<toml::de::Error>,
    sources: &SettingSources,
) -> LoadError {
    let (mut key, mut message) = (
        error.path().to_string(),
        error.inner().message().trim().to_owned(),
    );
    let unknown = message.strip_prefix("unknown field `");
    if let Some((field, _)) = unknown.and_then(|rest| rest.split_once('`')) {
        // The path of a field that does not exist may end before it.
        let named = match key.as_str() {
            "." => field.to_owned(),
            path if path.rsplit('.').next() == Some(field) => path.to_owned(),
            path => format!("{path}.{field}"),
        };
        let meant = nearest_key(sources.first_within(&named).unwrap_or(&named));
        if let Some(meant) = meant {
            message = format!("unknown field `{field}`; the nearest one is {meant}");
        }
        key = named;
    }
    LoadError::Invalid {
        origin: sources.describe(&key),
        key,
        message,
    }
}

fn read_file(path: &Path) -> Result<(Table, SettingSources), LoadError> {
    let text = setting_file::read_text(path).map_err(|source| LoadError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    let table = text.parse().map_err(|error: toml::de::Error| {
        // The library's own message quotes the line, which may hold a secret.
        let line = error.span().map_or(1, |span| line_at(&text, span.start));
        LoadError::NotToml {
            path: path.to_owned(),
            message: format!("line {line}: {}", error.message()),
        }
    })?;
    let sources = SettingSources::of_file(path, &text);
    Ok((table, sources))
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

/// Reads a secret that can also be set by a file.
///
/// # Errors
/// [`LoadError::Unreadable`], [`LoadError::Empty`].
pub fn read_secret(
    value: Option<&Secret>,
    file: Option<&Path>,
) -> Result<Option<Secret>, LoadError> {
    match (value, file) {
        (Some(secret), _) => Ok(Some(Secret::new(secret.expose().trim()))),
        (None, Some(path)) => {
            let text = setting_file::read_text(path).map(zeroize::Zeroizing::new);
            let text = text.map_err(|source| LoadError::Unreadable {
                path: path.to_owned(),
                source,
            })?;
            if text.trim().is_empty() {
                return Err(LoadError::Empty(path.to_owned()));
            }
            Ok(Some(Secret::new(text.trim())))
        }
        (None, None) => Ok(None),
    }
}

/// What an error about a secret names: the setting, or the setting of its file and the file.
pub fn secret_origin(key: &str, value: Option<&Secret>, file: Option<&Path>) -> String {
    match file.filter(|_| value.is_none()) {
        Some(file) => format!("{key}_file: {}", file.display()),
        None => key.to_owned(),
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
        let limits = settings.transmit.passcode_limits(None);
        assert_eq!(limits.attempts_per_code(), 4);
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
