//! Access to the operating system: clock, randomness, outgoing HTTP, files, log outputs, listener,
//! and the `Host` header.

pub mod background_writer;
pub mod clock;
pub mod content_type;
pub mod drain;
pub mod error_cause;
pub mod host_header;
pub mod host_network;
pub mod http_client;
pub mod io_error;
pub mod listener;
pub mod log_throttle;
pub(crate) mod mutex;
pub mod output;
pub mod private_files;
pub mod process_usage;
pub mod queue_usage;
pub mod random;
pub mod request_body;
pub mod same_file;
pub mod setting_file;
pub mod trace_context;
