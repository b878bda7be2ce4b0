//! Whether this process can serve: it is not about to stop, and the store takes what every sign-in
//! needs, a write by a script.
//!
//! Upstream is not part of it. If it is down, every node would be unready together, and people who
//! are signed in would lose the service too.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use crate::domain::timestamp::Timestamp;
use crate::server::store::{Store, StoreError};
use crate::server::system::clock::{Clock, Elapsed};
use crate::server::system::drain::Drain;

/// How long the result of a probe is used. Probes come without a token, so their number must not
/// decide how much work the store does.
const LIFETIME: Duration = Duration::from_secs(1);
/// How long a store may take. Load balancers wait about as long.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Readiness, from one probe that all callers share.
#[derive(Debug)]
pub struct Readiness {
    store: Arc<dyn Store>,
    clock: Clock,
    drain: Drain,
    latest: Mutex<Option<StoreProbe>>,
}

/// The result of a probe of the store.
#[derive(Clone, Debug)]
struct StoreProbe {
    at: Timestamp,
    result: Result<(), StoreError>,
}

impl Readiness {
    /// The readiness of a server with this store.
    pub fn new(store: Arc<dyn Store>, clock: Clock, drain: Drain) -> Self {
        Self {
            store,
            clock,
            drain,
            latest: Mutex::default(),
        }
    }

    /// Whether the server is about to stop.
    pub fn is_stopping(&self) -> bool {
        self.drain.has_begun()
    }

    /// Whether the store takes writes: the result of the latest probe, which is at most a second
    /// old. Callers that come during a probe wait for it.
    ///
    /// # Errors
    /// The store's, for the operator.
    pub async fn store(&self) -> Result<(), StoreError> {
        let mut latest = self.latest.lock().await;
        let now = self.clock.now();
        if let Some(probe) = latest.as_ref()
            && probe.at <= now
            && now.since(probe.at) < LIFETIME
        {
            return probe.result.clone();
        }
        let probed = self.clock.timeout(TIMEOUT, self.store.probe(now)).await;
        let result = probed.unwrap_or_else(|Elapsed| {
            Err(StoreError::Unavailable(format!(
                "no response within {} s",
                TIMEOUT.as_secs()
            )))
        });
        *latest = Some(StoreProbe {
            at: self.clock.now(),
            result: result.clone(),
        });
        result
    }
}
