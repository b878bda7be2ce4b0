//! The stand-in for Transmit, over real HTTP.
//!
//! - `support`: a stand-in of the test's own, and the calls that many tests make.
//! - `oidc`, `client`: client tokens and keys; who the client is, and how it proves it.
//! - `users`, `otp_send`, `otp_authenticate`, `sessions`: Transmit's paths.
//! - `control`, `faults`, `spoiled`, `tokens`: what tests turn.
//! - `phone`, `gateway`: where messages go.
//! - `hostile`, `lifecycle`: strangers, start and stop.

#[cfg(test)]
mod client;
#[cfg(test)]
mod control;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod gateway;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod lifecycle;
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
mod spoiled;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod users;
