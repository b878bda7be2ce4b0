//! The calls of Transmit's API that are used: one file for each group, with its wire types.
//!
//! `client_attributes` holds what several groups share. `connectivity` opens a connection without a
//! call. `probe` is for `latchkey check`. `request_ids` decides whether codes are bound to their
//! flows.

pub mod client_attributes;
pub mod connectivity;
pub mod login_preferences;
pub mod otp;
pub mod probe;
pub mod request_ids;
pub mod sessions;
pub mod user_sessions;
pub mod users;
