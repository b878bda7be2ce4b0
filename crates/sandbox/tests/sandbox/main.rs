//! Tests of the sandbox over real HTTP.
//!
//! - `oidc`, `client_assertions`: client tokens, keys and client authentication
//! - `users`, `otp_send`, `otp_authenticate`, `sessions`: Transmit's endpoints
//! - `control`, `faults`, `fault_kinds`, `tokens`: `/control`, faults and token tampering
//! - `phone`, `sms_gateway`: where messages go
//! - `malformed_input`, `lifecycle`: robustness, start and stop

#[cfg(test)]
mod client_assertions;
#[cfg(test)]
mod control;
#[cfg(test)]
mod fault_kinds;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod lifecycle;
#[cfg(test)]
mod malformed_input;
#[cfg(test)]
mod oidc;
#[cfg(test)]
mod otp_authenticate;
#[cfg(test)]
mod otp_send;
#[cfg(test)]
mod phone;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod sms_gateway;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod users;
