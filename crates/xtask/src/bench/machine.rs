//! What figures depend on: the processors, the system, and what else runs.

use std::fmt;
use std::fs;
use std::thread::available_parallelism;

/// The machine, as it was before anything was measured.
pub struct Machine {
    cores: usize,
    processor: String,
    is_virtual: bool,
    system: String,
    /// Processes that ran or waited, on average over the last minute.
    load: f64,
}

impl Machine {
    pub fn read() -> Self {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let processors = read("/proc/cpuinfo");
        let load = read("/proc/loadavg");
        let kernel = read("/proc/sys/kernel/osrelease");
        Self {
            cores: available_parallelism().map_or(1, usize::from),
            processor: processor_value(&processors, "model name")
                .unwrap_or("unknown")
                .to_owned(),
            is_virtual: processor_value(&processors, "flags")
                .is_some_and(|flags| flags.split(' ').any(|flag| flag == "hypervisor")),
            system: format!("{} {}", std::env::consts::OS, version(&kernel)),
            load: load
                .split(' ')
                .next()
                .and_then(|load| load.parse().ok())
                .unwrap_or_default(),
        }
    }
}

/// A value of `/proc/cpuinfo`, of the first processor.
fn processor_value<'a>(processors: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = processors.lines().filter_map(|line| line.split_once(':'));
    pairs
        .find(|(found, _)| found.trim() == name)
        .map(|(_, value)| value.trim())
}

/// The first two numbers of a kernel's version; the rest names a machine.
fn version(kernel: &str) -> String {
    kernel
        .trim()
        .split('.')
        .take(2)
        .collect::<Vec<_>>()
        .join(".")
}

impl fmt::Display for Machine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.is_virtual { ", virtual" } else { "" };
        let (cores, processor) = (self.cores, &self.processor);
        writeln!(
            formatter,
            "- {cores} cores of {processor}{kind}, {}",
            self.system
        )?;
        let load = self.load;
        if load > 0.5 {
            return writeln!(
                formatter,
                "- beside other work: load {load:.1} before the start"
            );
        }
        writeln!(
            formatter,
            "- nothing else ran: load {load:.1} before the start"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_and_its_kind_are_found() {
        let processors = "processor\t: 0\nmodel name\t: Some: CPU\nflags\t\t: fpu hypervisor\n\n\
                          processor\t: 1\nmodel name\t: Other\n";
        assert_eq!(processor_value(processors, "model name"), Some("Some: CPU"));
        assert_eq!(processor_value(processors, "flags"), Some("fpu hypervisor"));
        assert_eq!(processor_value(processors, "bogomips"), None);
        assert_eq!(version("6.1.44-host-v1\n"), "6.1");
    }

    #[test]
    fn other_work_is_told() {
        let machine = |load| {
            Machine {
                load,
                ..Machine::read()
            }
            .to_string()
        };
        assert!(machine(3.24).contains("beside other work: load 3.2"));
        assert!(machine(0.1).contains("nothing else ran"));
    }
}
