//! `latchkey check --dump`: every setting with its source. The output is a settings file, except
//! that secrets are redacted.

use latchkey::server::settings::known_keys::known_keys;
use latchkey::server::settings::setting_key::find;
use toml::{Table, Value};
use url::Url;

use crate::cli::command_error::CommandError;
use crate::cli::context::{Context, print_line};

/// What stands for a secret.
const REDACTED: &str = "(redacted)";

/// Prints every setting.
pub fn print_settings(context: &Context) -> Result<(), CommandError> {
    let table = Table::try_from(&context.settings).map_err(|error| error.to_string())?;
    for key in known_keys() {
        let path: Vec<String> = key.split('.').map(str::to_owned).collect();
        print_line(&match find(&table, &path) {
            Some(value) => {
                let (value, source) = (redact(value), context.sources.of(key));
                format!("{key} = {value}  # {source}")
            }
            None => format!("# {key} is not set"),
        })?;
    }
    Ok(())
}

/// A value without the parts of URLs that may be secret. Secrets themselves are never serialised.
fn redact(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(redact_url(text).unwrap_or_else(|| text.clone())),
        Value::Array(items) => Value::Array(items.iter().map(redact).collect()),
        other => other.clone(),
    }
}

/// A URL without credentials and query; none if there are none.
fn redact_url(text: &str) -> Option<String> {
    let mut url = Url::parse(text).ok().filter(Url::has_authority)?;
    let has_credentials = !url.username().is_empty() || url.password().is_some();
    if !has_credentials && url.query().is_none() {
        return None;
    }
    if has_credentials {
        url.set_username(REDACTED).ok()?;
        url.set_password(None).ok()?;
    }
    if url.query().is_some() {
        url.set_query(Some(REDACTED));
    }
    Some(url.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_and_queries_of_urls_are_redacted() {
        for (text, hidden) in [
            ("https://user:hunter2@proxy.example:8080/", "hunter2"),
            ("https://hunter2@proxy.example/", "hunter2"),
            ("https://sms.example/send?key=hunter2", "hunter2"),
        ] {
            let shown = redact(&Value::String(text.to_owned())).to_string();
            assert!(
                !shown.contains(hidden) && shown.contains("example"),
                "{text}: {shown}"
            );
        }
        for text in [
            "https://id.example.com/",
            "info,latchkey=debug",
            "127.0.0.1:3000",
        ] {
            let value = Value::String(text.to_owned());
            assert_eq!(redact(&value), value);
        }
    }
}
