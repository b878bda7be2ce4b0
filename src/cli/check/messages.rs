//! Rows about the text messages: which of them are billed as more than they need.

use latchkey::app::Text;
use latchkey::app::i18n::sms_encoding::{SmsSize, sms_size};
use latchkey::server::finding::Finding::{self, Warn};
use latchkey::server::http::state::PublicSite;
use latchkey::server::settings::Settings;

/// What makes text messages cost more than one segment of GSM-7: letters of the operator's own text
/// or of the brand, and the length. A language without GSM-7 letters has no other way.
pub fn rows(settings: &Settings) -> Vec<(&'static str, Finding)> {
    let host = PublicSite::new(&settings.server).message_host;
    let templates: Vec<(String, String)> = match settings.sign_in.message.as_deref() {
        Some("off") => Vec::new(),
        Some(message) => vec![("sign_in.message".to_owned(), message.to_owned())],
        None => Text::all()
            .map(|text| {
                (
                    format!("the message in `{}`", text.lang()),
                    text.message(host.as_deref()),
                )
            })
            .collect(),
    };
    let code = "0".repeat(settings.transmit.passcode_limits(None).policy.length);
    let warning = |(name, template): (String, String)| {
        let sent = template
            .replace("{otp}", &code)
            .replace("{app}", &settings.brand.name);
        let SmsSize {
            not_gsm_7,
            segments,
        } = sms_size(&sent);
        let is_own = settings.sign_in.message.is_some();
        let letter = not_gsm_7.filter(|_| is_own || sms_size(&template).not_gsm_7.is_none());
        match letter {
            Some(letter) => Some(format!(
                "{name}, with brand.name as {{app}}: the character `{letter}` makes it UCS-2, of \
                 which a segment holds 70 characters instead of 160; segments: {segments}"
            )),
            None if segments >= 3 => Some(format!(
                "{name}, with brand.name as {{app}}: is sent and billed as {segments} segments"
            )),
            None => None,
        }
    };
    let warnings = templates.into_iter().filter_map(warning);
    warnings.map(|text| ("message", Warn(text))).collect()
}
