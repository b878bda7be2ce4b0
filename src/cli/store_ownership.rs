//! What must hold before a store is used: that its keys are these, and that the clock is not far
//! from its last use.

use std::sync::Arc;
use std::time::Duration;

use latchkey::server::crypto::derived_keys::DerivedKeys;
use latchkey::server::settings::Settings;
use latchkey::server::store::metadata::{self, KeyFingerprints, KeyMismatch};
use latchkey::server::store::{PutOutcome, Store, StoreError};
use latchkey::server::system::clock::Clock;
use latchkey::server::wiring::Product;

/// How often a store that could not be reached at the start is tried again.
const RETRY: Duration = Duration::from_secs(1);
/// How often it is written down that the store is in use.
const IN_USE: Duration = Duration::from_secs(600);

/// The store, and what it is compared with.
pub struct Opening {
    store: Arc<dyn Store>,
    keys: Arc<DerivedKeys>,
    clock: Clock,
    accept_index: Option<String>,
    accept_last_use: Option<String>,
    /// With others: their clocks decide too, and nothing is swept by ours.
    shared: bool,
}

/// Why a store is not used.
enum Refusal {
    /// It is not ours to use like this.
    Final(String),
    /// It cannot be reached.
    Later(StoreError),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Corrupt(_) => Self::Final(error.to_string()),
            StoreError::Unavailable(_) | StoreError::Overloaded => Self::Later(error),
        }
    }
}

impl Opening {
    /// Of the product's store.
    pub fn new(product: &Product, settings: &Settings, clock: Clock) -> Self {
        Self {
            store: product.store.clone(),
            keys: product.site.keys.clone(),
            clock,
            accept_index: settings.secrets.accept_index.clone(),
            accept_last_use: settings.store.accept_last_use.clone(),
            shared: settings.store.is_shared(),
        }
    }

    /// Compares, and writes down that the store is in use with these keys. Whether that was done: a
    /// store that cannot be reached may come later.
    ///
    /// # Errors
    /// What the operator reads: the store is not to be used.
    pub async fn claim(&self) -> Result<bool, String> {
        match self.compare().await {
            Ok(()) => Ok(true),
            Err(Refusal::Final(why)) => Err(why),
            Err(Refusal::Later(error)) => {
                tracing::error!(%error, "serving nothing that needs the store until it can be used");
                Ok(false)
            }
        }
    }

    /// Goes on until the store turns out not to be ours to use, and says why.
    pub async fn keep(&self, mut claimed: bool) -> String {
        while !claimed {
            self.clock.sleep(RETRY).await;
            match self.compare().await {
                Ok(()) => claimed = true,
                Err(Refusal::Final(why)) => return why,
                Err(Refusal::Later(_)) => {}
            }
        }
        loop {
            self.clock.sleep(IN_USE).await;
            if self.shared {
                continue;
            }
            if let Err(error) = metadata::write_last_use(&*self.store, self.clock.now()).await {
                tracing::warn!(%error, "that the store is in use could not be written down");
            }
        }
    }

    async fn compare(&self) -> Result<(), Refusal> {
        self.store.check_ready().await?;
        if !self.shared {
            self.compare_clock().await?;
        }
        self.compare_keys().await
    }

    async fn compare_clock(&self) -> Result<(), Refusal> {
        let now = self.clock.now();
        if let Some(last_use) = metadata::read_last_use(&*self.store).await?
            && let Err(wrong) = metadata::check_clock(last_use, now)
            && self.accept_last_use != Some(last_use.to_rfc3339())
        {
            return Err(Refusal::Final(wrong.to_string()));
        }
        Ok(metadata::write_last_use(&*self.store, now).await?)
    }

    async fn compare_keys(&self) -> Result<(), Refusal> {
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
                        "another index key is accepted: counters, known browsers and lists begin anew"
                    );
                }
                Some(lost @ KeyMismatch::Index { .. }) => {
                    return Err(Refusal::Final(lost.to_string()));
                }
                Some(lost @ KeyMismatch::Encryption { .. }) => tracing::warn!("{lost}"),
                None => {}
            }
            // Another node may have been faster.
            if let PutOutcome::Stored(_) = self.mark(found.as_ref()).await? {
                return Ok(());
            }
        }
    }

    async fn mark(&self, over: Option<&KeyFingerprints>) -> Result<PutOutcome, StoreError> {
        metadata::write_key_fingerprints(&*self.store, over, &self.keys, self.clock.now()).await
    }
}
