//! Validation of the tokens that Transmit returns.

pub mod claims;
pub mod jwks;
pub mod jwks_cache;
pub mod jws;
pub mod token_error;
pub mod validation;
