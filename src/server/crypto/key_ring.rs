//! The key in use and the ones before it.

use std::fmt;
use std::iter::once;

use zeroize::Zeroizing;

/// One of our own keys: 256 random bits.
pub type SecretKey = Zeroizing<[u8; 32]>;

/// Our own keys, the newest first. There is always one. `Debug` hides them.
#[derive(Clone)]
pub struct KeyRing {
    current: SecretKey,
    previous: Vec<SecretKey>,
}

impl KeyRing {
    /// The key in use (`secrets.key`), and those before it, the newest first
    /// (`secrets.previous_keys`).
    pub fn new(current: SecretKey, previous: Vec<SecretKey>) -> Self {
        Self { current, previous }
    }

    /// The key in use: whatever is written is sealed with it.
    pub fn current(&self) -> &[u8; 32] {
        &self.current
    }

    /// Every key that is still read, the newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &[u8; 32]> {
        once(&*self.current).chain(self.previous.iter().map(|key| &**key))
    }

    /// The last of them: indexes are made with it, so that what is counted and listed under them
    /// survives a rotation.
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
