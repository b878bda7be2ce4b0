//! Sub-keys of our own keys: one for sealing what rests in the store or travels in a cookie, one
//! for each kind of index.
//!
//! HKDF-SHA256 (RFC 5869) with the purpose as `info`; sealing is AES-256-GCM-SIV (RFC 8452), which
//! forgives a repeated nonce. Sealed is with `secrets.key`, opened with that or any of the previous
//! keys; indexes are made with the oldest key.
//!
//! - `ring`: the keys themselves.
//! - `seal`: the key that seals.
//! - `fingerprint`: what a key is called.

use std::fmt::{self, Write as _};

use aws_lc_rs::{constant_time, digest, hkdf, hmac};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::server::system::random::Random;

pub use crate::server::crypto::fingerprint::Fingerprint;
pub use crate::server::crypto::key_ring::{KeyRing, SecretKey};
use crate::server::crypto::sealing::Sealing;

/// A hash that is a key in the store: 256 bits.
pub type Digest = [u8; 32];

/// What a keyed hash is for. The same value under two purposes gives hashes that cannot be linked.
#[derive(Clone, Copy, Debug)]
pub enum IndexPurpose {
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

impl IndexPurpose {
    const ALL: [Self; 6] = [
        Self::Identifier,
        Self::Owner,
        Self::Form,
        Self::Audit,
        Self::Device,
        Self::Delivery,
    ];

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
pub struct DerivedKeys {
    sealing: Sealing,
    /// Those of previous keys, the newest first.
    previous: Vec<Sealing>,
    indexes: [hmac::Key; 6],
    fingerprint: Fingerprint,
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

impl DerivedKeys {
    /// Derives the sub-keys.
    ///
    /// # Errors
    /// [`CannotDerive`] if the library refuses.
    pub fn derive(ring: &KeyRing, random: Random) -> Result<Self, CannotDerive> {
        let mut all = ring.newest_first().map(Sealing::derive);
        let sealing = all.next().ok_or(CannotDerive)??;
        let previous = all.collect::<Result<_, _>>()?;
        let oldest = ring.oldest();
        let [a, b, c, d, e, f] = IndexPurpose::ALL.map(|index| {
            expand(oldest, index.info()).map(|k| hmac::Key::new(hmac::HMAC_SHA256, &k))
        });
        let fingerprint = Fingerprint::of(oldest, b"latchkey index fingerprint v1")?;
        Ok(Self {
            sealing,
            previous,
            indexes: [a?, b?, c?, d?, e?, f?],
            fingerprint,
            random,
        })
    }

    /// Tells which key makes the indexes.
    pub fn index_fingerprint(&self) -> &Fingerprint {
        &self.fingerprint
    }

    /// Tells which key seals.
    pub fn sealing_fingerprint(&self) -> &Fingerprint {
        self.sealing.fingerprint()
    }

    /// Whether what was sealed with the key that is called so can be opened.
    pub fn can_open(&self, sealed_with: &Fingerprint) -> bool {
        self.opening()
            .any(|sealing| sealing.fingerprint() == sealed_with)
    }

    fn opening(&self) -> impl Iterator<Item = &Sealing> {
        std::iter::once(&self.sealing).chain(&self.previous)
    }

    /// Encrypts. `context` is bound in, so that one kind of record cannot stand in for another.
    ///
    /// # Errors
    /// [`CannotSeal`] if the library refuses (input over 2^36 bytes).
    pub fn seal(&self, context: &[u8], plain: &[u8]) -> Result<Vec<u8>, CannotSeal> {
        self.sealing.seal(self.random.bytes(), context, plain)
    }

    /// Decrypts what [`Keys::seal`] made for the same context, with this key or any of the previous
    /// ones.
    ///
    /// # Errors
    /// [`CannotOpen`] for everything else.
    pub fn open(&self, context: &[u8], sealed: &[u8]) -> Result<Vec<u8>, CannotOpen> {
        self.opening()
            .find_map(|sealing| sealing.open(context, sealed))
            .ok_or(CannotOpen)
    }

    /// Encrypts a value as JSON.
    ///
    /// # Errors
    /// [`CannotSeal`].
    pub fn seal_json(&self, context: &[u8], value: &impl Serialize) -> Result<Vec<u8>, CannotSeal> {
        let plain = serde_json::to_vec(value).map_err(|_| CannotSeal)?;
        self.seal(context, &plain)
    }

    /// Decrypts what [`Keys::seal_json`] made for the same context; nothing if it cannot be opened
    /// or has another form.
    pub fn open_json<T: DeserializeOwned>(&self, context: &[u8], sealed: &[u8]) -> Option<T> {
        serde_json::from_slice(&self.open(context, sealed).ok()?).ok()
    }

    /// Encrypts a record of the store. Where it lies is bound in too: whoever can write to the
    /// store and has no key cannot put one person's record in the place of another's.
    ///
    /// # Errors
    /// [`CannotSeal`].
    pub fn seal_record(
        &self,
        context: &[u8],
        id: &Digest,
        value: &impl Serialize,
    ) -> Result<Vec<u8>, CannotSeal> {
        self.seal_json(&[context, id].concat(), value)
    }

    /// Decrypts what [`Keys::seal_record`] made for the same context and place; nothing if it
    /// cannot be opened or has another form.
    pub fn open_record<T: DeserializeOwned>(
        &self,
        context: &[u8],
        id: &Digest,
        sealed: &[u8],
    ) -> Option<T> {
        self.open_json(&[context, id].concat(), sealed)
    }

    /// Keyed hash of a value.
    pub fn index(&self, index: IndexPurpose, value: &[u8]) -> Digest {
        let [identifier, owner, form, audit, device, delivery] = &self.indexes;
        let key = match index {
            IndexPurpose::Identifier => identifier,
            IndexPurpose::Owner => owner,
            IndexPurpose::Form => form,
            IndexPurpose::Audit => audit,
            IndexPurpose::Device => device,
            IndexPurpose::Delivery => delivery,
        };
        let mut hash = [0; 32];
        hash.copy_from_slice(hmac::sign(key, value).as_ref());
        hash
    }
}

impl fmt::Debug for DerivedKeys {
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
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
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

    fn keys(key: u8) -> DerivedKeys {
        DerivedKeys::derive(&[key; 32].into(), Random::system()).unwrap()
    }

    /// Keys made of several, the newest first.
    fn ring(newest_first: &[u8]) -> DerivedKeys {
        let mut all = newest_first.iter().map(|key| SecretKey::new([*key; 32]));
        let current = all.next().unwrap();
        DerivedKeys::derive(&KeyRing::new(current, all.collect()), Random::system()).unwrap()
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
        assert_ne!(
            keys.index(IndexPurpose::Identifier, b"x"),
            keys.index(IndexPurpose::Audit, b"x")
        );
        assert_eq!(
            keys.index(IndexPurpose::Owner, b"x"),
            keys.index(IndexPurpose::Owner, b"x")
        );
    }

    #[test]
    fn what_a_previous_key_sealed_is_opened_and_new_things_are_sealed_with_the_newest() {
        let (before, after) = (keys(1), ring(&[2, 1]));
        let sealed = before.seal(b"flow", b"secret").unwrap();
        assert_eq!(after.open(b"flow", &sealed).unwrap(), b"secret");
        assert_eq!(after.open(b"session", &sealed), Err(CannotOpen));
        let sealed = after.seal(b"flow", b"secret").unwrap();
        assert_eq!(keys(2).open(b"flow", &sealed).unwrap(), b"secret");
        assert_eq!(before.open(b"flow", &sealed), Err(CannotOpen));
        assert!(
            after.can_open(before.sealing_fingerprint())
                && !before.can_open(after.sealing_fingerprint())
        );
    }

    #[test]
    fn indexes_survive_a_rotation() {
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
        // A node that still writes with the old key and reads the new one already.
        assert_eq!(
            before.index_fingerprint(),
            ring(&[1, 2, 1]).index_fingerprint()
        );
        assert_eq!(
            before.sealing_fingerprint(),
            ring(&[1, 2, 1]).sealing_fingerprint()
        );
    }
}
