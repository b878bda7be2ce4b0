//! A server under attack and its sandbox, as processes with a temporary folder.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use reqwest::Client;
use tempfile::TempDir;

use crate::browser::{self, Browser};
use crate::clock;
use crate::process::{self, ChildProcess};
use crate::sandbox::SandboxClient;

const START_TIMEOUT: Duration = Duration::from_secs(60);

/// Settings of every server. Those of the attack and then those of the command line override them.
/// Responses are fast, because only one attack measures times. No limit is changed.
const BASE_SETTINGS: [(&str, &str); 4] = [
    ("server.trusted_proxies", "127.0.0.0/8"),
    (
        "server.client_address_header",
        browser::CLIENT_ADDRESS_HEADER,
    ),
    ("sign_in.answer_after", "50ms"),
    ("sign_in.refuse_after", "100ms,250ms,500ms,1s,5s"),
];

/// The client that the sandbox accepts (`docs/developers/sandbox.md`).
const CLIENT_SETTINGS: [(&str, &str); 3] = [
    ("transmit.tenant_id", "latchkey-sandbox"),
    ("transmit.client_id", "latchkey-sandbox"),
    ("transmit.client_secret", "latchkey-sandbox-secret"),
];

/// A server under attack with its sandbox. Both processes end when it is dropped.
#[derive(Debug)]
pub struct Environment {
    server: ChildProcess,
    _sandbox_process: ChildProcess,
    folder: TempDir,
    http: Client,
    origin: Arc<str>,
    requests: Arc<AtomicU64>,
    pub sandbox: SandboxClient,
}

impl Environment {
    /// Starts both. `settings` are those of the attack; `overrides` are those of the command line.
    pub async fn start(
        server: &Path,
        settings: &[(&str, &str)],
        overrides: &[(String, String)],
    ) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let [application, operations, upstream] = [
            process::free_address()?,
            process::free_address()?,
            process::free_address()?,
        ];
        let http = browser::http_client()?;

        let mut command = Command::new(server);
        command
            .env_clear()
            .current_dir(folder.path())
            .arg("sandbox");
        command.env(env_variable("sandbox.address"), upstream.to_string());
        let mut sandbox_process = ChildProcess::start(&mut command, folder.path(), "sandbox")?;
        let sandbox = SandboxClient::new(http.clone(), upstream);
        let is_up = async || {
            sandbox_process.ensure_running()?;
            Ok(sandbox.is_up().await.then_some(()))
        };
        clock::wait_for("the sandbox", START_TIMEOUT, is_up)
            .await
            .context("the sandbox")?;

        let mut command = Command::new(server);
        command.env_clear().current_dir(folder.path()).arg("serve");
        command.envs(address_variables(application, operations, upstream));
        for (key, value) in BASE_SETTINGS.iter().chain(&CLIENT_SETTINGS).chain(settings) {
            command.env(env_variable(key), value);
        }
        command.envs(
            overrides
                .iter()
                .map(|(key, value)| (env_variable(key), value)),
        );
        let mut server = ChildProcess::start(&mut command, folder.path(), "server")?;
        let livez = format!("http://{operations}/livez");
        let is_up = async || {
            server.ensure_running()?;
            Ok(http
                .get(&livez)
                .send()
                .await
                .is_ok_and(|response| response.status().is_success())
                .then_some(()))
        };
        clock::wait_for("the server", START_TIMEOUT, is_up)
            .await
            .context("the server")?;

        let origin = format!("http://{application}").into();
        Ok(Self {
            server,
            _sandbox_process: sandbox_process,
            folder,
            http,
            origin,
            requests: Arc::default(),
            sandbox,
        })
    }

    pub fn browser(&self) -> Browser {
        Browser::new(
            self.http.clone(),
            self.origin.clone(),
            self.sandbox.clone(),
            self.requests.clone(),
        )
    }

    /// The `Origin` of its own pages.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Requests that the browsers have sent.
    pub fn request_count(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Resident memory of the server in bytes, where the system reports it.
    pub fn resident_memory(&self) -> Option<u64> {
        self.server.resident_memory()
    }

    /// Bytes that the server has written: store, audit log and log.
    pub fn written_bytes(&self) -> Result<u64> {
        Ok(size_of_files(&self.folder.path().join("data"), "")?
            + size_of_files(self.folder.path(), "server.")?)
    }
}

fn address_variables(
    application: SocketAddr,
    operations: SocketAddr,
    upstream: SocketAddr,
) -> Vec<(String, String)> {
    let base = format!("http://{upstream}");
    [
        ("server.address", application.to_string()),
        ("operations.address", operations.to_string()),
        ("transmit.base_url", base.clone()),
        ("transmit.issuer", base),
    ]
    .map(|(key, value)| (env_variable(key), value))
    .to_vec()
}

/// The variable of a setting: `guard.enabled` is `LATCHKEY_GUARD__ENABLED`.
fn env_variable(key: &str) -> String {
    format!("LATCHKEY_{}", key.replace('.', "__").to_uppercase())
}

/// The size of all files whose names start with `prefix`.
fn size_of_files(folder: &Path, prefix: &str) -> Result<u64> {
    let mut bytes = 0;
    for entry in
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?
    {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(prefix) {
            bytes += entry.metadata()?.len();
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_becomes_an_environment_variable() {
        assert_eq!(
            env_variable("server.client_address_header"),
            "LATCHKEY_SERVER__CLIENT_ADDRESS_HEADER"
        );
    }
}
