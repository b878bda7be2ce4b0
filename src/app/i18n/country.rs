//! The names of countries, and the country that a person names.

use std::collections::HashMap;

use crate::app::i18n::{Text, static_text};
use crate::domain::typed_text::is_invisible;

/// Names of countries by code, with their position in the alphabetical list.
pub(super) type Countries = HashMap<&'static str, (usize, &'static str)>;

impl Text {
    /// The position of a country in the alphabetical list, and its name. A country without a name
    /// is last, and shown by its ISO 3166 alpha-2 code.
    pub fn country<'a>(&self, code: &'a str) -> (usize, &'a str) {
        let known = self.country_names().get(code);
        known.copied().unwrap_or((usize::MAX, code))
    }

    /// The ISO 3166 alpha-2 code of a country that a person typed or chose from a list: its code,
    /// its name in this language or in English, or the beginning of one name of this language
    /// alone. A calling code in brackets is not read.
    pub fn country_code(&self, typed: &str) -> Option<&'static str> {
        let typed = simplify(typed);
        let typed = match typed.rsplit_once('(') {
            Some((name, rest)) if rest.starts_with('+') => name.trim_end(),
            _ => typed.as_str(),
        };
        if typed.is_empty() {
            return None;
        }
        let is_code = |code: &&str| code.eq_ignore_ascii_case(typed);
        if let Some(code) = self.country_names().keys().copied().find(is_code) {
            return Some(code);
        }
        let named = self.find_country(|name| name == typed).next();
        let in_english = || {
            let english = Self::negotiate(None);
            english.find_country(|name| name == typed).next()
        };
        let mut beginning = self.find_country(|name| name.starts_with(typed));
        let only = beginning.next().filter(|_| beginning.next().is_none());
        named.or_else(in_english).or(only)
    }

    pub(super) fn country_names(&self) -> &Countries {
        self.countries
            .get_or_init(|| parse_countries(static_text(self.language.countries)))
    }

    fn find_country(&self, matches: impl Fn(&str) -> bool) -> impl Iterator<Item = &'static str> {
        let countries = self.country_names().iter();
        countries.filter_map(move |(code, (_, name))| matches(&simplify(name)).then_some(*code))
    }
}

/// A name in lower case, without invisible characters and spaces at its ends.
fn simplify(name: &str) -> String {
    let visible: String = name.chars().filter(|c| !is_invisible(*c)).collect();
    visible.trim().to_lowercase()
}

/// Parses the names of countries. They have no arguments, so they need no Fluent bundle.
pub(super) fn parse_countries(source: &'static str) -> Countries {
    let lines = source
        .lines()
        .filter_map(|line| line.strip_prefix("country-")?.split_once(" = "));
    lines
        .enumerate()
        .map(|(place, (code, name))| (code, (place, name)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_read_by_its_code_its_name_and_the_beginning_of_its_name() {
        let english = Text::negotiate(Some("en"));
        for (typed, expected) in [
            ("GB", Some("GB")),
            ("gb", Some("GB")),
            ("Germany (\u{2066}+49\u{2069})", Some("DE")),
            ("germany (+49)", Some("DE")),
            (" \u{200b}Germany ", Some("DE")),
            ("Germ", Some("DE")),
            ("Niger", Some("NE")),
            ("Niger (+227)", Some("NE")),
            ("Nigeri", Some("NG")),
            ("United", None),
            ("Atlantis", None),
            ("(+49)", None),
            ("", None),
        ] {
            assert_eq!(english.country_code(typed), expected, "{typed:?}");
        }
        let german = Text::negotiate(Some("de"));
        assert_eq!(german.country_code("Deutschl"), Some("DE"));
        assert_eq!(german.country_code("Germany"), Some("DE"));
    }

    #[test]
    fn every_country_is_found_by_the_name_that_the_list_shows() {
        for text in Text::all() {
            for (code, (_, name)) in text.country_names() {
                let shown = format!("{name} (\u{2066}+1\u{2069})");
                assert_eq!(text.country_code(&shown), Some(*code), "{name}");
            }
        }
    }
}
