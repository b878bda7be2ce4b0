//! Whether a passcode may be tried. Reserved before anything is compared.

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::derived_keys::Digest;
use crate::server::guard::{Device, ExhaustedLimit, Guard, Network, Reservations, Subject};
use crate::server::store::{Group, ReservationOutcome, ReservationRequest, StoreError, Usage};

/// Whether a passcode of an identifier may be tried.
#[derive(Debug)]
pub enum AttemptDecision {
    /// Yes.
    Granted(AttemptReservation),
    /// No, by a limit of the address; it may be told.
    Refused(ExhaustedLimit),
    /// No: it must look like a wrong code. The limit is for the operator.
    Silent(ExhaustedLimit),
}

/// A try that is counted.
#[derive(Debug, Default)]
pub struct AttemptReservation {
    /// To be given back if the try never reached upstream.
    pub granted: Reservations,
    /// If it fails: so many consecutive failures of the number are put on record, unless they were
    /// before.
    pub alert: Option<u32>,
    /// If it fails: the known browser that tries is a stranger from then on.
    pub demotes: bool,
}

impl Guard {
    /// Whether a passcode may be tried: by this address, whosever it is, and then of this
    /// identifier. Where nothing was sent from here nothing counts against the identifier, and
    /// `counts` is `false`.
    ///
    /// # Errors
    /// The store's; nothing may be tried then.
    pub async fn admit_try(
        &self,
        asker: &Subject,
        counts: bool,
        now: Timestamp,
    ) -> Result<AttemptDecision, StoreError> {
        let network = Network::of(asker.address);
        let address = || self.wanted(network.group(), vec![self.address_tries(&network)]);
        let address = self.limits.enabled.then(address);
        let (mut attempt, identifier) = if counts {
            self.attempt(asker, now).await?
        } else {
            Default::default()
        };
        let wanted: Vec<ReservationRequest> = address.iter().chain(&identifier).cloned().collect();
        let answers = self.store.reserve_in_turn(&wanted, now).await?;
        let asked_identifier = answers.len() > usize::from(address.is_some());
        Ok(match answers.into_iter().next_back() {
            Some(ReservationOutcome::Refused {
                which: limit,
                retry_at,
            }) => {
                let spent = ExhaustedLimit { limit, retry_at };
                if asked_identifier {
                    AttemptDecision::Silent(spent)
                } else {
                    AttemptDecision::Refused(spent)
                }
            }
            _ => {
                // The address stays charged, whatever comes of the try.
                attempt.granted = Reservations(
                    identifier
                        .map(|one| (one.ticket, one.group))
                        .into_iter()
                        .collect(),
                );
                AttemptDecision::Granted(attempt)
            }
        })
    }

    /// What a try would be, and what it has to be granted.
    async fn attempt(
        &self,
        asker: &Subject,
        now: Timestamp,
    ) -> Result<(AttemptReservation, Option<ReservationRequest>), StoreError> {
        let group = Group::Identifier(asker.identifier);
        let own = asker.standing.key("browser_failures");
        let used = self.store.usage(&group, &["failures", &own], now).await?;
        let [failures, browser_failures] =
            [0, 1].map(|at| used.get(at).map_or(0, |Usage { used, .. }| *used));
        let is_known = asker.standing != Device::Stranger;
        // Strangers make nobody wait who has signed in before.
        let before = if is_known { browser_failures } else { failures };
        let attempt = AttemptReservation {
            granted: Reservations::default(),
            alert: failures
                .checked_add(1)
                .filter(|failures| (1..=*failures).contains(&self.limits.alert_failures)),
            demotes: is_known && browser_failures.saturating_add(1) >= self.limits.browser_failures,
        };
        let charges = self.tries(asker.standing, self.delay_after(before));
        Ok((attempt, Some(self.wanted(group, charges))))
    }

    /// Whether this is the first that asks since the last success: of several failures one is put
    /// on record.
    ///
    /// # Errors
    /// The store's.
    pub async fn alerts(&self, identifier: Digest, now: Timestamp) -> Result<bool, StoreError> {
        Ok(self
            .charge(Group::Identifier(identifier), vec![self.alert()], now)
            .await?
            .is_ok())
    }
}
