//! Keys, encryption at rest, keyed indexes, JOSE encoding and opaque tokens.

pub mod derived_keys;
pub mod fingerprint;
pub mod jose;
pub mod key_ring;
pub mod opaque_token;
pub mod sealing;
pub mod secret_key;
