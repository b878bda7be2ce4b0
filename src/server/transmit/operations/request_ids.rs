//! Whether the tenant is asked for request ids, which bind codes to their flows.
//!
//! The field is newer than some tenants. A tenant that does not know it refuses the whole call, so
//! that is remembered for a day. It is accepted only if a 400 names the field and the same call
//! without the field gets past that error: an error about one user proves nothing.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::domain::timestamp::Timestamp;
use crate::server::settings::transmit::RequestIdMode;
use crate::server::system::clock::Clock;
use crate::server::system::mutex::lock;
use crate::server::transmit::Transmit;
use crate::server::transmit::transport::failure::{Failure, FailureKind};
use crate::server::transmit::transport::reason::Reason;

/// How long it is remembered that the tenant does not know the field.
const REMEMBERED_FOR: Duration = Duration::from_secs(86_400);

/// What is set and what was learned about request ids.
pub(in crate::server::transmit) struct RequestIds {
    mode: RequestIdMode,
    clock: Clock,
    unknown_until: Mutex<Option<Timestamp>>,
    /// Whether it was logged that a response had no request id.
    is_missing_id_logged: AtomicBool,
}

impl RequestIds {
    pub fn new(mode: RequestIdMode, clock: Clock) -> Self {
        Self {
            mode,
            clock,
            unknown_until: Mutex::new(None),
            is_missing_id_logged: AtomicBool::new(false),
        }
    }

    /// Whether the next call asks for one.
    pub fn are_requested(&self) -> bool {
        match self.mode {
            RequestIdMode::Auto => self.unknown_until().is_none(),
            RequestIdMode::Required => true,
            RequestIdMode::Off => false,
        }
    }

    /// Whether a call that asked is repeated without asking after this failure.
    pub fn is_repeated_without(&self, failure: &Failure) -> bool {
        self.mode == RequestIdMode::Auto && is_unknown_field(failure)
    }

    /// Takes note of the result of the repeated call. It proves that the field was the cause if
    /// upstream now processed the call, or refused it because of the user.
    pub fn learn<T>(&self, repeated: &Result<T, Failure>) {
        let is_processed = repeated.as_ref().err().is_none_or(|failure| {
            matches!(failure.kind, FailureKind::Refused(reason) if reason.is_user_error())
        });
        // Of concurrent calls the first one says it.
        if !is_processed || self.unknown_until().is_some() {
            return;
        }
        let until = self.clock.now() + REMEMBERED_FOR;
        *lock(&self.unknown_until) = Some(until);
        tracing::warn!(
            asked_again_at = until.to_rfc3339(),
            "the tenant does not know generate_request_id: codes are not bound to their flow"
        );
    }

    /// Checks and counts the request id of a response, which has one or not.
    ///
    /// # Errors
    /// [`FailureKind::NoRequestId`] where one is required.
    pub fn check(&self, is_requested: bool, has_id: bool) -> Result<(), FailureKind> {
        let outcome = match (is_requested, has_id) {
            (_, true) => "returned",
            (true, false) => "missing",
            (false, false) => "not_requested",
        };
        metrics::counter!("latchkey_upstream_request_ids_total", "outcome" => outcome).increment(1);
        if self.mode == RequestIdMode::Required && !has_id {
            return Err(FailureKind::NoRequestId);
        }
        if outcome == "missing" && !self.is_missing_id_logged.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "the tenant was asked for a request id and returned none: such codes are not \
                 bound to their flow"
            );
        }
        Ok(())
    }

    fn unknown_until(&self) -> Option<Timestamp> {
        let now = self.clock.now();
        (*lock(&self.unknown_until)).filter(|until| now < *until)
    }
}

/// Whether a failure says that the tenant does not know the field.
fn is_unknown_field(failure: &Failure) -> bool {
    failure.kind == FailureKind::Refused(Reason::RequestIdUnknown)
}

impl Transmit {
    /// Whether the next code is asked for with a request id.
    pub fn requests_ids(&self) -> bool {
        self.shared.otp_options.request_ids.are_requested()
    }

    /// Whether a code without a request id must not be verified (`transmit.generate_request_id =
    /// true`).
    pub fn requires_request_ids(&self) -> bool {
        self.shared.otp_options.request_ids.mode == RequestIdMode::Required
    }

    /// Until when the tenant is not asked for request ids, because it does not know them.
    pub fn request_ids_unknown_until(&self) -> Option<Timestamp> {
        self.shared.otp_options.request_ids.unknown_until()
    }

    /// Restores what an earlier process learned. A time that is further away than anything that
    /// could have been learned is cut.
    pub fn restore_request_ids_unknown_until(&self, until: Timestamp) {
        let ids = &self.shared.otp_options.request_ids;
        let until = until.min(ids.clock.now() + REMEMBERED_FOR);
        *lock(&ids.unknown_until) = Some(until);
    }
}
