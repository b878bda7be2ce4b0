//! Which provider is asked. The second one only when the first surely refused: whoever may have
//! taken a message must not be followed by another, because the phone would get it twice. No
//! provider is asked twice for one delivery, and none for a test number.

use std::fmt::Write as _;
use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::server::audit::{Audit, AuditSubject, Event, Origin, SmsOutcome};
use crate::server::crypto::derived_keys::{DerivedKeys, Digest};
use crate::server::sms_gateway::GatewayDeps;
use crate::server::sms_gateway::idempotency::{IdempotencyCache, Lookup};
use crate::server::sms_gateway::provider::{Provider, ProviderReply};
use crate::server::sms_gateway::sms::Sms;
use crate::server::test_numbers::TestNumbers;

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DeliveryOutcome {
    /// A provider took it, or it is kept.
    Accepted,
    /// A provider may have taken it.
    Unknown,
    /// No provider took it.
    NotSent,
}

/// There is no place for a delivery now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DispatcherBusy;

/// Carries deliveries to providers.
pub(super) struct Dispatcher {
    providers: Vec<Provider>,
    in_flight: Semaphore,
    memory: IdempotencyCache,
    audit: Audit,
    keys: Arc<DerivedKeys>,
    test_numbers: TestNumbers,
}

impl Dispatcher {
    pub fn new(providers: Vec<Provider>, max_in_flight: usize, around: GatewayDeps) -> Self {
        let GatewayDeps {
            clock,
            audit,
            keys,
            test_numbers,
        } = around;
        let in_flight = Semaphore::new(max_in_flight.min(Semaphore::MAX_PERMITS));
        Self {
            providers,
            in_flight,
            memory: IdempotencyCache::new(clock),
            audit,
            keys,
            test_numbers,
        }
    }

    /// Carries one delivery, or says what became of it when it was carried before.
    pub async fn carry(&self, sms: &Sms) -> Result<DeliveryOutcome, DispatcherBusy> {
        let digest = sms.digest(&self.keys);
        let outcome = match self.memory.recall(digest) {
            Lookup::New(place) => {
                let Ok(_permit) = self.in_flight.try_acquire() else {
                    place.settle(DeliveryOutcome::NotSent);
                    return Err(self.busy(sms, "gateway.max_in_flight"));
                };
                let outcome = self.deliver(sms, &digest).await;
                place.settle(outcome);
                return Ok(outcome);
            }
            Lookup::UnderWay(wait) => wait.outcome().await,
            Lookup::Ended(outcome) => outcome,
            Lookup::Full => return Err(self.busy(sms, "memory")),
        };
        self.record(sms, SmsOutcome::Repeated, None, String::new());
        Ok(outcome)
    }

    async fn deliver(&self, sms: &Sms, digest: &Digest) -> DeliveryOutcome {
        if self.test_numbers.includes(&sms.to) {
            self.keep(sms).await
        } else {
            self.ask(sms, digest).await
        }
    }

    /// A message that cannot be kept is not sent either: whoever waits for it looks here.
    async fn keep(&self, sms: &Sms) -> DeliveryOutcome {
        match self.test_numbers.keep(&sms.to, &sms.text).await {
            Ok(()) => {
                self.record(sms, SmsOutcome::Kept, None, String::new());
                DeliveryOutcome::Accepted
            }
            Err(error) => {
                tracing::error!(%error, "a message to a test number could not be kept");
                self.record(sms, SmsOutcome::NotSent, None, "store".to_owned());
                DeliveryOutcome::NotSent
            }
        }
    }

    async fn ask(&self, sms: &Sms, digest: &Digest) -> DeliveryOutcome {
        let mut detail = String::new();
        for provider in &self.providers {
            let attempt = provider.send(sms, digest).await;
            let (name, verdict) = (provider.name().as_str(), attempt.verdict);
            let separator = if detail.is_empty() { "" } else { "; " };
            let _ = write!(detail, "{separator}{name} {}: {attempt}", verdict.as_str());
            let (outcome, recorded) = match verdict {
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
            self.record(sms, recorded, Some(name), detail);
            return outcome;
        }
        tracing::error!(detail, "a message was not sent");
        self.record(sms, SmsOutcome::NotSent, None, detail);
        DeliveryOutcome::NotSent
    }

    fn busy(&self, sms: &Sms, limit: &str) -> DispatcherBusy {
        tracing::warn!(
            limit,
            "a message was refused: as many as allowed are under way"
        );
        self.record(sms, SmsOutcome::NotSent, None, limit.to_owned());
        DispatcherBusy
    }

    fn record(
        &self,
        sms: &Sms,
        outcome: SmsOutcome,
        provider: Option<&'static str>,
        detail: String,
    ) {
        let subject = AuditSubject::of(&sms.identifier(), &self.keys);
        let detail = Some(detail).filter(|detail| !detail.is_empty());
        self.audit.emit(
            &Origin::default(),
            &Event::SmsDelivery {
                subject,
                outcome,
                provider,
                detail,
            },
        );
    }
}
