//! A process of ours: it ends with what holds it.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};

use anyhow::{Context, Result, bail};

use latchkey_testkit::resident_memory::resident_bytes;

/// Where free ports are looked for: below those that the system gives to connections, so that none
/// of those takes one meanwhile.
const PORTS: u16 = 10_000;
/// Ports of one run.
const PORTS_OF_A_RUN: u16 = 100;

/// A process that goes on until it is dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    complaints: PathBuf,
}

impl Process {
    /// Starts it; what it says goes to files in `folder`, named by `name`.
    pub fn start(command: &mut Command, folder: &Path, name: &str) -> Result<Self> {
        let file = |path: &Path| {
            File::create(path).with_context(|| format!("cannot make {}", path.display()))
        };
        let (output, complaints) = (
            folder.join(format!("{name}.out")),
            folder.join(format!("{name}.err")),
        );
        command
            .stdin(Stdio::null())
            .stdout(file(&output)?)
            .stderr(file(&complaints)?);
        let child = command
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        Ok(Self { child, complaints })
    }

    /// Fails with what it said last, if it has ended.
    pub fn must_run(&mut self) -> Result<()> {
        let Some(status) = self.child.try_wait()? else {
            return Ok(());
        };
        let said = fs::read_to_string(&self.complaints).unwrap_or_default();
        bail!(
            "it ended ({status}): {}",
            said.lines().last().unwrap_or("without a word")
        )
    }

    /// Memory that it holds, in bytes; nothing where the system does not say so.
    pub fn resident(&self) -> Option<u64> {
        resident_bytes(self.child.id()).ok()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address on loopback that nobody uses.
pub fn free_address() -> Result<SocketAddr> {
    static TAKEN: AtomicU16 = AtomicU16::new(0);
    // Other runs on the machine begin elsewhere.
    let first = PORTS + u16::try_from(std::process::id() % 100)? * PORTS_OF_A_RUN;
    for _ in 0..PORTS_OF_A_RUN {
        let port = first + TAKEN.fetch_add(1, Ordering::Relaxed) % PORTS_OF_A_RUN;
        if let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            return Ok(listener.local_addr()?);
        }
    }
    bail!("no port from {first} on is free")
}
