//! The stand-in for Transmit, over real HTTP.
//!
//! - `support`: a stand-in of the test's own, and the calls that many tests make.
//! - `oidc`, `client`: client tokens and keys; who the client is, and how it proves it.
//! - `users`, `otp_send`, `otp_authenticate`, `sessions`: Transmit's paths.
//! - `control`, `faults`, `spoiled`, `tokens`: what tests turn.
//! - `phone`, `gateway`: where messages go.
//! - `hostile`, `lifecycle`: strangers, start and stop.
#![cfg(feature = "sandbox")]

#[cfg(test)]
#[path = "sandbox/support.rs"]
mod support;

#[cfg(test)]
#[path = "sandbox/client.rs"]
mod client;
#[cfg(test)]
#[path = "sandbox/control.rs"]
mod control;
#[cfg(test)]
#[path = "sandbox/faults.rs"]
mod faults;
#[cfg(test)]
#[path = "sandbox/gateway.rs"]
mod gateway;
#[cfg(test)]
#[path = "sandbox/hostile.rs"]
mod hostile;
#[cfg(test)]
#[path = "sandbox/lifecycle.rs"]
mod lifecycle;
#[cfg(test)]
#[path = "sandbox/oidc.rs"]
mod oidc;
#[cfg(test)]
#[path = "sandbox/otp_authenticate.rs"]
mod otp_authenticate;
#[cfg(test)]
#[path = "sandbox/otp_send.rs"]
mod otp_send;
#[cfg(test)]
#[path = "sandbox/phone.rs"]
mod phone;
#[cfg(test)]
#[path = "sandbox/sessions.rs"]
mod sessions;
#[cfg(test)]
#[path = "sandbox/spoiled.rs"]
mod spoiled;
#[cfg(test)]
#[path = "sandbox/tokens.rs"]
mod tokens;
#[cfg(test)]
#[path = "sandbox/users.rs"]
mod users;
