//! `[sign_up]`: whether new users may come.

use serde::{Deserialize, Serialize};

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
pub struct SignUpSettings {
    /// Whether new users may come.
    pub mode: SignUpMode,
}
