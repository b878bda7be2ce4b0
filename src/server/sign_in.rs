//! The use cases: start, verify, resend, sign up, sign out. Policy lives here.
//!
//! A use case takes a [`Caller`] and what was typed, and gives an [`Outcome`]; it knows nothing of
//! HTTP. What a browser is told comes from its own flow and our own clock, never from upstream's
//! reason (`docs/sign-in.md`).

pub mod identifier_parser;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio_util::task::TaskTracker;

use crate::domain::timestamp::Timestamp;
use crate::domain::{Identifier, Refusal, RefusalCode};
use crate::server::audit::{Audit, AuditSubject, Event, Origin};
use crate::server::crypto::derived_keys::{DerivedKeys, Digest, IndexPurpose};
use crate::server::crypto::opaque_token::Token;
use crate::server::guard::{Device, ExhaustedLimit, Guard, Region, Subject};
use crate::server::session::Sessions;
use crate::server::settings;
use crate::server::sign_in::identifier_parser::IdentifierParser;
use crate::server::store::StoreError;
use crate::server::system::clock::Clock;
use crate::server::system::random::Random;
use crate::server::transmit::Transmit;

pub mod device_cookie;
pub mod flow;
mod flow_store;
pub mod outcome;
pub mod resend;
pub mod response_delay;
pub mod return_url;
mod send;
pub mod send_queue;
pub mod session_actions;
pub mod start;
pub mod verify;

pub use device_cookie::RecognisedDevices;
pub use flow::Flow;
pub use flow_store::FlowStore;
pub use outcome::{BrowserEffect, FormInput, Outcome};
pub use return_url::ReturnUrlPolicy;
pub use send_queue::SendQueue;
pub use start::Start;

/// The use cases and what they need. Cheap to clone.
#[derive(Clone, Debug)]
pub struct SignIn(Arc<SignInDeps>);

/// What the use cases need.
#[derive(Debug)]
pub struct SignInDeps {
    /// The way of a sign-in.
    pub settings: settings::SignInSettings,
    /// Whether new users may come.
    pub sign_up: settings::SignUpMode,
    /// What the tenant's policy says.
    pub policy: Policy,
    /// Reads what was typed.
    pub identify: IdentifierParser,
    /// Where a way back may lead.
    pub ways_back: ReturnUrlPolicy,
    /// Sign-ins under way.
    pub flows: FlowStore,
    /// Browsers that have signed in before.
    pub browsers: RecognisedDevices,
    /// Limits.
    pub guard: Guard,
    /// Sessions.
    pub sessions: Sessions,
    /// Upstream.
    pub transmit: Transmit,
    /// Sends on their way upstream.
    pub outbox: SendQueue,
    /// The record.
    pub audit: Audit,
    /// Time.
    pub clock: Clock,
    /// Randomness.
    pub random: Random,
    /// Sub-keys.
    pub keys: Arc<DerivedKeys>,
    /// When refusals leave.
    pub pace: response_delay::ResponseDelay,
    /// What goes on after an answer; waited for when the server stops.
    pub tasks: TaskTracker,
}

/// What the tenant's policy says of passcodes, and what we make of it.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Digits in a code.
    pub length: usize,
    /// How long a code can be used: the tenant's lifetime, at most ten minutes (NIST 800-63B-4
    /// §3.1.3.2).
    pub lifetime: Duration,
    /// Tries per code.
    pub tries: u32,
    /// How long tries that are spent stay spent for a browser that is not known.
    pub strangers_wait: Duration,
    /// … for a known one: as long as the tenant's own lock.
    pub lockout: Duration,
    /// Waits between the sends of one flow.
    pub cool_down: Vec<Duration>,
    /// Whether people may choose to stay signed in.
    pub offer_stay: bool,
}

impl Policy {
    /// The policy that the settings describe.
    pub fn new(
        transmit: &settings::TransmitSettings,
        guard: &settings::GuardSettings,
        session: &settings::SessionSettings,
    ) -> Self {
        Self {
            length: transmit.otp_length,
            lifetime: transmit.code_lifetime(),
            tries: transmit.tries_per_code(),
            strangers_wait: transmit.strangers_wait(),
            lockout: transmit.otp_lockout.0,
            cool_down: if guard.enabled {
                guard.cool_down.iter().map(|span| span.0).collect()
            } else {
                Vec::new()
            },
            offer_stay: session.offer_stay,
        }
    }

    /// How long tries that are spent stay spent.
    pub fn wait(&self, standing: Device) -> Duration {
        match standing {
            Device::Stranger => self.strangers_wait,
            Device::Known(_) => self.lockout,
        }
    }
}

/// Who calls, as the layers found it.
#[derive(Clone, Debug)]
pub struct Caller {
    /// For events.
    pub origin: Origin,
    /// The client's address.
    pub address: IpAddr,
    /// `User-Agent`, cut to what upstream takes.
    pub user_agent: Option<String>,
    /// When the request came.
    pub received_at: Timestamp,
    /// The flow that its cookie names.
    pub flow: Option<Token>,
    /// The session that its cookie names.
    pub session: Option<Token>,
    /// The known browser that its cookie names.
    pub browser: Option<Token>,
}

impl SignIn {
    /// Wires the use cases.
    pub fn new(parts: SignInDeps) -> Self {
        Self(Arc::new(parts))
    }

    /// What the use cases are made of.
    pub fn parts(&self) -> &SignInDeps {
        &self.0
    }

    /// Stops sending, after what waits has been sent.
    pub async fn close(&self) {
        self.0.outbox.close().await;
    }
}

impl SignInDeps {
    /// Where the counters of an identifier lie.
    pub(super) fn identifier_key(&self, identifier: &Identifier) -> Digest {
        let value = format!("{}:{}", identifier.kind().as_str(), identifier.value());
        self.keys.index(IndexPurpose::Identifier, value.as_bytes())
    }

    /// Whom events about an identifier are about.
    pub(super) fn subject(&self, identifier: &Identifier) -> AuditSubject {
        AuditSubject::of(identifier, &self.keys)
    }

    async fn asker(&self, caller: &Caller, identifier: &Identifier) -> Result<Subject, StoreError> {
        let key = self.identifier_key(identifier);
        let standing = match &caller.browser {
            Some(token) => self.browsers.standing(token, key, self.clock.now()).await?,
            None => Device::Stranger,
        };
        Ok(Subject {
            identifier: key,
            region: self.region(identifier),
            standing,
            address: caller.address,
        })
    }

    /// Where a phone number is at home, and which numbers are near it: those that differ in the
    /// last four digits alone.
    fn region(&self, identifier: &Identifier) -> Option<Region> {
        let country = identifier.country()?.to_owned();
        let near = identifier.value().len().saturating_sub(4);
        let prefix = format!("prefix:{}", identifier.value().get(..near)?);
        Some(Region {
            country,
            prefix: self.keys.index(IndexPurpose::Identifier, prefix.as_bytes()),
        })
    }

    /// What upstream is told of a browser that is known for the number: a name that opens nothing
    /// and leads to nothing else of ours. Of others nothing: they have no lasting id.
    fn device_id(&self, standing: Device) -> Option<String> {
        match standing {
            Device::Known(id) => {
                Some(URL_SAFE_NO_PAD.encode(self.keys.index(IndexPurpose::Device, &id)))
            }
            Device::Stranger => None,
        }
    }

    fn emit(&self, caller: &Caller, event: &Event) {
        self.audit.emit(&caller.origin, event);
    }

    /// A limit that is spent and may be told.
    fn slow_down(&self, caller: &Caller, spent: &ExhaustedLimit) -> Refusal {
        let retry_after = spent.retry_at.seconds_from(self.clock.now()).max(1);
        self.emit(
            caller,
            &Event::RateLimit {
                limit: crate::server::guard::limit_name(&spent.limit),
                retry_after,
            },
        );
        Refusal::slow_down(retry_after)
    }

    /// The store failed: nobody is served, and the operator reads why.
    fn store_failed(&self, caller: &Caller, error: &StoreError) -> RefusalCode {
        tracing::error!(request_id = caller.origin.request_id, %error, "the store failed; request refused");
        RefusalCode::Unavailable
    }
}
