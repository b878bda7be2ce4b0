//! The version, and what the process uses, by the names that Prometheus's own libraries give it.

use crate::domain::timestamp::Timestamp;
use crate::server::admin::metrics::exposition::{MetricFamily, plain_gauge};
use crate::server::system::process_usage::ProcessUsage;

/// The version, as a label.
pub fn build_info() -> String {
    MetricFamily::gauge("latchkey_build_info", "The version that runs, as a label")
        .sample(&[("version", env!("CARGO_PKG_VERSION"))], 1)
        .into_text()
}

/// Start, processors, memory, threads and file descriptors.
pub fn process(started_at: Timestamp) -> String {
    let mut text = plain_gauge(
        "process_start_time_seconds",
        "When the server started, in seconds since 1970",
        started_at.as_secs(),
    );
    let Some(usage) = ProcessUsage::read() else {
        return text;
    };
    text += &MetricFamily::counter(
        "process_cpu_seconds_total",
        "Time on processors, in seconds",
    )
    .value(usage.cpu_seconds)
    .into_text();
    for (name, help, value) in [
        (
            "process_resident_memory_bytes",
            "Memory in use",
            usage.resident_bytes,
        ),
        (
            "process_virtual_memory_bytes",
            "Address space",
            usage.virtual_bytes,
        ),
        ("process_threads", "Threads", usage.threads),
        (
            "process_open_fds",
            "Open file descriptors",
            usage.open_descriptors,
        ),
    ] {
        text += &plain_gauge(name, help, value);
    }
    if let Some(max) = usage.max_descriptors {
        text += &plain_gauge("process_max_fds", "The limit of file descriptors", max);
    }
    text
}
