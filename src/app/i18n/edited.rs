//! The catalogues as they are on disk, for `cargo leptos watch`.

use std::sync::{Mutex, PoisonError};

use super::{Languages, SOURCES, Text};

/// What was parsed last, and from which texts.
static LAST: Mutex<Option<(Vec<String>, &'static Languages)>> = Mutex::new(None);

/// The languages as the files say now. Each edit leaks one set, because pages borrow texts for
/// ever.
pub(super) fn languages() -> &'static Languages {
    let files = SOURCES
        .iter()
        .flat_map(|(_, _, catalogue, countries)| [catalogue, countries]);
    let texts: Vec<String> = files.map(|file| file.read().into_owned()).collect();
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((from, languages)) = &*last
        && *from == texts
    {
        return languages;
    }
    let languages: &'static Languages = Box::leak(Box::new(SOURCES.map(Text::parse)));
    *last = Some((texts, languages));
    languages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_did_not_change_are_parsed_once() {
        assert!(std::ptr::eq(languages(), languages()));
    }
}
