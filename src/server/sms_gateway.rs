//! The custom SMS gateway: where a tenant upstream can be told to hand its messages in, to be
//! carried by a provider of one's own choice. A leaf: nothing but the wiring knows it, and it knows
//! nothing of sign-ins.
//!
//! ```text
//! door      the one URI: the challenge (GET) and deliveries (POST)
//! api_key   who may knock
//! sms       a delivery, read and bounded
//! memory    deliveries of the last minute, so that a repetition is not sent again
//! relay     which provider is asked, when the second one is, and for whom none is
//! provider/ a webhook of one's own, and Twilio
//! ```
//!
//! A message holds a passcode: neither it nor its number is logged, and no provider's words are.

use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use tokio_util::task::TaskTracker;

use crate::server::audit::Audit;
use crate::server::crypto::derived_keys::DerivedKeys;
use crate::server::settings::{self, LoadError};
use crate::server::system::clock::Clock;
use crate::server::test_numbers::TestNumbers;

mod api_key;
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

/// The gateway could not be put together.
#[derive(Debug, thiserror::Error)]
pub enum BuildGatewayError {
    /// A secret's file cannot be read.
    #[error(transparent)]
    Secret(#[from] LoadError),
    /// A setting is missing or unfit; the settings' own complaints say it earlier, except about
    /// what stands in a file.
    #[error("{key}: {text}")]
    Setting {
        /// The key, dotted.
        key: &'static str,
        /// What is wrong, in words.
        text: &'static str,
    },
    /// TLS cannot be set up.
    #[error("gateway: {0}")]
    Http(#[from] reqwest::Error),
}

impl BuildGatewayError {
    fn missing(key: &'static str) -> Self {
        Self::Setting {
            key,
            text: "is missing or empty",
        }
    }
}

/// What the gateway takes from outside.
#[derive(Debug)]
pub struct GatewayDeps {
    /// Time.
    pub clock: Clock,
    /// The record.
    pub audit: Audit,
    /// Hashes numbers on record, and deliveries in memory.
    pub keys: Arc<DerivedKeys>,
    /// Numbers for which no provider is asked.
    pub test_numbers: TestNumbers,
}

/// The gateway. Cheap to clone.
#[derive(Clone)]
pub struct Gateway(Arc<Inner>);

struct Inner {
    settings: settings::SmsGatewaySettings,
    api_key: ApiKey,
    relay: Arc<Dispatcher>,
    clock: Clock,
    tasks: TaskTracker,
}

impl Gateway {
    /// The gateway that the settings describe.
    ///
    /// # Errors
    /// [`BuildError`].
    pub fn new(
        settings: settings::SmsGatewaySettings,
        around: GatewayDeps,
    ) -> Result<Self, BuildGatewayError> {
        let clock = around.clock.clone();
        let api_key = ApiKey::read(&settings, clock.clone())?;
        let providers = Provider::all(&settings, &clock)?;
        let relay = Arc::new(Dispatcher::new(providers, settings.max_in_flight, around));
        Ok(Self(Arc::new(Inner {
            settings,
            api_key,
            relay,
            clock,
            tasks: TaskTracker::new(),
        })))
    }

    /// Its one URI, for a listener of its own.
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

    /// Waits for deliveries under way. To be called when nothing new can arrive.
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

/// Looks at everything that can be looked at without sending a message: secrets, and what the
/// providers need.
///
/// # Errors
/// [`BuildError`].
pub fn check(
    settings: &settings::SmsGatewaySettings,
    clock: &Clock,
) -> Result<(), BuildGatewayError> {
    ApiKey::read(settings, clock.clone())?;
    Provider::all(settings, clock)?;
    Ok(())
}
