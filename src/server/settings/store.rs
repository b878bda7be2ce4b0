//! `[store]`: where data is stored.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize, Serializer};

use crate::server::settings::{ConfigError, HumanDuration, Secret};

mod redis_url;

pub use redis_url::RedisServers;

/// The most concurrent requests to Redis that may be set; more would only wait there.
const MAX_IN_FLIGHT: usize = 65_536;

/// `[store]`
#[derive(Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreSettings {
    /// `redb:PATH`, `redis://…`, `rediss://…`, `redis+cluster://…` or `rediss+cluster://…`. May
    /// hold a password, so show [`Self::display_url`] instead.
    #[serde(serialize_with = "serialize_without_password")]
    pub url: String,
    /// The page cache of redb, in bytes.
    pub cache_bytes: usize,
    /// The last use of the store (RFC 3339) that is accepted although the clock is far from it.
    pub accept_last_use: Option<String>,
    /// The prefix of every key in Redis.
    pub prefix: String,
    /// How long to wait for a response of Redis.
    pub timeout: HumanDuration,
    /// Concurrent requests to Redis; further ones are refused.
    pub max_in_flight: usize,
    /// The password for Redis, instead of one in the URL.
    pub password: Option<Secret>,
    /// A file that holds the password.
    pub password_file: Option<PathBuf>,
    /// Certificates (PEM) that are trusted for Redis instead of the system's.
    pub ca_file: Option<PathBuf>,
    /// Our client certificate (PEM), if Redis requires one.
    pub client_cert_file: Option<PathBuf>,
    /// Its private key (PEM).
    pub client_key_file: Option<PathBuf>,
}

impl Default for StoreSettings {
    fn default() -> Self {
        Self {
            url: "redb:./data/latchkey.redb".to_owned(),
            cache_bytes: 2 << 20,
            accept_last_use: None,
            prefix: "latchkey:".to_owned(),
            timeout: HumanDuration::seconds(2),
            max_in_flight: 1024,
            password: None,
            password_file: None,
            ca_file: None,
            client_cert_file: None,
            client_key_file: None,
        }
    }
}

/// The engine that `store.url` names.
#[derive(Clone, Debug)]
pub enum StoreEngine {
    /// A file that one process owns.
    Redb(PathBuf),
    /// Redis servers that all nodes share.
    Redis(RedisServers),
}

impl StoreEngine {
    /// Its name, for logs and events.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Redb(_) => "redb",
            Self::Redis(_) => "redis",
        }
    }
}

impl StoreSettings {
    /// The engine that the URL names.
    ///
    /// # Errors
    /// A sentence that says what a URL must look like, without a password.
    pub fn engine(&self) -> Result<StoreEngine, String> {
        match self.url.split_once(':') {
            Some(("redb", path)) if !path.is_empty() => Ok(StoreEngine::Redb(PathBuf::from(path))),
            Some(("redis" | "rediss" | "redis+cluster" | "rediss+cluster", _)) => {
                RedisServers::parse(&self.url).map(StoreEngine::Redis)
            }
            _ => Err(
                "must be redb:PATH, such as redb:./data/latchkey.redb, or a URL of Redis, such as \
                 redis://redis.internal:6379, rediss://… for TLS, or redis+cluster://a:6379,b:6379"
                    .to_owned(),
            ),
        }
    }

    /// Whether several nodes can share the store.
    pub fn is_shared(&self) -> bool {
        matches!(self.engine(), Ok(StoreEngine::Redis(_)))
    }

    /// The label of metrics that are read from the store. Nodes with one store report the same, so
    /// what is `shared` must not be added up over nodes.
    pub fn metrics_scope(&self) -> &'static str {
        if self.is_shared() { "shared" } else { "node" }
    }

    /// The URL without user and password.
    pub fn display_url(&self) -> String {
        match (self.url.split_once(':'), self.url.rsplit_once('@')) {
            (Some((scheme, _)), Some((_, rest))) if scheme != "redb" => {
                format!("{scheme}://{rest}")
            }
            _ => self.url.clone(),
        }
    }

    pub(super) fn validate(&self, errors: &mut Vec<ConfigError>) {
        let mut error = |key, text: &str| errors.push(ConfigError::new(key, text));
        if self
            .accept_last_use
            .as_ref()
            .is_some_and(|time| time.parse::<jiff::Timestamp>().is_err())
        {
            error(
                "store.accept_last_use",
                "must be the time that a refused start names, as 2026-11-22T09:30:00Z",
            );
        }
        let engine = self.engine();
        let servers = match &engine {
            Err(text) => return error("store.url", text),
            Ok(StoreEngine::Redb(_)) => None,
            Ok(StoreEngine::Redis(servers)) => Some(servers),
        };
        let passwords = [
            servers.is_some_and(|servers| servers.password.is_some()),
            self.password.is_some(),
            self.password_file.is_some(),
        ];
        if passwords.into_iter().filter(|is_set| *is_set).count() > 1 {
            error(
                "store.password",
                "set it once: in store.url, store.password or store.password_file",
            );
        }
        let of_tls = [&self.ca_file, &self.client_cert_file, &self.client_key_file];
        if servers.is_some_and(|servers| !servers.tls) && of_tls.iter().any(|file| file.is_some()) {
            error(
                "store.ca_file",
                "certificates are for rediss:// and rediss+cluster:// only",
            );
        }
        if self.client_cert_file.is_some() != self.client_key_file.is_some() {
            error(
                "store.client_cert_file",
                "needs store.client_key_file, and vice versa",
            );
        }
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '.' | '_' | '-' | '/');
        if self.prefix.is_empty() || self.prefix.len() > 64 || !self.prefix.chars().all(fits) {
            error(
                "store.prefix",
                "must be 1 to 64 letters, digits or any of : . _ - /",
            );
        }
        if self.timeout.0.is_zero() {
            error("store.timeout", "must be longer than 0s");
        }
        if !(1..=MAX_IN_FLIGHT).contains(&self.max_in_flight) {
            error(
                "store.max_in_flight",
                &format!("must be 1 to {MAX_IN_FLIGHT}"),
            );
        }
    }
}

impl fmt::Debug for StoreSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("url", &self.display_url())
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

fn serialize_without_password<S: Serializer>(url: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(
        &StoreSettings {
            url: url.to_owned(),
            ..StoreSettings::default()
        }
        .display_url(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(store: &StoreSettings) -> Vec<&'static str> {
        let mut errors = Vec::new();
        store.validate(&mut errors);
        errors.iter().map(|error| error.key).collect()
    }

    fn with_url(url: &str) -> StoreSettings {
        StoreSettings {
            url: url.to_owned(),
            ..StoreSettings::default()
        }
    }

    #[test]
    fn passwords_are_never_shown() {
        for url in [
            "rediss://latchkey:hunter2@redis.internal/3",
            "redis+cluster://:hunter2@a:1,b:2",
            "redis:hunter2@x",
        ] {
            let store = with_url(url);
            let shown = format!(
                "{store:?} {} {:?} {:?}",
                store.display_url(),
                store.engine(),
                toml::Table::try_from(&store).unwrap()
            );
            assert!(!shown.contains("hunter2"), "{shown}");
        }
        assert_eq!(
            with_url("rediss://u:p@redis.internal/3").display_url(),
            "rediss://redis.internal/3"
        );
        assert_eq!(
            StoreSettings::default().display_url(),
            "redb:./data/latchkey.redb"
        );
    }

    #[test]
    fn only_metrics_of_a_store_that_nodes_share_are_marked_as_shared() {
        for (url, scope) in [
            ("redb:./data/latchkey.redb", "node"),
            ("redis://h", "shared"),
            ("rediss://h", "shared"),
            ("redis+cluster://a:1,b:2", "shared"),
            ("rediss+cluster://a:1,b:2", "shared"),
        ] {
            assert_eq!(with_url(url).metrics_scope(), scope, "{url}");
        }
    }

    #[test]
    fn errors_name_the_key() {
        assert!(errors(&StoreSettings::default()).is_empty());
        assert!(errors(&with_url("rediss://:secret@redis.internal")).is_empty());
        assert_eq!(errors(&with_url("sqlite:x")), ["store.url"]);
        assert_eq!(errors(&with_url("redb:")), ["store.url"]);
        let accepts = |time: &str| StoreSettings {
            accept_last_use: Some(time.to_owned()),
            ..StoreSettings::default()
        };
        assert!(errors(&accepts("2026-11-22T09:30:00Z")).is_empty());
        assert_eq!(errors(&accepts("true")), ["store.accept_last_use"]);
        let password = Some(Secret::new("x"));
        assert_eq!(
            errors(&StoreSettings {
                password,
                ..with_url("redis://:y@h")
            }),
            ["store.password"]
        );
        let file = || Some(PathBuf::from("x.pem"));
        assert_eq!(
            errors(&StoreSettings {
                ca_file: file(),
                ..with_url("redis://h")
            }),
            ["store.ca_file"]
        );
        assert_eq!(
            errors(&StoreSettings {
                client_cert_file: file(),
                ..with_url("rediss://h")
            }),
            ["store.client_cert_file"]
        );
        for prefix in ["", "a{b}", "a*", "a b"] {
            assert_eq!(
                errors(&StoreSettings {
                    prefix: prefix.to_owned(),
                    ..with_url("redis://h")
                }),
                ["store.prefix"]
            );
        }
        assert_eq!(
            errors(&StoreSettings {
                timeout: HumanDuration::seconds(0),
                ..with_url("redis://h")
            }),
            ["store.timeout"]
        );
        assert_eq!(
            errors(&StoreSettings {
                max_in_flight: 0,
                ..with_url("redis://h")
            }),
            ["store.max_in_flight"]
        );
    }
}
