//! Sub-keys of `secrets.key`: one for sealing what rests in the store or travels in a cookie, one for each kind of index.
//!
//! HKDF-SHA256 (RFC 5869) with the purpose as `info`; sealing is AES-256-GCM-SIV (RFC 8452), which forgives a repeated nonce.

use std::fmt::{self, Write as _};

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{constant_time, digest, hkdf, hmac};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::random::Random;

/// A hash that is a key in the store: 256 bits.
pub type Digest = [u8; 32];

/// What a keyed hash is for. The same value under two purposes gives hashes that cannot be linked.
#[derive(Clone, Copy, Debug)]
pub enum Index {
    /// The number, in counters.
    Identifier,
    /// The user (`iss`, `sub`), in the list of sessions.
    Owner,
    /// The form that a flow began with: its token.
    Form,
    /// The number, in events: so that events cannot be joined with the store.
    Audit,
    /// The known browser, as upstream is told of it.
    Device,
    /// Number and text of a message that came to the SMS gateway.
    Delivery,
}

impl Index {
    const ALL: [Self; 6] = [Self::Identifier, Self::Owner, Self::Form, Self::Audit, Self::Device, Self::Delivery];

    fn info(self) -> &'static [u8] {
        match self {
            Self::Identifier => b"latchkey index identifier v1",
            Self::Owner => b"latchkey index owner v1",
            Self::Form => b"latchkey index form v1",
            Self::Audit => b"latchkey index audit v1",
            Self::Device => b"latchkey index device v1",
            Self::Delivery => b"latchkey index delivery v1",
        }
    }
}

/// The sub-keys. `Debug` hides them.
pub struct Keys {
    sealing: LessSafeKey,
    indexes: [hmac::Key; 6],
    random: Random,
}

/// Bytes could not be opened: another key, another context, or tampered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("sealed bytes could not be opened")]
pub struct CannotOpen;

/// A value could not be sealed; does not happen with values of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a value could not be sealed")]
pub struct CannotSeal;

/// A key could not be derived; does not happen with 32 bytes of key.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("a sub-key could not be derived from secrets.key")]
pub struct CannotDerive;

impl Keys {
    /// Derives the sub-keys.
    ///
    /// # Errors
    /// [`CannotDerive`] if the library refuses.
    pub fn derive(key: &[u8; 32], random: Random) -> Result<Self, CannotDerive> {
        let sealing = expand(key, b"latchkey seal v1")?;
        let sealing = LessSafeKey::new(UnboundKey::new(&AES_256_GCM_SIV, &sealing).map_err(|_| CannotDerive)?);
        let [a, b, c, d, e, f] =
            Index::ALL.map(|index| expand(key, index.info()).map(|k| hmac::Key::new(hmac::HMAC_SHA256, &k)));
        Ok(Self { sealing, indexes: [a?, b?, c?, d?, e?, f?], random })
    }

    /// Encrypts. `context` is bound in, so that one kind of record cannot stand in for another.
    ///
    /// # Errors
    /// [`CannotSeal`] if the library refuses (input over 2^36 bytes).
    pub fn seal(&self, context: &[u8], plain: &[u8]) -> Result<Vec<u8>, CannotSeal> {
        let nonce: [u8; NONCE_LEN] = self.random.bytes();
        let mut body = plain.to_vec();
        self.sealing
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context), &mut body)
            .map_err(|_| CannotSeal)?;
        let mut sealed = nonce.to_vec();
        sealed.append(&mut body);
        Ok(sealed)
    }

    /// Decrypts what [`Keys::seal`] made for the same context.
    ///
    /// # Errors
    /// [`CannotOpen`] for everything else.
    pub fn open(&self, context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, CannotOpen> {
        let (nonce, body) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(CannotOpen)?;
        let mut body = body.to_vec();
        let plain = self.sealing.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(context), &mut body);
        let length = plain.map_err(|_| CannotOpen)?.len();
        body.truncate(length);
        Ok(body)
    }

    /// Encrypts a value as JSON.
    ///
    /// # Errors
    /// [`CannotSeal`].
    pub fn seal_json(&self, context: &[u8], value: &impl Serialize) -> Result<Vec<u8>, CannotSeal> {
        let plain = serde_json::to_vec(value).map_err(|_| CannotSeal)?;
        self.seal(context, &plain)
    }

    /// Decrypts what [`Keys::seal_json`] made for the same context; nothing if it cannot be opened or has another form.
    pub fn open_json<T: DeserializeOwned>(&self, context: &[u8], sealed: &[u8]) -> Option<T> {
        serde_json::from_slice(&self.open(context, sealed).ok()?).ok()
    }

    /// Keyed hash of a value.
    pub fn index(&self, index: Index, value: &[u8]) -> Digest {
        let [identifier, owner, form, audit, device, delivery] = &self.indexes;
        let key = match index {
            Index::Identifier => identifier,
            Index::Owner => owner,
            Index::Form => form,
            Index::Audit => audit,
            Index::Device => device,
            Index::Delivery => delivery,
        };
        let mut hash = [0; 32];
        hash.copy_from_slice(hmac::sign(key, value).as_ref());
        hash
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(redacted)")
    }
}

/// Plain SHA-256: for values that are random themselves, such as cookie ids.
pub fn sha256(value: &[u8]) -> Digest {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, value).as_ref());
    hash
}

/// A hash as text: two digits a byte.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Compares in time that does not depend on where the two differ.
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(a, b).is_ok()
}

/// 32 bytes for one purpose, which `info` names.
///
/// # Errors
/// [`CannotDerive`] if the library refuses.
pub fn expand(key: &[u8; 32], info: &[u8]) -> Result<[u8; 32], CannotDerive> {
    let mut bytes = [0; 32];
    let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"latchkey");
    salt.extract(key)
        .expand(&[info], hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(&mut bytes))
        .map_err(|_| CannotDerive)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(key: u8) -> Keys {
        Keys::derive(&[key; 32], Random::system()).unwrap()
    }

    #[test]
    fn opens_its_own_and_nothing_else() {
        let keys1 = keys(1);
        let sealed = keys1.seal(b"flow", b"secret").unwrap();
        assert_eq!(keys1.open(b"flow", &sealed).unwrap(), b"secret");
        assert_eq!(keys1.open(b"session", &sealed), Err(CannotOpen));
        assert_eq!(keys(2).open(b"flow", &sealed), Err(CannotOpen));
        for i in 0..sealed.len() {
            let mut forged = sealed.clone();
            forged[i] ^= 1;
            assert_eq!(keys1.open(b"flow", &forged), Err(CannotOpen));
        }
        assert_eq!(keys1.open(b"flow", b""), Err(CannotOpen));
    }

    #[test]
    fn indexes_of_two_purposes_differ() {
        let keys = keys(1);
        assert_ne!(keys.index(Index::Identifier, b"x"), keys.index(Index::Audit, b"x"));
        assert_eq!(keys.index(Index::Owner, b"x"), keys.index(Index::Owner, b"x"));
    }
}
