//! One HTTP exchange with Transmit, and what protects it.
//!
//! - `operation`: the calls, and which of them may be retried.
//! - `exchange`: sends a request and classifies the response.
//! - `deadline`, `retry`, `breaker`, `single_flight`: bound, repeat, stop and share exchanges.
//! - `failure`, `reason`, `token_error`, `error_body`: the one error type, its causes, and how it
//!   is read from a response.
//! - `response_headers`, `clock_skew`: what a response says besides its body.
//! - `metrics`: logs and metrics of a call.

pub mod breaker;
pub mod clock_skew;
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
pub mod token_error;
