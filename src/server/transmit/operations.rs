//! The operations of the Transmit API that the product uses.

pub mod client_attributes;
pub mod otp;
pub mod probe;
pub mod session_id;
pub mod sessions;
pub mod user_sessions;
pub mod users;
