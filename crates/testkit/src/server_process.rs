//! The released binary as a process with its own folder and addresses, and its resource usage.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;
use std::{fs, io};

use latchkey::server::system::clock::Clock;
use latchkey_benchmark::RAISED_LIMITS;
use latchkey_benchmark::process_usage::resident_bytes;
use latchkey_sandbox::{CLIENT_ID, CLIENT_SECRET, TENANT_ID};
use tempfile::TempDir;

use crate::http_browser::HttpBrowser;
use crate::latencies::BenchResult;
use crate::stub_site::{self, create_stub_site};

/// The unit of process times, ticks per second (`USER_HZ`, which is the same on every Linux
/// machine).
const TICKS_PER_SECOND: f64 = 100.0;

/// The folder, addresses and settings of a server process.
pub struct ServerSetup {
    pub folder: TempDir,
    pub application: SocketAddr,
    pub operations: SocketAddr,
    pub sandbox: SocketAddr,
    binary: &'static str,
    /// Settings that a benchmark adds.
    settings: &'static [(&'static str, &'static str)],
}

impl ServerSetup {
    /// `binary` is the server's path, `env!("CARGO_BIN_EXE_latchkey")` in a benchmark.
    pub fn new(
        binary: &'static str,
        settings: &'static [(&'static str, &'static str)],
    ) -> io::Result<Self> {
        let listeners: [TcpListener; 3] = [bind_free_port()?, bind_free_port()?, bind_free_port()?];
        let [application, operations, sandbox] = listeners.map(|listener| listener.local_addr());
        let folder = tempfile::tempdir()?;
        create_stub_site(folder.path())?;
        Ok(Self {
            folder,
            application: application?,
            operations: operations?,
            sandbox: sandbox?,
            binary,
            settings,
        })
    }

    /// The path of the store's file.
    pub fn store_path(&self) -> PathBuf {
        self.folder.path().join("data/latchkey.redb")
    }

    /// A command of the binary with every protection on. Only the total send limits are raised.
    fn command(&self, arguments: &[&str]) -> Command {
        let base = format!("http://{}", self.sandbox);
        let mut command = Command::new(self.binary);
        command
            .env_clear()
            .env(stub_site::VARIABLE, self.folder.path().join("site"))
            .current_dir(self.folder.path())
            .args(arguments);
        for (name, value) in [
            ("SERVER__ADDRESS", self.application.to_string().as_str()),
            ("SERVER__TRUSTED_PROXIES", "127.0.0.0/8"),
            ("SERVER__CLIENT_ADDRESS_HEADER", "x-forwarded-for"),
            ("OPERATIONS__ADDRESS", &self.operations.to_string()),
            ("SANDBOX__ADDRESS", &self.sandbox.to_string()),
            (
                "STORE__URL",
                &format!("redb:{}", self.store_path().display()),
            ),
            ("TRANSMIT__BASE_URL", &base),
            ("TRANSMIT__ISSUER", &base),
            ("TRANSMIT__TENANT_ID", TENANT_ID),
            ("TRANSMIT__CLIENT_ID", CLIENT_ID),
            ("TRANSMIT__CLIENT_SECRET", CLIENT_SECRET),
        ]
        .iter()
        .chain(self.settings)
        {
            command.env(format!("LATCHKEY_{name}"), value);
        }
        for limit in RAISED_LIMITS {
            command.env(format!("LATCHKEY_GUARD__{limit}"), "100000000");
        }
        command
    }

    /// Starts a command in the background; its output is discarded.
    pub fn start(&self, arguments: &[&str]) -> io::Result<ServerProcess> {
        let mut command = self.command(arguments);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map(ServerProcess)
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> io::Result<Output> {
        self.command(arguments).stdin(Stdio::null()).output()
    }
}

fn bind_free_port() -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
}

/// Waits until a path returns 200.
pub async fn wait_until_ok(server: SocketAddr, path: &str) -> BenchResult {
    for _ in 0..30_000 {
        let response = HttpBrowser::new(server, Ipv4Addr::LOCALHOST)
            .get(path)
            .await;
        if response.is_ok_and(|response| response.status == 200) {
            return Ok(());
        }
        Clock::system().sleep(Duration::from_millis(1)).await;
    }
    Err(format!("no response from {server}{path}").into())
}

/// A running server, which is killed when it is dropped.
pub struct ServerProcess(Child);

impl ServerProcess {
    /// Resident memory in MB.
    pub fn resident_megabytes(&self) -> io::Result<f64> {
        Ok(resident_bytes(self.0.id())? as f64 / 1e6)
    }

    /// CPU time in seconds of all threads, including those that have ended.
    pub fn cpu_seconds(&self) -> io::Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0.id()))?;
        // The process name, in parentheses, may hold anything. The times are the 12th and 13th
        // field after it.
        let rest = stat
            .rsplit_once(')')
            .map(|(_, rest)| rest)
            .unwrap_or_default();
        let ticks: Vec<f64> = rest
            .split_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|field| field.parse().ok())
            .collect();
        Ok(ticks.iter().sum::<f64>() / TICKS_PER_SECOND)
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
