//! Latencies, bar charts, and the memory and CPU time of processes.
//!
//! The benchmarks of `benches/` and `cargo xtask bench` share them. The latter must be compiled
//! fast, so this package depends on no other.

pub mod bar_chart;
pub mod latencies;
pub mod process_usage;

/// Send limits that many sign-ins in a short time would reach, settings of the section `guard`.
/// Benchmarks raise them; no other limit is changed.
pub const RAISED_LIMITS: [&str; 11] = [
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
