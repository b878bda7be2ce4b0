//! The supported languages. The catalogue of a language is parsed when it is first needed, so a
//! language that nobody reads costs no memory and no time at the start.

use std::sync::{LazyLock, OnceLock};

use unic_langid::{CharacterDirection, LanguageIdentifier};

use crate::app::i18n::Text;
use crate::app::i18n::accept_language::AcceptLanguage;
use crate::embedded::{Embedded, embedded};

/// Longest tag that is looked up, in bytes (RFC 5646 §4.4.1).
const MAX_TAG: usize = 35;

/// A supported language.
pub struct Language {
    /// The BCP 47 tag, which also names the files of the language.
    pub tag: &'static str,
    /// What its readers call it.
    pub name: &'static str,
    /// The tag with its likely subtags.
    id: LazyLock<LanguageIdentifier>,
    pub(super) catalogue: Embedded,
    pub(super) countries: Embedded,
    text: OnceLock<Text>,
}

/// Makes the list. Everything else about a language follows from its tag and its files.
macro_rules! languages {
    ($($tag:literal => $name:literal,)+) => {
        /// How many languages there are.
        const COUNT: usize = [$($tag),+].len();

        /// Every language: English, which is the default, and the others by their own names.
        pub static LANGUAGES: [Language; COUNT] = [$(Language {
            tag: $tag,
            name: $name,
            id: LazyLock::new(|| maximized($tag)),
            catalogue: embedded!(concat!($tag, ".ftl")),
            countries: embedded!(concat!("countries/", $tag, ".ftl")),
            text: OnceLock::new(),
        }),+];
    };
}

languages! {
    "en" => "English",
    "da" => "Dansk",
    "de" => "Deutsch",
    "es" => "Español",
    "fr" => "Français",
    "is" => "Íslenska",
    "it" => "Italiano",
    "nl" => "Nederlands",
    "nb" => "Norsk bokmål",
    "pl" => "Polski",
    "pt-BR" => "Português (Brasil)",
    "pt-PT" => "Português (Portugal)",
    "fi" => "Suomi",
    "sv" => "Svenska",
    "tr" => "Türkçe",
    "uk" => "Українська",
    "he" => "עברית",
    "ar" => "العربية",
    "hi" => "हिन्दी",
    "ja" => "日本語",
    "zh-Hans" => "简体中文",
}

impl Language {
    /// The language of an `Accept-Language` header that fits best, by default English.
    pub fn negotiate(accept_language: Option<&str>) -> &'static Self {
        let [english, ..] = &LANGUAGES;
        let wanted = AcceptLanguage::parse(accept_language.unwrap_or_default());
        let best = wanted.best_of(&ids());
        best.and_then(|index| LANGUAGES.get(index))
            .unwrap_or(english)
    }

    /// The language that a person chose by its tag. A region that no catalogue is for is ignored; a
    /// script that no catalogue has is not.
    pub fn chosen(tag: &str) -> Option<&'static Self> {
        let is_tag = |c: u8| c.is_ascii_alphanumeric() || c == b'-';
        if tag.len() > MAX_TAG || !tag.bytes().all(is_tag) {
            return None;
        }
        let index = AcceptLanguage::parse(tag).best_in_its_script(&ids())?;
        LANGUAGES.get(index)
    }

    /// `ltr` or `rtl`, by the script.
    pub fn direction(&self) -> &'static str {
        match self.id.character_direction() {
            CharacterDirection::RTL => "rtl",
            _ => "ltr",
        }
    }

    /// All texts, which are parsed at the first call.
    pub fn text(&'static self) -> &'static Text {
        #[cfg(development)]
        if crate::embedded::is_watched() {
            let files = [self.catalogue, self.countries];
            return super::edited::text(self.tag, files, || Text::parse(self));
        }
        self.text.get_or_init(|| Text::parse(self))
    }
}

fn ids() -> [&'static LanguageIdentifier; COUNT] {
    LANGUAGES.each_ref().map(|language| &*language.id)
}

/// The tag with its likely script and region. A test finds a tag that is none.
fn maximized(tag: &str) -> LanguageIdentifier {
    let mut id: LanguageIdentifier = tag.parse().unwrap_or_default();
    id.maximize();
    id
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_tag_is_one_and_no_language_is_there_twice() {
        let tags: BTreeSet<String> = ids().iter().map(|id| id.to_string()).collect();
        assert_eq!(tags.len(), LANGUAGES.len());
        let names: BTreeSet<&str> = LANGUAGES.iter().map(|language| language.name).collect();
        assert_eq!(names.len(), LANGUAGES.len());
        assert!(ids().iter().all(|id| id.region.is_some()));
        let [first, ..] = &LANGUAGES;
        assert_eq!(first.tag, "en");
    }

    /// The folder has a file for each language of the list, and no other.
    #[test]
    fn every_catalogue_is_of_a_language_in_the_list() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/app/i18n");
        let listed: BTreeSet<&str> = LANGUAGES.iter().map(|language| language.tag).collect();
        for folder in [folder.join("countries"), folder] {
            let files = std::fs::read_dir(folder).unwrap();
            let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
            let catalogues: Vec<String> = names.filter(|name| name.ends_with(".ftl")).collect();
            let tags: BTreeSet<&str> = catalogues
                .iter()
                .filter_map(|name| name.strip_suffix(".ftl"))
                .collect();
            assert_eq!(tags, listed);
        }
    }

    #[test]
    fn w9_the_script_gives_the_direction() {
        for language in &LANGUAGES {
            let is_rtl = matches!(language.tag, "ar" | "he");
            assert_eq!(language.direction() == "rtl", is_rtl, "{}", language.tag);
        }
    }

    #[test]
    fn a_chosen_tag_is_that_of_a_language_and_anything_else_is_ignored() {
        for language in &LANGUAGES {
            let of = |tag: &str| Language::chosen(tag).map(|found| found.tag);
            assert_eq!(of(language.tag), Some(language.tag));
            assert_eq!(of(&language.tag.to_uppercase()), Some(language.tag));
        }
        let chosen = Language::chosen("de-AT").map(|language| language.tag);
        assert_eq!(chosen, Some("de"));
        for nothing in [
            "",
            "*",
            "xx",
            "zh-TW",
            "de,fr",
            "de;q=0",
            "de;q=1",
            "../de",
            "de\r\nX: y",
            "de ",
            "d",
            "ドイツ",
            "-de",
            &"de-".repeat(12),
            &"a".repeat(4000),
        ] {
            assert!(Language::chosen(nothing).is_none(), "{nothing:?}");
        }
    }
}
