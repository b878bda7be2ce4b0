//! The keys derived from `secrets.key`: one for encryption, one for each kind of index.
//!
//! Records in the store and data in cookies are encrypted with the current key, and decrypted with
//! it or any previous key. Indexes are keyed hashes (HMAC-SHA256) made with the oldest key, so that
//! counters and lists survive a key rotation.

use std::fmt;

use aws_lc_rs::hmac;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::domain::Identifier;
use crate::server::crypto::encryption::{DecryptError, EncryptError, EncryptionKey};
use crate::server::crypto::fingerprint::Fingerprint;
use crate::server::crypto::hash::Digest;
use crate::server::crypto::hkdf::{DeriveKeyError, derive_key};
use crate::server::crypto::key_ring::KeyRing;
use crate::server::system::random::Random;

/// What an index is for. Hashes of one value for two purposes cannot be linked.
#[derive(Clone, Copy, Debug)]
pub enum IndexPurpose {
    /// The identifier, in counters.
    Identifier,
    /// The user (`iss`, `sub`), in the list of sessions.
    Owner,
    /// The token of the form that started a flow.
    Form,
    /// The recognised device, as upstream knows it.
    Device,
    /// Number and text of a message that the SMS gateway received.
    Delivery,
    /// The id of a request about an identifier.
    RequestId,
}

impl IndexPurpose {
    const ALL: [Self; 6] = [
        Self::Identifier,
        Self::Owner,
        Self::Form,
        Self::Device,
        Self::Delivery,
        Self::RequestId,
    ];

    fn info(self) -> &'static [u8] {
        match self {
            Self::Identifier => b"latchkey index identifier v1",
            Self::Owner => b"latchkey index owner v1",
            Self::Form => b"latchkey index form v1",
            Self::Device => b"latchkey index device v1",
            Self::Delivery => b"latchkey index delivery v1",
            Self::RequestId => b"latchkey index request v1",
        }
    }
}

/// The derived keys. `Debug` hides them.
pub struct DerivedKeys {
    current: EncryptionKey,
    /// Those of the previous secret keys, the newest first.
    previous: Vec<EncryptionKey>,
    indexes: [hmac::Key; 6],
    index_fingerprint: Fingerprint,
    random: Random,
}

impl DerivedKeys {
    /// Derives all keys from the key ring.
    ///
    /// # Errors
    /// [`DeriveKeyError`] if the library refuses.
    pub fn derive(ring: &KeyRing, random: Random) -> Result<Self, DeriveKeyError> {
        let mut keys = ring.newest_first().map(EncryptionKey::derive);
        let current = keys.next().ok_or(DeriveKeyError)??;
        let previous = keys.collect::<Result<_, _>>()?;
        let oldest = ring.oldest();
        let [a, b, c, d, e, f] = IndexPurpose::ALL.map(|purpose| {
            derive_key(oldest, purpose.info()).map(|k| hmac::Key::new(hmac::HMAC_SHA256, &k))
        });
        Ok(Self {
            current,
            previous,
            indexes: [a?, b?, c?, d?, e?, f?],
            index_fingerprint: Fingerprint::of(oldest, b"latchkey index fingerprint v1")?,
            random,
        })
    }

    /// The fingerprint of the key that makes the indexes.
    pub fn index_fingerprint(&self) -> &Fingerprint {
        &self.index_fingerprint
    }

    /// The fingerprint of the key that encrypts.
    pub fn encryption_fingerprint(&self) -> &Fingerprint {
        self.current.fingerprint()
    }

    /// Whether what the key with this fingerprint encrypted can be decrypted.
    pub fn can_decrypt(&self, fingerprint: &Fingerprint) -> bool {
        self.decryption_keys()
            .any(|key| key.fingerprint() == fingerprint)
    }

    fn decryption_keys(&self) -> impl Iterator<Item = &EncryptionKey> {
        std::iter::once(&self.current).chain(&self.previous)
    }

    /// Encrypts. `context` is authenticated too, so that one kind of record cannot replace another.
    ///
    /// # Errors
    /// [`EncryptError`] if the library refuses (input over 2^36 bytes).
    pub fn encrypt(&self, context: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, EncryptError> {
        self.current
            .encrypt(self.random.bytes(), context, plaintext)
    }

    /// Decrypts what [`Self::encrypt`] returned for the same context, under the current key or a
    /// previous one.
    ///
    /// # Errors
    /// [`DecryptError`] for everything else.
    pub fn decrypt(&self, context: &[u8], ciphertext: &[u8]) -> Result<Vec<u8>, DecryptError> {
        self.decryption_keys()
            .find_map(|key| key.decrypt(context, ciphertext))
            .ok_or(DecryptError)
    }

    /// Encrypts a value as JSON.
    ///
    /// # Errors
    /// [`EncryptError`].
    pub fn encrypt_json(
        &self,
        context: &[u8],
        value: &impl Serialize,
    ) -> Result<Vec<u8>, EncryptError> {
        let plaintext = serde_json::to_vec(value).map_err(|_| EncryptError)?;
        self.encrypt(context, &plaintext)
    }

    /// Decrypts what [`Self::encrypt_json`] returned for the same context. None if it cannot be
    /// decrypted or has another structure.
    pub fn decrypt_json<T: DeserializeOwned>(
        &self,
        context: &[u8],
        ciphertext: &[u8],
    ) -> Option<T> {
        serde_json::from_slice(&self.decrypt(context, ciphertext).ok()?).ok()
    }

    /// Encrypts a record of the store. Its id is authenticated too: someone who can write to the
    /// store but has no key cannot replace one person's record by another's.
    ///
    /// # Errors
    /// [`EncryptError`].
    pub fn encrypt_record(
        &self,
        context: &[u8],
        id: &Digest,
        value: &impl Serialize,
    ) -> Result<Vec<u8>, EncryptError> {
        self.encrypt_json(&[context, id].concat(), value)
    }

    /// Decrypts what [`Self::encrypt_record`] returned for the same context and id. None if it
    /// cannot be decrypted or has another structure.
    pub fn decrypt_record<T: DeserializeOwned>(
        &self,
        context: &[u8],
        id: &Digest,
        ciphertext: &[u8],
    ) -> Option<T> {
        self.decrypt_json(&[context, id].concat(), ciphertext)
    }

    /// The key of an identifier in the store.
    pub fn identifier_index(&self, identifier: &Identifier) -> Digest {
        self.index(IndexPurpose::Identifier, identifier.key_text().as_bytes())
    }

    /// Keyed hash of a value.
    pub fn index(&self, purpose: IndexPurpose, value: &[u8]) -> Digest {
        let [identifier, owner, form, device, delivery, request] = &self.indexes;
        let key = match purpose {
            IndexPurpose::Identifier => identifier,
            IndexPurpose::Owner => owner,
            IndexPurpose::Form => form,
            IndexPurpose::Device => device,
            IndexPurpose::Delivery => delivery,
            IndexPurpose::RequestId => request,
        };
        let mut hash = [0; 32];
        hash.copy_from_slice(hmac::sign(key, value).as_ref());
        hash
    }
}

impl fmt::Debug for DerivedKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DerivedKeys(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::crypto::key_ring::SecretKey;

    fn keys(key: u8) -> DerivedKeys {
        DerivedKeys::derive(&[key; 32].into(), Random::system()).unwrap()
    }

    /// Keys derived from several secret keys, the newest first.
    fn ring(newest_first: &[u8]) -> DerivedKeys {
        let mut all = newest_first.iter().map(|key| SecretKey::new([*key; 32]));
        let current = all.next().unwrap();
        DerivedKeys::derive(&KeyRing::new(current, all.collect()), Random::system()).unwrap()
    }

    #[test]
    fn decrypts_only_its_own_ciphertext_in_the_same_context() {
        let keys1 = keys(1);
        let ciphertext = keys1.encrypt(b"flow", b"secret").unwrap();
        assert_eq!(keys1.decrypt(b"flow", &ciphertext).unwrap(), b"secret");
        assert_eq!(keys1.decrypt(b"session", &ciphertext), Err(DecryptError));
        assert_eq!(keys(2).decrypt(b"flow", &ciphertext), Err(DecryptError));
        for i in 0..ciphertext.len() {
            let mut forged = ciphertext.clone();
            forged[i] ^= 1;
            assert_eq!(keys1.decrypt(b"flow", &forged), Err(DecryptError));
        }
        assert_eq!(keys1.decrypt(b"flow", b""), Err(DecryptError));
    }

    #[test]
    fn indexes_for_two_purposes_differ() {
        let keys = keys(1);
        assert_ne!(
            keys.index(IndexPurpose::Identifier, b"x"),
            keys.index(IndexPurpose::Form, b"x")
        );
        assert_eq!(
            keys.index(IndexPurpose::Owner, b"x"),
            keys.index(IndexPurpose::Owner, b"x")
        );
    }

    #[test]
    fn previous_keys_decrypt_and_the_newest_key_encrypts() {
        let (before, after) = (keys(1), ring(&[2, 1]));
        let ciphertext = before.encrypt(b"flow", b"secret").unwrap();
        assert_eq!(after.decrypt(b"flow", &ciphertext).unwrap(), b"secret");
        assert_eq!(after.decrypt(b"session", &ciphertext), Err(DecryptError));
        let ciphertext = after.encrypt(b"flow", b"secret").unwrap();
        assert_eq!(keys(2).decrypt(b"flow", &ciphertext).unwrap(), b"secret");
        assert_eq!(before.decrypt(b"flow", &ciphertext), Err(DecryptError));
        assert!(
            after.can_decrypt(before.encryption_fingerprint())
                && !before.can_decrypt(after.encryption_fingerprint())
        );
    }

    #[test]
    fn indexes_survive_a_key_rotation() {
        let (before, after) = (keys(1), ring(&[3, 2, 1]));
        for index in IndexPurpose::ALL {
            assert_eq!(before.index(index, b"x"), after.index(index, b"x"));
            assert_ne!(before.index(index, b"x"), keys(3).index(index, b"x"));
        }
        assert_eq!(before.index_fingerprint(), after.index_fingerprint());
        assert_ne!(
            before.index_fingerprint(),
            ring(&[3, 2]).index_fingerprint()
        );
        assert_eq!(before.index_fingerprint().to_string().len(), 16);
        // A node that encrypts with the old key but already decrypts with the new one.
        assert_eq!(
            before.index_fingerprint(),
            ring(&[1, 2, 1]).index_fingerprint()
        );
        assert_eq!(
            before.encryption_fingerprint(),
            ring(&[1, 2, 1]).encryption_fingerprint()
        );
    }
}
