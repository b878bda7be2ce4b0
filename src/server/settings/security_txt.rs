//! `[security_txt]`: where a vulnerability is reported (RFC 9116).

use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::domain::timestamp::Timestamp;
use crate::server::settings::ConfigError;
use crate::server::settings::list_rules::refuse_repeated;
use crate::server::settings::written_time::WrittenTime;

/// Where the file is served.
pub const PATH: &str = "/.well-known/security.txt";

/// RFC 9116 §2.5.5 recommends an end less than a year ahead.
const ONE_YEAR: Duration = Duration::from_hours(24 * 366);

/// `[security_txt]`
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SecurityTxtSettings {
    /// Where to report, the preferred address first. Without one there is no file.
    pub contact: Vec<Url>,
    /// When the file must no longer be trusted. It is not served from then on.
    pub expires: Option<WrittenTime>,
    /// The policy for reports.
    pub policy: Option<Url>,
    /// A key for encrypted reports.
    pub encryption: Option<Url>,
    /// The page that thanks reporters.
    pub acknowledgments: Option<Url>,
    /// Languages of reports, as BCP 47 tags.
    pub preferred_languages: Vec<String>,
}

impl SecurityTxtSettings {
    pub(super) fn validate(&self, errors: &mut Vec<ConfigError>) {
        check_schemes(
            "security_txt.contact",
            &self.contact,
            &["mailto", "https", "tel"],
            errors,
        );
        check_schemes("security_txt.policy", &self.policy, &["https"], errors);
        check_schemes(
            "security_txt.encryption",
            &self.encryption,
            &["https", "dns", "openpgp4fpr"],
            errors,
        );
        check_schemes(
            "security_txt.acknowledgments",
            &self.acknowledgments,
            &["https"],
            errors,
        );
        let is_tag = |tag: &String| {
            !tag.is_empty()
                && tag
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        if let Some(tag) = self.preferred_languages.iter().find(|tag| !is_tag(tag)) {
            let text = format!("`{tag}` is no language tag, such as en or pt-BR");
            errors.push(ConfigError::new("security_txt.preferred_languages", text));
        }
        let describe = |url: &Url| format!("`{url}`");
        refuse_repeated("security_txt.contact", &self.contact, describe, errors);
        // Language tags are compared without regard to case (RFC 5646 §2.1.1).
        let tags = self.preferred_languages.iter();
        let tags: Vec<_> = tags.map(|tag| tag.to_ascii_lowercase()).collect();
        let describe = |tag: &String| format!("`{tag}`");
        refuse_repeated("security_txt.preferred_languages", &tags, describe, errors);
        match self.expires.as_ref().map(WrittenTime::parse) {
            Some(Err(text)) => errors.push(ConfigError::new("security_txt.expires", text)),
            None if self.is_named() => errors.push(ConfigError::new(
                "security_txt.expires",
                "needed: name the day from which the file must not be trusted, at most a year \
                 ahead",
            )),
            _ => {}
        }
        if !self.is_on() && (self.is_named() || self.expires.is_some()) {
            errors.push(ConfigError::new(
                "security_txt.contact",
                "needed: name an address for reports, such as mailto:security@example.com",
            ));
        }
    }

    /// Whether there is a file, until it expires.
    pub fn is_on(&self) -> bool {
        !self.contact.is_empty()
    }

    /// Whether anything but the end is named.
    fn is_named(&self) -> bool {
        let has_link = [&self.policy, &self.encryption, &self.acknowledgments]
            .iter()
            .any(|url| url.is_some());
        has_link || self.is_on() || !self.preferred_languages.is_empty()
    }

    fn expires_at(&self) -> Option<Timestamp> {
        let expires = self.expires.as_ref()?.parse().ok()?;
        self.is_on().then_some(expires)
    }

    /// The file at `now`, for the site with this origin. None if there is none, or it has expired.
    pub fn file(&self, origin: &str, now: Timestamp) -> Option<String> {
        let expires = self.expires_at().filter(|expires| now < *expires)?;
        let mut lines: Vec<(&str, String)> = Vec::new();
        lines.extend(self.contact.iter().map(|url| ("Contact", url.to_string())));
        lines.push(("Expires", expires.to_rfc3339()));
        for (name, url) in [
            ("Encryption", &self.encryption),
            ("Acknowledgments", &self.acknowledgments),
            ("Policy", &self.policy),
        ] {
            lines.extend(url.iter().map(|url| (name, url.to_string())));
        }
        if !self.preferred_languages.is_empty() {
            lines.push(("Preferred-Languages", self.preferred_languages.join(", ")));
        }
        // Web addresses in the file must be https (§2.5.2).
        if origin.starts_with("https:") {
            lines.push(("Canonical", format!("{origin}{PATH}")));
        }
        let lines = lines.into_iter();
        Some(
            lines
                .map(|(name, value)| format!("{name}: {value}\n"))
                .collect(),
        )
    }

    /// What the operator should know about the end at `now`.
    pub fn warning(&self, now: Timestamp) -> Option<&'static str> {
        let expires = self.expires_at()?;
        if now >= expires {
            return Some("security_txt.expires has passed: security.txt is no longer served");
        }
        (expires.since(now) > ONE_YEAR)
            .then_some("security_txt.expires is more than a year ahead: RFC 9116 advises less")
    }
}

fn check_schemes<'a>(
    key: &'static str,
    urls: impl IntoIterator<Item = &'a Url>,
    schemes: &[&str],
    errors: &mut Vec<ConfigError>,
) {
    let is_wrong = |url: &&Url| !schemes.contains(&url.scheme());
    errors.extend(urls.into_iter().filter(is_wrong).map(|url| {
        let text = format!("`{url}` must begin with {}:", schemes.join(":, "));
        ConfigError::new(key, text)
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(toml: &str) -> SecurityTxtSettings {
        toml::from_str(toml).unwrap()
    }

    fn faulty_keys(toml: &str) -> Vec<&'static str> {
        let mut errors = Vec::new();
        settings(toml).validate(&mut errors);
        errors.iter().map(|error| error.key).collect()
    }

    const DAY: Duration = Duration::from_hours(24);

    /// 2026-11-22T00:00:00Z
    const NOW: Timestamp = Timestamp::from_secs(1_795_305_600);

    #[test]
    fn the_file_has_the_fields_of_rfc_9116() {
        let settings = settings(
            "contact = ['mailto:security@example.com', 'https://example.com/report']\n\
             expires = 2027-06-01\n\
             policy = 'https://example.com/policy'\n\
             encryption = 'openpgp4fpr:5f2de5521c63a801ab59ccb603d49de44b29100f'\n\
             acknowledgments = 'https://example.com/thanks'\n\
             preferred_languages = ['en', 'pt-BR']",
        );
        let mut errors = Vec::new();
        settings.validate(&mut errors);
        assert_eq!(errors, []);
        assert_eq!(
            settings.file("https://id.example.com", NOW).unwrap(),
            "Contact: mailto:security@example.com\n\
             Contact: https://example.com/report\n\
             Expires: 2027-06-01T00:00:00Z\n\
             Encryption: openpgp4fpr:5f2de5521c63a801ab59ccb603d49de44b29100f\n\
             Acknowledgments: https://example.com/thanks\n\
             Policy: https://example.com/policy\n\
             Preferred-Languages: en, pt-BR\n\
             Canonical: https://id.example.com/.well-known/security.txt\n"
        );
        assert_eq!(settings.warning(NOW), None);
    }

    #[test]
    fn an_expired_file_is_not_served() {
        let settings =
            settings("contact = ['tel:+442079460000']\nexpires = '2026-11-23T00:00:00Z'");
        let file = |now| settings.file("http://127.0.0.1:3000", now);
        assert_eq!(
            file(NOW).unwrap(),
            "Contact: tel:+442079460000\nExpires: 2026-11-23T00:00:00Z\n"
        );
        assert_eq!(file(NOW + DAY), None);
        assert!(settings.warning(NOW + DAY).unwrap().contains("has passed"));
        let early = Timestamp::from_secs(0);
        assert!(
            settings
                .warning(early)
                .unwrap()
                .contains("more than a year")
        );
        assert_eq!(SecurityTxtSettings::default().file("https://x", NOW), None);
        assert_eq!(SecurityTxtSettings::default().warning(NOW), None);
    }

    #[test]
    fn a_file_without_contact_or_end_is_refused() {
        const CONTACT: &str = "security_txt.contact";
        const EXPIRES: &str = "security_txt.expires";
        for (toml, keys) in [
            ("", &[][..]),
            ("contact = ['mailto:a@example.com']", &[EXPIRES]),
            (
                "contact = ['mailto:a@example.com']\nexpires = 'soon'",
                &[EXPIRES],
            ),
            ("expires = 2027-01-01", &[CONTACT]),
            ("policy = 'https://example.com/'", &[EXPIRES, CONTACT]),
            (
                "contact = ['http://example.com/']\nexpires = 2027-01-01",
                &[CONTACT],
            ),
            (
                "contact = ['javascript:alert(1)']\nexpires = 2027-01-01",
                &[CONTACT],
            ),
            (
                "contact = ['tel:1']\nexpires = 2027-01-01\npolicy = 'http://example.com/'\n\
                 preferred_languages = ['en, de']",
                &["security_txt.policy", "security_txt.preferred_languages"],
            ),
            (
                "contact = ['tel:1', 'tel:1']\nexpires = 2027-01-01\n\
                 preferred_languages = ['en', 'pt-BR', 'pt-br']",
                &[CONTACT, "security_txt.preferred_languages"],
            ),
        ] {
            assert_eq!(faulty_keys(toml), keys, "{toml}");
        }
    }
}
