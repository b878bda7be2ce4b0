//! Who may knock: whoever shows the API key that the gateway was registered with.

use std::sync::Mutex;
use std::time::Duration;

use http::HeaderMap;

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::derived_keys::{Digest, equal, sha256};
use crate::server::settings::gateway::is_long_enough;
use crate::server::settings::{self, load};
use crate::server::sms_gateway::BuildGatewayError;
use crate::server::system::clock::Clock;
use crate::server::system::mutex::lock;

/// The header that carries the key (`transmit-api` §8.3).
const HEADER: &str = "x-api-key";

/// How often wrong keys are logged at most: an attacker must not fill the disk.
const LOG_INTERVAL: Duration = Duration::from_secs(60);

/// The key, of which only the hash is kept: hashes have one length, so comparing them tells nothing
/// of the key's.
pub(super) struct ApiKey {
    hash: Digest,
    clock: Clock,
    wrong: Mutex<Wrong>,
}

/// Wrong keys since the last line in the log.
#[derive(Default)]
struct Wrong {
    count: u64,
    logged_at: Option<Timestamp>,
}

impl ApiKey {
    pub fn read(
        settings: &settings::SmsGatewaySettings,
        clock: Clock,
    ) -> Result<Self, BuildGatewayError> {
        let key = load::secret(settings.api_key.as_ref(), settings.api_key_file.as_deref())?;
        let key = key
            .filter(is_long_enough)
            .ok_or(BuildGatewayError::Setting {
                key: "gateway.api_key",
                text: "must have at least 16 characters; make one with: openssl rand -base64 32",
            })?;
        Ok(Self {
            hash: sha256(key.expose().as_bytes()),
            clock,
            wrong: Mutex::default(),
        })
    }

    /// Whether a request shows the key, once.
    pub fn admits(&self, headers: &HeaderMap) -> bool {
        let mut shown = headers.get_all(HEADER).iter();
        let right = match (shown.next(), shown.next()) {
            (Some(key), None) => equal(&sha256(key.as_bytes()), &self.hash),
            _ => false,
        };
        if !right {
            self.refused();
        }
        right
    }

    fn refused(&self) {
        metrics::counter!("latchkey_gateway_unauthorized_total").increment(1);
        let now = self.clock.now();
        let mut wrong = lock(&self.wrong);
        wrong.count += 1;
        if wrong
            .logged_at
            .is_none_or(|at| now.since(at) >= LOG_INTERVAL)
        {
            tracing::warn!(
                count = wrong.count,
                "requests without the gateway's API key"
            );
            *wrong = Wrong {
                count: 0,
                logged_at: Some(now),
            };
        }
    }
}
