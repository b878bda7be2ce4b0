//! A server that is measured: how long it takes to start, what it runs, and what memory it has.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use latchkey_benchmark::process_usage::{CpuTimes, process_tree, proportional_bytes};

use super::http_client::{HttpClient, Request};
use crate::tools;
use crate::ui::Stopwatch;

/// How long a start may take, and how long a stop.
const START: Duration = Duration::from_secs(60);
const STOP: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(2);

/// A process with all that it started. It is stopped when this is dropped.
pub struct ServerProcess {
    child: Child,
    /// From its start to its first page.
    pub started_in: Duration,
}

impl ServerProcess {
    /// Starts a server, whose output goes to a file, and waits until it answers with a page.
    pub fn start(
        command: &mut Command,
        log: &Path,
        address: SocketAddr,
        path: &str,
    ) -> Result<Self> {
        let output =
            File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        command
            .stdin(Stdio::null())
            .stderr(output.try_clone()?)
            .stdout(output);
        let watch = Stopwatch::start();
        let child = command.spawn();
        let mut process = Self {
            child: child.with_context(|| format!("cannot start {}", tools::shown(command)))?,
            started_in: Duration::ZERO,
        };
        loop {
            let page = HttpClient::new(address, Ipv4Addr::LOCALHOST).send(&Request::get(path));
            if page.is_ok_and(|page| page.status == 200) {
                process.started_in = watch.elapsed();
                return Ok(process);
            }
            if watch.elapsed() > START || process.child.try_wait()?.is_some() {
                let said = fs::read_to_string(log).unwrap_or_default();
                let last = said.lines().last().unwrap_or_default();
                bail!("{} gave no page: {last}", tools::shown(command));
            }
            thread::sleep(POLL);
        }
    }

    /// The CPU time of each thread so far.
    pub fn cpu_times(&self) -> Result<CpuTimes> {
        Ok(CpuTimes::of(&process_tree(self.child.id())?)?)
    }

    /// Its memory in MB; what processes share is counted once.
    pub fn megabytes(&self) -> Result<f64> {
        let mut bytes = 0;
        for process in process_tree(self.child.id())? {
            bytes += proportional_bytes(process)?;
        }
        Ok(bytes as f64 / 1e6)
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(None)) {
            return;
        }
        // The signal that lets it stop the processes that it started.
        let id = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status();
        let watch = Stopwatch::start();
        while asked.as_ref().is_ok_and(std::process::ExitStatus::success) && watch.elapsed() < STOP
        {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(POLL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address on which nothing listens.
pub fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

/// An empty folder for what a product stores.
pub fn empty_folder(folder: &Path) -> Result<PathBuf> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder.to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_ends_at_once_is_an_error_with_its_last_words() {
        let log = std::env::temp_dir().join(format!("xtask-bench-{}", std::process::id()));
        let mut command = Command::new("sh");
        command.args(["-c", "echo no tenant >&2; exit 3"]);
        let started = ServerProcess::start(&mut command, &log, free_address().unwrap(), "/");
        let error = started.err().unwrap().to_string();
        assert!(error.ends_with("gave no page: no tenant"), "{error}");
        fs::remove_file(log).unwrap();
    }
}
