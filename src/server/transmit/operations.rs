//! The calls of Transmit's API that are used: one file for each group, with its wire types.
//!
//! `client_attributes` and `session_id` hold what several groups share; `probe` is for `latchkey
//! check`.

pub mod client_attributes;
pub mod otp;
pub mod probe;
pub mod session_id;
pub mod sessions;
pub mod user_sessions;
pub mod users;
