//! What an address has spent already: looked up before anything is written, so that whoever goes on
//! after a refusal writes nothing. What is not spent must still be reserved; of several requests at
//! once some are refused only then.

use std::net::IpAddr;

use crate::domain::timestamp::Timestamp;
use crate::server::guard::{Guard, Network, Region};
use crate::server::store::{Charge, StoreError, Usage};

/// A limit that is spent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExhaustedLimit {
    /// Which limit.
    pub limit: String,
    /// When to try again.
    pub retry_at: Timestamp,
}

/// What an address has spent of its sends.
#[derive(Clone, Debug, Default)]
pub struct ExhaustedSendLimits {
    plain: Option<ExhaustedLimit>,
    creating: Option<ExhaustedLimit>,
}

impl ExhaustedSendLimits {
    /// What stands before a send; `creates_user` if it is preceded by the creation of a user.
    pub fn of(&self, creates_user: bool) -> Option<&ExhaustedLimit> {
        if creates_user {
            self.creating.as_ref()
        } else {
            self.plain.as_ref()
        }
    }
}

impl Guard {
    /// What an address has spent of its sends to a region.
    ///
    /// # Errors
    /// The store's; nothing may be sent then.
    pub async fn sends_spent(
        &self,
        address: IpAddr,
        region: Option<&Region>,
        now: Timestamp,
    ) -> Result<ExhaustedSendLimits, StoreError> {
        if !self.limits.enabled {
            return Ok(ExhaustedSendLimits::default());
        }
        let network = Network::of(address);
        // They begin with those of a send that creates nobody.
        let creating = self.address_sends(&network, true);
        let plain = self.address_sends(&network, false).len();
        let (country, spent) = tokio::try_join!(
            self.countries_spent(&network, region, now),
            self.each_spent(&network, &creating, now)
        )?;
        let first = |of: usize| {
            country
                .as_ref()
                .or_else(|| spent.iter().take(of).flatten().next())
                .cloned()
        };
        Ok(ExhaustedSendLimits {
            plain: first(plain),
            creating: first(creating.len()),
        })
    }

    /// What an address has spent of its tries.
    ///
    /// # Errors
    /// The store's; nothing may be tried then.
    pub async fn tries_spent(
        &self,
        address: IpAddr,
        now: Timestamp,
    ) -> Result<Option<ExhaustedLimit>, StoreError> {
        if !self.limits.enabled {
            return Ok(None);
        }
        let network = Network::of(address);
        Ok(self
            .each_spent(&network, &[self.address_tries(&network)], now)
            .await?
            .pop()
            .flatten())
    }

    /// A country that was sent to lately costs nothing.
    async fn countries_spent(
        &self,
        network: &Network,
        region: Option<&Region>,
        now: Timestamp,
    ) -> Result<Option<ExhaustedLimit>, StoreError> {
        let Some(region) = region else {
            return Ok(None);
        };
        if self.has_sent_to(network, region, now).await? {
            return Ok(None);
        }
        Ok(self
            .each_spent(network, &[self.address_countries(network)], now)
            .await?
            .pop()
            .flatten())
    }

    /// Whether an address has sent to a country lately.
    pub(super) async fn has_sent_to(
        &self,
        network: &Network,
        region: &Region,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let seen = self.country_seen(network, region);
        let usage = self
            .store
            .usage(&network.group(), &[&seen.key], now)
            .await?;
        Ok(usage.iter().any(|usage| usage.used > 0))
    }

    /// What stands in the way of each charge, if anything does.
    async fn each_spent(
        &self,
        network: &Network,
        charges: &[Charge],
        now: Timestamp,
    ) -> Result<Vec<Option<ExhaustedLimit>>, StoreError> {
        let keys: Vec<&str> = charges.iter().map(|charge| charge.key.as_str()).collect();
        let usage = self.store.usage(&network.group(), &keys, now).await?;
        let spent = |(charge, Usage { used, resets_at }): (&Charge, Usage)| {
            (used.saturating_add(charge.amount) > charge.limit).then(|| ExhaustedLimit {
                limit: charge.key.clone(),
                retry_at: resets_at.unwrap_or(now + charge.window),
            })
        };
        Ok(charges.iter().zip(usage).map(spent).collect())
    }
}
