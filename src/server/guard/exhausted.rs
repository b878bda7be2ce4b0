//! Which limits of an address are exhausted, found out before anything is written.
//!
//! So clients that continue after a refusal cause no writes. A limit that is not exhausted must
//! still be reserved: of several concurrent requests some are refused only then.

use std::net::IpAddr;

use crate::domain::Channel;
use crate::domain::timestamp::Timestamp;
use crate::server::guard::limit::Limit;
use crate::server::guard::{Destination, ExhaustedLimit, Guard, LimitKind, Network, SendKind};
use crate::server::store::{StoreError, Usage};

/// The limits of an address that do not allow another send.
#[derive(Clone, Debug, Default)]
pub struct ExhaustedSendLimits {
    send: Option<ExhaustedLimit>,
    user_creation: Option<ExhaustedLimit>,
}

impl ExhaustedSendLimits {
    /// The limit that refuses a send. `creates_user`: the send follows the creation of a user,
    /// which has a limit of its own.
    pub fn find(&self, creates_user: bool) -> Option<&ExhaustedLimit> {
        let user_creation = self.user_creation.as_ref().filter(|_| creates_user);
        self.send.as_ref().or(user_creation)
    }
}

impl Guard {
    /// The limits of an address that do not allow another send to a destination.
    ///
    /// # Errors
    /// The store's; nothing may be sent then.
    pub async fn exhausted_sends(
        &self,
        address: IpAddr,
        destination: Option<&Destination>,
        channel: Channel,
        now: Timestamp,
    ) -> Result<ExhaustedSendLimits, StoreError> {
        if !self.settings.enabled {
            return Ok(ExhaustedSendLimits::default());
        }
        let network = Network::of(address);
        let kind = SendKind {
            channel,
            creates_user: true,
        };
        let limits = self.address_sends(&network, kind);
        let destination = destination.filter(|_| channel.is_sms());
        let (country, exhausted) = tokio::try_join!(
            self.exhausted_countries(&network, destination, now),
            self.find_exhausted(&network, &limits, now)
        )?;
        let (user_creation, sends): (Vec<_>, Vec<_>) = exhausted
            .into_iter()
            .partition(|exhausted| exhausted.kind == LimitKind::SignUpsAddressHour);
        Ok(ExhaustedSendLimits {
            send: country.into_iter().chain(sends).next(),
            user_creation: user_creation.into_iter().next(),
        })
    }

    /// The limit of an address that does not allow another attempt.
    ///
    /// # Errors
    /// The store's; nothing may be tried then.
    pub async fn exhausted_attempts(
        &self,
        address: IpAddr,
        now: Timestamp,
    ) -> Result<Option<ExhaustedLimit>, StoreError> {
        if !self.settings.enabled {
            return Ok(None);
        }
        let network = Network::of(address);
        Ok(self
            .find_exhausted(&network, &[self.address_attempts(&network)], now)
            .await?
            .pop())
    }

    /// The limit on the number of countries; it does not apply to a country that the address has
    /// sent to recently.
    async fn exhausted_countries(
        &self,
        network: &Network,
        destination: Option<&Destination>,
        now: Timestamp,
    ) -> Result<Option<ExhaustedLimit>, StoreError> {
        match destination {
            Some(destination) if !self.has_sent_to(network, destination, now).await? => {
                let limits = [self.address_countries(network)];
                Ok(self.find_exhausted(network, &limits, now).await?.pop())
            }
            _ => Ok(None),
        }
    }

    /// Whether an address has sent to a country recently.
    pub(super) async fn has_sent_to(
        &self,
        network: &Network,
        destination: &Destination,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mark = self.country_mark(network, destination).key();
        let usage = self.store.usage(&network.group(), &[&mark], now).await?;
        Ok(usage.iter().any(|usage| usage.used > 0))
    }

    async fn find_exhausted(
        &self,
        network: &Network,
        limits: &[Limit],
        now: Timestamp,
    ) -> Result<Vec<ExhaustedLimit>, StoreError> {
        let keys: Vec<String> = limits.iter().map(Limit::key).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let usage = self.store.usage(&network.group(), &keys, now).await?;
        let exhausted = |(limit, Usage { used, resets_at }): (&Limit, Usage)| {
            (used >= limit.maximum).then(|| ExhaustedLimit {
                kind: limit.kind,
                retry_at: resets_at.unwrap_or(now + limit.window),
            })
        };
        Ok(limits.iter().zip(usage).filter_map(exhausted).collect())
    }
}
