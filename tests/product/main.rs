//! The whole product on its real router, over a sandbox in the same process, and at last the binary
//! itself.
//!
//! - `support`: a world with a clock that the test moves, and browsers that keep their cookies.
//!   `corpus`, `signer`, `pem`, `recorder`, `redis_server`, `relay`, `kolmogorov_smirnov` and
//!   `masked` are those of other tests and benchmarks.
//! - `replies`, `hostile_input`: the table of replies, and what people and attackers type.
//! - `pages`, `headers`, `cookies`, `csrf`, `return_url`: what every answer carries, and where it
//!   leads.
//! - `cross_site`: what other sites can make a browser do (requirements H1 to H3, H8 to H10).
//! - `forward_auth`: what a proxy is answered for the applications behind (requirements S8, H8, K6,
//!   K14).
//! - `applications`: applications on other hosts, from a ticket to the end (requirements H1, H8, K1
//!   to K14).
//! - `account_notices`: what people are told of sign-ins and ends that may not have been theirs
//!   (requirements R6, K11).
//! - `sessions`, `activity`, `revocation`, `revoke_others`, `races`, `upstream_check`: from sign-in to
//!   sign-out (requirements K1 to K14).
//! - `flow_binding`: what binds a code to its flow and its browser upstream.
//! - `attempt_limits`, `random_histories`, `send_limits`, `sign_up`: what is counted, what is told, what goes upstream.
//! - `budgets`: what holds for many numbers at once, and what comes between failures (requirements
//!   S2, S4, S5, C7, C8).
//! - `lockout`: strangers who want to shut an owner out, and how the owner gets in (requirements
//!   C7, S9).
//! - `client_address`: where a client is, spoofing included (requirement S8).
//! - `dashboard`, `observability`: what the operator sees of it (requirements L1, L2, S4).
//! - `enumeration`: known, unknown, locked, inactive and limited numbers look alike (requirements E1 to
//!   E4).
//! - `token_validation`, `token_issuers`: tokens that lie, keys that turn, and an application with keys of its own
//!   (requirements T1 to T5).
//! - `faults`: an upstream that is down, hangs, breaks off or lies.
//! - `regressions`: what an attack once found.
//! - `sms_gateway`: the product as the tenant's SMS gateway, the whole way of a code. `test_numbers`:
//!   where that ends with the operator.
//! - `audit_log`, `durability`, `failing_store`: what is written down, what survives, and a store that fails
//!   at some of it.
//! - `two_nodes`: two nodes over one Redis; Redis gone, frozen, failed over (`redis_server` starts it).
//! - `store_growth`, `store_writes`: the store's file under a flood, for days; what somebody writes who goes on
//!   after a refusal.
//! - `connections`: clients that hold connections.
//! - `binary`: the process, its listeners, its commands and its end.
#![cfg(all(feature = "ssr", feature = "sandbox"))]

#[cfg(test)]
mod support;

#[cfg(test)]
mod account_notices;
#[cfg(test)]
mod activity;
#[cfg(test)]
mod applications;
#[cfg(test)]
mod attempt_limits;
#[cfg(test)]
mod audit_log;
#[cfg(test)]
mod binary;
#[cfg(test)]
mod budgets;
#[cfg(test)]
mod client_address;
#[cfg(test)]
mod connections;
#[cfg(test)]
mod cookies;
#[cfg(test)]
mod cross_site;
#[cfg(test)]
mod csrf;
#[cfg(test)]
mod dashboard;
#[cfg(test)]
mod durability;
#[cfg(test)]
mod enumeration;
#[cfg(test)]
mod failing_store;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod flow_binding;
#[cfg(test)]
mod forward_auth;
#[cfg(test)]
mod headers;
#[cfg(test)]
mod hostile_input;
#[cfg(test)]
mod lockout;
#[cfg(test)]
mod observability;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod races;
#[cfg(test)]
mod random_histories;
#[cfg(test)]
mod recognised_devices;
#[cfg(test)]
mod regressions;
#[cfg(test)]
mod replies;
#[cfg(test)]
mod return_url;
#[cfg(test)]
mod revocation;
#[cfg(test)]
mod revoke_others;
#[cfg(test)]
mod send_limits;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod sign_up;
#[cfg(test)]
mod sms_gateway;
#[cfg(test)]
mod store_growth;
#[cfg(test)]
mod store_writes;
#[cfg(test)]
mod test_numbers;
#[cfg(test)]
mod token_issuers;
#[cfg(test)]
mod token_validation;
#[cfg(test)]
mod two_nodes;
#[cfg(test)]
mod upstream_check;
