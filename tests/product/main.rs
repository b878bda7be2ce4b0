//! Tests of the whole product: the real router with a sandbox in the same process, and the binary
//! itself.
//!
//! - `support`: an app with a manual clock, and browsers that keep their cookies.
//! - `replies`, `hostile_input`: the table of responses, and hostile input.
//! - `pages`, `headers`, `cookies`, `csrf`, `return_url`, `security_txt`: pages, response headers,
//!   redirects and public files.
//! - `confirm_number`: numbers that are asked back, and countries; `confirmations`: what pages say
//!   and keep after something was done.
//! - `identifier_modes`: people who sign in with an email address, a user name, a user id or an
//!   identifier that the tenant defines.
//! - `brand`, `preview`: logo, colours, links, the look for applications, and all pages to look
//!   at.
//! - `languages`: the language that a person chooses (requirement W9).
//! - `cookies_blocked`, `typed_input`, `two_tabs`: browsers without cookies, what people type and
//!   prefer, and two sign-ins in one browser.
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
//! - `recycled_numbers`: what does not carry over when a number may have changed hands.
//! - `client_address`: the client address, including spoofing (requirement S8).
//! - `admin_api`: the operator's commands over HTTP.
//! - `dashboard`, `observability`: the dashboard and metrics (requirements L1, L2, S4).
//! - `enumeration`: known, unknown, locked, inactive and limited numbers cannot be distinguished
//!   (requirements E1 to E4).
//! - `token_validation`, `token_issuers`: forged tokens, key rotation, and an application's own
//!   issuer (requirements T1 to T5).
//! - `faults`: upstream faults.
//! - `request_ids`: request ids and traces of proxies (requirements L4, S8).
//! - `regressions`: defects that an attack once found.
//! - `second_channel`: codes by e-mail.
//! - `senders`: the sender of each country.
//! - `sms_gateway`: the product as the tenant's SMS gateway; `test_numbers`: codes that the
//!   operator reads.
//! - `audit_log`, `durability`, `failing_store`: what is logged, what survives a restart, and a
//!   failing store.
//! - `lookup`: what the support team finds out about a number.
//! - `personal_data`, `pseudonyms`: export and erasure of what is stored about a person, and the
//!   names of people in the audit log (requirements L2, L5).
//! - `two_nodes`: two nodes with one Redis, and Redis outages.
//! - `store_growth`, `store_writes`: the size of the store's file under load, and writes after
//!   refusals.
//! - `webhooks`: what a service of the operator is told.
//! - `connections`: limits of the listener.
//! - `binary`: the process, its listeners, its commands and its shutdown.
#![cfg(test)]
#![cfg(all(feature = "ssr", feature = "sandbox"))]

mod account_notices;
mod activity;
mod admin_api;
mod applications;
mod attempt_limits;
mod audit_log;
mod binary;
mod brand;
mod budgets;
mod client_address;
mod confirm_number;
mod confirmations;
mod connections;
mod cookie_tossing;
mod cookies;
mod cookies_blocked;
mod cross_site;
mod csrf;
mod dashboard;
mod durability;
mod enumeration;
mod failing_store;
mod faults;
mod flow_binding;
mod forward_auth;
mod headers;
mod hostile_input;
mod identifier_modes;
mod languages;
mod lockout;
mod lookup;
mod observability;
mod pages;
mod passcode_policy;
mod personal_data;
mod preview;
mod pseudonyms;
mod races;
mod random_histories;
mod recognised_devices;
mod record_format;
mod recycled_numbers;
#[cfg(test)]
mod regressions;
mod replies;
mod request_ids;
mod return_url;
mod revocation;
mod revoke_others;
mod second_channel;
mod security_txt;
mod send_limits;
mod senders;
mod sessions;
mod sign_up;
mod sms_gateway;
mod store_growth;
mod store_writes;
mod support;
mod test_numbers;
mod token_issuers;
mod token_validation;
mod two_nodes;
mod two_tabs;
mod typed_input;
mod upstream_check;
mod webhooks;
