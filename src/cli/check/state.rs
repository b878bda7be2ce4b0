//! What rests on the machine or in Redis: the store, the keys, and who may read them.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use latchkey::server::control::{self, Command};
use latchkey::server::keys::Keys;
use latchkey::server::settings::{Engine, Servers, Settings};
use latchkey::server::store::marks::{self, Loss};
use latchkey::server::store::redis::{Options, RedisStore, Remark};
use latchkey::server::store::{Store, StoreError};
use latchkey::server::{product, secret_key};

use super::Finding::{self, Fine, Mind, Wrong};
use crate::cli::Outside;

/// Rows about the state.
pub async fn rows(outside: &Outside) -> Vec<(&'static str, Finding)> {
    let mut rows = match outside.settings.store.engine() {
        Ok(Engine::Redis(servers)) => redis(outside, servers).await,
        Ok(Engine::Redb(path)) => file(outside, &path).await,
        Err(_) => Vec::new(),
    };
    rows.extend(exposed(&outside.settings).into_iter().map(|finding| ("access", finding)));
    rows
}

async fn file(outside: &Outside, path: &Path) -> Vec<(&'static str, Finding)> {
    let url = &outside.settings.store.url;
    let socket = control::socket(&outside.settings.data_directory());
    if let Ok(Some(_)) = control::ask(&socket, &Command::Ping).await {
        return vec![("store", Fine(format!("{url}: in use by the running server")))];
    }
    if !path.exists() {
        // Made here, by whoever checks, it might not be the server's to open.
        let found = match secret_key::read(&outside.settings) {
            Ok(_) => Fine(format!("{url}: will be made at the first start")),
            Err(error) => Wrong(error.to_string()),
        };
        return vec![("store", found)];
    }
    match product::open_existing_store(&outside.settings) {
        Ok(store) => {
            let mut rows = vec![("store", Fine(format!("{url}: opens")))];
            rows.extend(marks(outside, &*store).await);
            rows
        }
        Err(error) => vec![("store", Wrong(error.to_string()))],
    }
}

async fn redis(outside: &Outside, servers: Servers) -> Vec<(&'static str, Finding)> {
    let settings = &outside.settings.store;
    let store = Options::read(settings, servers).and_then(|options| RedisStore::open(&options));
    let store = match store {
        Ok(store) => store,
        Err(error) => return vec![("store", Wrong(error.to_string()))],
    };
    let found = store.inspect().await.into_iter().map(|remark| match remark {
        Remark::Fine(text) => Fine(text),
        Remark::Mind(text) => Mind(text),
        Remark::Wrong(text) => Wrong(text),
    });
    let mut rows: Vec<_> =
        std::iter::once(Fine(settings.place())).chain(found).map(|finding| ("store", finding)).collect();
    rows.extend(marks(outside, &store).await);
    rows
}

/// Keys and clock beside what the store says of itself.
async fn marks(outside: &Outside, store: &dyn Store) -> Vec<(&'static str, Finding)> {
    let mut rows = vec![("secrets", keys(outside, store).await)];
    if let Ok(Some(last_use)) = marks::last_use(store).await
        && let Err(wrong) = marks::compare_clock(last_use, outside.clock.now())
        && outside.settings.store.accept_last_use != Some(last_use.rfc3339())
    {
        rows.push(("clock", Wrong(wrong.to_string())));
    }
    rows
}

async fn keys(outside: &Outside, store: &dyn Store) -> Finding {
    let keys = match secret_key::read(&outside.settings) {
        Ok(Some(ring)) => Keys::derive(&ring, outside.random.clone()),
        Ok(None) => {
            return Wrong("the store is there and its secrets.key is not: nothing in it can be read".to_owned());
        }
        Err(error) => return Wrong(error.to_string()),
    };
    let keys = match keys {
        Ok(keys) => keys,
        Err(error) => return Wrong(error.to_string()),
    };
    let found = match marks::keys_of(store).await {
        Ok(found) => found,
        // Said of the store already.
        Err(error @ StoreError::Unavailable(_)) => return Mind(format!("the keys could not be compared: {error}")),
        Err(error) => return Wrong(error.to_string()),
    };
    let accepted = outside.settings.secrets.accept_index.as_deref();
    match found.and_then(|found| found.loss(&keys)) {
        None => Fine(format!("index key {}", keys.index_fingerprint())),
        Some(Loss::Index { ours, .. }) if accepted == Some(ours.as_str()) => Mind(format!(
            "index key {ours} takes the place of the store's at the next start, as secrets.accept_index says: counters, \
             known browsers and lists begin anew"
        )),
        Some(loss @ Loss::Index { .. }) => Wrong(loss.to_string()),
        Some(loss @ Loss::Sealed { .. }) => Mind(loss.to_string()),
    }
}

/// What others than its owner can get at and must not.
fn exposed(settings: &Settings) -> Vec<Finding> {
    let mut places: Vec<(PathBuf, &str)> =
        secret_key::files(settings).into_iter().map(|file| (file, "chmod 600")).collect();
    if let Ok(Engine::Redb(store)) = settings.store.engine() {
        places.push((settings.data_directory(), "chmod 700"));
        places.push((store, "chmod 600"));
    }
    let findings = places.iter().filter_map(|(path, remedy)| {
        let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
        let text = format!("{} is open to others than its owner ({mode:03o}): {remedy}", path.display());
        (mode & 0o077 != 0).then_some(Mind(text))
    });
    findings.collect()
}
