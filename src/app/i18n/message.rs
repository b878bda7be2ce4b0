//! The text of the SMS with the code.

use crate::app::i18n::Text;

/// Longest message, in characters (Transmit's limit for `custom_message`).
pub const MAX_CHARS: usize = 140;
/// Longest value of `{otp}`.
const LONGEST_CODE: usize = 8;
/// Longest value of `{app}`.
const LONGEST_APP: usize = 20;

impl Text {
    /// The SMS, with the placeholders `{otp}` and `{app}` for Transmit.
    ///
    /// With `origin_host` the last line binds the code to that host (WICG origin-bound one-time
    /// codes), so that browsers fill it in only there. The line is left out if the host is too
    /// long.
    pub fn message(&self, origin_host: Option<&str>) -> String {
        let mut message = self.format(
            "message",
            &[("app", "{app}".into()), ("otp", "{otp}".into())],
        );
        if let Some(host) = origin_host {
            let last_line = format!("\n@{host} #{{otp}}");
            if max_length(&message) + max_length(&last_line) <= MAX_CHARS {
                message.push_str(&last_line);
            }
        }
        message
    }
}

/// The longest possible length with all values, in characters.
fn max_length(template: &str) -> usize {
    template
        .replace("{otp}", &"0".repeat(LONGEST_CODE))
        .replace("{app}", &"a".repeat(LONGEST_APP))
        .chars()
        .count()
}
