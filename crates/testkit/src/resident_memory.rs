//! Reads a process's resident memory from the system.

use std::{fs, io};

/// The resident memory of a process in bytes (`VmRSS` of proc(5), which counts in KiB).
///
/// # Errors
///
/// There is no such process, or the system does not report it.
pub fn resident_bytes(process: u32) -> io::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes: Option<u64> = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    kibibytes
        .map(|kibibytes| kibibytes * 1024)
        .ok_or_else(|| io::Error::other("no VmRSS"))
}
