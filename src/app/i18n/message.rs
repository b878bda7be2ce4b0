//! The text message that carries the code.

use crate::app::i18n::Text;

/// Characters of a message that are safe everywhere (Transmit's limit on `custom_message`).
pub const MAX_CHARS: usize = 140;
/// Longest code that takes the place of `{otp}`.
const LONGEST_CODE: usize = 8;
/// Longest name that takes the place of `{app}`.
const LONGEST_APP: usize = 20;

impl Text {
    /// The message, with the placeholders `{otp}` and `{app}` that Transmit fills in.
    ///
    /// With `origin_host` its last line binds the code to that host (WICG origin-bound one-time
    /// codes), so that browsers offer it there and nowhere else. A host too long for the message
    /// goes without.
    pub fn message(&self, origin_host: Option<&str>) -> String {
        let mut message = self.format(
            "message",
            &[("app", "{app}".into()), ("otp", "{otp}".into())],
        );
        if let Some(host) = origin_host {
            let last_line = format!("\n@{host} #{{otp}}");
            if longest(&message) + longest(&last_line) <= MAX_CHARS {
                message.push_str(&last_line);
            }
        }
        message
    }
}

/// Characters after the placeholders are filled in, at most.
fn longest(template: &str) -> usize {
    template
        .replace("{otp}", &"0".repeat(LONGEST_CODE))
        .replace("{app}", &"a".repeat(LONGEST_APP))
        .chars()
        .count()
}
