//! `[sign_in]`: the sign-in flow.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::IdentifierType;
use crate::domain::passcode::LENGTHS;
use crate::server::settings::list_rules::{Equal, require_rising};
use crate::server::settings::text_table::TextTable;
use crate::server::settings::{ConfigError, HumanDuration, TransmitSettings};

mod identifier;
pub mod senders;

pub use senders::Senders;

/// The longest fixed response time that may be set for a requested code.
const MAX_ANSWER_DELAY: Duration = Duration::from_secs(30);

/// The second channel, for people whom no text message reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fallback {
    /// Codes come by SMS alone. NIST SP 800-63B-4 §3.1.3.1 does not accept e-mail.
    #[default]
    Off,
    /// The person may have the code sent by e-mail, where the tenant has codes by e-mail.
    Email,
}

/// `[sign_in]`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignInSettings {
    /// The type of identifier that users enter.
    pub identifier: IdentifierType,
    /// How the pages name an identifier of a type that the tenant defines, in the languages for
    /// which `identifier_labels` has none.
    pub identifier_label: Option<String>,
    /// The same in single languages, by the tag of the language.
    pub identifier_labels: TextTable,
    /// The fixed response time of every request for a code.
    pub answer_after: HumanDuration,
    /// The fixed response times of a refused code: one for the whole service, which follows
    /// upstream's recent response times. The last one is upstream's deadline.
    pub refuse_after: Vec<HumanDuration>,
    /// How long a flow lives after its last send. The code may expire earlier.
    pub flow_lifetime: HumanDuration,
    /// How many sends may be queued.
    pub send_queue: usize,
    /// The message instead of the tenant's: needs `{otp}` and `{app}`, at most 140 characters.
    /// Unset: a text in the user's language. `off`: the tenant's.
    pub message: Option<String>,
    /// The sender that a phone shows, at most 11 characters.
    pub sender_id: Option<String>,
    /// The second channel.
    pub fallback: Fallback,
    /// The senders of single countries, instead of `sender_id`.
    pub senders: Senders,
    /// After this time without a sign-in a number may have changed hands: devices and sessions of
    /// before do not carry over. Zero: never.
    pub recycled_after: HumanDuration,
}

impl Default for SignInSettings {
    fn default() -> Self {
        Self {
            identifier: IdentifierType::PhoneNumber,
            identifier_label: None,
            identifier_labels: TextTable::default(),
            answer_after: HumanDuration::seconds(1),
            refuse_after: vec![
                HumanDuration::millis(1500),
                HumanDuration::seconds(5),
                HumanDuration::seconds(10),
            ],
            flow_lifetime: HumanDuration::minutes(30),
            send_queue: 256,
            message: None,
            sender_id: None,
            fallback: Fallback::default(),
            senders: Senders::default(),
            recycled_after: HumanDuration::days(180),
        }
    }
}

impl SignInSettings {
    /// The sender to ask Transmit for, by the country of the phone. A country whose own sender is
    /// too long for Transmit gets none: only the SMS gateway can use it.
    pub fn sender_id(&self, country: Option<&str>) -> Option<&str> {
        match self.senders.of(country) {
            Some(sender) => Some(sender).filter(|sender| senders::fits_upstream(sender)),
            None => self.sender_id.as_deref(),
        }
    }

    /// All fixed response times, in no order.
    pub fn delays(&self) -> Vec<Duration> {
        let refusals = self.refuse_after.iter().map(|delay| delay.0);
        refusals.chain([self.answer_after.0]).collect()
    }

    pub(super) fn validate(&self, transmit: &TransmitSettings, errors: &mut Vec<ConfigError>) {
        self.validate_identifier(errors);
        let mut error = |key, text: &str| errors.push(ConfigError::new(key, text));
        if self.answer_after.0 > MAX_ANSWER_DELAY {
            error(
                "sign_in.answer_after",
                "must be at most 30s: users do not wait longer for a page",
            );
        }
        let policy = transmit.passcode_limits(None).policy;
        if self.flow_lifetime.0 < policy.lifetime {
            error(
                "sign_in.flow_lifetime",
                "must be at least transmit.otp_lifetime (5m if unset): a valid code must find its \
                 flow",
            );
        }
        if self.send_queue == 0 {
            error("sign_in.send_queue", "must be at least 1");
        }
        if let Some(message) = self.message.as_deref().filter(|message| *message != "off") {
            if !message.contains("{otp}") || !message.contains("{app}") {
                error("sign_in.message", "must contain {otp} and {app}");
            }
            // A length that is adopted may become the longest.
            let digits = transmit.otp_length.unwrap_or(*LENGTHS.end());
            let length = message.chars().count() + digits.saturating_sub("{otp}".len());
            if length > 140 {
                error("sign_in.message", "must not be longer than 140 characters");
            }
        }
        if self
            .sender_id
            .as_ref()
            .is_some_and(|sender| sender.is_empty() || !senders::fits_upstream(sender))
        {
            error("sign_in.sender_id", "must have 1 to 11 characters");
        }
        require_rising(
            "sign_in.refuse_after",
            &self.refuse_after,
            Equal::Refused,
            errors,
        );
    }
}
