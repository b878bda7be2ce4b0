//! HTTP exchange with Transmit: retries, circuit breaker, deadlines, failures.

pub mod breaker;
pub mod clock_skew;
pub mod connectivity;
pub mod deadline;
pub mod error_body;
pub mod exchange;
pub mod failure;
pub mod metrics;
pub mod operation;
pub mod reason;
pub mod response_headers;
pub mod retry;
pub mod single_flight;
