//! Access to the operating system: clock, randomness, outgoing HTTP, private files, listener,
//! and the `Host` header.

pub mod clock;
pub mod host_header;
pub mod host_network;
pub mod http_client;
pub mod listener;
pub(crate) mod mutex;
pub mod private_files;
pub mod random;
