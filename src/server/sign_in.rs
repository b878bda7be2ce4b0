//! The use cases of a sign-in: start, verify, resend, sign up, sign out.
//!
//! A use case takes a [`Caller`] and the form's input, and returns an [`Outcome`]. What a browser
//! is told comes from its own flow and the server's clock, never from upstream's reason
//! (docs/auditors/disclosure.md).

use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio_util::task::TaskTracker;

use crate::domain::timestamp::Timestamp;
use crate::domain::{Channel, Identifier, LimitReason, Refusal, RefusalCode};
use crate::server::audit::{
    AuditLog, AuditSubject, Event, EventSource, LimitDecision, Pseudonyms, Purpose, RecentEvents,
};
use crate::server::crypto::derived_keys::{DerivedKeys, IndexPurpose};
use crate::server::crypto::hash::Digest;
use crate::server::crypto::opaque_token::Token;
use crate::server::guard::{Destination, Device, ExhaustedLimit, Guard, Subject};
use crate::server::identifier_parser::IdentifierParser;
use crate::server::passcode_policy::TenantPasscodePolicy;
use crate::server::session::Sessions;
use crate::server::settings;
use crate::server::store::StoreError;
use crate::server::system::clock::Clock;
use crate::server::system::random::Random;
use crate::server::transmit::Transmit;

pub mod device_cookie;
pub mod flow;
mod flow_store;
pub mod outcome;
pub mod policy;
pub mod request_id_memory;
pub mod resend;
pub mod response_delay;
pub mod return_url;
mod send;
pub mod send_queue;
mod sends_in_progress;
pub mod session_actions;
pub mod start;
pub mod verify;

pub use device_cookie::RecognisedDevices;
pub use flow::Flow;
pub use flow_store::{FlowStore, UpdateOutcome};
pub use outcome::{BrowserEffect, FormInput, Outcome};
pub use policy::{CodeTerms, PasscodePolicy, PasscodeRules};
pub use return_url::ReturnUrlPolicy;
pub use send_queue::SendQueue;
pub use start::StartInput;

/// The use cases. Cheap to clone.
#[derive(Clone, Debug)]
pub struct SignIn(Arc<SignInDeps>);

/// What the use cases depend on.
#[expect(missing_docs, reason = "most fields are named for their types")]
#[derive(Debug)]
pub struct SignInDeps {
    pub settings: settings::SignInSettings,
    pub policy: PasscodeRules,
    /// What the tenant says of its codes.
    pub tenant_policy: TenantPasscodePolicy,
    pub identifier_parser: IdentifierParser,
    pub return_urls: ReturnUrlPolicy,
    pub flow_store: FlowStore,
    pub devices: RecognisedDevices,
    pub guard: Guard,
    pub sessions: Sessions,
    /// The upstream client.
    pub transmit: Transmit,
    pub send_queue: SendQueue,
    pub audit: AuditLog,
    pub pseudonyms: Pseudonyms,
    /// The last events of each number, for the operator.
    pub recent_events: RecentEvents,
    pub clock: Clock,
    pub random: Random,
    pub keys: Arc<DerivedKeys>,
    pub response_delay: response_delay::ResponseDelay,
    /// What goes on after a response; awaited when the server stops.
    pub tasks: TaskTracker,
}

/// The request that calls a use case, as the middleware describes it.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The request's fields in audit events.
    pub origin: EventSource,
    /// The client's address.
    pub address: IpAddr,
    /// `User-Agent`, cut to the length that upstream accepts.
    pub user_agent: Option<String>,
    /// When the request arrived.
    pub received_at: Timestamp,
    /// The token of the flow cookie.
    pub flow: Option<Token>,
    /// The token of the session cookie.
    pub session: Option<Token>,
    /// The token of the device cookie.
    pub device_token: Option<Token>,
}

impl SignIn {
    /// The use cases over their dependencies.
    pub fn new(deps: SignInDeps) -> Self {
        Self(Arc::new(deps))
    }

    /// The dependencies.
    pub fn deps(&self) -> &SignInDeps {
        &self.0
    }

    /// Stops sending, after everything in the queue is sent.
    pub async fn close(&self) {
        self.0.send_queue.close().await;
    }
}

impl SignInDeps {
    /// The key of an identifier in the store.
    pub fn identifier_key(&self, identifier: &Identifier) -> Digest {
        self.keys.identifier_index(identifier)
    }

    /// The subject of audit events about an identifier. It is read for each event, because an
    /// erasure may have unlinked the name that an earlier event had.
    pub async fn audit_subject(&self, identifier: &Identifier) -> AuditSubject {
        self.pseudonyms.subject(identifier, self.clock.now()).await
    }

    /// The subject of the guard's limits.
    async fn guard_subject(
        &self,
        caller: &Caller,
        identifier: &Identifier,
    ) -> Result<Subject, StoreError> {
        let key = self.identifier_key(identifier);
        let device = match &caller.device_token {
            Some(token) => self.devices.recognise(token, key, self.clock.now()).await?,
            None => Device::Unrecognised,
        };
        Ok(Subject {
            identifier: key,
            destination: self.destination(identifier),
            device,
            address: caller.address,
        })
    }

    /// The country of a phone number, and its number prefix: the number without its last four
    /// digits.
    pub fn destination(&self, identifier: &Identifier) -> Option<Destination> {
        let country = identifier.country()?.to_owned();
        let length = identifier.value().len().saturating_sub(4);
        let prefix = format!("prefix:{}", identifier.value().get(..length)?);
        let prefix = self.keys.index(IndexPurpose::Identifier, prefix.as_bytes());
        Some(Destination { country, prefix })
    }

    /// The device id that upstream gets: derived, so that it leads to nothing else of ours.
    /// Unrecognised devices have no lasting id.
    fn device_id(&self, device: Device) -> Option<String> {
        match device {
            Device::Recognised(id) => {
                Some(URL_SAFE_NO_PAD.encode(self.keys.index(IndexPurpose::Device, &id)))
            }
            Device::Unrecognised => None,
        }
    }

    fn emit(&self, caller: &Caller, event: &Event) {
        self.audit.emit(&caller.origin, event);
    }

    /// Audit-logs that the browser is told that no code is sent.
    async fn emit_code_refused(
        &self,
        caller: &Caller,
        identifier: &Identifier,
        (purpose, channel): (Purpose, Channel),
        code: RefusalCode,
    ) {
        let subject = match code {
            // The store may be what is not available.
            RefusalCode::Unavailable => AuditSubject::new(identifier, None),
            _ => self.audit_subject(identifier).await,
        };
        let decision = LimitDecision::Refused { code };
        let requested = Event::CodeRequested {
            subject,
            purpose,
            channel,
            decision,
        };
        self.emit(caller, &requested);
    }

    /// The refusal by a disclosed limit of the guard.
    fn slow_down(&self, caller: &Caller, limit: &ExhaustedLimit) -> Refusal {
        let kind = limit.kind;
        self.limited(caller, kind.name(), kind.reason(), limit.retry_at)
    }

    /// The refusal by a disclosed limit of this name.
    fn limited(
        &self,
        caller: &Caller,
        limit: &str,
        reason: Option<LimitReason>,
        retry_at: Timestamp,
    ) -> Refusal {
        let retry_after = retry_at.seconds_from(self.clock.now()).max(1);
        self.emit(
            caller,
            &Event::RateLimit {
                limit: limit.to_owned(),
                retry_after,
            },
        );
        Refusal::slow_down(retry_after).because(reason)
    }

    /// Refuses the request because the store failed, and logs why.
    fn store_failed(&self, caller: &Caller, error: &StoreError) -> RefusalCode {
        tracing::error!(
            request_id = caller.origin.request_id,
            %error,
            "the store failed; request refused"
        );
        RefusalCode::Unavailable
    }

    /// [`Self::store_failed`] for `map_err`.
    fn on_store_error(&self, caller: &Caller) -> impl Fn(StoreError) -> RefusalCode + Copy {
        move |error| self.store_failed(caller, &error)
    }
}
