//! The custom SMS gateway against stand-ins of its providers (requirements S10, T8, T9, L2).
//!
//! - `stand_in`: a provider that answers what it is told to, down to the bytes. `world`: a gateway
//!   on a clock that is moved. `capture`: what is written.
//! - `door`: challenge and deliveries, as upstream and as strangers send them.
//! - `providers`: what is sent to each provider, and what its answers prove.
//! - `fail_over`: who is asked, how often, and what upstream is told.
//! - `repetition`, `load`, `record`: the same again, many at once, and what is written down.
//! - `test_numbers`: messages that no provider is asked to carry.
#![cfg(feature = "ssr")]

#[cfg(test)]
#[path = "../product/support/capture.rs"]
#[expect(
    dead_code,
    reason = "shared with the product's tests, which need more of it"
)]
mod capture;
#[cfg(test)]
mod door;
#[cfg(test)]
mod fail_over;
#[cfg(test)]
mod load;
#[cfg(test)]
mod providers;
#[cfg(test)]
mod record;
#[cfg(test)]
mod repetition;
#[cfg(test)]
mod stand_in;
#[cfg(test)]
mod test_numbers;
#[cfg(test)]
mod world;
