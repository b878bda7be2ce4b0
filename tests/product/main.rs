//! The whole product on its real router, over a sandbox in the same process, and at last the binary
//! itself.
//!
//! - `support`: a world with a clock that the test moves, and browsers that keep their cookies.
//!   `corpus`, `signer`, `pem`, `recorder`, `redis_server`, `relay`, `kolmogorov_smirnov` and
//!   `masked` are those of other tests and benchmarks.
//! - `replies`, `input`: the table of replies, and what people and attackers type.
//! - `pages`, `headers`, `cookies`, `origins`, `way_back`: what every answer carries, and where it
//!   leads.
//! - `cross_site`: what other sites can make a browser do (requirements H1 to H3, H8 to H10).
//! - `forward_auth`: what a proxy is answered for the applications behind (requirements S8, H8, K6,
//!   K14).
//! - `applications`: applications on other hosts, from a ticket to the end (requirements H1, H8, K1
//!   to K14).
//! - `notices`: what people are told of sign-ins and ends that may not have been theirs
//!   (requirements R6, K11).
//! - `sessions`, `activity`, `revocation`, `others`, `races`, `upstream_truth`: from sign-in to
//!   sign-out (requirements K1 to K14).
//! - `binding`: what binds a code to its flow and its browser upstream.
//! - `guesses`, `histories`, `sends`, `sign_up`: what is counted, what is told, what goes upstream.
//! - `budgets`: what holds for many numbers at once, and what comes between failures (requirements
//!   S2, S4, S5, C7, C8).
//! - `lockout`: strangers who want to shut an owner out, and how the owner gets in (requirements
//!   C7, S9).
//! - `client_address`: where a client is, spoofing included (requirement S8).
//! - `console`, `observed`: what the operator sees of it (requirements L1, L2, S4).
//! - `neutral`: known, unknown, locked, inactive and limited numbers look alike (requirements E1 to
//!   E4).
//! - `tokens`, `issuers`: tokens that lie, keys that turn, and an application with keys of its own
//!   (requirements T1 to T5).
//! - `faults`: an upstream that is down, hangs, breaks off or lies.
//! - `attacks`: what an attack once found.
//! - `gateway`: the product as the tenant's SMS gateway, the whole way of a code. `test_numbers`:
//!   where that ends with the operator.
//! - `record`, `durable`, `forgetful`: what is written down, what survives, and a store that fails
//!   at some of it.
//! - `nodes`: two nodes over one Redis; Redis gone, frozen, failed over (`redis_server` starts it).
//! - `growth`, `writes`: the store's file under a flood, for days; what somebody writes who goes on
//!   after a refusal.
//! - `connections`: clients that hold connections.
//! - `binary`: the process, its listeners, its commands and its end.
#![cfg(all(feature = "ssr", feature = "sandbox"))]

#[cfg(test)]
#[path = "../transmit/corpus/corpus.rs"]
mod corpus;
#[cfg(test)]
#[path = "../../benches/kit/kolmogorov_smirnov.rs"]
mod kolmogorov_smirnov;
#[cfg(test)]
#[path = "../../benches/kit/masked.rs"]
mod masked;
#[cfg(test)]
#[path = "../transmit/pem.rs"]
mod pem;
#[cfg(test)]
#[path = "../conformance/recorder.rs"]
mod recorder;
#[cfg(test)]
#[path = "../store/server.rs"]
#[expect(dead_code, reason = "the store's own tests need more of it")]
mod redis_server;
#[cfg(test)]
#[path = "../store/relay.rs"]
#[expect(dead_code, reason = "the store's own tests need more of it")]
mod relay;
#[cfg(test)]
#[path = "../transmit/signer.rs"]
mod signer;
#[cfg(test)]
mod support;

#[cfg(test)]
mod activity;
#[cfg(test)]
mod applications;
#[cfg(test)]
mod attacks;
#[cfg(test)]
mod binary;
#[cfg(test)]
mod binding;
#[cfg(test)]
mod budgets;
#[cfg(test)]
mod client_address;
#[cfg(test)]
mod connections;
#[cfg(test)]
mod console;
#[cfg(test)]
mod cookies;
#[cfg(test)]
mod cross_site;
#[cfg(test)]
mod durable;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod forgetful;
#[cfg(test)]
mod forward_auth;
#[cfg(test)]
mod gateway;
#[cfg(test)]
mod growth;
#[cfg(test)]
mod guesses;
#[cfg(test)]
mod headers;
#[cfg(test)]
mod histories;
#[cfg(test)]
mod input;
#[cfg(test)]
mod issuers;
#[cfg(test)]
mod known_browsers;
#[cfg(test)]
mod lockout;
#[cfg(test)]
mod neutral;
#[cfg(test)]
mod nodes;
#[cfg(test)]
mod notices;
#[cfg(test)]
mod observed;
#[cfg(test)]
mod origins;
#[cfg(test)]
mod others;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod races;
#[cfg(test)]
mod record;
#[cfg(test)]
mod replies;
#[cfg(test)]
mod revocation;
#[cfg(test)]
mod sends;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod sign_up;
#[cfg(test)]
mod test_numbers;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod upstream_truth;
#[cfg(test)]
mod way_back;
#[cfg(test)]
mod writes;
