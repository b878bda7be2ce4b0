//! Helpers that integration tests, benchmarks and the attack simulator share.
//!
//! Unit tests of the application do not use them, because this package depends on the application.

pub use latchkey_benchmark::{bar_chart, latencies, process_usage};

pub mod http_browser;
pub mod kolmogorov_smirnov;
pub mod masking;
pub mod stub_site;
pub mod tcp_relay;

#[cfg(feature = "application")]
pub mod fault_store;
#[cfg(feature = "application")]
pub mod forged_tokens;
#[cfg(feature = "application")]
pub mod log_capture;
#[cfg(feature = "application")]
pub mod page_states;
#[cfg(feature = "application")]
pub mod pem;
#[cfg(feature = "application")]
pub mod recording_proxy;
#[cfg(feature = "application")]
pub mod redis_server;
#[cfg(feature = "application")]
pub mod sandbox_client;
#[cfg(feature = "application")]
pub mod server_process;
#[cfg(feature = "application")]
pub mod sessions;
#[cfg(feature = "application")]
pub mod token_signer;
#[cfg(feature = "application")]
pub mod wait;
