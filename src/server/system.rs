//! Access to the operating system: clock, randomness, outgoing HTTP, private files, listener.

pub mod clock;
pub mod http_client;
pub mod listener;
pub(crate) mod mutex;
pub mod private_files;
pub mod random;
