//! Whether a code may be sent.

use std::net::IpAddr;

use aws_lc_rs::digest::{self, SHA256};
use serde::{Deserialize, Serialize};

use crate::domain::Channel;
use crate::domain::timestamp::Timestamp;
use crate::server::crypto::hash::Digest;
use crate::server::guard::limit::Limit;
use crate::server::guard::{
    Destination, Device, Disclosure, ExhaustedLimit, Guard, LimitKind, LimitRequest, Network,
    Reservations, Subject,
};
use crate::server::store::{Group, ReservationId, SettleMode, StoreError};
use crate::server::system::random::Random;

/// A requested send. Its flow remembers it, and so finds what it was charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendRecord {
    /// When it was requested; identifies it in its flow.
    pub at: Timestamp,
    /// The client's address.
    pub from: IpAddr,
    /// Tells it from others of the same flow and millisecond, which are charged separately.
    #[serde(default)]
    nonce: u64,
    /// How the code is sent. Codes by e-mail are charged to budgets of their own besides.
    #[serde(default, skip_serializing_if = "Channel::is_sms")]
    pub channel: Channel,
}

impl SendRecord {
    /// A send that is requested now.
    pub fn new(at: Timestamp, from: IpAddr, channel: Channel, random: &Random) -> Self {
        Self {
            at,
            from,
            nonce: u64::from_be_bytes(random.bytes()),
            channel,
        }
    }

    /// The id of its reservation in a group. It can be computed again later.
    fn reservation_id(&self, flow: Digest, group: &str) -> ReservationId {
        let mut context = digest::Context::new(&SHA256);
        let (at, nonce) = (self.at.as_millis().to_be_bytes(), self.nonce.to_be_bytes());
        for part in [flow.as_slice(), &at, &nonce, group.as_bytes()] {
            context.update(part);
        }
        let mut id = [0; 16];
        for (byte, hashed) in id.iter_mut().zip(context.finish().as_ref()) {
            *byte = *hashed;
        }
        ReservationId(id)
    }
}

/// What budgets a send is charged to.
#[derive(Clone, Copy, Debug)]
pub(super) struct SendKind {
    pub channel: Channel,
    /// Whether it follows the creation of a user.
    pub creates_user: bool,
}

/// Whether a code may be sent.
#[derive(Debug)]
pub enum SendDecision {
    /// It may; to be settled when the outcome is known.
    Granted(Reservations),
    /// An undisclosed limit refuses it: the answer must be that to a send.
    Withheld(LimitKind),
    /// A disclosed limit refuses it.
    Refused(ExhaustedLimit),
}

impl Guard {
    /// Reserves a send for a flow. `creates_user`: the send follows the creation of a user, which
    /// has a budget of its own.
    ///
    /// # Errors
    /// The store's; nothing may be sent then.
    pub async fn reserve_send(
        &self,
        subject: &Subject,
        flow: Digest,
        send: SendRecord,
        creates_user: bool,
    ) -> Result<SendDecision, StoreError> {
        if !self.settings.enabled {
            return Ok(SendDecision::Granted(Reservations::default()));
        }
        // Countries and number prefixes cost money by SMS alone.
        let destination = subject
            .destination
            .as_ref()
            .filter(|_| send.channel.is_sms());
        let network = Network::of(send.from);
        let kind = SendKind {
            channel: send.channel,
            creates_user,
        };
        if let Some(destination) = destination
            && let Some(exhausted) = self
                .charge_address_countries(destination, &network, send.at)
                .await?
        {
            return Ok(SendDecision::Refused(exhausted));
        }
        let request =
            |name, group, limits| LimitRequest::new(send.reservation_id(flow, name), group, limits);
        // Limits of the service come before those of the identifier: their disclosed refusal must
        // be the same for an identifier that is limited.
        let requests = [
            request(
                "address",
                network.group(),
                self.address_sends(&network, kind),
            ),
            request(
                "service",
                Group::Service,
                self.service_sends(destination, subject.device, kind),
            ),
            request(
                "identifier",
                Group::Identifier(subject.identifier),
                self.identifier_sends(subject.device, send.channel),
            ),
        ];
        let exhausted = self.charge_in_turn(&requests, send.at).await?;
        // The address stays charged in any case, because refused requests can be a flood too.
        let [_, service, identifier] = requests;
        let Some(exhausted) = exhausted else {
            let [identifier, service] =
                [identifier, service].map(|request| (request.id, request.group));
            return Ok(SendDecision::Granted(Reservations(vec![
                identifier, service,
            ])));
        };
        if exhausted.kind.is_by_identifier() {
            // Disclosed limits stay charged, or they would show that the number is limited.
            // Undisclosed ones are refunded, or requests for one number would block the numbers
            // near it.
            let undisclosed = keys_where(&service.limits, |kind| {
                kind.disclosure() == Disclosure::Undisclosed
            });
            let mode = SettleMode::RefundOnly(undisclosed);
            self.settle(service.into_reservations(), &mode, send.at)
                .await?;
        }
        Ok(match exhausted.kind.disclosure() {
            Disclosure::Disclosed => SendDecision::Refused(exhausted),
            Disclosure::Undisclosed => SendDecision::Withheld(exhausted.kind),
        })
    }

    /// Charges the limit on the countries of an address, unless the address has sent to this
    /// country recently. Returns the limit if it is exhausted.
    async fn charge_address_countries(
        &self,
        destination: &Destination,
        network: &Network,
        now: Timestamp,
    ) -> Result<Option<ExhaustedLimit>, StoreError> {
        if self.has_sent_to(network, destination, now).await? {
            return Ok(None);
        }
        // Of several concurrent first sends to a country one gets the mark and counts the country.
        let mark = self.country_mark(network, destination);
        let mark = self.limit_request(network.group(), vec![mark]);
        if self.charge(&mark, now).await?.is_some() {
            return Ok(None);
        }
        let countries = vec![self.address_countries(network)];
        let exhausted = self
            .charge(&self.limit_request(network.group(), countries), now)
            .await?;
        if exhausted.is_some() {
            self.refund(mark.into_reservations(), now).await?;
        }
        Ok(exhausted)
    }

    /// Refunds what the sends of a flow were charged as unverified: the code was typed.
    pub(super) async fn refund_unverified(
        &self,
        subject: &Subject,
        flow: Digest,
        sends: &[SendRecord],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if !self.settings.enabled {
            return Ok(());
        }
        let unverified = |limits: &[Limit]| {
            SettleMode::RefundOnly(keys_where(limits, LimitKind::is_of_unverified_sends))
        };
        for send in sends {
            let network = Network::of(send.from);
            let kind = SendKind {
                channel: send.channel,
                creates_user: false,
            };
            let destination = subject.destination.as_ref();
            let service = self.service_sends(destination, Device::Unrecognised, kind);
            let address = self.address_sends(&network, kind);
            let refund = |name, group, limits| async move {
                let id = send.reservation_id(flow, name);
                self.store.settle(id, &group, unverified(limits), now).await
            };
            tokio::try_join!(
                refund("address", network.group(), &address),
                refund("service", Group::Service, &service),
            )?;
        }
        Ok(())
    }
}

fn keys_where(limits: &[Limit], condition: impl Fn(LimitKind) -> bool) -> Vec<String> {
    limits
        .iter()
        .filter(|limit| condition(limit.kind))
        .map(Limit::key)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sends_of_one_flow_and_millisecond_are_charged_separately() {
        let (now, here) = (
            Timestamp::from_secs(1000),
            IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
        );
        let [one, another] =
            [(); 2].map(|()| SendRecord::new(now, here, Channel::Sms, &Random::system()));
        let id = one.reservation_id([1; 32], "address");
        assert_ne!(id, another.reservation_id([1; 32], "address"));
        assert_ne!(id, one.reservation_id([1; 32], "service"));
        assert_ne!(id, one.reservation_id([2; 32], "address"));
        assert_eq!(id, one.reservation_id([1; 32], "address"));
    }
}
