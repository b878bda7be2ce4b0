//! States of accounts that a browser must not be able to tell apart (requirements E1, E2).

use std::net::Ipv4Addr;

use anyhow::Result;

use crate::environment::Environment;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AccountState {
    Known,
    Unknown,
    Locked,
    Inactive,
    Limited,
}

impl AccountState {
    pub const ALL: [Self; 5] = [
        Self::Known,
        Self::Unknown,
        Self::Locked,
        Self::Inactive,
        Self::Limited,
    ];

    /// Creates an account in this state. For a limited one, a browser at `other_address` requests a
    /// code, so that other unrecognised devices have to wait.
    pub async fn create_account(
        self,
        environment: &Environment,
        phone: &str,
        other_address: Ipv4Addr,
    ) -> Result<()> {
        let status = match self {
            Self::Known | Self::Limited => "Active",
            Self::Locked => "Locked",
            Self::Inactive => "Disabled",
            Self::Unknown => return Ok(()),
        };
        environment.sandbox.set_user(phone, status).await?;
        if self == Self::Limited {
            environment
                .browser()
                .with_address(other_address)
                .send_code(phone)
                .await?;
        }
        Ok(())
    }
}
