//! Checks that the store belongs to this server before it is used: by the format that its records
//! require, by the fingerprints of its keys, and by the time of its last use.

use std::sync::Arc;
use std::time::Duration;

use latchkey::server::crypto::derived_keys::DerivedKeys;
use latchkey::server::settings::Settings;
use latchkey::server::store::format::{self, ClaimFormatError};
use latchkey::server::store::metadata::{self, KeyFingerprints, KeyMismatch};
use latchkey::server::store::{PutOutcome, Store, StoreError};
use latchkey::server::system::clock::Clock;
use latchkey::server::wiring::Product;

/// How often an unreachable store is tried again.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);
/// How often a node checks that its format is still enough for a store that it shares.
const FORMAT_INTERVAL: Duration = Duration::from_secs(60);
/// How often the time of the last use is written to the store.
const LAST_USE_INTERVAL: Duration = Duration::from_secs(600);

/// The store, and what its metadata is compared with.
pub struct StoreOwnership {
    store: Arc<dyn Store>,
    keys: Arc<DerivedKeys>,
    clock: Clock,
    accept_index: Option<String>,
    accept_last_use: Option<String>,
    /// Other nodes use the store too. Then its expiry does not depend on this clock alone.
    shared: bool,
}

/// Why the store cannot be used.
enum ClaimError {
    /// It does not belong to this server.
    Final(String),
    /// It cannot be reached now.
    Later(StoreError),
}

impl From<ClaimFormatError> for ClaimError {
    fn from(error: ClaimFormatError) -> Self {
        match error {
            ClaimFormatError::TooOld { .. } => Self::Final(error.to_string()),
            ClaimFormatError::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for ClaimError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Corrupt(_) => Self::Final(error.to_string()),
            StoreError::Unavailable(_) | StoreError::Overloaded => Self::Later(error),
        }
    }
}

impl StoreOwnership {
    /// For the store of a server.
    pub fn new(product: &Product, settings: &Settings, clock: Clock) -> Self {
        Self {
            store: product.store.clone(),
            keys: product.state.services.keys.clone(),
            clock,
            accept_index: settings.secrets.accept_index.clone(),
            accept_last_use: settings.store.accept_last_use.clone(),
            shared: settings.store.is_shared(),
        }
    }

    /// Compares the metadata, then writes keys and time of use. Returns false if the store cannot
    /// be reached, which may be temporary.
    ///
    /// # Errors
    /// Why the store must not be used.
    pub async fn claim(&self) -> Result<bool, String> {
        match self.compare().await {
            Ok(()) => Ok(true),
            Err(ClaimError::Final(why)) => Err(why),
            Err(ClaimError::Later(error)) => {
                tracing::error!(%error, "the store is unavailable; requests that need it are \
                    refused until it is back");
                Ok(false)
            }
        }
    }

    /// Claims an unclaimed store and keeps its time of use current. Ends only if the store must not
    /// be used, and returns why.
    pub async fn maintain(&self, mut claimed: bool) -> String {
        while !claimed {
            self.clock.sleep(RETRY_INTERVAL).await;
            match self.compare().await {
                Ok(()) => claimed = true,
                Err(ClaimError::Final(why)) => return why,
                Err(ClaimError::Later(_)) => {}
            }
        }
        loop {
            if self.shared {
                self.clock.sleep(FORMAT_INTERVAL).await;
                if let Err(error @ ClaimFormatError::TooOld { .. }) = self.claim_format().await {
                    return error.to_string();
                }
                continue;
            }
            self.clock.sleep(LAST_USE_INTERVAL).await;
            if let Err(error) = metadata::write_last_use(&*self.store, self.clock.now()).await {
                tracing::warn!(%error, "the time of the last use could not be written to the \
                    store");
            }
        }
    }

    async fn compare(&self) -> Result<(), ClaimError> {
        self.store.check_ready().await?;
        self.claim_format().await?;
        if !self.shared {
            self.compare_clock().await?;
        }
        self.compare_keys().await
    }

    async fn claim_format(&self) -> Result<(), ClaimFormatError> {
        format::claim(&*self.store, self.clock.now()).await
    }

    async fn compare_clock(&self) -> Result<(), ClaimError> {
        let now = self.clock.now();
        if let Some(last_use) = metadata::read_last_use(&*self.store).await?
            && let Err(error) = metadata::check_clock(last_use, now)
            && self.accept_last_use != Some(last_use.to_rfc3339())
        {
            return Err(ClaimError::Final(error.to_string()));
        }
        Ok(metadata::write_last_use(&*self.store, now).await?)
    }

    async fn compare_keys(&self) -> Result<(), ClaimError> {
        loop {
            let found = metadata::read_key_fingerprints(&*self.store).await?;
            match found
                .as_ref()
                .and_then(|found| found.find_mismatch(&self.keys))
            {
                Some(KeyMismatch::Index { configured, .. })
                    if self.accept_index.as_deref() == Some(configured.as_str()) =>
                {
                    tracing::warn!(
                        "another index key is accepted: counters, recognised devices and lists \
                         start empty"
                    );
                }
                Some(mismatch @ KeyMismatch::Index { .. }) => {
                    return Err(ClaimError::Final(mismatch.to_string()));
                }
                Some(mismatch @ KeyMismatch::Encryption { .. }) => tracing::warn!("{mismatch}"),
                None => {}
            }
            // If another node wrote the metadata first, it is compared again.
            if let PutOutcome::Stored(_) = self.write_fingerprints(found.as_ref()).await? {
                return Ok(());
            }
        }
    }

    async fn write_fingerprints(
        &self,
        over: Option<&KeyFingerprints>,
    ) -> Result<PutOutcome, StoreError> {
        metadata::write_key_fingerprints(&*self.store, over, &self.keys, self.clock.now()).await
    }
}
