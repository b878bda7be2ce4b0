//! Reads `Accept-Language` (RFC 9110 §12.5.4): which languages a person reads, and in which country
//! such a reader likely is. Malformed parts are skipped.

use unic_langid::LanguageIdentifier;

/// Most language ranges that are read. The rest of a longer header is ignored.
const MAX_RANGES: usize = 16;
/// Most subtags of a language range that are read.
const MAX_SUBTAGS: usize = 8;

/// Languages that a catalogue has under another name: aliases of CLDR, and what is written almost
/// alike (Nynorsk and Bokmål, Cantonese and Chinese in traditional characters).
const SAME_LANGUAGE: [(&str, &str); 5] = [
    ("no", "nb"),
    ("nn", "nb"),
    ("iw", "he"),
    ("cmn", "zh"),
    ("yue", "zh"),
];

/// The regions of the Americas (UN M.49, 019). Where a language has variants, those of this side of
/// the Atlantic are closer to each other than to the others (CLDR, language matching).
const AMERICAS: &str = "AG AI AR AW BB BL BM BO BQ BR BS BZ CA CL CO CR CU CW DM DO EC FK GD GF \
                        GL GP GT GY HN HT JM KN KY LC MF MQ MS MX NI PA PE PM PR PY SR SV SX TC \
                        TT US UY VC VE VG VI 019 419 003 013 021 005 029";

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
    Tag(Tag),
}

/// A language tag.
#[derive(Clone, Debug, PartialEq)]
struct Tag {
    /// As it was sent.
    sent: LanguageIdentifier,
    /// Under the name that catalogues have, with the likely script and region (CLDR).
    full: LanguageIdentifier,
}

impl Tag {
    fn new(sent: LanguageIdentifier) -> Self {
        let mut full = sent.clone();
        full.maximize();
        let name = full.language.as_str();
        let other = SAME_LANGUAGE.iter().find(|(alias, _)| *alias == name);
        if let Some(language) = other.and_then(|(_, language)| language.parse().ok()) {
            full.language = language;
            full.maximize();
        }
        Self { sent, full }
    }

    /// How many of script and region were sent.
    fn detail(&self) -> usize {
        usize::from(self.sent.script.is_some()) + usize::from(self.sent.region.is_some())
    }

    /// Whether this names a language: nothing of what was sent differs.
    fn covers(&self, language: &LanguageIdentifier) -> bool {
        self.full.language == language.language
            && (self.sent.script.is_none() || self.full.script == language.script)
            && (self.sent.region.is_none() || self.full.region == language.region)
    }
}

impl LanguageRange {
    fn tag(&self) -> Option<&Tag> {
        match self {
            Self::Any => None,
            Self::Tag(tag) => Some(tag),
        }
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

    /// The index of the language of `available` that is wanted most, if any is wanted. `available`
    /// has likely scripts and regions. A language in a script that was not asked for comes after
    /// everything else.
    pub fn best_of(&self, available: &[&LanguageIdentifier]) -> Option<usize> {
        self.best_in_its_script(available).or_else(|| {
            let tags = self.wanted.iter().filter_map(LanguageRange::tag);
            let mut matches = tags.filter_map(|tag| {
                available.iter().position(|language| {
                    let is_refused = self.refused_tags().any(|refused| refused.covers(language));
                    language.language == tag.full.language && !is_refused
                })
            });
            matches.next()
        })
    }

    /// The same without the languages of another script.
    pub fn best_in_its_script(&self, available: &[&LanguageIdentifier]) -> Option<usize> {
        let mut matches = self.wanted.iter().enumerate().filter_map(|(rank, range)| {
            let Some(tag) = range.tag() else {
                return available.iter().position(|language| !self.names(language));
            };
            self.closest(self.more_exactly(rank, tag), available)
        });
        matches.next()
    }

    /// What a range means. Browsers send `zh-TW,zh;q=0.9` for a reader of `zh-TW`: the bare
    /// language means the same as the exact tag before it.
    fn more_exactly<'a>(&'a self, rank: usize, tag: &'a Tag) -> &'a Tag {
        let earlier = self.wanted.iter().take(rank).filter_map(LanguageRange::tag);
        let mut exact = earlier.filter(|earlier| {
            tag.detail() == 0 && earlier.full.language == tag.full.language && earlier.detail() > 0
        });
        exact.next().unwrap_or(tag)
    }

    /// The language that is closest to a tag, and of its script.
    fn closest(&self, tag: &Tag, available: &[&LanguageIdentifier]) -> Option<usize> {
        let distance = |language: &LanguageIdentifier| match (language.region, tag.full.region) {
            (a, b) if a == b => 0,
            (a, b) if is_american(a) == is_american(b) => 1,
            _ => 2,
        };
        let fits = |language: &LanguageIdentifier| {
            let is_refused = self
                .refused_tags()
                .any(|refused| refused.detail() > tag.detail() && refused.covers(language));
            language.language == tag.full.language
                && language.script == tag.full.script
                && !is_refused
        };
        let candidates = available.iter().enumerate();
        let candidates = candidates.filter(|(_, language)| fits(language));
        let closest = candidates.min_by_key(|(_, language)| distance(language));
        closest.map(|(index, _)| index)
    }

    /// Whether a range names a language.
    fn names(&self, language: &LanguageIdentifier) -> bool {
        let wanted = self.wanted.iter().filter_map(LanguageRange::tag);
        let mut tags = wanted.chain(self.refused_tags());
        tags.any(|tag| tag.full.language == language.language)
    }

    fn refused_tags(&self) -> impl Iterator<Item = &Tag> {
        self.refused.iter().filter_map(LanguageRange::tag)
    }

    /// The countries (ISO 3166 alpha-2) where readers of these languages likely are, in the order
    /// of the ranges: the region of a range, else the one that CLDR says is likely for it. A region
    /// that is no country, such as that of `es-419`, has none.
    pub fn countries(&self) -> impl Iterator<Item = String> + '_ {
        let tags = self.wanted.iter().filter_map(LanguageRange::tag);
        let regions = tags.filter_map(|tag| Some(tag.full.region?.to_string()));
        regions.filter(|region| region.len() == 2)
    }
}

fn is_american(region: Option<unic_langid::subtags::Region>) -> bool {
    region.is_some_and(|region| AMERICAS.split_whitespace().any(|name| region == name))
}

/// A language range with its weight in thousandths.
fn parse_range(part: &str) -> Option<(u16, LanguageRange)> {
    let mut pieces = part.split(';').map(str::trim);
    let range = match pieces.next()? {
        "*" => LanguageRange::Any,
        text => LanguageRange::Tag(Tag::new(parse_tag(text)?)),
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

    const FEW: [&str; 5] = ["en", "de", "fr", "es", "ar"];
    const MANY: [&str; 12] = [
        "en", "de", "fr", "es", "ar", "pt-BR", "pt-PT", "nb", "he", "zh-Hans", "ja", "hi",
    ];

    fn best<'a>(header: &str, tags: &[&'a str]) -> Option<&'a str> {
        let mut ids: Vec<LanguageIdentifier> =
            tags.iter().map(|tag| tag.parse().unwrap()).collect();
        ids.iter_mut().for_each(|id| {
            id.maximize();
        });
        let ids: Vec<&LanguageIdentifier> = ids.iter().collect();
        AcceptLanguage::parse(header)
            .best_of(&ids)
            .map(|index| tags[index])
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
            assert_eq!(best(header, &FEW), expected, "{header:?}");
        }
    }

    #[test]
    fn regions_scripts_and_other_names_choose_the_closest_variant() {
        for (header, expected) in [
            ("pt", Some("pt-BR")),
            ("pt-BR,pt;q=0.9", Some("pt-BR")),
            ("pt-PT,pt;q=0.9,en;q=0.8", Some("pt-PT")),
            ("pt-AO", Some("pt-PT")),
            ("pt-MZ, pt;q=0.9", Some("pt-PT")),
            ("pt-US", Some("pt-BR")),
            ("pt, pt-BR;q=0", Some("pt-PT")),
            ("PT_pt.UTF-8", Some("pt-PT")),
            ("no", Some("nb")),
            ("nn-NO,nn;q=0.9,en;q=0.5", Some("nb")),
            ("nb-NO", Some("nb")),
            ("no;q=0, en;q=0.1", Some("en")),
            ("iw", Some("he")),
            ("iw-IL,en;q=0.5", Some("he")),
            ("zh", Some("zh-Hans")),
            ("zh-CN,zh;q=0.9,en;q=0.8", Some("zh-Hans")),
            ("zh-SG", Some("zh-Hans")),
            ("zh-Hans-HK", Some("zh-Hans")),
            ("cmn", Some("zh-Hans")),
            ("zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7", Some("en")),
            ("zh-Hant, ja;q=0.2", Some("ja")),
            ("zh-HK, *;q=0.1", Some("en")),
            ("yue-HK, de;q=0.3", Some("de")),
            ("zh-TW,zh;q=0.9", Some("zh-Hans")),
            ("yue", Some("zh-Hans")),
            ("zh-TW, zh-Hans;q=0", None),
            ("hi-Latn, en;q=0.4", Some("en")),
            ("hi-IN", Some("hi")),
            ("es-419", Some("es")),
            ("en-GB", Some("en")),
            ("ar-MA", Some("ar")),
            ("de-CH-1996", Some("de")),
            ("sv, da", None),
        ] {
            assert_eq!(best(header, &MANY), expected, "{header:?}");
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
            ("no, iw", &["NO", "IL"]),
            ("fr;q=0, *, xx", &[]),
        ] {
            let countries: Vec<String> = AcceptLanguage::parse(header).countries().collect();
            assert_eq!(countries, expected, "{header:?}");
        }
    }
}
