//! Reads memory and CPU time of processes from `/proc` (proc(5)).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use std::{fs, io};

/// The resident memory of a process in bytes (`VmRSS`, which counts in KiB).
///
/// # Errors
///
/// There is no such process, or the system does not report it.
pub fn resident_bytes(process: u32) -> io::Result<u64> {
    kibibytes(&format!("/proc/{process}/status"), "VmRSS:")
}

/// The memory of a process in bytes, where what it shares with others is divided by their number
/// (`Pss`). So the memory of several processes can be added.
///
/// # Errors
///
/// There is no such process, it belongs to someone else, or the system does not report it.
pub fn proportional_bytes(process: u32) -> io::Result<u64> {
    kibibytes(&format!("/proc/{process}/smaps_rollup"), "Pss:")
}

fn kibibytes(path: &str, name: &str) -> io::Result<u64> {
    let text = fs::read_to_string(path)?;
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let kibibytes: Option<u64> = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    kibibytes
        .map(|kibibytes| kibibytes * 1024)
        .ok_or_else(|| io::Error::other(format!("{path} has no {name}")))
}

/// A process and all that it started, directly or not.
///
/// # Errors
///
/// `/proc` cannot be read.
pub fn process_tree(root: u32) -> io::Result<BTreeSet<u32>> {
    let mut parents = Vec::new();
    for process in numbered_entries("/proc")? {
        // One that has ended since has no parent any more.
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        parents.extend(parent(&stat).map(|parent| (process, parent)));
    }
    Ok(descendants(root, &parents))
}

/// The parent of a process, from its `stat`. The name before it, in parentheses, may hold anything.
fn parent(stat: &str) -> Option<u32> {
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(1)?.parse().ok()
}

/// All of `(process, parent)` that lead to `root`, and `root`.
fn descendants(root: u32, parents: &[(u32, u32)]) -> BTreeSet<u32> {
    let mut tree = BTreeSet::from([root]);
    loop {
        let children = parents.iter().filter(|(_, parent)| tree.contains(parent));
        let children: BTreeSet<u32> = children.map(|(process, _)| *process).collect();
        if children.is_subset(&tree) {
            return tree;
        }
        tree.extend(children);
    }
}

/// How long each thread of some processes has run so far, as user and in the kernel.
///
/// `stat` counts in ticks of 10 ms, too coarse for a few journeys. `schedstat` counts in
/// nanoseconds, for each thread. Threads that end between two readings are left out: servers keep
/// those that work.
pub struct CpuTimes(BTreeMap<u32, Duration>);

impl CpuTimes {
    /// Reads the times of all threads of these processes.
    ///
    /// # Errors
    ///
    /// `/proc` cannot be read.
    pub fn of(processes: &BTreeSet<u32>) -> io::Result<Self> {
        let mut times = BTreeMap::new();
        for process in processes {
            let folder = format!("/proc/{process}/task");
            for thread in numbered_entries(&folder)? {
                // It may have ended since.
                let stat = fs::read_to_string(format!("{folder}/{thread}/schedstat"));
                let time = stat.ok().as_deref().and_then(running_time);
                times.extend(time.map(|time| (thread, time)));
            }
        }
        Ok(Self(times))
    }

    /// What the threads have run since an earlier reading.
    pub fn since(&self, earlier: &Self) -> Duration {
        let runs = self.0.iter().map(|(thread, time)| {
            let before = earlier.0.get(thread).copied().unwrap_or_default();
            time.saturating_sub(before)
        });
        runs.sum()
    }
}

/// The first number of `schedstat`, nanoseconds on a processor.
fn running_time(schedstat: &str) -> Option<Duration> {
    let nanoseconds = schedstat.split_whitespace().next()?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}

/// The entries of a folder whose names are numbers.
fn numbered_entries(folder: &str) -> io::Result<Vec<u32>> {
    let mut numbers = Vec::new();
    for entry in fs::read_dir(folder)? {
        numbers.extend(
            entry?
                .file_name()
                .to_str()
                .and_then(|name| name.parse::<u32>().ok()),
        );
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_of_children_belong_to_a_process() {
        let parents = [(1, 0), (5, 4), (4, 3), (3, 1), (6, 1), (7, 5)];
        assert_eq!(descendants(3, &parents), BTreeSet::from([3, 4, 5, 7]));
        assert_eq!(descendants(6, &parents), BTreeSet::from([6]));
    }

    #[test]
    fn the_name_of_a_process_does_not_hide_its_parent() {
        assert_eq!(parent("12 (a) b) c) S 7 12 12 0"), Some(7));
        assert_eq!(parent(""), None);
    }

    #[test]
    fn time_is_what_threads_ran_between_two_readings() {
        let reading = |times: &[(u32, u64)]| {
            let times = times.iter();
            CpuTimes(
                times
                    .map(|(id, ms)| (*id, Duration::from_millis(*ms)))
                    .collect(),
            )
        };
        let before = reading(&[(1, 10), (2, 500)]);
        // 2 has ended, 3 is new.
        let after = reading(&[(1, 25), (3, 4)]);
        assert_eq!(after.since(&before), Duration::from_millis(19));
        assert_eq!(
            running_time("1500 20 3\n"),
            Some(Duration::from_nanos(1500))
        );
        assert_eq!(running_time("off"), None);
    }
}
