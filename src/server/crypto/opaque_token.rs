//! What our cookies and tickets carry: random bits that mean nothing by themselves. Only their hash
//! is ever stored.

use std::fmt;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::server::crypto::derived_keys::{Digest, sha256};
use crate::server::system::random::Random;

/// A secret id of `N` random bytes. `Debug` hides it.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Opaque<const N: usize>([u8; N]);

/// A secret id in a cookie that lives: 256 bits.
pub type Token = Opaque<32>;

/// A secret id that is used once and at once: 128 bits.
pub type ShortToken = Opaque<16>;

impl<const N: usize> Opaque<N> {
    /// A new one.
    pub fn new(random: &Random) -> Self {
        Self(random.bytes())
    }

    /// Reads what [`Opaque::encode`] wrote, and nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// The text in the cookie: base64url, 43 characters of a [`Token`] and 22 of a [`ShortToken`].
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// Where its record lies.
    pub fn hash(&self) -> Digest {
        sha256(&self.0)
    }

    /// What follows from this secret for a purpose, the same each time, and tells nothing of the
    /// secret (HMAC-SHA256, RFC 2104).
    pub fn derive(&self, purpose: &[u8]) -> Digest {
        let mut derived = [0; 32];
        derived.copy_from_slice(
            hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &self.0), purpose).as_ref(),
        );
        derived
    }
}

impl From<Digest> for Token {
    /// A token that is derived: from a key and something that is random itself.
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
    fn what_is_derived_depends_on_secret_and_purpose() {
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
