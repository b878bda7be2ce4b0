//! Checks stored data: the store, its keys, its clock, and file permissions.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use latchkey::server::admin::admin_socket::{self, ask_server};
use latchkey::server::admin::commands::{AdminCommand, AdminReply};
use latchkey::server::crypto::derived_keys::DerivedKeys;
use latchkey::server::crypto::secret_key;
use latchkey::server::finding::Finding::{self, Fail, Pass, Warn};
use latchkey::server::settings::{RedisServers, Settings, StoreEngine};
use latchkey::server::store::metadata::{self, KeyMismatch};
use latchkey::server::store::redis::{RedisOptions, RedisStore};
use latchkey::server::store::{Store, StoreError};
use latchkey::server::wiring;

use crate::cli::context::Context;

/// The rows about stored data.
pub async fn rows(context: &Context) -> Vec<(&'static str, Finding)> {
    let mut rows = match context.settings.store.engine() {
        Ok(StoreEngine::Redis(servers)) => redis(context, servers).await,
        Ok(StoreEngine::Redb(path)) => file(context, &path).await,
        Err(_) => Vec::new(),
    };
    rows.extend(
        exposed_files(&context.settings)
            .into_iter()
            .map(|finding| ("access", finding)),
    );
    rows
}

async fn file(context: &Context, path: &Path) -> Vec<(&'static str, Finding)> {
    let url = &context.settings.store.url;
    let socket = admin_socket::socket_path(&context.settings.data_directory());
    match ask_server(&socket, &AdminCommand::Inspect, &context.clock).await {
        Ok(Some(AdminReply::Inspected {
            store, index_key, ..
        })) => {
            let store = match store {
                None => Pass(format!("{url}: in use by the running server")),
                Some(cause) => Fail(format!("{url}: the running server cannot write: {cause}")),
            };
            return vec![
                ("store", store),
                ("secrets", compare_with_server(context, &index_key)),
            ];
        }
        // A server of an earlier version, or of another user.
        Ok(Some(_)) => {
            let text = format!("{url}: in use by a running server, which says no more");
            return vec![("store", Warn(text))];
        }
        Ok(None) => {}
        Err(error) => return vec![("store", Fail(format!("{}: {error}", socket.display())))],
    }
    if !path.exists() {
        // It is not created here, because it would belong to the user who runs the check.
        let found = match secret_key::read(&context.settings) {
            Ok(_) => Pass(format!("{url}: will be created at the first start")),
            Err(error) => Fail(error.to_string()),
        };
        return vec![("store", found)];
    }
    match wiring::open_existing_store(&context.settings) {
        Ok(store) => {
            let probed = match store.probe(context.clock.now()).await {
                Ok(()) => Pass(format!("{url}: opens, and takes writes")),
                Err(error) => Fail(error.to_string()),
            };
            let mut rows = vec![("store", probed)];
            rows.extend(metadata_rows(context, &*store).await);
            rows
        }
        Err(error) => vec![("store", Fail(error.to_string()))],
    }
}

async fn redis(context: &Context, servers: RedisServers) -> Vec<(&'static str, Finding)> {
    let settings = &context.settings.store;
    let store = RedisOptions::from_settings(settings, servers)
        .and_then(|options| RedisStore::open(&options));
    let store = match store {
        Ok(store) => store,
        Err(error) => return vec![("store", Fail(error.to_string()))],
    };
    let mut rows: Vec<_> = std::iter::once(Pass(settings.display_url()))
        .chain(store.inspect().await)
        .map(|finding| ("store", finding))
        .collect();
    if store.check_ready().await.is_ok() {
        rows.push(("store", store.check_rights().await));
        if let Err(error) = store.probe(context.clock.now()).await {
            rows.push(("store", Fail(format!("writes are refused: {error}"))));
        }
    }
    rows.extend(metadata_rows(context, &store).await);
    rows
}

/// Compares keys and clock with the metadata of the store.
async fn metadata_rows(context: &Context, store: &dyn Store) -> Vec<(&'static str, Finding)> {
    let mut rows = vec![("secrets", compare_keys(context, store).await)];
    if let Ok(Some(last_use)) = metadata::read_last_use(store).await
        && let Err(error) = metadata::check_clock(last_use, context.clock.now())
        && context.settings.store.accept_last_use != Some(last_use.to_rfc3339())
    {
        rows.push(("clock", Fail(error.to_string())));
    }
    rows
}

/// The keys of the settings, for a store that exists.
fn read_keys(context: &Context) -> Result<DerivedKeys, String> {
    match secret_key::read(&context.settings) {
        Ok(Some(ring)) => {
            DerivedKeys::derive(&ring, context.random.clone()).map_err(|error| error.to_string())
        }
        Ok(None) => Err(
            "the store exists and its secrets.key does not: nothing in the store can be read"
                .to_owned(),
        ),
        Err(error) => Err(error.to_string()),
    }
}

/// Compares the index key of the settings with that of the running server, which owns the store.
fn compare_with_server(context: &Context, index_key: &str) -> Finding {
    let configured = match read_keys(context) {
        Ok(keys) => keys.index_fingerprint().to_string(),
        Err(error) => return Fail(error),
    };
    if configured == index_key {
        return Pass(format!("index key {index_key}"));
    }
    Fail(format!(
        "the running server uses the index key {index_key}, and the settings name {configured}: \
         the next start would be refused. Name the key in use as the last one of \
         secrets.previous_keys or secrets.previous_key_files"
    ))
}

async fn compare_keys(context: &Context, store: &dyn Store) -> Finding {
    let keys = match read_keys(context) {
        Ok(keys) => keys,
        Err(error) => return Fail(error),
    };
    let found = match metadata::read_key_fingerprints(store).await {
        Ok(found) => found,
        // The row of the store already fails.
        Err(error @ StoreError::Unavailable(_)) => {
            return Warn(format!("the keys could not be compared: {error}"));
        }
        Err(error) => return Fail(error.to_string()),
    };
    let accepted = context.settings.secrets.accept_index.as_deref();
    match found.and_then(|found| found.find_mismatch(&keys)) {
        None => Pass(format!("index key {}", keys.index_fingerprint())),
        Some(KeyMismatch::Index { configured, .. }) if accepted == Some(configured.as_str()) => {
            Warn(format!(
                "index key {configured} replaces the store's at the next start, as \
                 secrets.accept_index says: counters, recognised devices and lists start empty"
            ))
        }
        Some(loss @ KeyMismatch::Index { .. }) => Fail(loss.to_string()),
        Some(loss @ KeyMismatch::Encryption { .. }) => Warn(loss.to_string()),
    }
}

/// Files that users other than their owner can access.
fn exposed_files(settings: &Settings) -> Vec<Finding> {
    let mut files: Vec<(PathBuf, &str)> = secret_key::files(settings)
        .into_iter()
        .map(|file| (file, "chmod 600"))
        .collect();
    if let Ok(StoreEngine::Redb(store)) = settings.store.engine() {
        files.push((settings.data_directory(), "chmod 700"));
        files.push((store, "chmod 600"));
    }
    let findings = files.iter().filter_map(|(path, remedy)| {
        let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
        let text = format!(
            "{} is accessible to other users ({mode:03o}): {remedy}",
            path.display()
        );
        (mode & 0o077 != 0).then_some(Warn(text))
    });
    findings.collect()
}
