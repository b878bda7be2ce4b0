//! A sentence with a remaining time. The server renders it, and the browser updates it.
//!
//! The browser uses its monotonic clock and the difference between two times of the server, so a
//! wrong clock does no harm.

use leptos::prelude::*;

use crate::app::i18n::Text;
use crate::domain::time_unit::to_minutes_and_seconds;
use crate::domain::timestamp::Timestamp;

/// Marks the position of the value in `data-template`.
pub const PLACEHOLDER: &str = "\u{fffc}";

/// The message `id`, with the time until `deadline` as `{ $time }`.
#[component]
pub fn Countdown(
    /// The texts of the language.
    text: &'static Text,
    /// The message id.
    id: &'static str,
    /// The current time of the server.
    now: Timestamp,
    /// The end of the countdown.
    deadline: Timestamp,
    /// What the browser does at the end: `expire`, `resend`, `reload` or `leave`. The time until an
    /// expiry is told to the second; the others are waits in words, which are rounded up.
    then: &'static str,
) -> impl IntoView {
    let seconds = deadline.seconds_from(now);
    let (time, forms) = if then == "expire" {
        (to_minutes_and_seconds(seconds), None)
    } else {
        let forms = text.wait_forms(id, "time").to_string();
        (text.at_least(id, "time", seconds), Some(forms))
    };
    view! {
        <span
            data-countdown=(seconds > 0).then_some(then)
            data-now=now.as_millis().to_string()
            data-deadline=deadline.as_millis().to_string()
            data-template=text.format(id, &[("time", PLACEHOLDER.into())])
            data-forms=forms
        >
            {text.format(id, &[("time", time.into())])}
        </span>
    }
}
