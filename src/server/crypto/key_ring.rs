//! The current secret key and the previous ones.

use std::fmt;
use std::iter::once;

use zeroize::Zeroizing;

/// A secret key: 256 random bits.
pub type SecretKey = Zeroizing<[u8; 32]>;

/// The secret keys, the newest first, at least one. `Debug` hides them.
#[derive(Clone)]
pub struct KeyRing {
    current: SecretKey,
    previous: Vec<SecretKey>,
}

impl KeyRing {
    /// Takes the current key (`secrets.key`) and the previous ones, the newest first
    /// (`secrets.previous_keys`).
    pub fn new(current: SecretKey, previous: Vec<SecretKey>) -> Self {
        Self { current, previous }
    }

    /// The key that encrypts new data.
    pub fn current(&self) -> &[u8; 32] {
        &self.current
    }

    /// All keys that can decrypt, the newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &[u8; 32]> {
        once(&*self.current).chain(self.previous.iter().map(|key| &**key))
    }

    /// The oldest key, which makes the indexes, so that counters and lists survive a rotation.
    pub fn oldest(&self) -> &[u8; 32] {
        self.previous.last().unwrap_or(&self.current)
    }
}

impl From<[u8; 32]> for KeyRing {
    fn from(only: [u8; 32]) -> Self {
        Self::new(Zeroizing::new(only), Vec::new())
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyRing({} redacted)", self.previous.len() + 1)
    }
}
