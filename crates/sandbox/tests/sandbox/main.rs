//! Tests of the sandbox over real HTTP.
//!
//! - `oidc`, `client_assertions`: client tokens, keys and client authentication
//! - `users`, `otp_send`, `otp_authenticate`, `otp_lockout`, `otp_request_id`, `sessions`:
//!   Transmit's endpoints; `otp_refusals`: how they refuse a code
//! - `control`, `faults`, `fault_kinds`, `tokens`: `/control`, faults and token tampering
//! - `phone`, `sms_gateway`: where messages go
//! - `malformed_input`, `lifecycle`: robustness, start and stop
#![cfg(test)]

mod client_assertions;
mod control;
mod fault_kinds;
mod faults;
mod identifiers;
mod lifecycle;
mod login_preferences;
mod malformed_input;
mod oidc;
mod otp_authenticate;
mod otp_lockout;
mod otp_refusals;
mod otp_request_id;
mod otp_send;
mod phone;
mod sessions;
mod sms_gateway;
mod tokens;
mod users;
