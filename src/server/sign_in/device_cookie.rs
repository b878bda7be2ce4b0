//! Recognised devices: browsers that have signed in before (OWASP: device cookies).
//!
//! They have counters of their own, which others cannot exhaust. The cookie is a random token. The
//! encrypted record under its hash holds the keys of the identifiers that signed in with it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::derived_keys::DerivedKeys;
use crate::server::crypto::hash::{Digest, to_hex};
use crate::server::crypto::opaque_token::Token;
use crate::server::guard::Device;
use crate::server::store::format::LaterFields;
use crate::server::store::{Key, Precondition, Record, RecordKind, Store, StoreError};
use crate::server::system::random::Random;

const CONTEXT: &[u8] = b"latchkey known browser v1";
/// How long a device is recognised after its last success: the longest that browsers keep a cookie.
pub const DEVICE_LIFETIME: Duration = Duration::from_secs(400 * 86_400);
/// Identifiers that one device is recognised for, as a family's tablet.
const MAX_IDENTIFIERS: usize = 5;
/// Most records that are searched for the devices of an identifier.
const MAX_SEARCHED: usize = 100_000;

#[derive(Serialize, Deserialize)]
struct RecognisedDevice {
    /// Names the device in counters; stays when the token is rotated.
    id: Digest,
    identifiers: Vec<Digest>,
    /// When each identifier last signed in with it, by the identifier in hexadecimal. Records of
    /// earlier versions have none.
    #[serde(default)]
    succeeded_at: BTreeMap<String, Timestamp>,
    /// Kept for later versions.
    #[serde(flatten)]
    later: LaterFields,
}

/// A recognised device as it is stored, for the operator.
#[derive(Clone, Debug)]
pub struct StoredDevice {
    key: Key,
    /// Names the device in counters.
    pub id: Digest,
    /// For how many identifiers it is recognised.
    pub identifiers: usize,
    /// When it is no longer recognised.
    pub recognised_until: Timestamp,
}

/// The store of recognised devices. Cheap to clone.
#[derive(Clone, Debug)]
pub struct RecognisedDevices {
    store: Arc<dyn Store>,
    keys: Arc<DerivedKeys>,
    random: Random,
    max_per_identifier: usize,
    recycled_after: Duration,
}

/// A device with the time of its last success, whatever the identifier was.
struct LoadedDevice {
    device: RecognisedDevice,
    last_success: Timestamp,
}

impl RecognisedDevice {
    /// Notes a success.
    fn add(&mut self, identifier: Digest, now: Timestamp) {
        self.identifiers.retain(|other| *other != identifier);
        self.identifiers.insert(0, identifier);
        self.identifiers.truncate(MAX_IDENTIFIERS);
        self.succeeded_at.insert(to_hex(&identifier), now);
        self.forget_times();
    }

    fn remove(&mut self, identifier: Digest) {
        self.identifiers.retain(|other| *other != identifier);
        self.forget_times();
    }

    /// Forgets the times of identifiers that it is not recognised for.
    fn forget_times(&mut self) {
        let kept: Vec<String> = self.identifiers.iter().map(|id| to_hex(id)).collect();
        self.succeeded_at.retain(|id, _| kept.contains(id));
    }
}

impl RecognisedDevices {
    /// At most `max_per_identifier` devices are recognised for one identifier, and each for less
    /// than `recycled_after` since its last success with it (zero: as long as its record lives).
    pub fn new(
        store: Arc<dyn Store>,
        keys: Arc<DerivedKeys>,
        random: Random,
        max_per_identifier: usize,
        recycled_after: Duration,
    ) -> Self {
        Self {
            store,
            keys,
            random,
            max_per_identifier,
            recycled_after,
        }
    }

    /// Whether the device of a token is recognised for an identifier. A device whose last success
    /// is so long ago that the number may have changed hands is not: its person may be the owner
    /// before. No sign-in of the number can be older than that of the device that made it.
    ///
    /// # Errors
    /// The store's.
    pub async fn recognise(
        &self,
        token: &Token,
        identifier: Digest,
        now: Timestamp,
    ) -> Result<Device, StoreError> {
        let device = self.load(token, now).await?;
        let recognised = device.filter(|loaded| {
            let LoadedDevice {
                device,
                last_success,
            } = loaded;
            let succeeded_at = device.succeeded_at.get(&to_hex(&identifier));
            let age = now.since(*succeeded_at.unwrap_or(last_success));
            device.identifiers.contains(&identifier)
                && (self.recycled_after.is_zero() || age < self.recycled_after)
        });
        Ok(match recognised {
            Some(loaded) => Device::Recognised(loaded.device.id),
            None => Device::Unrecognised,
        })
    }

    /// The id of a token's device, whatever identifier it is recognised for. A device without a
    /// record gets a new id.
    ///
    /// # Errors
    /// The store's.
    pub async fn id(&self, token: Option<&Token>, now: Timestamp) -> Result<Digest, StoreError> {
        let device = match token {
            Some(token) => self.load(token, now).await?,
            None => None,
        };
        Ok(device.map_or_else(|| self.random.bytes(), |loaded| loaded.device.id))
    }

    /// Recognises a device for an identifier after a success, under a new token that replaces the
    /// old one. `id` is the device's id if it has no record yet.
    ///
    /// # Errors
    /// The store's.
    pub async fn remember(
        &self,
        old: Option<&Token>,
        id: Digest,
        identifier: Digest,
        now: Timestamp,
    ) -> Result<Token, StoreError> {
        let device = match old {
            Some(token) => self.load(token, now).await?,
            None => None,
        };
        let mut device = device.map_or_else(
            || RecognisedDevice {
                id,
                identifiers: Vec::new(),
                succeeded_at: BTreeMap::new(),
                later: LaterFields::default(),
            },
            |loaded| loaded.device,
        );
        let is_new = !device.identifiers.contains(&identifier);
        device.add(identifier, now);
        let token = Token::new(&self.random);
        let sealed = self.keys.encrypt_record(CONTEXT, &token.hash(), &device)?;
        // The old record is deleted after the new one is stored, so that no crash between the two
        // makes the device unrecognised.
        self.store
            .put(
                key(&token),
                Some(identifier),
                Precondition::Absent,
                sealed,
                now + DEVICE_LIFETIME,
                now,
            )
            .await?;
        if let Some(old) = old {
            self.store.delete(key(old)).await?;
        }
        if is_new {
            self.forget_oldest(identifier, now).await?;
        }
        Ok(token)
    }

    /// Stops recognising a device for an identifier after too many failures: its user is hardly the
    /// owner.
    ///
    /// # Errors
    /// The store's.
    pub async fn forget(
        &self,
        token: &Token,
        identifier: Digest,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.remove_identifier(key(token), identifier, now).await
    }

    /// The devices that are recognised for an identifier, and whether there are too many to search
    /// all of them. Then those are missing that have signed in with another identifier since.
    ///
    /// # Errors
    /// The store's.
    pub async fn stored_for(
        &self,
        identifier: Digest,
        now: Timestamp,
    ) -> Result<(Vec<StoredDevice>, bool), StoreError> {
        let mut found: BTreeMap<Key, Record> = self
            .store
            .scan(RecordKind::RecognisedDevice, MAX_SEARCHED, now)
            .await?
            .into_iter()
            .collect();
        let is_cut = found.len() >= MAX_SEARCHED;
        if is_cut {
            let mut keys = self.store.keys_by_owner(identifier, now).await?;
            keys.retain(|key| key.kind == RecordKind::RecognisedDevice);
            let records = self.store.get_all(&keys, now).await?;
            let listed = keys.into_iter().zip(records);
            found.extend(listed.filter_map(|(key, record)| Some((key, record?))));
        }
        let devices = found.into_iter().filter_map(|(key, record)| {
            let device: RecognisedDevice =
                self.keys.decrypt_record(CONTEXT, &key.id, &record.bytes)?;
            device
                .identifiers
                .contains(&identifier)
                .then_some(StoredDevice {
                    key,
                    id: device.id,
                    identifiers: device.identifiers.len(),
                    recognised_until: record.expires_at,
                })
        });
        Ok((devices.collect(), is_cut))
    }

    /// Stops recognising a stored device for an identifier.
    ///
    /// # Errors
    /// The store's.
    pub async fn forget_stored(
        &self,
        device: &StoredDevice,
        identifier: Digest,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.remove_identifier(device.key, identifier, now).await
    }

    /// Stops recognising the devices of an identifier beyond the maximum that signed in longest
    /// ago. A device that has since signed in with another identifier is in that one's index and
    /// stays.
    async fn forget_oldest(&self, identifier: Digest, now: Timestamp) -> Result<(), StoreError> {
        let mut keys = self.store.keys_by_owner(identifier, now).await?;
        keys.retain(|key| key.kind == RecordKind::RecognisedDevice);
        if keys.len() <= self.max_per_identifier {
            return Ok(());
        }
        let records = self.store.get_all(&keys, now).await?;
        let mut ends: Vec<(Timestamp, Key)> = keys
            .into_iter()
            .zip(records)
            .filter_map(|(key, record)| Some((record?.expires_at, key)))
            .collect();
        ends.sort_by_key(|(end, _)| std::cmp::Reverse(*end));
        for (_, key) in ends.into_iter().skip(self.max_per_identifier) {
            self.remove_identifier(key, identifier, now).await?;
        }
        Ok(())
    }

    async fn remove_identifier(
        &self,
        key: Key,
        identifier: Digest,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(record) = self.store.get(key, now).await? else {
            return Ok(());
        };
        let Some(mut device): Option<RecognisedDevice> =
            self.keys.decrypt_record(CONTEXT, &key.id, &record.bytes)
        else {
            return Ok(());
        };
        device.remove(identifier);
        if device.identifiers.is_empty() {
            return self.store.delete(key).await;
        }
        let sealed = self.keys.encrypt_record(CONTEXT, &key.id, &device)?;
        // After a concurrent success this record is gone, because the token was rotated.
        self.store
            .put(
                key,
                None,
                Precondition::Version(record.version),
                sealed,
                record.expires_at,
                now,
            )
            .await
            .map(|_| ())
    }

    async fn load(
        &self,
        token: &Token,
        now: Timestamp,
    ) -> Result<Option<LoadedDevice>, StoreError> {
        let record = self.store.get(key(token), now).await?;
        // A record that cannot be decrypted makes the device unrecognised, which stops nobody.
        Ok(record.and_then(|record| {
            let device = self
                .keys
                .decrypt_record(CONTEXT, &token.hash(), &record.bytes)?;
            Some(LoadedDevice {
                device,
                last_success: record.expires_at.saturating_sub(DEVICE_LIFETIME),
            })
        }))
    }
}

fn key(token: &Token) -> Key {
    Key {
        kind: RecordKind::RecognisedDevice,
        id: token.hash(),
    }
}
