//! The words of stored and audited enums.

use latchkey::domain::{IdentifierType, Page, RefusalCode};
use latchkey::server::audit::{EndReason, Purpose, SignInFailure, SmsOutcome, TicketRefusal};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

/// Words of stored enums that cannot be read, or are written otherwise.
pub fn unreadable_words() -> Vec<String> {
    fn check<T: DeserializeOwned + Serialize>(words: &str) -> Vec<String> {
        let is_unreadable = |word: &&str| {
            let read: Result<T, _> = serde_json::from_value(json!(word));
            read.map_or(true, |read| json!(read) != json!(word))
        };
        words
            .split_whitespace()
            .filter(is_unreadable)
            .map(str::to_owned)
            .collect()
    }
    [
        check::<RefusalCode>(
            "malformed_body too_large unsupported_media_type malformed invalid_phone \
             invalid_email invalid_identifier country_not_served invalid_code_format code_refused \
             not_signed_in flow_expired no_flow cross_origin forbidden slow_down unavailable",
        ),
        check::<Page>("sign_in sign_up code account sign_out"),
        check::<Purpose>("sign_in sign_up resend"),
        check::<EndReason>("sign_out revoked operator upstream replaced too_many expired"),
        check::<IdentifierType>("phone_number email user_id username employee_number"),
    ]
    .concat()
}

/// Words of audit events: why a code was refused, why a ticket was, and results of SMS deliveries.
pub fn audited_words() -> Vec<String> {
    let words = json!([
        SignInFailure::Refused,
        SignInFailure::NothingSent,
        SignInFailure::Limited,
        SignInFailure::TriesSpent,
        SignInFailure::Expired,
        SignInFailure::Upstream,
        SignInFailure::InvalidToken,
        SignInFailure::RaceLost,
        SignInFailure::Revoked,
        TicketRefusal::Unknown,
        TicketRefusal::Expired,
        TicketRefusal::OtherApplication,
        TicketRefusal::NoNonce,
        TicketRefusal::OtherBrowser,
        TicketRefusal::Ended,
        SmsOutcome::Accepted,
        SmsOutcome::Kept,
        SmsOutcome::Unknown,
        SmsOutcome::NotSent,
        SmsOutcome::Repeated,
    ]);
    serde_json::from_value(words).unwrap()
}
