//! The folder and the addresses of the processes of one test.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, Ordering};

use http::header::HOST;
use latchkey_sandbox::{CLIENT_ID, CLIENT_SECRET, TENANT_ID};
use latchkey_testkit::sandbox_client::http_client;
use latchkey_testkit::stub_site::{self, create_stub_site};
use latchkey_testkit::wait::wait_until;
use serde_json::Value;
use tempfile::TempDir;

/// A folder and free addresses.
pub struct TestEnvironment {
    pub folder: TempDir,
    pub application: SocketAddr,
    pub operations: SocketAddr,
    pub sandbox: SocketAddr,
    /// Nothing listens here unless the gateway is configured.
    pub gateway: SocketAddr,
}

/// The first of a hundred ports that no other test process uses. A server that restarts finds its
/// address free.
fn own_ports() -> u16 {
    static OWN: OnceLock<(u16, File)> = OnceLock::new();
    let (first, _lock) = OWN.get_or_init(|| {
        let found = (0..100_u16).find_map(|number| {
            let name = format!("latchkey-test-ports-{number}");
            let lock = File::create(std::env::temp_dir().join(name)).ok()?;
            lock.try_lock().ok()?;
            Some((20_000 + number * 100, lock))
        });
        found.expect("no ports are left")
    });
    *first
}

/// A free address below the system's ephemeral ports, so that no outgoing connection takes it
/// first.
fn free_address() -> SocketAddr {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    loop {
        let port = own_ports() + NEXT.fetch_add(1, Ordering::Relaxed);
        if let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            return listener.local_addr().unwrap();
        }
    }
}

impl TestEnvironment {
    pub fn new() -> Self {
        let [application, operations, sandbox, gateway] = [(); 4].map(|()| free_address());
        let folder = tempfile::tempdir().unwrap();
        create_stub_site(folder.path()).unwrap();
        Self {
            folder,
            application,
            operations,
            sandbox,
            gateway,
        }
    }

    fn variables(&self) -> Vec<(String, String)> {
        let store = format!("redb:{}", self.store_path().display());
        [
            ("SERVER__ADDRESS", self.application.to_string()),
            ("OPERATIONS__ADDRESS", self.operations.to_string()),
            ("SANDBOX__ADDRESS", self.sandbox.to_string()),
            ("STORE__URL", store),
            ("SERVER__DRAIN", "0s".to_owned()),
            ("SIGN_IN__ANSWER_AFTER", "100ms".to_owned()),
            ("SIGN_IN__REFUSE_AFTER", "200ms,1s,5s".to_owned()),
        ]
        .map(|(name, value)| (format!("LATCHKEY_{name}"), value))
        .to_vec()
    }

    /// Variables that point a server or a command at this environment's sandbox.
    pub fn upstream_variables(&self) -> Vec<(String, String)> {
        let base = format!("http://{}", self.sandbox);
        [
            ("BASE_URL", base.as_str()),
            ("ISSUER", &base),
            ("TENANT_ID", TENANT_ID),
            ("CLIENT_ID", CLIENT_ID),
            ("CLIENT_SECRET", CLIENT_SECRET),
        ]
        .map(|(name, value)| (format!("LATCHKEY_TRANSMIT__{name}"), value.to_owned()))
        .to_vec()
    }

    /// The same, with further settings, whose names are those of the variables without `LATCHKEY_`.
    pub fn upstream_variables_with(&self, settings: &[(&str, &str)]) -> Vec<(String, String)> {
        let own = settings
            .iter()
            .map(|(name, value)| (format!("LATCHKEY_{name}"), (*value).to_owned()));
        self.upstream_variables().into_iter().chain(own).collect()
    }

    /// The path of the store's file.
    pub fn store_path(&self) -> PathBuf {
        self.folder.path().join("data/latchkey.redb")
    }

    pub fn command(&self, arguments: &[&str], variables: &[(String, String)]) -> Command {
        let mut command = self.command_of(env!("CARGO_BIN_EXE_latchkey"), variables);
        command.args(arguments);
        command
    }

    /// A command that runs another program, in the environment of the binary.
    pub fn command_of(&self, program: &str, variables: &[(String, String)]) -> Command {
        let mut command = Command::new(program);
        let inherited: Vec<_> = std::env::vars_os()
            .filter(|(name, _)| name == "PATH")
            .collect();
        command
            .env_clear()
            .envs(inherited)
            .env(stub_site::VARIABLE, self.folder.path().join("site"))
            .envs(self.variables())
            .envs(variables.iter().cloned())
            .current_dir(self.folder.path());
        command
    }

    async fn read(&self, url: String, host: Option<&str>) -> Option<(u16, String)> {
        let mut request = http_client().get(url);
        if let Some(host) = host {
            request = request.header(HOST, host);
        }
        let response = request.send().await.ok()?;
        Some((response.status().as_u16(), response.text().await.ok()?))
    }

    pub async fn is_up(&self) -> bool {
        self.read(format!("http://{}/livez", self.operations), None)
            .await
            .is_some_and(|(status, _)| status == 200)
    }

    pub async fn wait_until_up(&self) {
        wait_until("the server", async || self.is_up().await).await;
    }

    /// Waits until `/readyz` has this status.
    pub async fn wait_for_readiness(&self, status: u16) {
        wait_until("readiness", async || {
            self.get_operations("/readyz").await.0 == status
        })
        .await;
    }

    pub async fn get_operations(&self, path: &str) -> (u16, String) {
        self.read(format!("http://{}{path}", self.operations), None)
            .await
            .unwrap()
    }

    pub async fn get_operations_as_host(&self, host: &str, path: &str) -> u16 {
        self.read(format!("http://{}{path}", self.operations), Some(host))
            .await
            .unwrap()
            .0
    }

    /// A JSON response of the sandbox, if it is running.
    pub async fn get_sandbox(&self, path: &str) -> Option<Value> {
        let (_, body) = self
            .read(format!("http://{}{path}", self.sandbox), None)
            .await?;
        serde_json::from_str(&body).ok()
    }

    pub async fn put_control(&self, path: &str, body: Value) {
        let url = format!("http://{}/control/{path}", self.sandbox);
        let response = http_client().put(url).json(&body).send().await.unwrap();
        assert!(response.status().is_success());
    }

    pub async fn call_count(&self, operation: &str) -> u64 {
        self.get_sandbox("/control/calls").await.unwrap()[operation]
            .as_u64()
            .unwrap()
    }
}
