//! What the system says of a process's memory.

use std::{fs, io};

/// Memory that the process of this id holds, in bytes (`VmRSS`, proc(5), which counts in KiB).
///
/// # Errors
/// There is no such process, or the system does not say so.
pub fn resident(process: u32) -> io::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes: Option<u64> = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    kibibytes
        .map(|kibibytes| kibibytes * 1024)
        .ok_or_else(|| io::Error::other("no VmRSS"))
}
