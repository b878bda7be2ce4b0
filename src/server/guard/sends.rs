//! Whether a code may be sent.

use std::net::IpAddr;

use aws_lc_rs::digest::{self, SHA256};
use serde::{Deserialize, Serialize};

use crate::domain::timestamp::Timestamp;
use crate::server::crypto::derived_keys::Digest;
use crate::server::guard::budgets::PREFIX;
use crate::server::guard::{ExhaustedLimit, Guard, Network, Region, Reservations, Subject};
use crate::server::store::{
    Group, ReservationId, ReservationOutcome, ReservationRequest, SettleMode, StoreError,
};
use crate::server::system::random::Random;

/// A send that was asked for. Its flow remembers it, and so finds what it was charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendRecord {
    /// When, which names it in its flow.
    pub at: Timestamp,
    /// From where.
    pub from: IpAddr,
    /// Tells it from others of the same flow and millisecond, which pay for themselves.
    #[serde(default)]
    nonce: u64,
}

impl SendRecord {
    /// A send that is asked for now.
    pub fn new(at: Timestamp, from: IpAddr, random: &Random) -> Self {
        Self {
            at,
            from,
            nonce: u64::from_be_bytes(random.bytes()),
        }
    }

    /// The name of its reservation in a group: the same whenever it is asked for.
    fn ticket(&self, flow: Digest, group: &str) -> ReservationId {
        let mut context = digest::Context::new(&SHA256);
        let (at, nonce) = (self.at.as_millis().to_be_bytes(), self.nonce.to_be_bytes());
        for part in [flow.as_slice(), &at, &nonce, group.as_bytes()] {
            context.update(part);
        }
        let mut ticket = [0; 16];
        for (byte, hashed) in ticket.iter_mut().zip(context.finish().as_ref()) {
            *byte = *hashed;
        }
        ReservationId(ticket)
    }
}

/// Whether a code may be sent.
#[derive(Debug)]
pub enum SendDecision {
    /// Yes; to be settled when the outcome is known.
    Granted(Reservations),
    /// No, by a limit of the identifier or of the numbers near it: it must look as if it were sent.
    Withheld {
        /// Which limit.
        limit: String,
    },
    /// No, by a limit that may be told.
    Refused(ExhaustedLimit),
}

impl Guard {
    /// Whether a code may be sent for a flow. `creates_user`: the send is preceded by the creation
    /// of a user, which has a budget of its own.
    ///
    /// # Errors
    /// The store's; nothing may be sent then.
    pub async fn admit_send(
        &self,
        asker: &Subject,
        flow: Digest,
        sent: SendRecord,
        creates_user: bool,
    ) -> Result<SendDecision, StoreError> {
        if !self.limits.enabled {
            return Ok(SendDecision::Granted(Reservations::default()));
        }
        let network = Network::of(sent.from);
        if let Some(region) = &asker.region
            && let Err(spent) = self.admit_country(region, &network, sent.at).await?
        {
            return Ok(SendDecision::Refused(spent));
        }
        let wanted = |name, group, charges| ReservationRequest {
            ticket: sent.ticket(flow, name),
            group,
            charges,
        };
        // What the service says must be said also of an identifier that is limited, so it is asked
        // before.
        let wanted = [
            wanted(
                "address",
                network.group(),
                self.address_sends(&network, creates_user),
            ),
            wanted(
                "service",
                Group::Service,
                self.service_sends(asker.region.as_ref(), asker.standing, creates_user),
            ),
            wanted(
                "identifier",
                Group::Identifier(asker.identifier),
                self.identifier_sends(asker.standing),
            ),
        ];
        let mut answers = self.store.reserve_in_turn(&wanted, sent.at).await?;
        let asked = answers.len();
        // The address stays charged whatever comes next: a flood of refused requests is a flood.
        let [_, service, identifier] = wanted.map(|wanted| (wanted.ticket, wanted.group));
        match answers.pop() {
            Some(ReservationOutcome::Refused { which, .. }) if asked == 3 => {
                // What may be told stays charged, or it would tell that the number is limited. What
                // acts silently comes back, or whoever asks for one number again and again would
                // shut its neighbours out.
                let silent = asker
                    .region
                    .as_ref()
                    .map(Region::prefix_keys)
                    .unwrap_or_default();
                self.settle(
                    Reservations(vec![service]),
                    &SettleMode::GiveBackOnly(silent),
                    sent.at,
                )
                .await?;
                Ok(SendDecision::Withheld { limit: which })
            }
            Some(ReservationOutcome::Refused { which, .. }) if which.starts_with(PREFIX) => {
                Ok(SendDecision::Withheld { limit: which })
            }
            Some(ReservationOutcome::Refused {
                which: limit,
                retry_at,
            }) => Ok(SendDecision::Refused(ExhaustedLimit { limit, retry_at })),
            _ => Ok(SendDecision::Granted(Reservations(vec![
                identifier, service,
            ]))),
        }
    }

    /// Whether the address may send to one more country; the ones it has sent to lately may be sent
    /// to again.
    async fn admit_country(
        &self,
        region: &Region,
        network: &Network,
        now: Timestamp,
    ) -> Result<Result<(), ExhaustedLimit>, StoreError> {
        if self.has_sent_to(network, region, now).await? {
            return Ok(Ok(()));
        }
        let seen = self.country_seen(network, region);
        // Of several first sends to a country one is granted this, and that one counts the country.
        let Ok(first) = self.charge(network.group(), vec![seen], now).await? else {
            return Ok(Ok(()));
        };
        let counted = self
            .charge(network.group(), vec![self.address_countries(network)], now)
            .await?;
        if let Err(spent) = counted {
            self.give_back(first, now).await?;
            return Ok(Err(spent));
        }
        Ok(Ok(()))
    }

    /// What the sends of a flow were charged as unverified comes back: somebody has typed the code.
    pub(super) async fn verified(
        &self,
        asker: &Subject,
        flow: Digest,
        sends: &[SendRecord],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if !self.limits.enabled {
            return Ok(());
        }
        for sent in sends {
            let network = Network::of(sent.from);
            let address = network.group();
            let of_address = SettleMode::GiveBackOnly(self.address_unverified(&network));
            let of_service =
                SettleMode::GiveBackOnly(self.service_unverified(asker.region.as_ref()));
            tokio::try_join!(
                self.store
                    .settle(sent.ticket(flow, "address"), &address, of_address, now),
                self.store.settle(
                    sent.ticket(flow, "service"),
                    &Group::Service,
                    of_service,
                    now
                ),
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sends_of_one_flow_and_millisecond_pay_each_for_themselves() {
        let (now, here) = (
            Timestamp::from_secs(1000),
            IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
        );
        let [one, another] = [(); 2].map(|()| SendRecord::new(now, here, &Random::system()));
        assert_ne!(
            one.ticket([1; 32], "address"),
            another.ticket([1; 32], "address")
        );
        assert_ne!(
            one.ticket([1; 32], "address"),
            one.ticket([1; 32], "service")
        );
        assert_ne!(
            one.ticket([1; 32], "address"),
            one.ticket([2; 32], "address")
        );
        assert_eq!(
            one.ticket([1; 32], "address"),
            one.ticket([1; 32], "address")
        );
    }
}
