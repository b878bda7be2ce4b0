//! What an address has spent already: looked up before anything is written, so that whoever goes on after a refusal writes
//! nothing. What is not spent must still be reserved; of several requests at once some are refused only then.

use std::net::IpAddr;

use super::{Guard, Network, Region};
use crate::server::clock::Timestamp;
use crate::server::store::{Charge, StoreError, Usage};

/// A limit of an address that is spent; it may be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spent {
    /// Which limit.
    pub limit: String,
    /// When to try again.
    pub retry_at: Timestamp,
}

/// What an address has spent of its sends.
#[derive(Clone, Debug, Default)]
pub struct SendsSpent {
    plain: Option<Spent>,
    creating: Option<Spent>,
}

impl SendsSpent {
    /// What stands before a send; `creates_user` if it is preceded by the creation of a user.
    pub fn of(&self, creates_user: bool) -> Option<&Spent> {
        if creates_user { self.creating.as_ref() } else { self.plain.as_ref() }
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
    ) -> Result<SendsSpent, StoreError> {
        if !self.limits.enabled {
            return Ok(SendsSpent::default());
        }
        let network = Network::of(address);
        let (plain, creating) = (self.address_sends(&network, false), self.address_sends(&network, true));
        let (country, plain, creating) = tokio::try_join!(
            self.countries_spent(&network, region, now),
            self.first_spent(&network, &plain, now),
            self.first_spent(&network, &creating, now),
        )?;
        Ok(SendsSpent { plain: country.clone().or(plain), creating: country.or(creating) })
    }

    /// What an address has spent of its tries.
    ///
    /// # Errors
    /// The store's; nothing may be tried then.
    pub async fn tries_spent(&self, address: IpAddr, now: Timestamp) -> Result<Option<Spent>, StoreError> {
        if !self.limits.enabled {
            return Ok(None);
        }
        let network = Network::of(address);
        self.first_spent(&network, &[self.address_tries(&network)], now).await
    }

    /// A country that was sent to lately costs nothing.
    async fn countries_spent(
        &self,
        network: &Network,
        region: Option<&Region>,
        now: Timestamp,
    ) -> Result<Option<Spent>, StoreError> {
        let Some(region) = region else { return Ok(None) };
        let seen = self.first_spent(network, &[self.country_seen(network, region)], now).await?;
        if seen.is_some() {
            return Ok(None);
        }
        self.first_spent(network, &[self.address_countries(network)], now).await
    }

    /// The first charge that would be refused.
    async fn first_spent(
        &self,
        network: &Network,
        charges: &[Charge],
        now: Timestamp,
    ) -> Result<Option<Spent>, StoreError> {
        let keys: Vec<&str> = charges.iter().map(|charge| charge.key.as_str()).collect();
        let usage = self.store.usage(&network.group(), &keys, now).await?;
        let is_spent = |(charge, usage): &(&Charge, Usage)| usage.used.saturating_add(charge.amount) > charge.limit;
        let first = charges.iter().zip(usage).find(is_spent);
        Ok(first.map(|(charge, Usage { resets_at, .. })| Spent {
            limit: charge.key.clone(),
            retry_at: resets_at.unwrap_or(now + charge.window),
        }))
    }
}
