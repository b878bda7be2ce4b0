//! `sign_in.identifier`, `identifier_label` and `identifier_labels`: what people type.

use std::collections::HashMap;

use crate::domain::shown_name::shown_name_error;
use crate::domain::{IdentifierType, LANGUAGE_TAGS};
use crate::server::settings::{ConfigError, SignInSettings};

const LABEL: &str = "sign_in.identifier_label";
const LABELS: &str = "sign_in.identifier_labels";
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
            let text = "is for a type that the tenant defines: the pages name the others \
                        themselves. Remove it";
            if self.identifier_label.is_some() {
                error(LABEL, text.to_owned());
            }
            if self.identifier_labels.iter().next().is_some() {
                error(LABELS, text.to_owned());
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
        if let Some(label) = &self.identifier_label
            && let Some(text) = label_error(label)
        {
            error(LABEL, text);
        }
        for (at, (language, label)) in self.identifier_labels.iter().enumerate() {
            let text = if find_language(language).is_none() {
                Some(format!("must be one of {}", LANGUAGE_TAGS.join(", ")))
            } else if self.identifier_labels.is_repeated(at) {
                Some("is listed twice".to_owned())
            } else if label.contains(',') {
                Some("must have no comma, which separates the labels in a variable".to_owned())
            } else {
                label_error(label)
            };
            if let Some(text) = text {
                error(LABELS, format!("`{language}` {text}"));
            }
        }
    }

    /// The labels by the tag of their language.
    pub fn labels_by_language(&self) -> HashMap<&'static str, String> {
        let labels = self.identifier_labels.iter();
        labels
            .filter_map(|(language, label)| Some((find_language(language)?, label.to_owned())))
            .collect()
    }
}

/// The tag of a language, from a tag in any case.
fn find_language(tag: &str) -> Option<&'static str> {
    let mut tags = LANGUAGE_TAGS.into_iter();
    tags.find(|known| known.eq_ignore_ascii_case(tag))
}

/// What is wrong with a label, as the end of a sentence.
fn label_error(label: &str) -> Option<String> {
    let length = label.chars().count();
    if label.trim() != label || !(1..=MAX_LABEL).contains(&length) {
        let text = format!("must have 1 to {MAX_LABEL} characters, without spaces at its ends");
        return Some(text);
    }
    shown_name_error(label).map(str::to_owned)
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
    use crate::server::settings::text_table::TextTable;

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
        for label in [
            "Employee number",
            "Name, or ID",
            "رقم الموظف",
            "x",
            &longest,
        ] {
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
        for label in [
            "",
            " ",
            " x",
            "x\n",
            "a\tb",
            "\u{200b}",
            "a\u{202e}b",
            &too_long,
        ] {
            let keys = error_keys("employee_number", Some(label));
            assert_eq!(keys, ["sign_in.identifier_label"], "{label:?}");
        }
    }

    #[test]
    fn a_label_of_one_language_has_no_comma_because_a_variable_separates_labels_by_it() {
        let settings = SignInSettings {
            identifier: "member".parse().unwrap(),
            identifier_labels: toml::from_str("de = 'Name, Nummer'").unwrap(),
            ..SignInSettings::default()
        };
        let mut errors = Vec::new();
        settings.validate_identifier(&mut errors);
        let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
        assert!(
            errors.len() == 1 && errors[0].contains("`de` must have no comma"),
            "{errors:?}"
        );
    }

    #[test]
    fn labels_are_for_languages_of_the_pages_and_each_is_listed_once() {
        let errors = |identifier: &str, labels: &str| {
            let settings = SignInSettings {
                identifier: identifier.parse().unwrap(),
                identifier_labels: TextTable::parse(labels).unwrap(),
                ..SignInSettings::default()
            };
            let mut errors = Vec::new();
            settings.validate_identifier(&mut errors);
            let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
            (errors.join("; "), settings.labels_by_language())
        };
        let (found, labels) = errors("member", "de=Personalnummer,PT-br=Matrícula,zh-hans=工号");
        assert_eq!(found, "");
        assert_eq!(labels["pt-BR"], "Matrícula");
        assert_eq!(labels["zh-Hans"], "工号");
        for (identifier, labels, word) in [
            ("member", "xx=Name", "must be one of en, da"),
            ("member", "pt=Nome", "must be one of"),
            ("member", "de=Nummer,DE=Kennung", "listed twice"),
            ("member", "de=", "1 to 40 characters"),
            ("member", "de=Kennung, Nummer=x", "`Nummer`"),
            ("email", "de=Anschrift", "a type that the tenant defines"),
        ] {
            let (found, _) = errors(identifier, labels);
            let is_named = found.starts_with("sign_in.identifier_labels");
            assert!(is_named && found.contains(word), "{labels}: {found}");
        }
    }
}
