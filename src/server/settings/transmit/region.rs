//! The regions of Transmit, with their hosts and issuers.

use serde::{Deserialize, Serialize};

/// A region of Transmit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum TransmitRegion {
    /// United States, and everywhere else.
    Us,
    Eu,
    Ca,
    Au,
    /// Transmit's own sandbox.
    Sbx,
}

impl TransmitRegion {
    /// The API host.
    pub fn base_url(self) -> &'static str {
        match self {
            Self::Us => "https://api.transmitsecurity.io",
            Self::Eu => "https://api.eu.transmitsecurity.io",
            Self::Ca => "https://api.ca.transmitsecurity.io",
            Self::Au => "https://api.au.transmitsecurity.io",
            Self::Sbx => "https://api.sbx.transmitsecurity.io",
        }
    }

    /// The issuer of tokens that the region's own key signs. Not published for the sandbox.
    pub fn issuer(self) -> Option<&'static str> {
        match self {
            Self::Us => Some("https://userid.security"),
            Self::Eu => Some("https://eu.userid.security"),
            Self::Ca => Some("https://ca.userid.security"),
            Self::Au => Some("https://au.userid.security"),
            Self::Sbx => None,
        }
    }
}
