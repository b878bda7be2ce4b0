//! The keys that authenticate backups: one derived from each secret key, for HMAC-SHA256.
//!
//! A backup is authenticated as a whole, because its counters, lists and times are not encrypted.
//! Encrypted records could also be left out or taken from an older backup.

use aws_lc_rs::hmac;

use crate::server::crypto::fingerprint::Fingerprint;
use crate::server::crypto::hash::{Digest, constant_time_eq};
use crate::server::crypto::hkdf::DeriveKeyError;
use crate::server::crypto::key_ring::KeyRing;
use crate::server::crypto::mac_keys::{MacKey, MacKeys, to_digest};

/// The keys derived from a key ring, the newest first. None, if there is no secret key. Cheap to
/// clone. `Debug` shows the fingerprints alone.
#[derive(Clone, Debug, Default)]
pub struct BackupKeys(MacKeys);

/// Computes the code of a backup, piece by piece.
pub(crate) struct BackupAuthenticator {
    context: hmac::Context,
    fingerprint: Fingerprint,
}

impl BackupKeys {
    /// Derives a key from every secret key.
    ///
    /// # Errors
    /// [`DeriveKeyError`] if the library refuses.
    pub fn derive(ring: &KeyRing) -> Result<Self, DeriveKeyError> {
        MacKeys::derive(ring, b"latchkey backup v1").map(Self)
    }

    /// For a new backup; none without a secret key.
    pub(crate) fn writer(&self) -> Option<BackupAuthenticator> {
        self.0.newest().map(BackupAuthenticator::new)
    }

    /// For a backup that is read: one of them is its own, if its key is known.
    pub(crate) fn readers(&self) -> Vec<BackupAuthenticator> {
        self.0.iter().map(BackupAuthenticator::new).collect()
    }
}

impl BackupAuthenticator {
    fn new(key: &MacKey) -> Self {
        Self {
            context: key.context(),
            fingerprint: key.fingerprint().clone(),
        }
    }

    pub(crate) fn fingerprint(&self) -> &Fingerprint {
        &self.fingerprint
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.context.update(bytes);
    }

    pub(crate) fn finish(self) -> Digest {
        to_digest(self.context)
    }

    /// Whether `code` is that of the bytes so far. Takes the same time for every code.
    pub(crate) fn verifies(self, code: &Digest) -> bool {
        constant_time_eq(&self.finish(), code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::crypto::key_ring::SecretKey;

    fn code(keys: &BackupKeys, bytes: &[u8]) -> Digest {
        let mut writer = keys.writer().unwrap();
        writer.update(bytes);
        writer.finish()
    }

    fn verifies(keys: &BackupKeys, bytes: &[u8], code: &Digest) -> bool {
        keys.readers().into_iter().any(|mut reader| {
            reader.update(bytes);
            reader.verifies(code)
        })
    }

    #[test]
    fn a_code_fits_its_own_bytes_and_key_alone() {
        let [one, other] = [[1; 32], [2; 32]].map(|key| BackupKeys::derive(&key.into()).unwrap());
        let code = code(&one, b"rows");
        assert!(verifies(&one, b"rows", &code));
        assert!(!verifies(&one, b"row", &code));
        assert!(!verifies(&other, b"rows", &code));
        for index in 0..code.len() {
            let mut forged = code;
            forged[index] ^= 1;
            assert!(!verifies(&one, b"rows", &forged));
        }
    }

    #[test]
    fn the_newest_key_writes_and_every_key_reads() {
        let (old, new) = ([1; 32], [2; 32]);
        let ring = KeyRing::new(SecretKey::new(new), vec![SecretKey::new(old)]);
        let both = BackupKeys::derive(&ring).unwrap();
        let of = |key: [u8; 32]| BackupKeys::derive(&key.into()).unwrap();
        assert_eq!(code(&both, b"rows"), code(&of(new), b"rows"));
        let fingerprints: Vec<_> = both
            .readers()
            .iter()
            .map(|reader| reader.fingerprint().clone())
            .collect();
        assert_eq!(
            fingerprints,
            [new, old].map(|key| of(key).writer().unwrap().fingerprint().clone())
        );
        assert!(BackupKeys::default().writer().is_none());
    }
}
