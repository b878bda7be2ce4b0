//! The upstream client against a stub that lies, breaks and hangs (requirements T1 to T9, S10).
//!
//! - `stub_server`: a server that answers what it is told to. `tls_proxy`: TLS, HTTP/2 and a proxy
//!   in front of it. `test_client`: a client on a clock that the test moves. `signer`, `pem`: keys,
//!   and tokens true and false. `capture`: what is written.
//! - `operations`, `error_families`: every call, and what its answers mean.
//! - `client_token`, `client_key`: how the client proves itself, and what it holds for all calls.
//!   `concurrency`: many at once.
//! - `corpus`: tokens that lie, one flaw each. `forged_tokens`, `mutations`: none of them is
//!   believed. `jwks_cache`, `jwks`: keys that turn.
//! - `faults`, `retries`: an upstream that fails, and what is made again.
//! - `network`, `tls`: where calls go, by which way, and whom they trust.
#![cfg(test)]
#![cfg(feature = "ssr")]

mod client_key;
mod client_token;
mod concurrency;
mod error_families;
mod faults;
mod forged_tokens;
mod jwks;
mod jwks_cache;
mod mutations;
mod network;
mod operations;
mod retries;
mod stub_server;
mod test_client;
mod tls;
mod tls_proxy;
