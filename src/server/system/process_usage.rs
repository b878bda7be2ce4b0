//! What this process uses of the machine, as Linux tells it in `/proc/self`. Other systems tell
//! nothing here.

use std::fs;

use rustix::process::{Resource, getrlimit};

/// Ticks of a second in `/proc/self/stat`. Linux shows every program this number, whatever the
/// kernel's own clock is.
const TICKS_PER_SECOND: f64 = 100.0;
/// The fields of `/proc/self/stat` after the name that are the time in user mode and in the kernel.
const USER_TICKS: usize = 11;
const SYSTEM_TICKS: usize = 12;

/// What a process uses.
#[derive(Clone, Debug, PartialEq)]
pub struct ProcessUsage {
    /// Seconds that it ran on processors, all together.
    pub cpu_seconds: f64,
    /// Bytes of memory that are in use.
    pub resident_bytes: u64,
    /// Bytes of address space.
    pub virtual_bytes: u64,
    /// Threads.
    pub threads: u64,
    /// Open file descriptors.
    pub open_descriptors: u64,
    /// How many it may open; none if there is no limit.
    pub max_descriptors: Option<u64>,
}

impl ProcessUsage {
    /// What this process uses now; none where `/proc` is missing or cannot be understood.
    pub fn read() -> Option<Self> {
        let status = fs::read_to_string("/proc/self/status").ok()?;
        let stat = fs::read_to_string("/proc/self/stat").ok()?;
        // One of them is of this listing.
        let descriptors = fs::read_dir("/proc/self/fd").ok()?.count().checked_sub(1)?;
        Some(Self {
            cpu_seconds: cpu_seconds(&stat)?,
            resident_bytes: kilobytes(&status, "VmRSS:")?.checked_mul(1024)?,
            virtual_bytes: kilobytes(&status, "VmSize:")?.checked_mul(1024)?,
            threads: field(&status, "Threads:")?.parse().ok()?,
            open_descriptors: u64::try_from(descriptors).ok()?,
            max_descriptors: getrlimit(Resource::Nofile).current,
        })
    }
}

/// The rest of the line that begins with a name.
fn field<'t>(status: &'t str, name: &str) -> Option<&'t str> {
    let rest = status.lines().find_map(|line| line.strip_prefix(name))?;
    Some(rest.trim())
}

fn kilobytes(status: &str, name: &str) -> Option<u64> {
    field(status, name)?.strip_suffix(" kB")?.parse().ok()
}

/// The name of the process is in parentheses, and may hold spaces and parentheses itself.
fn cpu_seconds(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let ticks = |number| -> Option<f64> { fields.split(' ').nth(number)?.parse().ok() };
    Some((ticks(USER_TICKS)? + ticks(SYSTEM_TICKS)?) / TICKS_PER_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usage_of_this_process_is_plausible() {
        let Some(usage) = ProcessUsage::read() else {
            assert_ne!(std::env::consts::OS, "linux");
            return;
        };
        assert!(usage.resident_bytes > 1 << 20 && usage.virtual_bytes >= usage.resident_bytes);
        assert!(usage.threads >= 1 && usage.open_descriptors >= 3);
        assert!(
            usage
                .max_descriptors
                .is_none_or(|max| max >= usage.open_descriptors)
        );
    }

    #[test]
    fn a_name_with_parentheses_moves_no_field() {
        let stat = "7 (a ) (b) S 1 7 7 0 -1 4194560 1 2 3 4 150 50 0 0 20 0 9 0 100 1 1";
        assert_eq!(cpu_seconds(stat), Some(2.0));
        for broken in [
            "",
            "7 (a",
            "7 (a) S 1",
            "7 (a) S 1 7 7 0 -1 1 1 2 3 4 x 50 0",
        ] {
            assert_eq!(cpu_seconds(broken), None, "{broken}");
        }
        let status = "Name:\tlatchkey\nVmSize:\t  9000 kB\nVmRSS:\t   400 kB\nThreads:\t9\n";
        assert_eq!(kilobytes(status, "VmRSS:"), Some(400));
        assert_eq!(kilobytes(status, "VmPeak:"), None);
        assert_eq!(field(status, "Threads:"), Some("9"));
    }
}
