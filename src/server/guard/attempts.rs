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
    /// The limits of the identifier that allow no further attempt if it fails. The wait after each
    /// failure is none of them.
    pub exhausted: Vec<ExhaustedLimit>,
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
        let counted = self.identifier_attempts(subject.device, None);
        let keys: Vec<String> = counted.iter().map(Limit::key).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let usage = self.store.usage(&group, &keys, now).await?;
        let counted: Vec<(Limit, Usage)> = counted.into_iter().zip(usage).collect();
        let used = |kind| {
            let found = counted.iter().find(|(limit, _)| limit.kind == kind);
            found.map_or(0, |(_, usage)| usage.used)
        };
        let failures = used(LimitKind::Failures);
        let device_failures = used(LimitKind::DeviceFailures);
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
            exhausted: exhausted_by_one_more(&counted, now),
        };
        let limits = self.identifier_attempts(subject.device, self.backoff_after(previous));
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

/// The limits of an identifier that one more attempt uses up. Of several that end together only the
/// first, which is the one that refuses then.
fn exhausted_by_one_more(counted: &[(Limit, Usage)], now: Timestamp) -> Vec<ExhaustedLimit> {
    let mut exhausted: Vec<ExhaustedLimit> = Vec::new();
    for (limit, usage) in counted {
        let retry_at = now + limit.window;
        if usage.used.saturating_add(1) >= limit.maximum
            && limit.maximum != u32::MAX
            && exhausted.iter().all(|other| other.retry_at != retry_at)
        {
            exhausted.push(ExhaustedLimit {
                kind: limit.kind,
                retry_at,
            });
        }
    }
    exhausted
}
