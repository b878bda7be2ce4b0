//! The upstream client against a stub that lies, breaks and hangs (requirements T1 to T9, S10).
//!
//! - `stub`: a server that answers what it is told to. `wire`: TLS, HTTP/2 and a proxy in front of
//!   it. `world`: a client on a clock that the test moves. `signer`, `pem`: keys, and tokens true
//!   and false. `capture`: what is written.
//! - `calls`, `family`: every call, and what its answers mean.
//! - `client_token`, `client_key`: how the client proves itself, and what it holds for all calls.
//!   `storms`: many at once.
//! - `corpus`: tokens that lie, one flaw each. `forged`, `mutations`: none of them is believed.
//!   `keys`, `key_sets`: keys that turn.
//! - `faults`, `retries`: an upstream that fails, and what is made again.
//! - `network`, `tls`: where calls go, by which way, and whom they trust.
#![cfg(feature = "ssr")]

#[cfg(test)]
mod calls;
#[cfg(test)]
#[path = "../product/support/capture.rs"]
#[expect(
    dead_code,
    reason = "shared with the product's tests, which need more of it"
)]
mod capture;
#[cfg(test)]
mod client_key;
#[cfg(test)]
mod client_token;
#[cfg(test)]
#[path = "corpus/corpus.rs"]
mod corpus;
#[cfg(test)]
mod family;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod forged;
#[cfg(test)]
mod key_sets;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod mutations;
#[cfg(test)]
mod network;
#[cfg(test)]
mod pem;
#[cfg(test)]
mod retries;
#[cfg(test)]
mod signer;
#[cfg(test)]
mod storms;
#[cfg(test)]
mod stub;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod wire;
#[cfg(test)]
mod world;
