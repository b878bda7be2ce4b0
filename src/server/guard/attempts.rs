//! Whether a passcode may be tried. The attempt is reserved before anything is compared.

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::hash::Digest;
use crate::server::guard::limit::Limit;
use crate::server::guard::{
    Device, Disclosure, ExhaustedLimit, Guard, LimitKind, LimitRequest, Network, Reservations,
    Subject,
};
use crate::server::store::{Group, StoreError, Usage};

/// Whether a passcode of an identifier may be tried.
#[derive(Debug)]
pub enum AttemptDecision {
    /// It may.
    Granted(AttemptReservation),
    /// A disclosed limit refuses it.
    Refused(ExhaustedLimit),
    /// An undisclosed limit refuses it: the answer must be that to a wrong code.
    RefusedUndisclosed(ExhaustedLimit),
}

/// An attempt that is counted.
#[derive(Debug, Default)]
pub struct AttemptReservation {
    /// To be refunded if the attempt never reached upstream.
    pub charged: Reservations,
    /// The number of consecutive failures to audit-log if it fails, unless that was done before.
    pub alert: Option<u32>,
    /// Whether the device is no longer recognised if it fails.
    pub is_last_of_device: bool,
}

impl Guard {
    /// Reserves an attempt: by the address, and then by the identifier.
    ///
    /// `counts` is `false` where no code was sent from here. Nothing counts against the identifier
    /// then.
    ///
    /// # Errors
    /// The store's; nothing may be tried then.
    pub async fn reserve_attempt(
        &self,
        subject: &Subject,
        counts: bool,
        now: Timestamp,
    ) -> Result<AttemptDecision, StoreError> {
        let network = Network::of(subject.address);
        let by_address = self
            .settings
            .enabled
            .then(|| self.limit_request(network.group(), vec![self.address_attempts(&network)]));
        let (mut attempt, by_identifier) = if counts {
            let (attempt, request) = self.prepare_attempt(subject, now).await?;
            (attempt, Some(request))
        } else {
            (AttemptReservation::default(), None)
        };
        let requests: Vec<LimitRequest> = by_address.into_iter().chain(by_identifier).collect();
        if let Some(exhausted) = self.charge_in_turn(&requests, now).await? {
            return Ok(match exhausted.kind.disclosure() {
                Disclosure::Disclosed => AttemptDecision::Refused(exhausted),
                Disclosure::Undisclosed => AttemptDecision::RefusedUndisclosed(exhausted),
            });
        }
        // The charge by address is final, whatever the attempt results in.
        let refundable = requests
            .into_iter()
            .filter(|request| request.group != network.group());
        attempt.charged = Reservations(
            refundable
                .map(|request| (request.id, request.group))
                .collect(),
        );
        Ok(AttemptDecision::Granted(attempt))
    }

    /// The attempt as it would be counted, and the limits of the identifier that must allow it.
    async fn prepare_attempt(
        &self,
        subject: &Subject,
        now: Timestamp,
    ) -> Result<(AttemptReservation, LimitRequest), StoreError> {
        let group = Group::Identifier(subject.identifier);
        let scope = subject.device.counter_scope();
        let counters = [
            LimitKind::Failures.key(None),
            LimitKind::DeviceFailures.key(scope.as_deref()),
        ];
        let usage = self
            .store
            .usage(&group, &counters.each_ref().map(String::as_str), now)
            .await?;
        let mut used = usage.into_iter().map(|Usage { used, .. }| used);
        let [failures, device_failures] = [(); 2].map(|()| used.next().unwrap_or_default());
        let is_recognised = subject.device != Device::Unrecognised;
        // Failures of other devices do not delay a recognised one.
        let previous = if is_recognised {
            device_failures
        } else {
            failures
        };
        let attempt = AttemptReservation {
            charged: Reservations::default(),
            alert: failures
                .checked_add(1)
                .filter(|failures| (1..=*failures).contains(&self.settings.alert_failures)),
            is_last_of_device: is_recognised
                && device_failures.saturating_add(1) >= self.settings.browser_failures,
        };
        let limits: Vec<Limit> =
            self.identifier_attempts(subject.device, self.backoff_after(previous));
        Ok((attempt, self.limit_request(group, limits)))
    }

    /// Whether this failure is the first of its run to be audit-logged. It then counts as logged
    /// until the next success.
    ///
    /// # Errors
    /// The store's.
    pub async fn claim_failure_alert(
        &self,
        identifier: Digest,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let group = Group::Identifier(identifier);
        let request = self.limit_request(group, vec![self.failure_alert()]);
        Ok(self.charge(&request, now).await?.is_none())
    }
}
