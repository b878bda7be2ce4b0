//! Client and stand-in against one table of Transmit's API, field by field.
//!
//! - `table/*.toml`: the facts. Every operation and field, and who uses it.
//! - `table`: reads them. `compare`: holds a JSON value against them.
//! - `recorder`: stands between client and stand-in. `client`: makes every call of the client
//!   through it.
//! - `drive`: makes the stand-in give every answer that it has. `bodies`: a request with every
//!   field that it takes.
//! - `requests`, `answers`, `refusals`, `strictness`, `coverage`: what is compared.
//! - `document`: `docs/upstream.md`, made from the table.
//!
//! Client and stand-in have wire types of their own and share none with the table.
#![cfg(all(feature = "ssr", feature = "sandbox"))]

#[cfg(test)]
mod answers;
#[cfg(test)]
mod bodies;
#[cfg(test)]
mod client;
#[cfg(test)]
mod compare;
#[cfg(test)]
mod coverage;
#[cfg(test)]
mod document;
#[cfg(test)]
mod drive;
#[cfg(test)]
#[path = "../transmit/pem.rs"]
#[expect(
    dead_code,
    reason = "shared with the client's own tests, which need more of it"
)]
mod pem;
#[cfg(test)]
mod recorder;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod requests;
#[cfg(test)]
#[path = "../transmit/signer.rs"]
#[expect(
    dead_code,
    reason = "shared with the client's own tests, which need more of it"
)]
mod signer;
#[cfg(test)]
mod strictness;
#[cfg(test)]
#[path = "../sandbox/support.rs"]
#[expect(
    dead_code,
    reason = "shared with the stand-in's own tests, which need more of it"
)]
mod support;
#[cfg(test)]
mod table;
