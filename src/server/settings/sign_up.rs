//! `[sign_up]`: whether new users may sign up.

use serde::{Deserialize, Serialize};

use crate::domain::IdentifierType;
use crate::server::settings::ConfigError;

/// Whether new users may sign up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SignUpMode {
    /// Open where people sign in with phone numbers, else closed.
    #[default]
    Auto,
    /// Anyone with a phone.
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

impl SignUpSettings {
    /// Whether new users may sign up where people sign in with identifiers of this type.
    ///
    /// Only a phone number is proved by the code that is sent to it. Somebody could claim another
    /// person's address or name with a phone of their own. They would also learn that it is taken,
    /// because no message can go to a number that belongs to no user
    /// (docs/auditors/threat-model.md).
    pub fn is_open(&self, identifier: IdentifierType) -> bool {
        match self.mode {
            SignUpMode::Auto => identifier.is_phone_number(),
            SignUpMode::Open => true,
            SignUpMode::Closed => false,
        }
    }

    pub(super) fn validate(&self, identifier: IdentifierType, errors: &mut Vec<ConfigError>) {
        if self.mode == SignUpMode::Open && !identifier.is_phone_number() {
            let text = format!(
                "cannot be `open` while sign_in.identifier is `{}`: anyone could claim the \
                 identifier of somebody else with a phone of their own, or learn that it is taken. \
                 Remove sign_up.mode or set it to `closed`, and create users in Transmit, each \
                 with a phone number",
                identifier.as_str()
            );
            errors.push(ConfigError::new("sign_up.mode", text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sign_up_is_open_by_default_with_phone_numbers_alone_and_never_with_others() {
        for (identifier, by_default) in [
            ("phone_number", true),
            ("email", false),
            ("username", false),
            ("user_id", false),
            ("employee_number", false),
        ] {
            let identifier: IdentifierType = identifier.parse().unwrap();
            let is_open = |mode| SignUpSettings { mode }.is_open(identifier);
            assert_eq!(is_open(SignUpMode::Auto), by_default);
            assert!(!is_open(SignUpMode::Closed));
            for (mode, is_error) in [
                (SignUpMode::Auto, false),
                (SignUpMode::Closed, false),
                (SignUpMode::Open, !by_default),
            ] {
                let mut errors = Vec::new();
                SignUpSettings { mode }.validate(identifier, &mut errors);
                assert_eq!(!errors.is_empty(), is_error, "{identifier:?} {mode:?}");
            }
        }
    }
}
