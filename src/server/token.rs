//! What our cookies carry: 256 random bits that mean nothing by themselves. Only their hash is ever stored.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::keys::{Digest, sha256};
use super::random::Random;

/// A secret id in a cookie. `Debug` hides it.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Token([u8; 32]);

impl Token {
    /// A new one.
    pub fn new(random: &Random) -> Self {
        Self(random.bytes())
    }

    /// Reads what [`Token::encode`] wrote, and nothing else.
    pub fn parse(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok().map(Self)
    }

    /// The text in the cookie: 43 characters of base64url.
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// Where its record lies.
    pub fn hash(&self) -> Digest {
        sha256(&self.0)
    }
}

impl From<Digest> for Token {
    /// A token that is derived: from a key and something that is random itself.
    fn from(bits: Digest) -> Self {
        Self(bits)
    }
}

impl fmt::Debug for Token {
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
        for text in ["", "x", &"A".repeat(42), &"A".repeat(44), &"=".repeat(43), "é"] {
            assert_eq!(Token::parse(text), None, "{text:?}");
        }
    }
}
