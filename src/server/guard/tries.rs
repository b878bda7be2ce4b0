//! Whether a passcode may be tried. Reserved before anything is compared.

use std::net::IpAddr;

use super::{Asker, Granted, Guard, Network, Standing};
use crate::server::clock::Timestamp;
use crate::server::store::{Group, StoreError, Usage};

/// Whether an address may try passcodes.
#[derive(Debug)]
pub enum AddressAdmission {
    /// Yes.
    Granted,
    /// No; it may be told.
    Refused {
        /// Which limit.
        limit: String,
        /// When to try again.
        retry_at: Timestamp,
    },
}

/// Whether a passcode of an identifier may be tried.
#[derive(Debug)]
pub enum TryAdmission {
    /// Yes.
    Granted(Attempt),
    /// No: it must look like a wrong code.
    Silent {
        /// Which limit.
        limit: String,
        /// When it ends, for the operator.
        retry_at: Timestamp,
    },
}

/// A try that is counted.
#[derive(Debug)]
pub struct Attempt {
    /// To be given back if the try never reached upstream.
    pub granted: Granted,
    /// If it fails: so many consecutive failures of the number are put on record.
    pub alert: Option<u32>,
    /// If it fails: the known browser that tries is a stranger from then on.
    pub demotes: bool,
}

impl Guard {
    /// Whether an address may try a passcode at all, whosever it is: asked for every try, so that it says nothing of a number.
    ///
    /// # Errors
    /// The store's; nothing may be tried then.
    pub async fn admit_address_try(&self, address: IpAddr, now: Timestamp) -> Result<AddressAdmission, StoreError> {
        if !self.limits.enabled {
            return Ok(AddressAdmission::Granted);
        }
        let network = Network::of(address);
        let charged = self.charge(network.group(), &[self.address_tries(&network)], now).await?;
        Ok(match charged {
            Ok(_stands) => AddressAdmission::Granted,
            Err((limit, retry_at)) => AddressAdmission::Refused { limit, retry_at },
        })
    }

    /// Whether a passcode of an identifier may be tried.
    ///
    /// # Errors
    /// The store's; nothing may be tried then.
    pub async fn admit_try(&self, asker: &Asker, now: Timestamp) -> Result<TryAdmission, StoreError> {
        let group = Group::Identifier(asker.identifier);
        let own = asker.standing.key("browser_failures");
        let used = self.store.usage(&group, &["failures", &own], now).await?;
        let [failures, browser_failures] = [0, 1].map(|at| used.get(at).map_or(0, |Usage { used, .. }| *used));
        let is_known = asker.standing != Standing::Stranger;
        // Strangers make nobody wait who has signed in before.
        let before = if is_known { browser_failures } else { failures };
        let charges = self.tries(asker.standing, self.delay_after(before));
        let alert = failures.checked_add(1).filter(|failures| *failures == self.limits.alert_failures);
        let demotes = is_known && browser_failures.saturating_add(1) >= self.limits.browser_failures;
        Ok(match self.charge(group, &charges, now).await? {
            Ok(granted) => TryAdmission::Granted(Attempt { granted, alert, demotes }),
            Err((limit, retry_at)) => TryAdmission::Silent { limit, retry_at },
        })
    }
}
