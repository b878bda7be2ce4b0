//! Authenticates requests by the API key that the gateway was registered with.

use std::sync::Mutex;
use std::time::Duration;

use http::HeaderMap;

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::hash::{Digest, constant_time_eq, sha256};
use crate::server::settings::gateway::has_min_length;
use crate::server::settings::{self, load};
use crate::server::sms_gateway::BuildGatewayError;
use crate::server::system::clock::Clock;
use crate::server::system::mutex::lock;

/// The header that carries the key (`transmit-api` §8.3).
const HEADER: &str = "x-api-key";

/// Shortest time between two log records about wrong keys, so that an attacker cannot fill the
/// disk.
const LOG_INTERVAL: Duration = Duration::from_secs(60);

/// The key, of which only the hash is kept. Hashes have a fixed length, so comparing them does not
/// reveal the length of the key.
pub(super) struct ApiKey {
    hash: Digest,
    clock: Clock,
    failures: Mutex<Failures>,
}

/// Requests without the key since the last log record.
#[derive(Default)]
struct Failures {
    count: u64,
    logged_at: Option<Timestamp>,
}

impl ApiKey {
    pub fn read(
        settings: &settings::SmsGatewaySettings,
        clock: Clock,
    ) -> Result<Self, BuildGatewayError> {
        let key = load::read_secret(settings.api_key.as_ref(), settings.api_key_file.as_deref())?;
        let key = key
            .filter(has_min_length)
            .ok_or(BuildGatewayError::Setting {
                key: load::secret_origin(
                    "gateway.api_key",
                    settings.api_key.as_ref(),
                    settings.api_key_file.as_deref(),
                ),
                text: "must have at least 16 characters; make one with: openssl rand -base64 32",
            })?;
        Ok(Self {
            hash: sha256(key.expose().as_bytes()),
            clock,
            failures: Mutex::default(),
        })
    }

    /// Whether a request contains the key, exactly once.
    pub fn is_valid(&self, headers: &HeaderMap) -> bool {
        let mut values = headers.get_all(HEADER).iter();
        let is_valid = match (values.next(), values.next()) {
            (Some(key), None) => constant_time_eq(&sha256(key.as_bytes()), &self.hash),
            _ => false,
        };
        if !is_valid {
            self.record_failure();
        }
        is_valid
    }

    fn record_failure(&self) {
        metrics::counter!("latchkey_sms_gateway_unauthorized_total").increment(1);
        let now = self.clock.now();
        let mut failures = lock(&self.failures);
        failures.count += 1;
        if failures
            .logged_at
            .is_none_or(|at| now.since(at) >= LOG_INTERVAL)
        {
            tracing::warn!(
                count = failures.count,
                "requests without the gateway's API key"
            );
            *failures = Failures {
                count: 0,
                logged_at: Some(now),
            };
        }
    }
}
