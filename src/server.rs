//! Everything that may hold a secret. Compiled only for the server.

pub mod clock;
pub mod http;
pub mod keys;
pub mod random;
pub mod settings;
pub mod store;
pub mod transmit;
