//! The faults and latencies that tests inject into responses.

pub mod fault;
pub mod plan;
