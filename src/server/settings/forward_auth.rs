//! `[forward_auth]`: applications behind.

use serde::{Deserialize, Serialize};
use url::Url;

use super::Complaint;

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
