//! A time on a page. The server renders it in UTC, and the browser converts it to its time zone.

use leptos::prelude::*;

use crate::app::i18n::Text;
use crate::domain::timestamp::Timestamp;

/// Date and time.
pub fn local_time(text: &'static Text, time: Timestamp) -> impl IntoView + use<> {
    view! { <time datetime=time.to_rfc3339()>{text.date(time)}</time> }
}
