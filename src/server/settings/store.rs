//! `[store]`: where state rests.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Complaint;

/// The store.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Store {
    /// `redb:PATH`.
    pub url: String,
    /// Bytes of cache that redb may use.
    pub cache_bytes: usize,
}

impl Default for Store {
    fn default() -> Self {
        Self { url: "redb:./data/latchkey.redb".to_owned(), cache_bytes: 4 << 20 }
    }
}

/// What `store.url` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file that one process owns.
    Redb(PathBuf),
}

impl Store {
    /// The engine that the URL names.
    ///
    /// # Errors
    /// A sentence that says what a URL must look like.
    pub fn engine(&self) -> Result<Engine, String> {
        match self.url.split_once(':') {
            Some(("redb", path)) if !path.is_empty() => Ok(Engine::Redb(PathBuf::from(path))),
            Some((scheme @ ("redis" | "rediss" | "redis+cluster"), _)) => {
                Err(format!("this version has no engine for `{scheme}:`; use redb:PATH"))
            }
            _ => Err("must be redb:PATH, such as redb:./data/latchkey.redb".to_owned()),
        }
    }

    pub(super) fn complaints(&self, complaints: &mut Vec<Complaint>) {
        if let Err(text) = self.engine() {
            complaints.push(Complaint::new("store.url", text));
        }
    }
}
