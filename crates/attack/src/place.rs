//! The server and a sandbox, as processes in a folder of their own.

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
use crate::process::{self, Process};
use crate::sandbox::Sandbox;

/// Longest wait for a process to start.
const START: Duration = Duration::from_secs(60);

/// What every server is started with: an attack may say otherwise, and after it whoever runs it.
/// Moments are early where they are not the matter; no limit is touched.
const SETTINGS: [(&str, &str); 4] = [
    ("server.trusted_proxies", "127.0.0.0/8"),
    ("server.client_address_header", browser::CLIENT_ADDRESS),
    ("sign_in.answer_after", "50ms"),
    ("sign_in.refuse_after", "100ms,250ms,500ms,1s,5s"),
];

/// What the sandbox accepts (`docs/sandbox.md`).
const CLIENT: [(&str, &str); 3] = [
    ("transmit.tenant_id", "latchkey-sandbox"),
    ("transmit.client_id", "latchkey-sandbox"),
    ("transmit.client_secret", "latchkey-sandbox-secret"),
];

/// A server under attack. It ends when this is dropped.
#[derive(Debug)]
pub struct Place {
    server: Process,
    _upstream: Process,
    folder: TempDir,
    http: Client,
    origin: Arc<str>,
    requests: Arc<AtomicU64>,
    pub sandbox: Sandbox,
}

impl Place {
    /// Starts both, the server with `settings` of the attack and, after them, `own` of whoever runs
    /// it.
    pub async fn open(
        server: &Path,
        settings: &[(&str, &str)],
        own: &[(String, String)],
    ) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let [application, operations, upstream] = [
            process::free_address()?,
            process::free_address()?,
            process::free_address()?,
        ];
        let http = browser::client()?;

        let mut command = Command::new(server);
        command
            .env_clear()
            .current_dir(folder.path())
            .arg("sandbox");
        command.env(variable("sandbox.address"), upstream.to_string());
        let mut upstream_process = Process::start(&mut command, folder.path(), "sandbox")?;
        let sandbox = Sandbox::new(http.clone(), upstream);
        let is_up = async || {
            upstream_process.must_run()?;
            Ok(sandbox.is_up().await.then_some(()))
        };
        clock::awaited("the sandbox", START, is_up)
            .await
            .context("the sandbox")?;

        let mut command = Command::new(server);
        command.env_clear().current_dir(folder.path()).arg("serve");
        command.envs(addresses(application, operations, upstream));
        for (key, value) in SETTINGS.iter().chain(&CLIENT).chain(settings) {
            command.env(variable(key), value);
        }
        command.envs(own.iter().map(|(key, value)| (variable(key), value)));
        let mut server = Process::start(&mut command, folder.path(), "server")?;
        let livez = format!("http://{operations}/livez");
        let is_up = async || {
            server.must_run()?;
            Ok(http
                .get(&livez)
                .send()
                .await
                .is_ok_and(|answer| answer.status().is_success())
                .then_some(()))
        };
        clock::awaited("the server", START, is_up)
            .await
            .context("the server")?;

        let origin = format!("http://{application}").into();
        Ok(Self {
            server,
            _upstream: upstream_process,
            folder,
            http,
            origin,
            requests: Arc::default(),
            sandbox,
        })
    }

    /// A new browser.
    pub fn browser(&self) -> Browser {
        Browser::new(
            self.http.clone(),
            self.origin.clone(),
            self.sandbox.clone(),
            self.requests.clone(),
        )
    }

    /// What its own pages say that they come from.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Requests that browsers have made.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// Memory that the server holds, in bytes; nothing where the system does not say so.
    pub fn resident(&self) -> Option<u64> {
        self.server.resident()
    }

    /// What the server has written, in bytes: its store, its events, its log.
    pub fn written(&self) -> Result<u64> {
        Ok(size_of_files(&self.folder.path().join("data"), "")?
            + size_of_files(self.folder.path(), "server.")?)
    }
}

fn addresses(
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
    .map(|(key, value)| (variable(key), value))
    .to_vec()
}

/// The variable of a key: `guard.enabled` is `LATCHKEY_GUARD__ENABLED`.
fn variable(key: &str) -> String {
    format!("LATCHKEY_{}", key.replace('.', "__").to_uppercase())
}

/// Of files whose names begin so.
fn size_of_files(folder: &Path, beginning: &str) -> Result<u64> {
    let mut bytes = 0;
    for entry in
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?
    {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(beginning) {
            bytes += entry.metadata()?.len();
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_become_variables() {
        assert_eq!(
            variable("server.client_address_header"),
            "LATCHKEY_SERVER__CLIENT_ADDRESS_HEADER"
        );
    }
}
