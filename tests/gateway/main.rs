//! The custom SMS gateway with fake providers (requirements S10, T8, T9, L2).
//!
//! - `fake_provider`: a provider that answers what it is told to, down to the bytes.
//!   `test_gateway`: a gateway on a clock that is moved. `capture`: what is written.
//! - `handlers`: challenge and deliveries, as upstream and as unauthenticated clients
//!   send them.
//! - `providers`: what is sent to each provider, and what its answers prove.
//! - `fail_over`: who is asked, how often, and what upstream is told.
//! - `idempotency`, `load`, `audit_log`: the same again, many at once, and what is written down.
//! - `test_numbers`: messages that no provider is asked to carry.
#![cfg(feature = "ssr")]

#[cfg(test)]
mod audit_log;
#[cfg(test)]
mod fail_over;
#[cfg(test)]
mod fake_provider;
#[cfg(test)]
mod handlers;
#[cfg(test)]
mod idempotency;
#[cfg(test)]
mod load;
#[cfg(test)]
mod providers;
#[cfg(test)]
mod test_gateway;
#[cfg(test)]
mod test_numbers;
