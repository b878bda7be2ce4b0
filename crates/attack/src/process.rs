//! A child process that ends when its handle is dropped.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};

use anyhow::{Context, Result, bail};

use latchkey_testkit::process_usage::resident_bytes;

/// The first port. It is below the ephemeral ports, so that no outgoing connection takes one.
const FIRST_PORT: u16 = 10_000;
const PORTS_PER_RUN: u16 = 100;

/// A child process. It is killed when this is dropped.
#[derive(Debug)]
pub struct ChildProcess {
    child: Child,
    stderr: PathBuf,
}

impl ChildProcess {
    /// Starts the process. Its output goes to `NAME.out` and `NAME.err` in `folder`.
    pub fn start(command: &mut Command, folder: &Path, name: &str) -> Result<Self> {
        let create = |path: &Path| {
            File::create(path).with_context(|| format!("cannot create {}", path.display()))
        };
        let (stdout, stderr) = (
            folder.join(format!("{name}.out")),
            folder.join(format!("{name}.err")),
        );
        command
            .stdin(Stdio::null())
            .stdout(create(&stdout)?)
            .stderr(create(&stderr)?);
        let child = command
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        Ok(Self { child, stderr })
    }

    /// Fails with its last error line if it has ended.
    pub fn ensure_running(&mut self) -> Result<()> {
        let Some(status) = self.child.try_wait()? else {
            return Ok(());
        };
        let errors = fs::read_to_string(&self.stderr).unwrap_or_default();
        bail!(
            "it ended ({status}): {}",
            errors.lines().last().unwrap_or("no error output")
        )
    }

    /// Resident memory in bytes, where the system reports it.
    pub fn resident_memory(&self) -> Option<u64> {
        resident_bytes(self.child.id()).ok()
    }
}

impl Drop for ChildProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A free loopback address.
pub fn free_address() -> Result<SocketAddr> {
    static TAKEN: AtomicU16 = AtomicU16::new(0);
    // Concurrent runs on the machine use other ports.
    let first = FIRST_PORT + u16::try_from(std::process::id() % 100)? * PORTS_PER_RUN;
    for _ in 0..PORTS_PER_RUN {
        let port = first + TAKEN.fetch_add(1, Ordering::Relaxed) % PORTS_PER_RUN;
        if let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            return Ok(listener.local_addr()?);
        }
    }
    bail!("no port from {first} on is free")
}
