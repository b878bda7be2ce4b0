//! The real binary, in a folder and at addresses of its own, and what the system says of it.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;
use std::{fs, io};

use latchkey::server::system::clock::Clock;
use latchkey_sandbox::{CLIENT_ID, CLIENT_SECRET, TENANT_ID};
use tempfile::TempDir;

use crate::browser::Browser;
use crate::figures::Outcome;

#[path = "resident.rs"]
mod resident;

use resident::resident;

/// Ticks in a second of what the system counts a process's time in (`USER_HZ`, which is the same on
/// every Linux machine).
const TICKS: f64 = 100.0;

/// Budgets that many journeys in a short time would spend: nothing else of the guard is changed.
const BUDGETS: [&str; 11] = [
    "SERVICE_MINUTELY",
    "SERVICE_HOURLY",
    "SERVICE_DAILY",
    "SERVICE_HOURLY_TOTAL",
    "SERVICE_DAILY_TOTAL",
    "COUNTRY_HOURLY",
    "COUNTRY_DAILY",
    "COUNTRY_DAILY_TOTAL",
    "PREFIX_HOURLY",
    "PREFIX_DAILY",
    "PREFIX_DAILY_TOTAL",
];

/// A folder and free addresses.
pub struct Place {
    pub folder: TempDir,
    pub application: SocketAddr,
    pub operations: SocketAddr,
    pub sandbox: SocketAddr,
    /// Settings of the benchmark's own.
    settings: &'static [(&'static str, &'static str)],
}

impl Place {
    pub fn new(settings: &'static [(&'static str, &'static str)]) -> io::Result<Self> {
        let listeners: [TcpListener; 3] = [listener()?, listener()?, listener()?];
        let [application, operations, sandbox] = listeners.map(|listener| listener.local_addr());
        Ok(Self {
            folder: tempfile::tempdir()?,
            application: application?,
            operations: operations?,
            sandbox: sandbox?,
            settings,
        })
    }

    /// Where the store lies.
    pub fn store(&self) -> PathBuf {
        self.folder.path().join("data/latchkey.redb")
    }

    /// A command of the binary, with every protection on; only what one machine may ask for in all
    /// is raised.
    fn command(&self, words: &[&str]) -> Command {
        let base = format!("http://{}", self.sandbox);
        let mut command = Command::new(env!("CARGO_BIN_EXE_latchkey"));
        command
            .env_clear()
            .current_dir(self.folder.path())
            .args(words);
        for (name, value) in [
            ("SERVER__ADDRESS", self.application.to_string().as_str()),
            ("SERVER__TRUSTED_PROXIES", "127.0.0.0/8"),
            ("SERVER__CLIENT_ADDRESS_HEADER", "x-forwarded-for"),
            ("OPERATIONS__ADDRESS", &self.operations.to_string()),
            ("SANDBOX__ADDRESS", &self.sandbox.to_string()),
            ("STORE__URL", &format!("redb:{}", self.store().display())),
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
        for budget in BUDGETS {
            command.env(format!("LATCHKEY_GUARD__{budget}"), "100000000");
        }
        command
    }

    /// Starts it; what it says goes to nobody.
    pub fn start(&self, words: &[&str]) -> io::Result<Process> {
        let mut command = self.command(words);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map(Process)
    }

    /// Runs a command to its end.
    pub fn run(&self, words: &[&str]) -> io::Result<Output> {
        self.command(words).stdin(Stdio::null()).output()
    }
}

fn listener() -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
}

/// Waits until somebody answers a path with 200.
pub async fn until_up(server: SocketAddr, path: &str) -> Outcome {
    for _ in 0..30_000 {
        let answer = Browser::new(server, Ipv4Addr::LOCALHOST).get(path).await;
        if answer.is_ok_and(|answer| answer.status == 200) {
            return Ok(());
        }
        Clock::system().sleep(Duration::from_millis(1)).await;
    }
    Err(format!("nothing answers at {server}{path}").into())
}

/// A process; it ends with the benchmark.
pub struct Process(Child);

impl Process {
    /// Memory that it holds, in MB.
    pub fn resident(&self) -> io::Result<f64> {
        Ok(resident(self.0.id())? as f64 / 1e6)
    }

    /// Time that it had the processor, in seconds; all threads, those that ended too.
    pub fn processor(&self) -> io::Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0.id()))?;
        // The name, in parentheses, may hold anything; the times are the 12th and 13th field after
        // it.
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
        Ok(ticks.iter().sum::<f64>() / TICKS)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
