//! Tests of the whole product: the real router with a sandbox in the same process, and the binary
//! itself.
//!
//! - `support`: an app with a manual clock, and browsers that keep their cookies.
//! - `replies`, `hostile_input`: the table of responses, and hostile input.
//! - `pages`, `headers`, `cookies`, `csrf`, `return_url`, `security_txt`: pages, response headers,
//!   redirects and public files.
//! - `cookie_tossing`: cookies that a sibling host plants (requirements K1, K4).
//! - `cross_site`: what other sites can make a browser do (requirements H1 to H3, H8 to H10).
//! - `forward_auth`: responses to a proxy in front of applications (requirements S8, H8, K6, K14).
//! - `applications`: applications on other hosts, from ticket to sign-out (requirements H1, H8, K1
//!   to K14).
//! - `account_notices`: notices about new devices and ended sessions (requirements R6, K11).
//! - `sessions`, `activity`, `revocation`, `revoke_others`, `races`, `upstream_check`: from sign-in
//!   to sign-out (requirements K1 to K14).
//! - `flow_binding`: how a code is bound to its flow and its browser upstream.
//! - `attempt_limits`, `random_histories`, `send_limits`, `sign_up`: what is counted, disclosed and
//!   sent upstream.
//! - `budgets`: limits shared by many numbers, and delays between failures (requirements S2, S4,
//!   S5, C7, C8).
//! - `lockout`, `recognised_devices`: attackers cannot lock out the owner of a number (requirements
//!   C7, S9).
//! - `client_address`: the client address, including spoofing (requirement S8).
//! - `dashboard`, `observability`: the dashboard and metrics (requirements L1, L2, S4).
//! - `enumeration`: known, unknown, locked, inactive and limited numbers cannot be distinguished
//!   (requirements E1 to E4).
//! - `token_validation`, `token_issuers`: forged tokens, key rotation, and an application's own
//!   issuer (requirements T1 to T5).
//! - `faults`: upstream faults.
//! - `request_ids`: request ids and traces of proxies (requirements L4, S8).
//! - `regressions`: defects that an attack once found.
//! - `sms_gateway`: the product as the tenant's SMS gateway; `test_numbers`: codes that the
//!   operator reads.
//! - `audit_log`, `durability`, `failing_store`: what is logged, what survives a restart, and a
//!   failing store.
//! - `two_nodes`: two nodes with one Redis, and Redis outages.
//! - `store_growth`, `store_writes`: the size of the store's file under load, and writes after
//!   refusals.
//! - `connections`: limits of the listener.
//! - `binary`: the process, its listeners, its commands and its shutdown.
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
mod cookie_tossing;
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
mod request_ids;
#[cfg(test)]
mod return_url;
#[cfg(test)]
mod revocation;
#[cfg(test)]
mod revoke_others;
#[cfg(test)]
mod security_txt;
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
