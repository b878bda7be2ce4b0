//! Latchkey: phone sign-in for web applications whose users live in Transmit Security.

#[cfg(feature = "sandbox")]
pub mod sandbox;
