//! Pages of one sentence: signing out, errors, and tickets that are not accepted.

use super::PageState;
use crate::app::view::{TicketError, View};
use crate::domain::{Refusal, RefusalCode};

pub fn states() -> Vec<PageState> {
    vec![
        ("sign-out", View::SignOut { signed_in: true }),
        ("signed-out", View::SignOut { signed_in: false }),
        ("not-found", View::NotFound),
        ("failure", failure(RefusalCode::Unavailable)),
        ("failure-cross-origin", failure(RefusalCode::CrossOrigin)),
        ("failure-forbidden", failure(RefusalCode::Forbidden)),
        ("failure-too-large", failure(RefusalCode::TooLarge)),
        ("ticket-error-spent", ticket_error(TicketError::Used)),
        (
            "ticket-error-no-cookie",
            ticket_error(TicketError::NoCookie),
        ),
        (
            "ticket-error-ended",
            ticket_error(TicketError::SessionEnded),
        ),
        (
            "ticket-error-unavailable",
            ticket_error(TicketError::Unavailable),
        ),
        (
            "failure-slow-down",
            View::Failure {
                refusal: Refusal::slow_down(95),
            },
        ),
        (
            "failure-malformed-body",
            failure(RefusalCode::MalformedBody),
        ),
        ("failure-malformed", failure(RefusalCode::Malformed)),
        (
            "failure-unsupported-media-type",
            failure(RefusalCode::UnsupportedMediaType),
        ),
        ("failure-not-signed-in", failure(RefusalCode::NotSignedIn)),
        ("failure-no-flow", failure(RefusalCode::NoFlow)),
    ]
}

fn ticket_error(error: TicketError) -> View {
    let retry_url = "https://app.example.com/.latchkey/start?to=/orders".to_owned();
    View::TicketError { error, retry_url }
}

fn failure(code: RefusalCode) -> View {
    View::Failure {
        refusal: Refusal::new(code),
    }
}
