//! The catalogues as they are on disk, for `cargo leptos watch`.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::Text;
use crate::embedded::Embedded;

/// What was parsed last for each tag, and from which files.
type Parsed = HashMap<&'static str, ([String; 2], &'static Text)>;

static LAST: Mutex<Option<Parsed>> = Mutex::new(None);

/// The texts of the language with that tag as its files say now. Each edit leaks one set, because
/// pages borrow texts for ever.
pub(super) fn text(
    tag: &'static str,
    files: [Embedded; 2],
    parse: impl FnOnce() -> Text,
) -> &'static Text {
    let files = files.map(|file| file.read().into_owned());
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    let last = last.get_or_insert_default();
    if let Some((from, text)) = last.get(tag)
        && *from == files
    {
        return text;
    }
    let text: &'static Text = Box::leak(Box::new(parse()));
    last.insert(tag, (files, text));
    text
}
