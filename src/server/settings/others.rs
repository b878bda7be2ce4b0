//! The small sections: `[sign_up]`, `[forward_auth]`, `[sandbox]`.

use std::net::{Ipv4Addr, SocketAddr};

use serde::{Deserialize, Serialize};
use url::Url;

use super::Complaint;

/// Whether new users may come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SignUpMode {
    /// Anybody with a phone.
    #[default]
    Open,
    /// Nobody: no page, no link, no endpoint.
    Closed,
}

/// `[sign_up]`
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignUp {
    /// Whether new users may come.
    pub mode: SignUpMode,
}

/// `[forward_auth]`
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ForwardAuth {
    /// Origins to which a way back may lead, besides our own paths.
    pub origins: Vec<Url>,
}

impl ForwardAuth {
    pub(super) fn complaints(&self, complaints: &mut Vec<Complaint>) {
        for url in &self.origins {
            if !matches!(url.scheme(), "http" | "https")
                || url.host().is_none()
                || url.path() != "/"
                || url.query().is_some()
            {
                complaints.push(Complaint::new(
                    "forward_auth.origins",
                    format!("`{url}` must be scheme, host and port alone, such as https://app.example.com"),
                ));
            }
        }
    }
}

/// `[sandbox]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sandbox {
    /// Where it listens; loopback only.
    pub address: SocketAddr,
}

impl Default for Sandbox {
    fn default() -> Self {
        Self { address: SocketAddr::from((Ipv4Addr::LOCALHOST, 4100)) }
    }
}
