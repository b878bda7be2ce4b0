//! Authentication of this client to Transmit.

pub mod client_key;
pub mod client_token;
pub mod credentials;
