//! Browsers that have signed in before (OWASP: device cookies): strangers cannot use up what is
//! theirs.
//!
//! The cookie is a random token; under its hash rest the keys of the identifiers that signed in
//! with it, sealed.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::derived_keys::{DerivedKeys, Digest};
use crate::server::crypto::opaque_token::Token;
use crate::server::guard::Device;
use crate::server::store::{Key, Precondition, RecordKind, Store, StoreError};
use crate::server::system::random::Random;

const CONTEXT: &[u8] = b"latchkey known browser v1";
/// How long a browser is known after its last success: the longest that browsers keep a cookie.
pub const LIFETIME: Duration = Duration::from_secs(400 * 86_400);
/// Identifiers that one browser is known for: a family's tablet.
const MOST_IDENTIFIERS: usize = 5;

#[derive(Serialize, Deserialize)]
struct RecognisedDevice {
    /// Names the browser in counters; stays when the token is rotated.
    id: Digest,
    identifiers: Vec<Digest>,
}

/// All known browsers.
#[derive(Clone, Debug)]
pub struct RecognisedDevices {
    store: Arc<dyn Store>,
    keys: Arc<DerivedKeys>,
    random: Random,
    most: usize,
}

impl RecognisedDevices {
    /// Over the store; at most `most` browsers are known for one identifier.
    pub fn new(store: Arc<dyn Store>, keys: Arc<DerivedKeys>, random: Random, most: usize) -> Self {
        Self {
            store,
            keys,
            random,
            most,
        }
    }

    /// What a token shows for an identifier.
    ///
    /// # Errors
    /// The store's.
    pub async fn standing(
        &self,
        token: &Token,
        identifier: Digest,
        now: Timestamp,
    ) -> Result<Device, StoreError> {
        let known = self.load(token, now).await?;
        Ok(
            match known.filter(|known| known.identifiers.contains(&identifier)) {
                Some(known) => Device::Known(known.id),
                None => Device::Stranger,
            },
        )
    }

    /// What names the browser of a token, whoever signed in with it; of one that is not known, what
    /// will.
    ///
    /// # Errors
    /// The store's.
    pub async fn id(&self, token: Option<&Token>, now: Timestamp) -> Result<Digest, StoreError> {
        let known = match token {
            Some(token) => self.load(token, now).await?,
            None => None,
        };
        Ok(known.map_or_else(|| self.random.bytes(), |known| known.id))
    }

    /// Remembers a success under a new token; the old one is dead. A browser that was not known is
    /// called `id` from now on.
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
        let known = match old {
            Some(token) => self.load(token, now).await?,
            None => None,
        };
        let mut known = known.unwrap_or_else(|| RecognisedDevice {
            id,
            identifiers: Vec::new(),
        });
        let is_new = !known.identifiers.contains(&identifier);
        known.identifiers.retain(|other| *other != identifier);
        known.identifiers.insert(0, identifier);
        known.identifiers.truncate(MOST_IDENTIFIERS);
        let token = Token::new(&self.random);
        let sealed = self.keys.seal_record(CONTEXT, &token.hash(), &known)?;
        // The old one dies after the new one lives: a browser that shows neither would be a
        // stranger.
        self.store
            .put(
                key(&token),
                Some(identifier),
                Precondition::Absent,
                sealed,
                now + LIFETIME,
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

    /// Makes a stranger of a browser that has failed too often: whoever has it is hardly the owner.
    ///
    /// # Errors
    /// The store's.
    pub async fn forget(
        &self,
        token: &Token,
        identifier: Digest,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.drop_identifier(key(token), identifier, now).await
    }

    /// Of too many browsers of one identifier, those go that signed in longest ago. A browser that
    /// has since signed in with another identifier is in that one's list and stays.
    async fn forget_oldest(&self, identifier: Digest, now: Timestamp) -> Result<(), StoreError> {
        let mut keys = self.store.owned(identifier, now).await?;
        keys.retain(|key| key.kind == RecordKind::KnownBrowser);
        if keys.len() <= self.most {
            return Ok(());
        }
        let records = self.store.get_all(&keys, now).await?;
        let mut ends: Vec<(Timestamp, Key)> = keys
            .into_iter()
            .zip(records)
            .filter_map(|(key, record)| Some((record?.expires_at, key)))
            .collect();
        ends.sort_by_key(|(end, _)| std::cmp::Reverse(*end));
        for (_, key) in ends.into_iter().skip(self.most) {
            self.drop_identifier(key, identifier, now).await?;
        }
        Ok(())
    }

    async fn drop_identifier(
        &self,
        key: Key,
        identifier: Digest,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Some(record) = self.store.get(key, now).await? else {
            return Ok(());
        };
        let Some(mut known): Option<RecognisedDevice> =
            self.keys.open_record(CONTEXT, &key.id, &record.bytes)
        else {
            return Ok(());
        };
        known.identifiers.retain(|other| *other != identifier);
        if known.identifiers.is_empty() {
            return self.store.delete(key).await;
        }
        let sealed = self.keys.seal_record(CONTEXT, &key.id, &known)?;
        // A success that comes between has rotated the token, and this record is gone.
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
    ) -> Result<Option<RecognisedDevice>, StoreError> {
        let record = self.store.get(key(token), now).await?;
        // A record that cannot be read makes a stranger of the browser and stops nobody.
        Ok(record.and_then(|record| self.keys.open_record(CONTEXT, &token.hash(), &record.bytes)))
    }
}

fn key(token: &Token) -> Key {
    Key {
        kind: RecordKind::KnownBrowser,
        id: token.hash(),
    }
}
