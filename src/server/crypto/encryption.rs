//! Authenticated encryption with one key: AES-256-GCM-SIV (RFC 8452), which tolerates a repeated
//! nonce.

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::server::crypto::fingerprint::Fingerprint;
use crate::server::crypto::hkdf::{DeriveKeyError, derive_key};

/// A value could not be encrypted. Does not happen with values of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a value could not be encrypted")]
pub struct EncryptError;

/// Bytes could not be decrypted: another key or context, or they were tampered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("encrypted bytes could not be decrypted")]
pub struct DecryptError;

/// An encryption key derived from a secret key, and the fingerprint of that secret key.
pub(crate) struct EncryptionKey {
    key: LessSafeKey,
    fingerprint: Fingerprint,
}

impl EncryptionKey {
    pub(crate) fn derive(secret: &[u8; 32]) -> Result<Self, DeriveKeyError> {
        let key = derive_key(secret, b"latchkey seal v1")?;
        let key = UnboundKey::new(&AES_256_GCM_SIV, &key).map_err(|_| DeriveKeyError)?;
        Ok(Self {
            key: LessSafeKey::new(key),
            fingerprint: Fingerprint::of_secret_key(secret)?,
        })
    }

    pub(crate) fn fingerprint(&self) -> &Fingerprint {
        &self.fingerprint
    }

    /// Returns the nonce followed by the ciphertext.
    pub(crate) fn encrypt(
        &self,
        nonce: [u8; NONCE_LEN],
        context: &[u8],
        plaintext: &[u8],
    ) -> Result<Vec<u8>, EncryptError> {
        let mut body = plaintext.to_vec();
        self.key
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(context),
                &mut body,
            )
            .map_err(|_| EncryptError)?;
        Ok([nonce.as_slice(), &body].concat())
    }

    /// Returns the plaintext, or none if `ciphertext` was made with another key or context, or was
    /// tampered with.
    pub(crate) fn decrypt(&self, context: &[u8], ciphertext: &[u8]) -> Option<Vec<u8>> {
        let (nonce, body) = ciphertext.split_first_chunk::<NONCE_LEN>()?;
        let mut body = body.to_vec();
        let plaintext = self.key.open_in_place(
            Nonce::assume_unique_for_key(*nonce),
            Aad::from(context),
            &mut body,
        );
        let length = plaintext.ok()?.len();
        body.truncate(length);
        Some(body)
    }
}
