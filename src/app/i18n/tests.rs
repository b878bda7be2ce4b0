//! What holds for every language. Tests take the languages from the list, so a new one is tested
//! as soon as it is there.

mod catalogues;
mod sentences;
mod sms;

use crate::app::i18n::*;

/// The language with that tag.
fn text(tag: &str) -> &'static Text {
    Text::all().find(|text| text.lang() == tag).unwrap()
}
