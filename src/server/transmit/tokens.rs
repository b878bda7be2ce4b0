//! Validation of the ID and access tokens that a sign-in returns (requirements T1 to T5), and the
//! session id in them.

pub mod claims;
pub mod jwks;
pub mod jwks_cache;
pub mod jws;
pub mod session_id;
pub mod validation;
