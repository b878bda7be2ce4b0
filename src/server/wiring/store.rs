//! Opens the store that the settings name.

use std::sync::Arc;

use crate::server::settings::{Settings, StoreEngine};
use crate::server::store::Store;
use crate::server::store::redb::{OpenRedbError, RedbOptions, RedbStore};
use crate::server::store::redis::{RedisOptions, RedisStore};
use crate::server::wiring::startup_error::StartupError;

/// Opens the store. The directory of a file is created if it is missing; Redis is not contacted
/// yet.
///
/// # Errors
/// [`StartupError`].
pub fn open_store(settings: &Settings) -> Result<Arc<dyn Store>, StartupError> {
    match settings.store.engine().map_err(StartupError::StoreUrl)? {
        StoreEngine::Redb(path) => {
            let options = RedbOptions {
                cache_size: settings.store.cache_bytes,
                ..RedbOptions::default()
            };
            Ok(Arc::new(RedbStore::open(&path, options)?))
        }
        StoreEngine::Redis(servers) => {
            let options = RedisOptions::from_settings(&settings.store, servers)?;
            Ok(Arc::new(RedisStore::open(&options)?))
        }
    }
}

/// Opens the store if it exists. No file is created.
///
/// # Errors
/// [`StartupError`].
pub fn open_existing_store(settings: &Settings) -> Result<Arc<dyn Store>, StartupError> {
    if let Ok(StoreEngine::Redb(path)) = settings.store.engine() {
        std::fs::metadata(&path).map_err(|source| OpenRedbError::Io { path, source })?;
    }
    open_store(settings)
}
