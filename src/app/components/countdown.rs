//! A sentence about time that stays true while one looks at it. The server writes it; the browser
//! keeps it up to date by its monotonic clock, from the distance between two times of the server,
//! so that a wrong clock does no harm.

use leptos::prelude::*;

use crate::app::i18n::Text;
use crate::domain::timestamp::Timestamp;

/// Stands in `data-words` where the browser puts the time.
pub const BLANK: &str = "\u{fffc}";

/// The sentence `id`, with the time until `deadline` in words as `{ $time }`.
#[component]
pub fn Countdown(
    /// The language.
    text: &'static Text,
    /// The sentence.
    id: &'static str,
    /// The server's time.
    now: Timestamp,
    /// What is counted down to.
    deadline: Timestamp,
    /// What the browser does then: `expire`, `resend`, `reload`, `leave`. What expires is rounded
    /// down, waits are rounded up.
    then: &'static str,
) -> impl IntoView {
    let seconds = deadline.seconds_from(now);
    let time = if then == "expire" {
        text.at_most(seconds)
    } else {
        text.at_least(seconds)
    };
    view! {
        <span
            data-countdown=(seconds > 0).then_some(then)
            data-now=now.as_millis().to_string()
            data-deadline=deadline.as_millis().to_string()
            data-words=text.format(id, &[("time", BLANK.into())])
        >
            {text.format(id, &[("time", time.into())])}
        </span>
    }
}
