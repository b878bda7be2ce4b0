//! The keys of all settings, and the one that a misspelt name may mean.

use std::sync::LazyLock;

use toml::{Table, Value};

use crate::server::settings::Settings;
use crate::server::settings::setting_key::insert;

/// A name that no setting has. `serde` refuses it and lists the names that exist.
const UNKNOWN: &str = "?";

/// From this length on, two mistakes in a name are taken for a misspelling, below it one.
const LONG_NAME: usize = 10;

/// Every key, dotted, including those that are unset by default.
pub fn known_keys() -> &'static [String] {
    static KEYS: LazyLock<Vec<String>> = LazyLock::new(|| {
        let defaults = Table::try_from(Settings::default()).unwrap_or_default();
        let mut keys = Vec::new();
        add_keys(&mut Vec::new(), &defaults, &mut keys);
        keys
    });
    &KEYS
}

fn add_keys(path: &mut Vec<String>, defaults: &Table, keys: &mut Vec<String>) {
    for name in field_names(path) {
        path.push(name);
        match path.last().and_then(|name| defaults.get(name)) {
            Some(Value::Table(inner)) => add_keys(path, inner, keys),
            _ => keys.push(path.join(".")),
        }
        path.pop();
    }
}

/// The names of the fields of a section, from the error about a field that does not exist.
fn field_names(section: &[String]) -> Vec<String> {
    let mut table = Table::new();
    let key = [section, &[UNKNOWN.to_owned()]].concat();
    insert(&mut table, &key, Value::Boolean(true));
    let error = match Value::Table(table).try_into::<Settings>() {
        Ok(_) => return Vec::new(),
        Err(error) => error.message().to_owned(),
    };
    let (_, expected) = error.split_once("expected").unwrap_or_default();
    let quoted = expected.split('`').skip(1).step_by(2);
    quoted.map(str::to_owned).collect()
}

/// The key that a name nearly spells, with any separators between its words. None if the name is
/// not close to a key, or is one.
pub fn nearest_key(name: &str) -> Option<&'static str> {
    let squeezed = squeeze(name);
    let allowed = if squeezed.len() < LONG_NAME { 1 } else { 2 };
    let distances = known_keys()
        .iter()
        .filter(|key| *key != name)
        .map(|key| (strsim::osa_distance(&squeeze(key), &squeezed), key));
    let (distance, key) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance <= allowed).then_some(key.as_str())
}

fn squeeze(name: &str) -> String {
    let letters = name.chars().filter(|c| !matches!(c, '_' | '.' | '-'));
    letters.flat_map(char::to_lowercase).collect()
}

/// Whether a variable is one of those that Kubernetes sets in every container for each Service of
/// its namespace (`SERVICE_HOST`, `SERVICE_PORT`, and Docker's links: `PORT_3000_TCP_ADDR`). The
/// name is that of the Service; ours may be called `latchkey` or `latchkey-store`.
pub(super) fn is_service_variable(name: &str) -> bool {
    let words: Vec<&str> = name.split('_').collect();
    let is_number = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
    match words.as_slice() {
        [.., "SERVICE", "HOST"] | [.., "PORT"] => true,
        [.., "PORT", number, protocol] | [.., "PORT", number, protocol, "PROTO" | "ADDR"]
            if is_number(number) =>
        {
            matches!(*protocol, "TCP" | "UDP" | "SCTP")
        }
        _ => name.starts_with("SERVICE_PORT_") || name.contains("_SERVICE_PORT_"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::settings::load;
    use crate::server::settings::setting_key::{find, variable};

    #[test]
    fn keys_that_are_unset_by_default_and_of_inner_sections_are_known() {
        for key in [
            "server.address",
            "transmit.client_secret_file",
            "gateway.twilio.messaging_service_sid",
            "forward_auth.require",
            "sign_up.mode",
            "test_numbers",
        ] {
            assert!(known_keys().iter().any(|known| known == key), "{key}");
        }
        assert!(known_keys().len() > 100, "{}", known_keys().len());
    }

    /// Services that hand secrets over as files (systemd, Docker, Kubernetes) need no shell for it.
    #[test]
    fn every_secret_can_be_read_from_a_file() {
        let mut secrets = Vec::new();
        for key in known_keys() {
            let path: Vec<String> = key.split('.').map(str::to_owned).collect();
            let variable = std::iter::once((variable(key), "a-long-enough-value".to_owned()));
            // A value that does not fit is that of another type than a text.
            let Ok(settings) = load(None, variable) else {
                continue;
            };
            let table = Table::try_from(settings).unwrap();
            let shown = find(&table, &path).map(ToString::to_string);
            // Test numbers are hidden because they are people's. They open nothing.
            let is_hidden = shown.is_some_and(|shown| shown.contains("(redacted)"));
            if is_hidden && key != "test_numbers" {
                secrets.push(key.as_str());
            }
        }
        assert!(secrets.len() >= 9, "{secrets:?}");
        for key in secrets {
            let file = match key.strip_suffix('s') {
                Some(one) if key.ends_with("_keys") => format!("{one}_files"),
                _ => format!("{key}_file"),
            };
            assert!(known_keys().contains(&file), "{key} has no {file}");
        }
    }

    #[test]
    fn a_misspelt_name_is_recognised_and_another_one_is_not() {
        for (name, key) in [
            ("TRANSMIT_CLIENT_ID", "transmit.client_id"),
            ("transmit.clientid", "transmit.client_id"),
            ("TRANSMITT_CLIENT_ID", "transmit.client_id"),
            ("SEVRER_PUBLIC_URL", "server.public_url"),
            ("GATEWAY_TWILIO_FROM", "gateway.twilio.from"),
            ("STORE_URI", "store.url"),
            ("TEST_NUMBER", "test_numbers"),
            ("GUARD_COUNTRY", "guard.countries"),
        ] {
            let found = nearest_key(name);
            if name == "GUARD_COUNTRY" {
                assert_eq!(found, None, "three letters are another word");
            } else {
                assert_eq!(found, Some(key), "{name}");
            }
        }
        for name in ["SANDBOX_URL", "CHROMIUM", "HOME", "VERSION", "TEST_REDIS"] {
            assert_eq!(nearest_key(name), None, "{name}");
        }
    }

    #[test]
    fn the_variables_of_a_kubernetes_service_are_recognised() {
        for name in [
            "SERVICE_HOST",
            "SERVICE_PORT",
            "SERVICE_PORT_HTTP",
            "PORT",
            "PORT_3000_TCP",
            "PORT_3000_TCP_PROTO",
            "PORT_3000_TCP_PORT",
            "PORT_3000_TCP_ADDR",
            "PORT_53_UDP_ADDR",
            "STORE_SERVICE_HOST",
            "STORE_PORT",
            "SERVER_PORT_3000_TCP_ADDR",
            "SERVER_SERVICE_PORT_OPERATIONS",
        ] {
            assert!(is_service_variable(name), "{name}");
        }
        for name in [
            "SERVER_ADDRESS",
            "PORT_HTTP",
            "GATEWAY_PATH",
            "HOST",
            "PORTS",
        ] {
            assert!(!is_service_variable(name), "{name}");
        }
    }
}
