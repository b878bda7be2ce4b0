//! Negotiates the language by `Accept-Language` (RFC 9110 §12.5.4). Malformed parts are skipped.

use std::sync::LazyLock;

use fluent_langneg::{LanguageIdentifier, NegotiationStrategy, negotiate_languages};

use super::SOURCES;

/// Most language ranges that are read. The rest of a longer header is ignored.
const MAX_RANGES: usize = 16;

static AVAILABLE: LazyLock<Vec<(LanguageIdentifier, &'static str)>> = LazyLock::new(|| {
    SOURCES
        .iter()
        .filter_map(|(tag, ..)| Some((tag.parse().ok()?, *tag)))
        .collect()
});

/// The best supported language, if any.
pub fn best_language(header: &str) -> Option<&'static str> {
    let mut ranges: Vec<(u16, LanguageIdentifier)> = header
        .split(',')
        .take(MAX_RANGES)
        .filter_map(parse_range)
        .filter(|(quality, _)| *quality > 0)
        .collect();
    ranges.sort_by_key(|(quality, _)| std::cmp::Reverse(*quality));
    let requested: Vec<&LanguageIdentifier> = ranges.iter().map(|(_, tag)| tag).collect();
    let available: Vec<&LanguageIdentifier> = AVAILABLE.iter().map(|(tag, _)| tag).collect();
    let chosen = negotiate_languages(&requested, &available, None, NegotiationStrategy::Lookup);
    let chosen = chosen.first()?;
    AVAILABLE
        .iter()
        .find(|(tag, _)| tag == **chosen)
        .map(|(_, name)| *name)
}

/// One language range and its weight in thousandths.
fn parse_range(part: &str) -> Option<(u16, LanguageIdentifier)> {
    let (tag, parameters) = part.split_once(';').unwrap_or((part, ""));
    let weight = parameters
        .trim()
        .strip_prefix("q=")
        .and_then(|q| q.trim().parse::<f32>().ok())
        .unwrap_or(1.0);
    // The value is clamped, so the cast cannot overflow.
    let thousandths = (weight.clamp(0.0, 1.0) * 1000.0) as u16;
    Some((thousandths, tag.trim().parse().ok()?))
}
