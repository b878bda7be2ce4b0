//! Faults and latencies that tests inject into responses.

pub mod apply;
pub mod fault;
pub mod plan;
