//! `sign_in.identifier` and `sign_in.identifier_label`: what people type.

use crate::domain::IdentifierType;
use crate::domain::typed_text::is_visible;
use crate::server::settings::{ConfigError, SignInSettings};

/// Longest label of a field, in characters.
const MAX_LABEL: usize = 40;
/// The types that Transmit defines, and words by which people may mean them.
const BUILT_IN: [(&str, &[&str]); 4] = [
    ("phone_number", &["phone"]),
    ("email", &["mail", "emailaddress"]),
    ("user_id", &[]),
    ("username", &[]),
];

impl SignInSettings {
    pub(super) fn validate_identifier(&self, errors: &mut Vec<ConfigError>) {
        let mut error = |key, text: String| errors.push(ConfigError::new(key, text));
        let IdentifierType::Custom(custom) = self.identifier else {
            if self.identifier_label.is_some() {
                let text = "is for a type that the tenant defines: the pages name the others \
                            themselves. Remove it";
                error("sign_in.identifier_label", text.to_owned());
            }
            return;
        };
        if let Some(meant) = find_meant(custom.as_str()) {
            let text = format!(
                "`{}` would be a type that the tenant defines; did you mean `{meant}`?",
                custom.as_str()
            );
            error("sign_in.identifier", text);
        }
        let fits = |label: &String| {
            is_visible(label)
                && label.trim() == label
                && label.chars().count() <= MAX_LABEL
                && !label.chars().any(char::is_control)
        };
        if !self.identifier_label.as_ref().is_none_or(fits) {
            let text = format!("must have 1 to {MAX_LABEL} characters, without spaces at its ends");
            error("sign_in.identifier_label", text);
        }
    }
}

/// The type of Transmit's that a name nearly spells.
fn find_meant(name: &str) -> Option<&'static str> {
    let squeezed = squeeze(name);
    let is_meant = |(built_in, words): &&(&str, &[&str])| {
        words.contains(&squeezed.as_str())
            || strsim::osa_distance(&squeeze(built_in), &squeezed) <= 1
    };
    BUILT_IN.iter().find(is_meant).map(|(name, _)| *name)
}

fn squeeze(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_keys(identifier: &str, label: Option<&str>) -> Vec<&'static str> {
        let settings = SignInSettings {
            identifier: identifier.parse().unwrap(),
            identifier_label: label.map(str::to_owned),
            ..SignInSettings::default()
        };
        let mut errors = Vec::new();
        settings.validate_identifier(&mut errors);
        errors.into_iter().map(|error| error.key).collect()
    }

    #[test]
    fn a_misspelt_type_of_transmit_is_no_type_of_the_tenant() {
        for name in [
            "phone",
            "Phone_Number",
            "phoneNumber",
            "phone-number",
            "Email",
            "e-mail",
            "emial",
            "emails",
            "mail",
            "email_address",
            "userId",
            "user-id",
            "usr_id",
            "Username",
            "user_name",
            "usernam",
        ] {
            assert_eq!(error_keys(name, None), ["sign_in.identifier"], "{name}");
        }
        for name in [
            "phone_number",
            "email",
            "user_id",
            "username",
            "employee_number",
            "member",
            "login",
            "customerId",
            "externalUserId",
            "loyalty.card",
        ] {
            assert!(error_keys(name, None).is_empty(), "{name}");
        }
    }

    #[test]
    fn a_label_is_short_and_for_a_type_of_the_tenant_alone() {
        let longest = "é".repeat(MAX_LABEL);
        for label in ["Employee number", "رقم الموظف", "x", &longest] {
            assert!(
                error_keys("employee_number", Some(label)).is_empty(),
                "{label}"
            );
            assert_eq!(
                error_keys("email", Some(label)),
                ["sign_in.identifier_label"]
            );
        }
        let too_long = format!("{longest}x");
        for label in ["", " ", " x", "x\n", "a\tb", "\u{200b}", &too_long] {
            let keys = error_keys("employee_number", Some(label));
            assert_eq!(keys, ["sign_in.identifier_label"], "{label:?}");
        }
    }
}
