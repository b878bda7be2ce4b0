//! The catalogues as they are on disk, for `cargo leptos watch`.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::{Language, Text};

/// What was parsed last for each tag, and from which files.
static LAST: Mutex<Option<HashMap<&'static str, ([String; 2], &'static Text)>>> = Mutex::new(None);

/// The texts as the files say now. Each edit leaks one set, because pages borrow texts for ever.
pub(super) fn text(language: &'static Language) -> &'static Text {
    let files = [language.catalogue, language.countries].map(|file| file.read().into_owned());
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    let last = last.get_or_insert_default();
    if let Some((from, text)) = last.get(language.tag)
        && *from == files
    {
        return text;
    }
    let text: &'static Text = Box::leak(Box::new(Text::parse(language)));
    last.insert(language.tag, (files, text));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_did_not_change_are_parsed_once() {
        let [english, other, ..] = &super::super::languages::LANGUAGES;
        assert!(std::ptr::eq(text(english), text(english)));
        assert!(!std::ptr::eq(text(english), text(other)));
    }
}
