//! The custom SMS gateway with fake providers (requirements S10, T8, T9, L2).
//!
//! - `fake_provider`: a provider whose answers the test chooses byte for byte. `test_gateway`: a
//!   gateway on a clock that the test moves.
//! - `handlers`: challenge and deliveries, as upstream and as unauthenticated clients
//!   send them.
//! - `providers`: what is sent to each provider, and what its answers prove.
//! - `fail_over`: which provider is asked, how often, and what upstream is told.
//! - `idempotency`, `load`, `audit_log`: repeated deliveries, many at the same time, and what is
//!   logged.
//! - `test_numbers`: messages that no provider is asked to deliver.
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
