//! `[sign_in]`: the way of a sign-in.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::domain::IdentifierType;
use crate::server::settings::{ConfigError, HumanDuration, TransmitSettings};

/// Longest that an answer to "send me a code" may be held back.
const LONGEST_ANSWER: Duration = Duration::from_secs(30);

/// The way of a sign-in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignInSettings {
    /// What people type.
    pub identifier: IdentifierType,
    /// When every answer to "send me a code" leaves, counted from its request.
    pub answer_after: HumanDuration,
    /// When a refused code's answer may leave: the first of these moments after upstream's answer.
    /// The last is upstream's deadline.
    pub refuse_after: Vec<HumanDuration>,
    /// How long a flow lives after its last send: the code may die before.
    pub flow_lifetime: HumanDuration,
    /// Sends that may wait for their turn upstream.
    pub send_queue: usize,
    /// The message, where the tenant's own text is not wanted: needs `{otp}` and `{app}`, at most
    /// 140 characters. Unset: the text in the person's language. `off`: the tenant's.
    pub message: Option<String>,
    /// The sender that a phone shows, at most 11 characters.
    pub sender_id: Option<String>,
}

impl Default for SignInSettings {
    fn default() -> Self {
        Self {
            identifier: IdentifierType::PhoneNumber,
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
        }
    }
}

impl SignInSettings {
    pub(super) fn complaints(
        &self,
        transmit: &TransmitSettings,
        complaints: &mut Vec<ConfigError>,
    ) {
        let mut complain = |key, text: &str| complaints.push(ConfigError::new(key, text));
        if self.answer_after.0 > LONGEST_ANSWER {
            complain(
                "sign_in.answer_after",
                "must be at most 30s: nobody waits longer for a page",
            );
        }
        if self.flow_lifetime < transmit.otp_lifetime {
            complain(
                "sign_in.flow_lifetime",
                "must be at least transmit.otp_lifetime: a code that is still good must find its flow",
            );
        }
        if self.refuse_after.is_empty()
            || !self.refuse_after.is_sorted()
            || self.refuse_after.iter().any(|span| span.0.is_zero())
        {
            complain(
                "sign_in.refuse_after",
                "must be rising durations, such as [\"1500ms\", \"5s\", \"10s\"]",
            );
        }
        if self.send_queue == 0 {
            complain("sign_in.send_queue", "must be at least 1");
        }
        if let Some(message) = self.message.as_deref().filter(|message| *message != "off") {
            if !message.contains("{otp}") || !message.contains("{app}") {
                complain("sign_in.message", "must contain {otp} and {app}");
            }
            let length =
                message.chars().count() + transmit.otp_length.saturating_sub("{otp}".len());
            if length > 140 {
                complain("sign_in.message", "must not be longer than 140 characters");
            }
        }
        if self
            .sender_id
            .as_ref()
            .is_some_and(|sender| sender.is_empty() || sender.chars().count() > 11)
        {
            complain("sign_in.sender_id", "must have 1 to 11 characters");
        }
    }
}
