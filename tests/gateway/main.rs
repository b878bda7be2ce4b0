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
#![cfg(test)]
#![cfg(feature = "ssr")]

mod audit_log;
mod fail_over;
mod fake_provider;
mod handlers;
mod idempotency;
mod load;
mod providers;
mod test_gateway;
mod test_numbers;
