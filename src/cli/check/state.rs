//! What rests on the machine or in Redis: the store, the keys, and who may read them.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use latchkey::server::admin::admin_socket::{self, AdminCommand};
use latchkey::server::crypto::derived_keys::DerivedKeys;
use latchkey::server::crypto::secret_key;
use latchkey::server::settings::{RedisServers, Settings, StoreEngine};
use latchkey::server::store::metadata::{self, KeyMismatch};
use latchkey::server::store::redis::{RedisFinding, RedisOptions, RedisStore};
use latchkey::server::store::{Store, StoreError};
use latchkey::server::wiring;

use crate::cli::Outside;
use crate::cli::check::Finding::{self, Fine, Mind, Wrong};

/// Rows about the state.
pub async fn rows(outside: &Outside) -> Vec<(&'static str, Finding)> {
    let mut rows = match outside.settings.store.engine() {
        Ok(StoreEngine::Redis(servers)) => redis(outside, servers).await,
        Ok(StoreEngine::Redb(path)) => file(outside, &path).await,
        Err(_) => Vec::new(),
    };
    rows.extend(
        exposed(&outside.settings)
            .into_iter()
            .map(|finding| ("access", finding)),
    );
    rows
}

async fn file(outside: &Outside, path: &Path) -> Vec<(&'static str, Finding)> {
    let url = &outside.settings.store.url;
    let socket = admin_socket::socket(&outside.settings.data_directory());
    if let Ok(Some(_)) = admin_socket::ask(&socket, &AdminCommand::Ping).await {
        return vec![(
            "store",
            Fine(format!("{url}: in use by the running server")),
        )];
    }
    if !path.exists() {
        // Made here, by whoever checks, it might not be the server's to open.
        let found = match secret_key::read(&outside.settings) {
            Ok(_) => Fine(format!("{url}: will be made at the first start")),
            Err(error) => Wrong(error.to_string()),
        };
        return vec![("store", found)];
    }
    match wiring::open_existing_store(&outside.settings) {
        Ok(store) => {
            let mut rows = vec![("store", Fine(format!("{url}: opens")))];
            rows.extend(marks(outside, &*store).await);
            rows
        }
        Err(error) => vec![("store", Wrong(error.to_string()))],
    }
}

async fn redis(outside: &Outside, servers: RedisServers) -> Vec<(&'static str, Finding)> {
    let settings = &outside.settings.store;
    let store = RedisOptions::from_settings(settings, servers)
        .and_then(|options| RedisStore::open(&options));
    let store = match store {
        Ok(store) => store,
        Err(error) => return vec![("store", Wrong(error.to_string()))],
    };
    let found = store
        .inspect()
        .await
        .into_iter()
        .map(|remark| match remark {
            RedisFinding::Ok(text) => Fine(text),
            RedisFinding::Warning(text) => Mind(text),
            RedisFinding::Error(text) => Wrong(text),
        });
    let mut rows: Vec<_> = std::iter::once(Fine(settings.display_url()))
        .chain(found)
        .map(|finding| ("store", finding))
        .collect();
    rows.extend(marks(outside, &store).await);
    rows
}

/// Keys and clock beside what the store says of itself.
async fn marks(outside: &Outside, store: &dyn Store) -> Vec<(&'static str, Finding)> {
    let mut rows = vec![("secrets", keys(outside, store).await)];
    if let Ok(Some(last_use)) = metadata::read_last_use(store).await
        && let Err(wrong) = metadata::check_clock(last_use, outside.clock.now())
        && outside.settings.store.accept_last_use != Some(last_use.to_rfc3339())
    {
        rows.push(("clock", Wrong(wrong.to_string())));
    }
    rows
}

async fn keys(outside: &Outside, store: &dyn Store) -> Finding {
    let keys = match secret_key::read(&outside.settings) {
        Ok(Some(ring)) => DerivedKeys::derive(&ring, outside.random.clone()),
        Ok(None) => {
            return Wrong(
                "the store is there and its secrets.key is not: nothing in it can be read"
                    .to_owned(),
            );
        }
        Err(error) => return Wrong(error.to_string()),
    };
    let keys = match keys {
        Ok(keys) => keys,
        Err(error) => return Wrong(error.to_string()),
    };
    let found = match metadata::read_key_fingerprints(store).await {
        Ok(found) => found,
        // Said of the store already.
        Err(error @ StoreError::Unavailable(_)) => {
            return Mind(format!("the keys could not be compared: {error}"));
        }
        Err(error) => return Wrong(error.to_string()),
    };
    let accepted = outside.settings.secrets.accept_index.as_deref();
    match found.and_then(|found| found.find_mismatch(&keys)) {
        None => Fine(format!("index key {}", keys.index_fingerprint())),
        Some(KeyMismatch::Index { configured, .. }) if accepted == Some(configured.as_str()) => {
            Mind(format!(
                "index key {configured} takes the place of the store's at the next start, as secrets.accept_index says: counters, \
             known browsers and lists begin anew"
            ))
        }
        Some(loss @ KeyMismatch::Index { .. }) => Wrong(loss.to_string()),
        Some(loss @ KeyMismatch::Encryption { .. }) => Mind(loss.to_string()),
    }
}

/// What others than its owner can get at and must not.
fn exposed(settings: &Settings) -> Vec<Finding> {
    let mut places: Vec<(PathBuf, &str)> = secret_key::files(settings)
        .into_iter()
        .map(|file| (file, "chmod 600"))
        .collect();
    if let Ok(StoreEngine::Redb(store)) = settings.store.engine() {
        places.push((settings.data_directory(), "chmod 700"));
        places.push((store, "chmod 600"));
    }
    let findings = places.iter().filter_map(|(path, remedy)| {
        let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
        let text = format!(
            "{} is open to others than its owner ({mode:03o}): {remedy}",
            path.display()
        );
        (mode & 0o077 != 0).then_some(Mind(text))
    });
    findings.collect()
}
