//! Random tokens for cookies and tickets. Only their hash is stored.

use std::fmt;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::server::crypto::hash::{Digest, sha256};
use crate::server::system::random::Random;

/// A token of `N` random bytes. `Debug` hides it.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Opaque<const N: usize>([u8; N]);

/// A token in a long-lived cookie: 256 bits.
pub type Token = Opaque<32>;

/// A token that is used once and immediately: 128 bits.
pub type ShortToken = Opaque<16>;

impl<const N: usize> Opaque<N> {
    /// Generates a token.
    pub fn new(random: &Random) -> Self {
        Self(random.bytes())
    }

    /// Parses what [`Opaque::encode`] returned, and nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// Base64url: 43 characters for a [`Token`], 22 for a [`ShortToken`].
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// The id of its record.
    pub fn hash(&self) -> Digest {
        sha256(&self.0)
    }

    /// Derives a value for a purpose, which reveals nothing about the token (HMAC-SHA256, RFC
    /// 2104).
    pub fn derive(&self, purpose: &[u8]) -> Digest {
        let mut derived = [0; 32];
        derived.copy_from_slice(
            hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &self.0), purpose).as_ref(),
        );
        derived
    }
}

impl From<Digest> for Token {
    /// A token derived from a key and something random.
    fn from(bits: Digest) -> Self {
        Self(bits)
    }
}

impl<const N: usize> fmt::Debug for Opaque<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn k2_a_token_is_256_bits_and_reads_back() {
        let token = Token::new(&Random::system());
        assert_eq!(token.encode().len(), 43);
        assert_eq!(Token::parse(&token.encode()), Some(token));
        for text in [
            "",
            "x",
            &"A".repeat(42),
            &"A".repeat(44),
            &"=".repeat(43),
            "é",
        ] {
            assert_eq!(Token::parse(text), None, "{text:?}");
        }
    }
    #[test]
    fn derived_values_depend_on_token_and_purpose() {
        let (one, other) = (
            Token::new(&Random::seeded(1)),
            Token::new(&Random::seeded(2)),
        );
        assert_eq!(one.derive(b"a"), one.derive(b"a"));
        assert_ne!(one.derive(b"a"), one.derive(b"b"));
        assert_ne!(one.derive(b"a"), other.derive(b"a"));
        let short = ShortToken::new(&Random::seeded(3));
        assert_eq!(short.encode().len(), 22);
        assert_eq!(ShortToken::parse(&short.encode()), Some(short));
        assert_eq!(ShortToken::parse(&one.encode()), None);
    }
}
