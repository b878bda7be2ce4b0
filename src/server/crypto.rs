//! Keys, encryption at rest, keyed indexes, JOSE encoding and opaque tokens.
//!
//! Dependencies in this folder point one way: `hash`, `hkdf` ← `fingerprint` ← `encryption`,
//! `key_ring` ← `derived_keys`, `mac_keys` ← `backup_keys`. `secret_key` reads the keys,
//! `opaque_token` and `jose` stand alone.

pub mod backup_keys;
pub mod derived_keys;
pub mod encryption;
pub mod fingerprint;
pub mod hash;
pub mod hkdf;
pub mod jose;
pub mod key_ring;
pub mod mac_keys;
pub mod opaque_token;
pub mod secret_key;
