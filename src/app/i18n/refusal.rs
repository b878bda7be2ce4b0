//! The messages for errors.

use crate::app::i18n::Text;
use crate::domain::{LimitReason, Refusal, RefusalCode};

impl Text {
    /// The message for an error, with the wait and the remaining attempts if they are known.
    pub fn refusal(&'static self, refusal: &Refusal) -> String {
        if let Some(sentence) = self.limit(refusal) {
            return sentence;
        }
        let mut message = match (self.wait_messages(refusal), refusal.retry_after) {
            (Some((timed, _)), Some(seconds)) => self.with_wait(timed, seconds),
            (Some((_, plain)), None) => self.get(plain).to_owned(),
            (None, _) => self.get(message_id(refusal.code)).to_owned(),
        };
        if let (RefusalCode::CodeRefused | RefusalCode::InvalidCodeFormat, Some(tries)) =
            (refusal.code, refusal.tries_left)
        {
            message.push(' ');
            message.push_str(&self.tries_left(tries));
        }
        message
    }

    /// The question whether a number is the one that was meant.
    pub fn confirm_number(&self, number: &str) -> String {
        let number = format!("\u{2066}{number}\u{2069}");
        self.format("refusal-confirm-number", &[("number", number.into())])
    }

    /// The message about the remaining attempts.
    pub fn tries_left(&self, tries: u32) -> String {
        self.format("tries-left", &[("count", tries.into())])
    }

    /// Why a limit refused, and the wait; none if the reason is not told.
    fn limit(&'static self, refusal: &Refusal) -> Option<String> {
        let reason = match refusal.reason? {
            LimitReason::Network => "slow-down-network",
            LimitReason::Country => "slow-down-country",
            LimitReason::Service => "slow-down-service",
            LimitReason::Resend => "slow-down-resend",
            LimitReason::Repeated => "slow-down-repeated",
        };
        let wait = self.with_wait("slow-down-wait", refusal.retry_after?);
        Some(format!("{} {wait}", self.get(reason)))
    }

    fn with_wait(&self, id: &'static str, seconds: u64) -> String {
        let time = self.at_least(id, "time", seconds);
        self.format(id, &[("time", time.into())])
    }

    /// The message ids of an error with a wait: with and without the time.
    fn wait_messages(&self, refusal: &Refusal) -> Option<(&'static str, &'static str)> {
        match refusal.code {
            RefusalCode::SlowDown => Some(("refusal-slow-down", "refusal-slow-down-plain")),
            RefusalCode::Unavailable => Some(("refusal-unavailable", "refusal-unavailable-plain")),
            _ => None,
        }
    }
}

fn message_id(code: RefusalCode) -> &'static str {
    match code {
        RefusalCode::MalformedBody | RefusalCode::UnsupportedMediaType => "refusal-unreadable",
        RefusalCode::TooLarge => "refusal-too-large",
        RefusalCode::Malformed => "refusal-malformed",
        RefusalCode::InvalidPhone => "refusal-invalid-phone",
        RefusalCode::InvalidEmail => "refusal-invalid-email",
        RefusalCode::InvalidIdentifier => "refusal-invalid-identifier",
        RefusalCode::ConfirmNumber => "refusal-confirm-number-plain",
        RefusalCode::CountryNotServed => "refusal-country-not-served",
        RefusalCode::ChannelNotOffered => "refusal-channel-not-offered",
        RefusalCode::InvalidCodeFormat => "refusal-invalid-code-format",
        RefusalCode::CodeRefused => "refusal-code-refused",
        RefusalCode::NotSignedIn => "refusal-not-signed-in",
        RefusalCode::FlowExpired => "refusal-flow-expired",
        RefusalCode::NoFlow => "refusal-no-flow",
        RefusalCode::StaleFlow => "refusal-stale-flow",
        RefusalCode::CookiesBlocked => "refusal-cookies-blocked",
        RefusalCode::CrossOrigin => "refusal-cross-origin",
        RefusalCode::Forbidden => "refusal-forbidden",
        RefusalCode::SlowDown => "refusal-slow-down-plain",
        RefusalCode::Unavailable => "refusal-unavailable-plain",
    }
}
