//! Authentication of this client at Transmit: the client access token and the credentials.

pub mod client_key;
pub mod client_token;
pub mod credentials;
