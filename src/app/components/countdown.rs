//! A sentence with a remaining time. The server renders it, and the browser updates it.
//!
//! The browser uses its monotonic clock and the difference between two times of the server, so a
//! wrong clock does no harm.

use leptos::prelude::*;

use crate::app::i18n::Text;
use crate::domain::time_unit::{Rounding, TimeUnit, to_time_unit};
use crate::domain::timestamp::Timestamp;

/// Marks the position of the value in `data-template`, and of the number in the forms of a unit.
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
    /// expiry is rounded down; the others are rounded up.
    then: &'static str,
) -> impl IntoView {
    let seconds = deadline.seconds_from(now);
    let time = if then == "expire" {
        text.at_most(id, "time", seconds)
    } else {
        text.at_least(id, "time", seconds)
    };
    let forms = |unit| text.unit_forms(id, "time", unit, PLACEHOLDER);
    // A wait for another code may begin again, so the smaller units are there from the start.
    let (_, largest) = to_time_unit(seconds, Rounding::Up);
    let days = (largest == TimeUnit::Day).then(|| forms(TimeUnit::Day));
    view! {
        <span
            data-countdown=(seconds > 0).then_some(then)
            data-now=now.as_millis().to_string()
            data-deadline=deadline.as_millis().to_string()
            data-template=text.format(id, &[("time", PLACEHOLDER.into())])
            data-second=forms(TimeUnit::Second)
            data-minute=forms(TimeUnit::Minute)
            data-hour=forms(TimeUnit::Hour)
            data-day=days
        >
            {text.format(id, &[("time", time.into())])}
        </span>
    }
}
