//! The upstream client against a stub server whose answers each test chooses (requirements T1 to
//! T9, S10).
//!
//! - `stub_server` is the server. `tls_proxy` puts TLS, HTTP/2 and a proxy in front of it.
//!   `test_client` is a client on a clock that the test moves.
//! - `operations`, `error_families`: every call, and what its answers mean.
//! - `request_ids`: whether codes are bound to their flows.
//! - `client_token`, `client_key`: how the client authenticates, and the token of all calls.
//! - `concurrency`: many calls at the same time.
//! - `forged_tokens`, `mutations`: tokens with one fault each, which must be refused.
//! - `jwks`, `jwks_cache`: signing keys and their rotation.
//! - `faults`, `retries`: upstreams that fail, and which calls are repeated.
//! - `network`, `tls`: which hosts are called, by which proxy, and which certificates are trusted.
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
mod login_preferences;
mod mutations;
mod network;
mod operations;
mod request_ids;
mod retries;
mod stub_server;
mod test_client;
mod tls;
mod tls_proxy;
