//! The custom SMS provider of a Transmit tenant: Transmit posts its messages here, and a provider
//! of the operator's choice delivers them. Only the wiring knows this module.
//!
//! - `handlers`: the one URI, for the challenge (GET) and for deliveries (POST).
//! - `api_key`: authenticates Transmit.
//! - `sms`: parses and validates a delivery.
//! - `idempotency`: deliveries of the last minute, so that a repeated one is not sent again.
//! - `dispatcher`: selects the provider, and decides when the next one is tried.
//! - `provider/`: a webhook of the operator, and Twilio.
//!
//! A message contains a passcode. Neither it nor its number is logged, nor any text of a provider.

use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use tokio_util::task::TaskTracker;

use crate::server::audit::{AuditLog, Pseudonyms};
use crate::server::crypto::derived_keys::DerivedKeys;
use crate::server::settings::sign_in::Senders;
use crate::server::settings::{self, LoadError};
use crate::server::system::clock::Clock;
use crate::server::test_numbers::TestNumbers;

mod api_key;
mod delivery_outcome;
mod dispatcher;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzz;
mod handlers;
mod idempotency;
mod provider;
mod sms;

use api_key::ApiKey;
use dispatcher::Dispatcher;
use provider::Provider;

/// Why the gateway cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildGatewayError {
    /// A secret's file cannot be read.
    #[error(transparent)]
    Secret(#[from] LoadError),
    /// A setting is missing or invalid. Most errors are found earlier, when settings are validated,
    /// but not those in the files that they name.
    #[error("{key}: {text}")]
    Setting {
        /// The key, dotted, and the file that it names.
        key: String,
        /// What is wrong.
        text: &'static str,
    },
    /// The HTTP client cannot be built.
    #[error("gateway: {0}")]
    Http(#[from] reqwest::Error),
}

impl BuildGatewayError {
    fn missing(key: &'static str) -> Self {
        Self::Setting {
            key: key.to_owned(),
            text: "is missing or empty",
        }
    }
}

/// The dependencies of the gateway.
#[derive(Debug)]
pub struct GatewayDeps {
    /// The clock for timeouts and expiry.
    pub clock: Clock,
    /// The audit log.
    pub audit: AuditLog,
    /// The names of numbers in the audit log.
    pub pseudonyms: Pseudonyms,
    /// Hash deliveries in the idempotency cache.
    pub keys: Arc<DerivedKeys>,
    /// Numbers whose messages are kept instead of sent.
    pub test_numbers: TestNumbers,
    /// The senders by country.
    pub senders: Senders,
}

/// The gateway. Cheap to clone.
#[derive(Clone)]
pub struct Gateway(Arc<Inner>);

struct Inner {
    settings: settings::SmsGatewaySettings,
    api_key: ApiKey,
    dispatcher: Arc<Dispatcher>,
    clock: Clock,
    tasks: TaskTracker,
}

impl Gateway {
    /// Builds the gateway from the settings.
    ///
    /// # Errors
    /// [`BuildGatewayError`].
    pub fn new(
        settings: settings::SmsGatewaySettings,
        deps: GatewayDeps,
    ) -> Result<Self, BuildGatewayError> {
        let clock = deps.clock.clone();
        let api_key = ApiKey::read(&settings, clock.clone())?;
        let providers = Provider::all(&settings, &clock)?;
        let dispatcher = Arc::new(Dispatcher::new(providers, settings.max_in_flight, deps));
        Ok(Self(Arc::new(Inner {
            settings,
            api_key,
            dispatcher,
            clock,
            tasks: TaskTracker::new(),
        })))
    }

    /// The router of its one URI, for a listener of its own.
    pub fn router(&self) -> Router {
        Router::new()
            .route(
                &self.0.settings.path,
                get(handlers::challenge).post(handlers::deliver),
            )
            .fallback(handlers::not_found)
            .method_not_allowed_fallback(handlers::method_not_allowed)
            .with_state(self.clone())
    }

    /// Waits for the deliveries in progress. Call it when no new ones can arrive.
    pub async fn close(&self) {
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gateway")
    }
}

/// Checks what can be checked without sending a message: the secrets, and the settings of the
/// providers.
///
/// # Errors
/// [`BuildGatewayError`].
pub fn check(
    settings: &settings::SmsGatewaySettings,
    clock: &Clock,
) -> Result<(), BuildGatewayError> {
    ApiKey::read(settings, clock.clone())?;
    Provider::all(settings, clock)?;
    Ok(())
}
