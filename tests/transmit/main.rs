//! The upstream client against a stub that lies, breaks and hangs (requirements T1 to T8, S10).
#![cfg(feature = "ssr")]

#[cfg(test)]
mod calls;
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
