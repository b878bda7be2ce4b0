//! What the files in `deploy/` say of the settings is true: their variables are those of settings,
//! and what stops a server waits until it has stopped.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::known_keys::known_keys;
use super::setting_key::variable;
use super::{HumanDuration, ServerSettings};

/// Every file below a folder.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// The files in `deploy/` that are text, with their text.
fn deployed() -> Vec<(PathBuf, String)> {
    let mut paths = Vec::new();
    files(&root().join("deploy"), &mut paths);
    let texts = paths
        .into_iter()
        .filter_map(|path| Some((path.clone(), fs::read_to_string(path).ok()?)));
    texts.collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join("deploy").join(path)).unwrap()
}

/// The words of a text that are the names of variables of settings.
fn variables(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| word.starts_with("LATCHKEY_") && word.contains("__"))
}

#[test]
fn every_variable_in_deploy_is_that_of_a_setting() {
    let known: Vec<String> = known_keys().iter().map(|key| variable(key)).collect();
    let mut count = 0;
    for (path, text) in deployed() {
        for name in variables(&text) {
            let is_known = known.iter().any(|known| known == name);
            assert!(is_known, "{} sets {name}", path.display());
            count += 1;
        }
    }
    assert!(count >= 30, "{count} variables were found");
}

/// Secrets reach a server as files in every way of running it that is shown.
#[test]
fn every_file_of_a_secret_is_shown_for_systemd() {
    let unit =
        read("systemd/latchkey.service") + &read("systemd/latchkey.service.d/credentials.conf");
    let secret_words = [
        "secret",
        "key",
        "password",
        "token",
        "credentials",
        "bearer",
    ];
    for key in known_keys() {
        let of_file = key.strip_suffix("_file").or(key.strip_suffix("_files"));
        let is_secret =
            of_file.is_some_and(|name| secret_words.iter().any(|word| name.ends_with(word)));
        if is_secret {
            let name = variable(key);
            assert!(variables(&unit).any(|shown| shown == name), "{name}");
        }
    }
}

#[test]
fn what_stops_a_server_waits_until_it_has_stopped() {
    let defaults = ServerSettings::default();
    let stop = defaults.drain.0 + defaults.shutdown_grace.0;
    for (file, key) in [
        ("systemd/latchkey.service", "TimeoutStopSec="),
        ("container/compose.yaml", "stop_grace_period: "),
    ] {
        let text = read(file);
        let value = text.lines().find_map(|line| line.trim().strip_prefix(key));
        let value: HumanDuration = toml::Value::String(value.unwrap().to_owned())
            .try_into()
            .unwrap();
        assert!(value.0 > stop, "{file}: {key}{value}");
    }
    let unit = read("systemd/latchkey.service");
    assert!(unit.contains("\nType=notify\n") && unit.contains("\nWatchdogSec="));
    let values = read("helm/latchkey/values.yaml");
    let seconds = |key: &str| {
        let value = values.lines().find_map(|line| line.strip_prefix(key));
        Duration::from_secs(value.unwrap().trim().parse().unwrap())
    };
    assert!(seconds("drainSeconds:") >= defaults.drain.0);
    assert!(seconds("shutdownGraceSeconds:") >= defaults.shutdown_grace.0);
    let deployment = read("helm/latchkey/templates/deployment.yaml");
    let sum = "{{ add .Values.drainSeconds .Values.shutdownGraceSeconds 5 }}";
    assert!(deployment.contains(&format!("terminationGracePeriodSeconds: {sum}")));
}
