//! Kinds of numbers that must look alike (requirements E1, E2).

use std::net::Ipv4Addr;

use anyhow::Result;

use crate::place::Place;

/// A kind of number that must look like any other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Case {
    Known,
    Unknown,
    Locked,
    Inactive,
    Limited,
}

impl Case {
    pub const ALL: [Self; 5] = [
        Self::Known,
        Self::Unknown,
        Self::Locked,
        Self::Inactive,
        Self::Limited,
    ];

    /// Makes a number of this kind. Somebody at `elsewhere` has just asked for a code of a limited
    /// one: strangers have to wait.
    pub async fn prepare(self, place: &Place, phone: &str, elsewhere: Ipv4Addr) -> Result<()> {
        let status = match self {
            Self::Known | Self::Limited => "Active",
            Self::Locked => "Locked",
            Self::Inactive => "Disabled",
            Self::Unknown => return Ok(()),
        };
        place.sandbox.user(phone, status).await?;
        if self == Self::Limited {
            place.browser().at(elsewhere).ask(phone).await?;
        }
        Ok(())
    }
}
