//! `[sign_up]`: whether new users may sign up.

use serde::{Deserialize, Serialize};

/// Whether new users may sign up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SignUpMode {
    /// Anyone with a phone.
    #[default]
    Open,
    /// No one: there is no page, link or endpoint.
    Closed,
}

/// `[sign_up]`
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "the names of the fields say it")]
pub struct SignUpSettings {
    pub mode: SignUpMode,
}
