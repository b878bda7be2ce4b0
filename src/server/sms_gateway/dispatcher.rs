//! Delivers a message through the providers.
//!
//! The next provider is tried only if the one before certainly refused the message. After any other
//! failure the message may have been sent, and the phone would get it twice. No provider is called
//! twice for one delivery. A message to a test number is kept instead of sent.

use std::fmt::Write as _;
use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::server::audit::{AuditLog, Event, EventSource, Pseudonyms, Retention, SmsOutcome};
use crate::server::crypto::derived_keys::DerivedKeys;
use crate::server::crypto::hash::Digest;
use crate::server::settings::sign_in::Senders;
use crate::server::sms_gateway::GatewayDeps;
use crate::server::sms_gateway::delivery_outcome::DeliveryOutcome;
use crate::server::sms_gateway::idempotency::{IdempotencyCache, Lookup};
use crate::server::sms_gateway::provider::{Provider, ProviderReply};
use crate::server::sms_gateway::sms::Sms;
use crate::server::system::clock::Clock;
use crate::server::test_numbers::TestNumbers;

/// Too many deliveries are in progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DispatcherBusy;

/// Delivers messages through the providers.
pub(super) struct Dispatcher {
    providers: Vec<Provider>,
    in_flight: Semaphore,
    recent: IdempotencyCache,
    audit: AuditLog,
    pseudonyms: Pseudonyms,
    clock: Clock,
    keys: Arc<DerivedKeys>,
    test_numbers: TestNumbers,
    senders: Senders,
}

impl Dispatcher {
    pub fn new(providers: Vec<Provider>, max_in_flight: usize, deps: GatewayDeps) -> Self {
        let GatewayDeps {
            clock,
            audit,
            pseudonyms,
            keys,
            test_numbers,
            senders,
        } = deps;
        let in_flight = Semaphore::new(max_in_flight.min(Semaphore::MAX_PERMITS));
        Self {
            providers,
            in_flight,
            recent: IdempotencyCache::new(clock.clone()),
            audit,
            pseudonyms,
            clock,
            keys,
            test_numbers,
            senders,
        }
    }

    /// Delivers a message, or returns the outcome of the same delivery that was made before.
    ///
    /// What must be audited and cannot be is not sent. It is not remembered either, so that it may
    /// be sent when it is delivered again.
    pub async fn dispatch(&self, sms: &Sms) -> Result<DeliveryOutcome, DispatcherBusy> {
        if !self.audit.accepts_events() {
            return Ok(DeliveryOutcome::NotSent);
        }
        let digest = sms.digest(&self.keys);
        let outcome = match self.recent.reserve(digest) {
            Lookup::New(entry) => {
                let Ok(_permit) = self.in_flight.try_acquire() else {
                    entry.finish(DeliveryOutcome::NotSent);
                    return Err(self.busy(sms, "gateway.max_in_flight").await);
                };
                let outcome = self.deliver(sms, &digest).await;
                entry.finish(outcome);
                return Ok(outcome);
            }
            Lookup::InProgress(pending) => pending.outcome().await,
            Lookup::Finished(outcome) => outcome,
            Lookup::Full => return Err(self.busy(sms, "memory").await),
        };
        self.record(sms, SmsOutcome::Repeated, None, String::new())
            .await;
        Ok(outcome)
    }

    async fn deliver(&self, sms: &Sms, digest: &Digest) -> DeliveryOutcome {
        if self.test_numbers.contains(&sms.to) {
            self.keep(sms).await
        } else {
            self.send(sms, digest).await
        }
    }

    /// Keeps a message to a test number. If that fails it is not sent, because the test would not
    /// find it.
    async fn keep(&self, sms: &Sms) -> DeliveryOutcome {
        match self.test_numbers.store_message(&sms.to, &sms.text).await {
            Ok(()) => {
                self.record(sms, SmsOutcome::Kept, None, String::new())
                    .await;
                DeliveryOutcome::Accepted
            }
            Err(error) => {
                tracing::error!(%error, "a message to a test number could not be kept");
                self.record(sms, SmsOutcome::NotSent, None, "store".to_owned())
                    .await;
                DeliveryOutcome::NotSent
            }
        }
    }

    async fn send(&self, sms: &Sms, digest: &Digest) -> DeliveryOutcome {
        let mut detail = String::new();
        let country = sms.identifier();
        let sender = self.senders.of(country.country());
        for provider in &self.providers {
            let attempt = provider.send(sms, sender, digest).await;
            let (name, reply) = (provider.name().as_str(), attempt.reply);
            let separator = if detail.is_empty() { "" } else { "; " };
            let _ = write!(detail, "{separator}{name} {}: {attempt}", reply.as_str());
            let (outcome, recorded) = match reply {
                ProviderReply::Refused => continue,
                ProviderReply::Accepted => (DeliveryOutcome::Accepted, SmsOutcome::Accepted),
                ProviderReply::Unknown => (DeliveryOutcome::Unknown, SmsOutcome::Unknown),
            };
            if outcome == DeliveryOutcome::Unknown {
                tracing::error!(
                    detail,
                    "a message may have been sent or not; it is not sent again"
                );
            }
            self.record(sms, recorded, Some(name), detail).await;
            return outcome;
        }
        tracing::error!(detail, "a message was not sent");
        self.record(sms, SmsOutcome::NotSent, None, detail).await;
        DeliveryOutcome::NotSent
    }

    async fn busy(&self, sms: &Sms, limit: &str) -> DispatcherBusy {
        tracing::warn!(
            limit,
            "a message was refused: too many deliveries are in progress"
        );
        self.record(sms, SmsOutcome::NotSent, None, limit.to_owned())
            .await;
        DispatcherBusy
    }

    /// Audit-logs what happened to a message. Only a message that may have been sent gives its
    /// number a new name: that costs money, so it cannot fill the store.
    async fn record(
        &self,
        sms: &Sms,
        outcome: SmsOutcome,
        provider: Option<&'static str>,
        detail: String,
    ) {
        let (identifier, now) = (sms.identifier(), self.clock.now());
        let subject = match outcome {
            SmsOutcome::Accepted | SmsOutcome::Unknown | SmsOutcome::Kept => {
                let names = &self.pseudonyms;
                names
                    .name_subject(&identifier, Retention::CodeSent, now)
                    .await
            }
            SmsOutcome::NotSent | SmsOutcome::Repeated => {
                self.pseudonyms.subject(&identifier, now).await
            }
        };
        let detail = Some(detail).filter(|detail| !detail.is_empty());
        self.audit.emit(
            &EventSource::default(),
            &Event::SmsDelivery {
                subject,
                outcome,
                provider,
                detail,
            },
        );
    }
}
