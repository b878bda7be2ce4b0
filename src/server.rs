//! Everything that may hold a secret. Compiled only for the server.

pub mod audit;
pub mod clock;
pub mod cookies;
pub mod guard;
pub mod identify;
pub mod keys;
pub mod random;
pub mod settings;
pub mod store;
pub mod token;
