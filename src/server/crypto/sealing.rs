//! One key that seals, and opens what it sealed.

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use crate::server::crypto::derived_keys::{CannotDerive, CannotSeal, Fingerprint, expand};

/// A sub-key for sealing, and what the key is called that it was made of.
pub(crate) struct Sealing {
    key: LessSafeKey,
    fingerprint: Fingerprint,
}

impl Sealing {
    pub(crate) fn derive(key: &[u8; 32]) -> Result<Self, CannotDerive> {
        let sealing = expand(key, b"latchkey seal v1")?;
        let sealing = LessSafeKey::new(
            UnboundKey::new(&AES_256_GCM_SIV, &sealing).map_err(|_| CannotDerive)?,
        );
        Ok(Self {
            key: sealing,
            fingerprint: Fingerprint::of(key, b"latchkey seal fingerprint v1")?,
        })
    }

    pub(crate) fn fingerprint(&self) -> &Fingerprint {
        &self.fingerprint
    }

    /// The nonce, and what was encrypted.
    pub(crate) fn seal(
        &self,
        nonce: [u8; NONCE_LEN],
        context: &[u8],
        plain: &[u8],
    ) -> Result<Vec<u8>, CannotSeal> {
        let mut body = plain.to_vec();
        self.key
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(context),
                &mut body,
            )
            .map_err(|_| CannotSeal)?;
        let mut sealed = nonce.to_vec();
        sealed.append(&mut body);
        Ok(sealed)
    }

    /// What was encrypted; nothing if another key did it, for another context, or if it was
    /// tampered with.
    pub(crate) fn open(&self, context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, body) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut body = body.to_vec();
        let plain = self.key.open_in_place(
            Nonce::assume_unique_for_key(*nonce),
            Aad::from(context),
            &mut body,
        );
        let length = plain.ok()?.len();
        body.truncate(length);
        Some(body)
    }
}
