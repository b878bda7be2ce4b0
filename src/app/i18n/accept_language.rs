//! Reads `Accept-Language` (RFC 9110 §12.5.4): which languages a person reads, and in which country
//! such a reader likely is. Malformed parts are skipped.

use unic_langid::LanguageIdentifier;

/// Most language ranges that are read. The rest of a longer header is ignored.
const MAX_RANGES: usize = 16;
/// Most subtags of a language range that are read.
const MAX_SUBTAGS: usize = 8;

/// The language ranges of a header, the most wanted first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AcceptLanguage {
    wanted: Vec<LanguageRange>,
    /// Ranges with the weight 0.
    refused: Vec<LanguageRange>,
}

/// A language range.
#[derive(Clone, Debug, PartialEq)]
enum LanguageRange {
    /// `*`: every language that no other range names.
    Any,
    Tag(LanguageIdentifier),
}

impl LanguageRange {
    fn is_language(&self, name: &str) -> bool {
        matches!(self, Self::Tag(tag) if tag.language.as_str() == name)
    }
}

impl AcceptLanguage {
    /// Parses the header. Ranges of the same weight keep their order.
    pub fn parse(header: &str) -> Self {
        let ranges = header.split(',').take(MAX_RANGES).filter_map(parse_range);
        let (mut wanted, refused): (Vec<_>, Vec<_>) = ranges.partition(|(weight, _)| *weight > 0);
        wanted.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        let tags = |ranges: Vec<(u16, LanguageRange)>| ranges.into_iter().map(|(_, range)| range);
        Self {
            wanted: tags(wanted).collect(),
            refused: tags(refused).collect(),
        }
    }

    /// The language of `available` that is wanted most, if any is wanted.
    pub fn best_of<'a>(&self, available: &[&'a str]) -> Option<&'a str> {
        let is_named = |name: &str| {
            let mut ranges = self.wanted.iter().chain(&self.refused);
            ranges.any(|range| range.is_language(name))
        };
        let mut matches = self.wanted.iter().filter_map(|range| {
            let matching = |name: &&str| match range {
                LanguageRange::Any => !is_named(name),
                LanguageRange::Tag(_) => range.is_language(name),
            };
            available.iter().copied().find(matching)
        });
        matches.next()
    }

    /// The countries (ISO 3166 alpha-2) where readers of these languages likely are, in the order
    /// of the ranges: the region of a range, else the one that CLDR says is likely for it.
    pub fn countries(&self) -> impl Iterator<Item = String> + '_ {
        self.wanted.iter().filter_map(|range| match range {
            LanguageRange::Any => None,
            LanguageRange::Tag(tag) => likely_country(tag.clone()),
        })
    }
}

/// The country of a language tag. A region that is no country, such as that of `es-419`, has none.
fn likely_country(mut tag: LanguageIdentifier) -> Option<String> {
    if tag.region.is_none() {
        tag.maximize();
    }
    let region = tag.region?.to_string();
    (region.len() == 2).then_some(region)
}

/// A language range with its weight in thousandths.
fn parse_range(part: &str) -> Option<(u16, LanguageRange)> {
    let mut pieces = part.split(';').map(str::trim);
    let range = match pieces.next()? {
        "*" => LanguageRange::Any,
        text => LanguageRange::Tag(parse_tag(text)?),
    };
    let weight = pieces
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("q"))
        .and_then(|(_, value)| value.trim().parse::<f32>().ok())
        .unwrap_or(1.0);
    // The value is clamped, so the cast cannot overflow.
    Some(((weight.clamp(0.0, 1.0) * 1000.0) as u16, range))
}

/// Parses a language tag in any case, with `-` or `_`. What follows the part that is understood is
/// left out: extensions, and what POSIX locales append (`en_US.UTF-8@posix`).
fn parse_tag(text: &str) -> Option<LanguageIdentifier> {
    let text = text.split(['.', '@']).next()?;
    let subtags: Vec<&str> = text.split(['-', '_']).take(MAX_SUBTAGS).collect();
    let mut lengths = (1..=subtags.len()).rev();
    let tag: LanguageIdentifier =
        lengths.find_map(|length| subtags.get(..length)?.join("-").parse().ok())?;
    (!tag.language.is_empty()).then_some(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best(header: &str) -> Option<&'static str> {
        AcceptLanguage::parse(header).best_of(&["en", "de", "fr", "es", "ar"])
    }

    #[test]
    fn languages_are_wanted_by_quality_and_then_by_order() {
        for (header, expected) in [
            ("de,en-US;q=0.7", Some("de")),
            ("en;q=0.5, FR;Q=0.9", Some("fr")),
            ("es, de", Some("es")),
            ("nl, es;q=0.1", Some("es")),
            ("de;q=0, en;q=0, es;q=0.001", Some("es")),
            ("de-AT, de;q=0", Some("de")),
            ("*", Some("en")),
            ("en;q=0, *;q=0.1", Some("de")),
            ("en;q=0.2, *;q=0.8", Some("de")),
            ("AR-eg", Some("ar")),
            ("de_DE.UTF-8", Some("de")),
            ("en-US@posix", Some("en")),
            ("fr-FR-u-nu-latn-x-private", Some("fr")),
            ("de ; level=1 ; q = 0.4, es;q=0.3", Some("de")),
            ("nl", None),
            ("", None),
            ("C", None),
            ("und, -, _, @", None),
        ] {
            assert_eq!(best(header), expected, "{header:?}");
        }
    }

    #[test]
    fn a_country_is_the_region_of_a_range_or_the_likely_one_of_its_language() {
        for (header, expected) in [
            ("de,en-US;q=0.7", &["DE", "US"][..]),
            ("en-US;q=0.7,de", &["DE", "US"]),
            ("de-at", &["AT"]),
            ("en_GB", &["GB"]),
            ("ar", &["EG"]),
            ("sv", &["SE"]),
            ("ca", &["ES"]),
            ("uk, da, cs", &["UA", "DK", "CZ"]),
            ("zh-Hant, sr-Latn", &["TW", "RS"]),
            ("es-419, es;q=0.9", &["ES"]),
            ("fr;q=0, *, xx", &[]),
        ] {
            let countries: Vec<String> = AcceptLanguage::parse(header).countries().collect();
            assert_eq!(countries, expected, "{header:?}");
        }
    }
}
