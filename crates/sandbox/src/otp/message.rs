//! The words of a message.

use serde::Deserialize;

use crate::http::refusal::Refusal;

/// What the vendor's default service shows when no sender id was given.
pub const DEFAULT_SENDER: &str = "NOTICE";
const DEFAULT_TEXT: &str = "Your {app} verification code is {otp}.";
/// Longest template and sender id, in characters.
const MAX_TEMPLATE: usize = 140;
const MAX_SENDER: usize = 11;

/// `custom_sms_input`
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomSms {
    custom_message: Option<String>,
    sender_id: Option<String>,
}

impl CustomSms {
    /// # Errors
    /// A template without `{otp}` or `{app}`, or too long; a sender id too long or empty.
    pub fn check(&self) -> Result<(), Refusal> {
        if let Some(template) = &self.custom_message {
            if !template.contains("{otp}") || !template.contains("{app}") {
                return Err(Refusal::invalid_input(
                    "custom_message must contain {otp} and {app}",
                ));
            }
            if template.chars().count() > MAX_TEMPLATE {
                return Err(Refusal::invalid_input(
                    "custom_message must be at most 140 characters",
                ));
            }
        }
        match self.sender_id.as_ref().map(|sender| sender.chars().count()) {
            Some(0) => Err(Refusal::invalid_input("sender_id must not be empty")),
            Some(length) if length > MAX_SENDER => Err(Refusal::invalid_input(
                "sender_id must be at most 11 characters",
            )),
            _ => Ok(()),
        }
    }

    /// The sender shown.
    pub fn sender(&self) -> &str {
        self.sender_id.as_deref().unwrap_or(DEFAULT_SENDER)
    }

    /// The text with everything filled in.
    pub fn text(&self, code: &str, app_name: &str) -> String {
        let template = self.custom_message.as_deref().unwrap_or(DEFAULT_TEXT);
        template.replace("{otp}", code).replace("{app}", app_name)
    }
}

/// `email_content`; checked for shape, of which only the subject is shown.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct EmailContent {
    subject: String,
    #[serde(default, rename = "primaryColor")]
    _primary_color: Option<String>,
    #[serde(default)]
    base64logo: Option<String>,
    #[serde(default, rename = "headerText")]
    _header_text: Option<String>,
    #[serde(default, rename = "bodyText")]
    _body_text: Option<String>,
    #[serde(default, rename = "linkText")]
    _link_text: Option<String>,
    #[serde(default, rename = "infoText")]
    _info_text: Option<String>,
    #[serde(default, rename = "footerText")]
    _footer_text: Option<String>,
    #[serde(default, rename = "senderName")]
    _sender_name: Option<String>,
}

impl EmailContent {
    /// # Errors
    /// A logo longer than 20,000 characters.
    pub fn check(&self) -> Result<(), Refusal> {
        if self
            .base64logo
            .as_ref()
            .is_some_and(|logo| logo.len() > 20_000)
        {
            return Err(Refusal::invalid_input(
                "base64logo must be at most 20000 characters",
            ));
        }
        Ok(())
    }

    /// The text of the message.
    pub fn text(content: Option<&Self>, code: &str, app_name: &str) -> String {
        let text = DEFAULT_TEXT
            .replace("{otp}", code)
            .replace("{app}", app_name);
        content.map_or(text.clone(), |content| {
            format!("{}: {text}", content.subject)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_and_an_application_name_is_never_read_as_one() {
        let custom = CustomSms {
            custom_message: Some("{app}: {otp} ({app})".into()),
            sender_id: None,
        };
        assert_eq!(custom.text("123456", "{otp}"), "{otp}: 123456 ({otp})");
        assert_eq!(
            CustomSms::default().text("123456", "Acme"),
            "Your Acme verification code is 123456."
        );
    }
}
