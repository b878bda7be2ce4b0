//! Keys for message authentication codes (HMAC-SHA256): one derived from each secret key, for one
//! purpose.

use std::fmt;

use aws_lc_rs::hmac;

use crate::server::crypto::fingerprint::Fingerprint;
use crate::server::crypto::hash::Digest;
use crate::server::crypto::hkdf::{DeriveKeyError, derive_key};
use crate::server::crypto::key_ring::KeyRing;

/// The keys derived from a key ring, the newest first. None, if there is no secret key. Cheap to
/// clone. `Debug` shows the fingerprints alone.
#[derive(Clone, Default)]
pub struct MacKeys(Vec<MacKey>);

/// One of them.
#[derive(Clone)]
pub struct MacKey {
    key: hmac::Key,
    /// Of the secret key; the same as that of the encryption key.
    fingerprint: Fingerprint,
}

impl MacKeys {
    /// Derives a key from every secret key. Codes for two purposes cannot replace each other.
    ///
    /// # Errors
    /// [`DeriveKeyError`] if the library refuses.
    pub fn derive(ring: &KeyRing, purpose: &[u8]) -> Result<Self, DeriveKeyError> {
        let keys = ring.newest_first().map(|secret| {
            let key = derive_key(secret, purpose)?;
            Ok(MacKey {
                key: hmac::Key::new(hmac::HMAC_SHA256, &key),
                fingerprint: Fingerprint::of_secret_key(secret)?,
            })
        });
        keys.collect::<Result<_, _>>().map(Self)
    }

    /// The key that makes new codes; none without a secret key.
    pub fn newest(&self) -> Option<&MacKey> {
        self.0.first()
    }

    /// The keys whose codes are accepted, the newest first.
    pub fn iter(&self) -> impl Iterator<Item = &MacKey> {
        self.0.iter()
    }
}

impl MacKey {
    /// The fingerprint of the secret key.
    pub fn fingerprint(&self) -> &Fingerprint {
        &self.fingerprint
    }

    /// The code of some bytes.
    pub fn sign(&self, bytes: &[u8]) -> Digest {
        let mut context = self.context();
        context.update(bytes);
        to_digest(context)
    }

    /// For a code that is computed piece by piece.
    pub(crate) fn context(&self) -> hmac::Context {
        hmac::Context::with_key(&self.key)
    }
}

/// Ends the computation of a code.
pub(crate) fn to_digest(context: hmac::Context) -> Digest {
    let mut code = [0; 32];
    code.copy_from_slice(context.sign().as_ref());
    code
}

impl fmt::Debug for MacKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.fingerprint.as_str())
    }
}
