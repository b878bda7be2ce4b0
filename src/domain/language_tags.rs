//! The tags of the languages that the pages exist in.

/// The languages of `src/app/i18n/`, as BCP 47 tags: English, which is the default, and the others
/// by their own names. A test of the catalogues compares both lists.
pub const LANGUAGE_TAGS: [&str; 21] = [
    "en", "da", "de", "es", "fr", "is", "it", "nl", "nb", "pl", "pt-BR", "pt-PT", "fi", "sv", "tr",
    "uk", "he", "ar", "hi", "ja", "zh-Hans",
];
